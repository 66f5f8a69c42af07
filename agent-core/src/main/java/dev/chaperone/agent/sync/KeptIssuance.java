// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.sync;

import dev.chaperone.agent.os.WholeFile;
import dev.chaperone.model.sync.Issuance;
import dev.chaperone.pki.Pem;
import dev.chaperone.pki.PkiException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;

/**
 * An answer of the organisation's server as it is kept: {@code certificates/DEVICE.json} in the
 * data folder. Holds no secret. One file for each identity, so that {@code server.json} decides as
 * one which is in force.
 *
 * @param keyName name of the device's signing key in the vault
 * @param publicKey its public half, base64 of the subject public key info
 * @param asked what was asked for
 * @param answer what came
 * @param received when
 */
public record KeptIssuance(
        String keyName,
        String publicKey,
        List<Issuance.Service> asked,
        Issuance.Answer answer,
        Instant received) {
    private static final String FOLDER = "certificates";
    private static final String KEY_A = "issuing-key-a";
    private static final String KEY_B = "issuing-key-b";

    /** Jackson makes one of any object: a damaged file is none. */
    public KeptIssuance {
        Objects.requireNonNull(keyName);
        Objects.requireNonNull(publicKey);
        asked = List.copyOf(asked);
        Objects.requireNonNull(answer);
        Objects.requireNonNull(received);
    }

    /**
     * What an enrolled device holds.
     *
     * @return empty when its server signs nothing
     */
    public static Optional<KeptIssuance> read(Path dataDir, ServerLink link) throws IOException {
        Path file = file(dataDir, link.device());
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            KeptIssuance kept =
                    Enroller.JSON.readValue(Files.readAllBytes(file), KeptIssuance.class);
            return Optional.of(Objects.requireNonNull(kept)); // "null" is JSON, too
        } catch (JacksonException | NullPointerException e) {
            throw new IOException(
                    file + " is damaged; enrol again with a new token: chaperone enroll TOKEN", e);
        }
    }

    private static Path file(Path dataDir, String device) throws IOException {
        if (!device.matches("[0-9A-Za-z-]{1,64}")) {
            throw new IOException("server.json is damaged; enrol again: chaperone enroll TOKEN");
        }
        return dataDir.resolve(FOLDER).resolve(device + ".json");
    }

    void write(Path dataDir, String device) throws IOException {
        Path file = file(dataDir, device);
        Files.createDirectories(dataDir.resolve(FOLDER));
        WholeFile.replace(file, Enroller.JSON.writeValueAsBytes(this));
    }

    /** Deletes what belongs to former identities. */
    static void forgetOthers(Path dataDir, ServerLink link) throws IOException {
        Path folder = dataDir.resolve(FOLDER);
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> others;
        try (Stream<Path> files = Files.list(folder)) {
            others = files.filter(f -> !f.endsWith(link.device() + ".json")).toList();
        }
        for (Path other : others) {
            Files.deleteIfExists(other);
        }
    }

    /** A name that the key in force does not have: a crash leaves it as it is. */
    static String nextKeyName(Path dataDir) throws IOException {
        Optional<ServerLink> link = ServerLink.read(dataDir);
        return link.isPresent()
                        && read(dataDir, link.get())
                                .map(KeptIssuance::keyName)
                                .filter(KEY_A::equals)
                                .isPresent()
                ? KEY_B
                : KEY_A;
    }

    /**
     * What clients must trust: the root of the intermediates first.
     *
     * @throws PkiException when one of them cannot be read, or there is none
     */
    public List<X509Certificate> trusted() {
        List<X509Certificate> all = new ArrayList<>();
        for (String pem : answer.roots()) {
            List<X509Certificate> one = Pem.decodeAll(pem);
            if (one.size() != 1) {
                throw new PkiException("a root of the organisation cannot be read", null);
            }
            all.add(one.getFirst());
        }
        if (all.isEmpty()) {
            throw new PkiException("the organisation names no root", null);
        }
        return all;
    }

    /** When the first intermediate ends; empty when there is none. */
    public Optional<Instant> expires() {
        return answer.intermediates().stream()
                .flatMap(i -> Pem.decodeAll(i.certificate()).stream())
                .map(c -> c.getNotAfter().toInstant())
                .min(Instant::compareTo);
    }
}
