// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.tls;

import dev.chaperone.pki.Pem;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Verifies upstream certificates against the operating system's bundle (not the JDK's {@code
 * cacerts}, which is a copy) plus explicitly given files, always less our own authorities: a
 * certificate of ours seen upstream is an attack or a loop. The bundle is read again when its file
 * changes. Thread-safe.
 */
public final class UpstreamTrust extends X509ExtendedTrustManager {
    private static final long LOOK_AGAIN_NANOS = 2_000_000_000L;

    private final List<Path> files;
    private final Supplier<List<X509Certificate>> own;
    private final UpstreamAnchors seen = new UpstreamAnchors();
    private volatile Loaded current;
    private volatile Look last;

    private record Loaded(
            X509ExtendedTrustManager manager,
            List<FileTime> times,
            Set<PublicKey> own,
            List<X509Certificate> anchors) {
        boolean of(List<FileTime> latest, Set<PublicKey> present) {
            return times.equals(latest) && own.equals(present);
        }
    }

    /** When the files were last looked at, and how old they were. */
    private record Look(List<FileTime> times, long at) {}

    /**
     * @param bundle the distribution's PEM bundle
     * @param extra further PEM files
     * @param own our own authorities, which may change
     * @throws IOException when a file cannot be read or no anchor is left
     */
    public UpstreamTrust(Path bundle, List<Path> extra, Supplier<List<X509Certificate>> own)
            throws IOException {
        List<Path> all = new ArrayList<>();
        all.add(bundle);
        all.addAll(extra);
        this.files = List.copyOf(all);
        this.own = own;
        this.last = new Look(times(), System.nanoTime());
        this.current = load(last.times, keys());
    }

    /** The bundle of this system: Debian, Red Hat, SUSE, Alpine and macOS places, in that order. */
    public static Optional<Path> systemBundle() {
        return List.of(
                        "/etc/ssl/certs/ca-certificates.crt",
                        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                        "/etc/pki/tls/certs/ca-bundle.crt",
                        "/etc/ssl/ca-bundle.pem",
                        "/etc/ssl/cert.pem")
                .stream()
                .map(Path::of)
                .filter(Files::isReadable)
                .findFirst();
    }

    /** Number of trust anchors in force. */
    public int anchors() {
        return current.anchors.size();
    }

    /** Which of them vouched for upstreams lately. */
    public UpstreamAnchors seen() {
        return seen;
    }

    private X509ExtendedTrustManager manager() {
        List<FileTime> latest = stamp();
        Set<PublicKey> present = keys();
        if (!current.of(latest, present)) {
            try {
                current = load(latest, present);
            } catch (IOException e) {
                // A bundle that is being replaced may be unreadable for a moment: the last good one
                // stays in force.
            }
        }
        return current.manager;
    }

    /**
     * Changes when the files do; looks every two seconds at most. A TLS session that was verified
     * under another stamp must not be resumed: resumption verifies nothing.
     */
    List<FileTime> stamp() {
        Look look = last;
        if (System.nanoTime() - look.at > LOOK_AGAIN_NANOS) {
            List<FileTime> times = look.times;
            try {
                times = times();
            } catch (IOException e) {
                // As above: what was seen last holds.
            }
            look = new Look(times, System.nanoTime());
            last = look;
        }
        return look.times;
    }

    private Set<PublicKey> keys() {
        return own.get().stream().map(X509Certificate::getPublicKey).collect(Collectors.toSet());
    }

    private List<FileTime> times() throws IOException {
        List<FileTime> times = new ArrayList<>();
        for (Path file : files) {
            times.add(Files.getLastModifiedTime(file));
        }
        return times;
    }

    private Loaded load(List<FileTime> times, Set<PublicKey> ours) throws IOException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            List<X509Certificate> taken = new ArrayList<>();
            for (Path file : files) {
                for (X509Certificate anchor :
                        Pem.decodeAll(Files.readString(file, StandardCharsets.ISO_8859_1))) {
                    if (!ours.contains(anchor.getPublicKey())) {
                        store.setCertificateEntry("anchor-" + taken.size(), anchor);
                        taken.add(anchor);
                    }
                }
            }
            if (taken.isEmpty()) {
                throw new IOException("no trust anchor in " + files.getFirst());
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509ExtendedTrustManager extended) {
                    return new Loaded(extended, times, ours, List.copyOf(taken));
                }
            }
            throw new IllegalStateException("this JDK has no PKIX trust manager");
        } catch (GeneralSecurityException e) {
            throw new IOException("the trust anchors cannot be loaded", e);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        requireForeign(chain);
        manager().checkServerTrusted(chain, authType, engine);
        seen.verified(chain, current.anchors);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        requireForeign(chain);
        manager().checkServerTrusted(chain, authType, socket);
        seen.verified(chain, current.anchors);
    }

    /** Where a company's root stands above our authority, leaving out the anchor is not enough. */
    private void requireForeign(X509Certificate[] chain) throws CertificateException {
        Set<PublicKey> ours = keys();
        for (X509Certificate certificate : chain) {
            if (ours.contains(certificate.getPublicKey())) {
                throw new CertificateException("the chain holds an authority of ours");
            }
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        // Without an engine the host name cannot be checked; no caller of ours does that.
        throw new CertificateException("a server is verified together with its host name only");
    }

    @Override
    public void checkClientTrusted(
            X509Certificate[] chain, String authType, @Nullable SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("clients are not verified here");
    }

    @Override
    public void checkClientTrusted(
            X509Certificate[] chain, String authType, @Nullable Socket socket)
            throws CertificateException {
        throw new CertificateException("clients are not verified here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        throw new CertificateException("clients are not verified here");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
