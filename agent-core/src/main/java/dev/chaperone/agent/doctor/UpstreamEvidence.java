// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.inspector.tls.UpstreamAnchors.Seen;
import dev.chaperone.pki.OrganisationRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Which anchors vouched for the upstreams of opened hosts lately: {@code upstream-anchors.json} in
 * the data folder, for {@code doctor} of another process. Names of authorities, no hosts.
 *
 * @param subject of the anchor
 * @param sha256 of the anchor, hex
 * @param last when it vouched last, a minute exact
 */
public record UpstreamEvidence(String subject, String sha256, Instant last) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String FILE = "upstream-anchors.json";

    /** Jackson makes one of any object: a damaged file holds none. */
    public UpstreamEvidence {
        Objects.requireNonNull(subject);
        Objects.requireNonNull(sha256);
        Objects.requireNonNull(last);
    }

    /** Keeps them, newest first, in place of those before. */
    public static void write(Path folder, List<Seen> seen) {
        List<UpstreamEvidence> all =
                seen.stream()
                        .map(s ->
                                new UpstreamEvidence(
                                        s.anchor().getSubjectX500Principal().getName(),
                                        OrganisationRoot.fingerprint(s.anchor()),
                                        s.last()))
                        .toList();
        try {
            Path fresh = Files.createTempFile(folder, "anchors", ".new");
            Files.write(fresh, JSON.writeValueAsBytes(all));
            Files.move(
                    fresh,
                    folder.resolve(FILE),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            // A full disk is said by another condition; the last ones that were kept stay.
        }
    }

    /** The last ones, newest first. */
    static List<UpstreamEvidence> read(Path folder) {
        try {
            return List.of(
                    JSON.readValue(
                            Files.readAllBytes(folder.resolve(FILE)), UpstreamEvidence[].class));
        } catch (IOException | JacksonException | NullPointerException e) {
            return List.of();
        }
    }
}
