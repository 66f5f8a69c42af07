// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.tls;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.chaperone.pki.ServiceCertificates.Leaf;
import java.net.Socket;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.NoSuchAlgorithmException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.KeyManagerFactorySpi;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Presents the leaf that a connection was opened with. The alias travels as the engine's peer host,
 * since one context serves every host. Thread-safe.
 */
final class LeafKeyManager extends X509ExtendedKeyManager {
    private static final int MAX_LEAVES = 1024;

    private final Cache<String, Leaf> byAlias =
            Caffeine.newBuilder().maximumSize(MAX_LEAVES).build();

    /**
     * A name for this very leaf: a renewed one has another, so that no cache of the engine keeps
     * the old.
     */
    String aliasFor(Leaf leaf) {
        String alias = leaf.host() + '#' + leaf.chain().getFirst().getSerialNumber().toString(36);
        byAlias.put(alias, leaf);
        return alias;
    }

    KeyManagerFactory factory() {
        KeyManagerFactorySpi spi =
                new KeyManagerFactorySpi() {
                    @Override
                    protected void engineInit(@Nullable KeyStore store, char @Nullable [] password)
                            throws KeyStoreException, NoSuchAlgorithmException {}

                    @Override
                    protected void engineInit(@Nullable ManagerFactoryParameters parameters) {}

                    @Override
                    protected KeyManager[] engineGetKeyManagers() {
                        return new KeyManager[] {LeafKeyManager.this};
                    }
                };
        Provider provider =
                new Provider("chaperone", "1", "leaves of opened hosts") {
                    private static final long serialVersionUID = 1L;
                };
        return new KeyManagerFactory(spi, provider, "leaves") {};
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        if (engine == null || !keyType.startsWith("EC")) {
            return null;
        }
        String alias = engine.getPeerHost();
        return alias != null && byAlias.getIfPresent(alias) != null ? alias : null;
    }

    @Override
    public X509Certificate @Nullable [] getCertificateChain(String alias) {
        Leaf leaf = byAlias.getIfPresent(alias);
        return leaf == null ? null : leaf.chain().toArray(X509Certificate[]::new);
    }

    @Override
    public @Nullable PrivateKey getPrivateKey(String alias) {
        Leaf leaf = byAlias.getIfPresent(alias);
        return leaf == null ? null : leaf.key().getPrivate();
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
        return null;
    }

    @Override
    public @Nullable String chooseServerAlias(
            String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
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
}
