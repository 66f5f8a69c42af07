// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.OwnerRights;
import dev.chaperone.inspector.tls.UpstreamTrust;
import dev.chaperone.pki.Pem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The certificate files that {@code exec} and {@code env} point clients to. Made when asked for,
 * and made anew when the system's certificates, the person's own or our root changed.
 */
final class ClientBundles {
    private static final List<Path> SYSTEM_WGETRC =
            List.of(Path.of("/etc/wgetrc"), Path.of("/usr/local/etc/wgetrc"));

    private final Path folder;
    private final Path root;

    /**
     * @param folder of this person; made when needed
     * @param root our root as PEM
     */
    ClientBundles(Path folder, Path root) {
        this.folder = folder;
        this.root = root;
    }

    /** Our root, behind the person's own additions. */
    Path adding(Optional<Path> theirs) throws IOException {
        Optional<Path> own = theirs.filter(Files::isReadable);
        return own.isEmpty() ? root : joined(own.get());
    }

    /** The system's certificates, or the person's own, and our root. */
    Path replacing(Optional<Path> theirs) throws IOException {
        Optional<Path> base = theirs.filter(Files::isReadable).or(UpstreamTrust::systemBundle);
        return base.isEmpty() ? root : joined(base.get());
    }

    private Path joined(Path base) throws IOException {
        String pem = Files.readString(base, StandardCharsets.ISO_8859_1);
        String all = pem + (pem.endsWith("\n") ? "" : "\n") + "# Chaperone\n" + rootPem();
        boolean system = UpstreamTrust.systemBundle().equals(Optional.of(base));
        String name = system ? "ca-bundle.pem" : "ca-bundle-" + sum(base.toString()) + ".pem";
        return write(name, all.getBytes(StandardCharsets.ISO_8859_1));
    }

    /**
     * The system's settings of wget with our bundle: wget reads no variable for certificates, and
     * the person's own settings still beat these (Wget manual §6.1).
     */
    Path wgetrc(Optional<Path> theirs) throws IOException {
        Optional<Path> system =
                theirs.or(() -> SYSTEM_WGETRC.stream().filter(Files::isReadable).findFirst())
                        .filter(Files::isReadable);
        String text =
                system.isEmpty() ? "" : Files.readString(system.get(), StandardCharsets.ISO_8859_1);
        String all = text + "\nca_certificate = " + replacing(Optional.empty()) + "\n";
        return write("wgetrc", all.getBytes(StandardCharsets.ISO_8859_1));
    }

    /**
     * A Java trust store: JKS, which every JDK reads without being given a password.
     *
     * @param theirs the person's own, in whose place it stands
     * @param password of theirs
     */
    Path trustStore(Optional<Path> theirs, String password) throws IOException {
        Optional<Path> own = theirs.filter(Files::isReadable);
        byte[] source =
                own.isPresent()
                        ? Files.readAllBytes(own.get())
                        : Files.readAllBytes(replacing(Optional.empty()));
        MessageDigest digest = sha256();
        digest.update(source);
        digest.update(Files.readAllBytes(root));
        String name = "truststore-" + HexFormat.of().formatHex(digest.digest(), 0, 8) + ".jks";
        Path file = folder.resolve(name);
        if (Files.isReadable(file)) {
            return file;
        }
        try {
            KeyStore store = KeyStore.getInstance("JKS");
            store.load(null, null);
            int n = 0;
            if (own.isPresent()) {
                KeyStore theirStore =
                        KeyStore.getInstance(
                                own.get().toFile(),
                                password.isEmpty() ? null : password.toCharArray());
                for (String alias : Collections.list(theirStore.aliases())) {
                    store.setCertificateEntry("a" + n++, theirStore.getCertificate(alias));
                }
            } else {
                for (X509Certificate anchor :
                        Pem.decodeAll(new String(source, StandardCharsets.ISO_8859_1))) {
                    store.setCertificateEntry("a" + n++, anchor);
                }
            }
            for (X509Certificate ours : Pem.decodeAll(rootPem())) {
                store.setCertificateEntry("chaperone", ours);
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            store.store(out, "changeit".toCharArray()); // JKS wants one; it protects nothing
            return write(name, out.toByteArray());
        } catch (GeneralSecurityException e) {
            throw new IOException("the Java trust store cannot be made", e);
        }
    }

    private String rootPem() throws IOException {
        return Files.readString(root, StandardCharsets.ISO_8859_1);
    }

    private Path write(String name, byte[] content) throws IOException {
        Path file = folder.resolve(name);
        if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), content)) {
            Files.createDirectories(folder);
            Path fresh = Files.createTempFile(folder, name, ".new");
            Files.write(fresh, content);
            Files.move(
                    fresh,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        }
        return file;
    }

    private static String sum(String text) {
        byte[] sum = sha256().digest(text.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(sum, 0, 6);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * Where this person's files go: the agent's data folder, or the person's own when the agent is
     * somebody else's, for root too: the owner could change what root's programs trust.
     */
    static ClientBundles of(Path dataDir, Path root, @Nullable String stateHome, Path home) {
        Path state =
                stateHome == null || stateHome.isBlank()
                        ? home.resolve(".local/state")
                        : Path.of(stateHome);
        return new ClientBundles(isOwn(dataDir) ? dataDir : state.resolve("chaperone/exec"), root);
    }

    private static boolean isOwn(Path dataDir) {
        return Files.isWritable(dataDir) && OwnerRights.missingIn(dataDir).isEmpty();
    }
}
