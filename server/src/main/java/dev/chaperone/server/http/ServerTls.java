// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.http;

import dev.chaperone.pki.Keys;
import dev.chaperone.pki.ServerCa;
import io.helidon.common.tls.Tls;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS of both listeners. The leaf's key lives in memory only: each start makes a new one, since
 * clients pin the CA. {@link #renew} makes a new leaf before the old one expires, without a
 * restart. Thread-safe.
 */
public final class ServerTls {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
    private static final Duration RENEW_BEFORE = Duration.ofDays(10);

    private record Identity(X509Certificate leaf, KeyPair keys) {}

    private final ServerCa ca;
    private final List<String> names;
    private final InstantSource clock;
    private volatile Identity identity;

    /**
     * @param names DNS names and addresses that clients call the server by
     */
    public ServerTls(ServerCa ca, Collection<String> names, InstantSource clock) {
        this.ca = ca;
        this.names = List.copyOf(names);
        this.clock = clock;
        this.identity = mint(clock.instant());
    }

    private Identity mint(Instant now) {
        KeyPair keys = Keys.generate();
        return new Identity(ca.serverLeaf(names, keys.getPublic(), now), keys);
    }

    /** Makes a new leaf when the present one has less than ten days left. */
    public void renew() {
        Instant now = clock.instant();
        if (identity.leaf().getNotAfter().toInstant().isBefore(now.plus(RENEW_BEFORE))) {
            identity = mint(now);
        }
    }

    /**
     * TLS of one listener.
     *
     * @param askForClient whether to ask for a client certificate; none, or one of a stranger, is
     *     the handler's to refuse
     */
    public Tls listener(boolean askForClient) {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(PROTOCOLS);
        parameters.setWantClientAuth(askForClient);
        return Tls.builder().sslContext(context()).sslParameters(parameters).build();
    }

    private SSLContext context() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    new KeyManager[] {new Presenting()}, new TrustManager[] {new Asking()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS", e);
        }
    }

    private final class Presenting extends X509ExtendedKeyManager {
        private static final String ALIAS = "server";

        @Override
        public @Nullable String chooseEngineServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return keyType.equals("EC") ? ALIAS : null;
        }

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return keyType.equals("EC") ? ALIAS : null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {identity.leaf(), ca.certificate()};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return identity.keys().getPrivate();
        }

        @Override
        public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public String @Nullable [] getClientAliases(
                String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }
    }

    /**
     * Lets every client certificate through the handshake, which has proved possession of its key
     * (RFC 8446 §4.4.3): the handler judges it and can say why not, which a TLS alert cannot.
     */
    private final class Asking extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            throw new IllegalStateException("this side is the server");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            throw new IllegalStateException("this side is the server");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            throw new IllegalStateException("this side is the server");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[] {ca.certificate()};
        }
    }
}
