// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.enrol;

import dev.chaperone.pki.ServerCa;
import dev.chaperone.server.http.Problem;
import dev.chaperone.server.store.Storage;
import io.helidon.webserver.http.ServerRequest;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who a request on the agents' listener comes from. The handshake has proved possession of the
 * certificate's key and nothing else: issuer, purpose, validity and revocation are judged here, at
 * each request, so that a revocation also ends open connections.
 */
public final class ClientCertificates {
    /**
     * A device that slept through its renewal may still renew this long, and do nothing else: a
     * leave of half a year (docs/adr/0015). Who is not to come back is revoked.
     */
    static final Duration RENEWAL_GRACE = Duration.ofDays(180);

    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

    /** We chose the subject, so that nothing in it can be forged. */
    private static final Pattern COMMON_NAME =
            Pattern.compile("(?:^|,)CN=([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:,|$)");

    private final Storage storage;
    private final InstantSource clock;
    private final ServerCa ca;

    public ClientCertificates(Storage storage, InstantSource clock, ServerCa ca) {
        this.storage = storage;
        this.clock = clock;
        this.ca = ca;
    }

    /**
     * The device that asks.
     *
     * @throws Problem 401 or 403 when it is not let in
     */
    public Device require(ServerRequest request) throws InterruptedException {
        return require(request, Duration.ZERO);
    }

    /** The same, up to {@link #RENEWAL_GRACE} after expiry. */
    Device requireForRenewal(ServerRequest request) throws InterruptedException {
        return require(request, RENEWAL_GRACE);
    }

    private Device require(ServerRequest request, Duration grace) throws InterruptedException {
        Certificate[] chain = request.remotePeer().tlsCertificates().orElse(new Certificate[0]);
        if (chain.length == 0 || !(chain[0] instanceof X509Certificate certificate)) {
            throw new Problem(401, "CHP-SRV-020", "a client certificate is needed; enrol first");
        }
        String id =
                device(certificate)
                        .orElseThrow(() ->
                                new Problem(
                                        401,
                                        "CHP-SRV-021",
                                        "the client certificate is not of this server; enrol here"));
        requireValid(certificate, grace);
        Device device =
                storage.read(c -> Devices.byId(c, id))
                        .orElseThrow(() ->
                                new Problem(
                                        403,
                                        "CHP-SRV-023",
                                        "the device is not known here any more; enrol again"));
        if (device.revoked()) {
            throw new Problem(403, "CHP-SRV-023", "the device was revoked");
        }
        return device;
    }

    private void requireValid(X509Certificate certificate, Duration grace) {
        Instant now = clock.instant();
        if (now.isBefore(certificate.getNotBefore().toInstant())) {
            throw new Problem(401, "CHP-SRV-022", "the client certificate is not valid yet");
        }
        if (now.isAfter(certificate.getNotAfter().toInstant().plus(grace))) {
            throw new Problem(
                    401,
                    "CHP-SRV-022",
                    grace.isZero()
                            ? "the client certificate has expired; renew it within 180 days"
                            : "the client certificate expired too long ago; enrol again");
        }
    }

    /** The subject of a client certificate of our CA; empty for any other. */
    private Optional<String> device(X509Certificate certificate) {
        try {
            certificate.verify(ca.certificate().getPublicKey());
            List<String> purposes = certificate.getExtendedKeyUsage();
            if (purposes == null || !purposes.contains(CLIENT_AUTH)) {
                return Optional.empty();
            }
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
        Matcher name = COMMON_NAME.matcher(certificate.getSubjectX500Principal().getName());
        return name.find() ? Optional.of(name.group(1)) : Optional.empty();
    }
}
