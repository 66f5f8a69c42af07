// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import dev.chaperone.server.enrol.Tokens;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a server is to run.
 *
 * @param dataDir its data folder
 * @param listen console, REST and enrolment
 * @param agentsListen what enrolled devices talk to
 * @param publicHost the name or address that devices reach it by; empty for that of {@code listen}
 * @param terms of the token that is printed at first start
 * @param newToken whether to print another token
 * @param newLink whether to print another admin link
 * @param retention how long events are kept
 * @param minimumGroup people a row of a report must stand for
 * @param services catalogue files of the company's own services, before the shipped ones
 */
public record ServerOptions(
        Path dataDir,
        HostPort listen,
        HostPort agentsListen,
        Optional<String> publicHost,
        Tokens.Terms terms,
        boolean newToken,
        boolean newLink,
        Duration retention,
        int minimumGroup,
        List<Path> services) {
    public ServerOptions {
        if (retention.compareTo(Duration.ofDays(1)) < 0) {
            throw new IllegalArgumentException("events are kept for at least a day");
        }
        if (minimumGroup < 1) {
            throw new IllegalArgumentException("a group has at least one person");
        }
        services = List.copyOf(services);
    }

    /** With the shipped services only. */
    public ServerOptions(
            Path dataDir,
            HostPort listen,
            HostPort agentsListen,
            Optional<String> publicHost,
            Tokens.Terms terms,
            boolean newToken,
            boolean newLink,
            Duration retention,
            int minimumGroup) {
        this(
                dataDir,
                listen,
                agentsListen,
                publicHost,
                terms,
                newToken,
                newLink,
                retention,
                minimumGroup,
                List.of());
    }
}
