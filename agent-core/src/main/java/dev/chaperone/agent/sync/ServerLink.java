// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.sync;

import dev.chaperone.agent.os.WholeFile;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The server this device is enrolled with: {@code server.json} in the data folder. Holds no secret;
 * the device's key lies in the key vault.
 *
 * @param device id that the server gave
 * @param group group of the enrolment token, or null
 * @param certificate client certificate and its issuers, PEM
 * @param ca the server's CA, the only anchor of its connections, PEM
 * @param agents base address of the agents' listener
 * @param policyKey Ed25519 public key of policy bundles, base64 of its subject public key info
 * @param keyName name of the device's key in the vault; a renewal writes the other name first, so
 *     that a crash leaves a key with its certificate
 */
public record ServerLink(
        String device,
        @Nullable String group,
        String certificate,
        String ca,
        URI agents,
        String policyKey,
        String keyName) {
    static final String FILE = "server.json";
    private static final String KEY_A = "device-key-a";
    private static final String KEY_B = "device-key-b";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Jackson makes one of any object: a damaged file is none. */
    public ServerLink {
        Objects.requireNonNull(device);
        Objects.requireNonNull(certificate);
        Objects.requireNonNull(ca);
        Objects.requireNonNull(agents);
        Objects.requireNonNull(policyKey);
        Objects.requireNonNull(keyName);
    }

    /**
     * Reads the link of a data folder.
     *
     * @return empty for a device that is not enrolled
     * @throws IOException when there is a file that cannot be read
     */
    public static Optional<ServerLink> read(Path dataDir) throws IOException {
        Path file = dataDir.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            ServerLink link = JSON.readValue(Files.readAllBytes(file), ServerLink.class);
            return Optional.of(Objects.requireNonNull(link)); // "null" is JSON, too
        } catch (JacksonException | NullPointerException e) {
            throw new IOException(
                    file + " is damaged; enrol again with a new token: chaperone enroll TOKEN", e);
        }
    }

    /** The name for a key that follows the one of {@code before}. */
    static String nextKeyName(Optional<ServerLink> before) {
        return before.map(ServerLink::keyName).filter(KEY_A::equals).isPresent() ? KEY_B : KEY_A;
    }

    /** Replaces the file as a whole: a crash leaves the old or the new one. */
    void write(Path dataDir) throws IOException {
        WholeFile.replace(dataDir.resolve(FILE), JSON.writeValueAsBytes(this));
    }
}
