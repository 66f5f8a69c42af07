// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.ServiceCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

/** TLS of the stand-ins, on JDK sockets. */
final class UpstreamTls {
    private UpstreamTls() {}

    /**
     * Listens on a free port of loopback, with a certificate for {@code host} of {@code root}'s.
     */
    static SSLServerSocket listen(String host, DeviceRoot root)
            throws GeneralSecurityException, IOException {
        ServiceCertificates.Leaf leaf =
                new ServiceCertificates(root, InstantSource.system())
                        .leaf("upstream", List.of(host), host);
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
                "k",
                leaf.key().getPrivate(),
                new char[0],
                leaf.chain().toArray(X509Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return (SSLServerSocket)
                context.getServerSocketFactory()
                        .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }
}
