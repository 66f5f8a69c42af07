// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.Set;

/** What the server is called by. */
final class Names {
    private Names() {}

    /** The host of its addresses: what was given, or where it listens, or this machine's name. */
    static String publicHost(ServerOptions options) throws StartException {
        String listen = options.listen().host();
        return options.publicHost()
                .orElse(address(listen).isAnyLocalAddress() ? ownName() : listen);
    }

    /** The subject alternative names of its leaf. */
    static Set<String> of(ServerOptions options) throws StartException {
        Set<String> names = new LinkedHashSet<>();
        names.add(publicHost(options));
        for (HostPort listen : java.util.List.of(options.listen(), options.agentsListen())) {
            if (!address(listen.host()).isAnyLocalAddress()) {
                names.add(listen.host());
            }
        }
        names.add("localhost");
        names.add("127.0.0.1");
        names.add("::1");
        return names;
    }

    static InetAddress address(String host) throws StartException {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new StartException(
                    "cannot listen on '" + host + "': the name is unknown here; give an address");
        }
    }

    private static String ownName() {
        try {
            return InetAddress.getLocalHost().getCanonicalHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }
}
