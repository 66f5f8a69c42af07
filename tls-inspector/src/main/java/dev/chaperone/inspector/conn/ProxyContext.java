// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.PromptGate;
import dev.chaperone.inspector.ProxySettings;
import dev.chaperone.inspector.tls.OpenHosts;
import dev.chaperone.inspector.tls.TlsEngines;
import dev.chaperone.pki.ServiceCertificates;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * What every connection shares.
 *
 * @param settings limits and addresses
 * @param openHosts what is decrypted, as it stands now: asked once per connection
 * @param gate decides on prompts
 * @param engines TLS for both legs
 * @param certificates leaves for opened hosts
 * @param connector opens upstream connections
 * @param processes finds the local process behind a connection
 * @param blocking virtual threads for everything that may block or takes long: DNS, minting, chain
 *     verification, decisions
 * @param exchangeIds numbers exchanges
 * @param counters what {@code doctor} and {@code /metrics} show
 * @param tokens tokens that services issued
 */
public record ProxyContext(
        ProxySettings settings,
        Supplier<OpenHosts> openHosts,
        PromptGate gate,
        TlsEngines engines,
        ServiceCertificates certificates,
        Connector connector,
        ClientProcesses processes,
        ExecutorService blocking,
        AtomicLong exchangeIds,
        ProxyCounters counters,
        IssuedTokens tokens) {}
