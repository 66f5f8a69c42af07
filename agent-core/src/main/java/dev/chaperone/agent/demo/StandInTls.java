// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.demo;

import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.Pem;
import dev.chaperone.pki.ServiceCertificates;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** TLS of the stand-in: a CA of its own and a certificate for whatever name the peer asks for. */
final class StandInTls extends X509ExtendedKeyManager {
    private final ServiceCertificates certificates;

    private StandInTls(ServiceCertificates certificates) {
        this.certificates = certificates;
    }

    /** Makes a fresh CA and writes its certificate. */
    static SSLContext make(Path caFile) throws IOException, GeneralSecurityException {
        DeviceRoot root =
                DeviceRoot.create("Stand-in CA (not Chaperone)", InstantSource.system().instant());
        Files.writeString(caFile, Pem.encode(root.certificate()));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                new KeyManager[] {
                    new StandInTls(new ServiceCertificates(root, InstantSource.system()))
                },
                null,
                null);
        return context;
    }

    private ServiceCertificates.Leaf leaf(String name) {
        return certificates.leaf("stand-in for " + name, List.of(name), name);
    }

    @Override
    public @Nullable String chooseServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        if (!keyType.startsWith("EC") || !(socket instanceof SSLSocket tls)) {
            return null;
        }
        if (tls.getHandshakeSession() instanceof ExtendedSSLSession session) {
            for (SNIServerName name : session.getRequestedServerNames()) {
                if (name instanceof SNIHostName host) {
                    return host.getAsciiName();
                }
            }
        }
        return "localhost";
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return leaf(alias).chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return leaf(alias).key().getPrivate();
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
            String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }
}
