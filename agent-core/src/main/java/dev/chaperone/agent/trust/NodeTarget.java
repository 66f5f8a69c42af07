// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Node, and with it the tools made of it: {@code NODE_EXTRA_CA_CERTS} adds to the list that Node
 * carries (Node CLI documentation). Node reads it at its start only and has no settings of its own
 * per person, so it is a variable of new terminals.
 */
final class NodeTarget implements TrustTarget {
    private static final String VARIABLE = "NODE_EXTRA_CA_CERTS";

    /** CONNECT by hand: not every version takes a proxy from the environment. */
    private static final String SCRIPT =
            """
            const [url, host, port] = process.argv.slice(2);
            const to = new URL(url);
            const fail = e => { console.error(e.code, e.message); process.exit(1); };
            require('http').request({host, port, method: 'CONNECT', path: to.hostname + ':443'})
              .on('connect', (_, socket) => {
                const tls = require('tls').connect({socket, servername: to.hostname}, () =>
                  tls.write(`GET ${to.pathname} HTTP/1.1\\r\\nHost: ${to.hostname}\\r\\n\\r\\n`));
                tls.on('error', fail).pipe(process.stdout);
              })
              .on('error', fail).end();
            """;

    @Override
    public String name() {
        return "node";
    }

    @Override
    public List<Path> programs(Person person) {
        return person.program("node").stream().toList();
    }

    @Override
    public Optional<Probe> probe(Person person, Path program, Probe.Question question)
            throws IOException {
        Path script = Files.writeString(question.scratch().resolve("probe.cjs"), SCRIPT);
        return Optional.of(
                new Probe(
                        List.of(
                                program.toString(),
                                script.toString(),
                                question.url(),
                                question.proxyHost(),
                                question.proxyPort()),
                        Map.of()));
    }

    @Override
    public Repair repair(Person person, Path program, TrustFolder folder)
            throws IOException, TrustException {
        return Repair.variable(VARIABLE, folder.bundle("node", person.fileOf(VARIABLE), true));
    }
}
