// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.tls;

import dev.chaperone.pki.ServiceCertificates.Leaf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLException;

/**
 * TLS for both legs, by BoringSSL where its native library loads, else by the JDK. Three server
 * contexts (h2, http/1.1, no ALPN) with a key manager that picks the leaf, since a context per
 * connection costs 8–17 ms of CPU; client contexts by offered protocols and post-quantum offer,
 * made once each. Thread-safe.
 */
public final class TlsEngines {
    /** ALPN identifiers this proxy can speak (RFC 7301; RFC 9113 §3.1). */
    public static final String H2 = "h2";

    public static final String HTTP_1_1 = "http/1.1";

    private static final String[] GROUPS = {"X25519", "P-256", "P-384"};
    private static final String[] PQ_GROUPS = {"X25519MLKEM768", "X25519", "P-256", "P-384"};
    private static final int CACHED_KEYS = 512;

    private final SslProvider provider;
    private final UpstreamTrust trust;
    private final LeafKeyManager leaves = new LeafKeyManager();
    private final KeyManagerFactory keys;
    private final Map<String, SslContext> serverContexts = new ConcurrentHashMap<>();
    private final Map<ClientKey, SslContext> clientContexts = new ConcurrentHashMap<>();

    /** A context holds the sessions that may be resumed: each state of the trust has its own. */
    private record ClientKey(List<String> alpn, boolean postQuantum, List<FileTime> trusted) {}

    /**
     * @param trust verifies upstreams
     * @param allowNative false forces the JDK's engine
     */
    public TlsEngines(UpstreamTrust trust, boolean allowNative) {
        this.trust = trust;
        this.provider =
                allowNative && OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
        KeyManagerFactory factory = leaves.factory();
        this.keys =
                provider == SslProvider.JDK
                        ? factory
                        : new OpenSslCachingX509KeyManagerFactory(factory, CACHED_KEYS);
    }

    /** {@code boringssl} or {@code jdk}. */
    public String name() {
        return provider == SslProvider.JDK ? "jdk" : "boringssl";
    }

    /**
     * True when the post-quantum group that browsers offer is kept on both legs (the JDK 25 engine
     * has none).
     */
    public boolean postQuantum() {
        return provider != SslProvider.JDK;
    }

    /**
     * The handler of the client leg.
     *
     * @param alpn the protocol the upstream chose, or the empty string for none
     * @param leaf the certificate to present
     * @param tasks where handshake tasks run; off the event loop
     */
    public SslHandler server(ByteBufAllocator alloc, String alpn, Leaf leaf, Executor tasks) {
        SslContext context = serverContexts.computeIfAbsent(alpn, this::serverContext);
        return context.newHandler(alloc, leaves.aliasFor(leaf), 0, tasks);
    }

    /**
     * The handler of the upstream leg.
     *
     * @param host for SNI and host name verification
     * @param alpn protocols to offer, subset of {h2, http/1.1}; empty offers none
     * @param postQuantum whether the client offered X25519MLKEM768
     */
    public SslHandler client(
            ByteBufAllocator alloc,
            String host,
            int port,
            List<String> alpn,
            boolean postQuantum,
            Executor tasks) {
        List<FileTime> trusted = trust.stamp();
        ClientKey key = new ClientKey(List.copyOf(alpn), postQuantum, trusted);
        SslContext context = clientContexts.get(key);
        if (context == null) {
            // Not released: handshakes may be under way on it, and bundles change a few times a
            // year.
            clientContexts.keySet().removeIf(k -> !k.trusted.equals(trusted));
            context = clientContexts.computeIfAbsent(key, this::clientContext);
        }
        return context.newHandler(alloc, host, port, tasks);
    }

    private SslContext serverContext(String alpn) {
        try {
            SslContextBuilder builder =
                    SslContextBuilder.forServer(keys)
                            .sslProvider(provider)
                            .protocols("TLSv1.3", "TLSv1.2");
            groups(builder, true);
            if (!alpn.isEmpty()) {
                // With ACCEPT an unmatched offer would pass without a protocol; the list holds
                // exactly what was mirrored.
                builder.applicationProtocolConfig(
                        new ApplicationProtocolConfig(
                                Protocol.ALPN,
                                provider == SslProvider.JDK
                                        ? SelectorFailureBehavior.FATAL_ALERT
                                        : SelectorFailureBehavior.NO_ADVERTISE,
                                provider == SslProvider.JDK
                                        ? SelectedListenerFailureBehavior.FATAL_ALERT
                                        : SelectedListenerFailureBehavior.ACCEPT,
                                alpn));
            }
            return builder.build();
        } catch (SSLException e) {
            throw new IllegalStateException("server TLS context", e);
        }
    }

    private SslContext clientContext(ClientKey key) {
        try {
            SslContextBuilder builder =
                    SslContextBuilder.forClient()
                            .sslProvider(provider)
                            .protocols("TLSv1.3", "TLSv1.2")
                            .endpointIdentificationAlgorithm("HTTPS")
                            .trustManager(trust);
            groups(builder, key.postQuantum);
            if (!key.alpn.isEmpty()) {
                builder.applicationProtocolConfig(
                        new ApplicationProtocolConfig(
                                Protocol.ALPN,
                                SelectorFailureBehavior.NO_ADVERTISE,
                                SelectedListenerFailureBehavior.ACCEPT,
                                key.alpn));
            }
            return builder.build();
        } catch (SSLException e) {
            throw new IllegalStateException("client TLS context", e);
        }
    }

    private void groups(SslContextBuilder builder, boolean postQuantum) {
        if (provider != SslProvider.JDK) {
            builder.option(
                    OpenSslContextOption.GROUPS, postQuantum ? PQ_GROUPS.clone() : GROUPS.clone());
        }
    }
}
