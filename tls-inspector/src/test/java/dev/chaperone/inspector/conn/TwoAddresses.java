// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.stream.Stream;

/** A name with two addresses of loopback, of which the first has no server; all others as ever. */
public final class TwoAddresses extends InetAddressResolverProvider {
    static final String NAME = "two-addresses.test";

    @Override
    public InetAddressResolver get(Configuration configuration) {
        InetAddressResolver system = configuration.builtinResolver();
        return new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy)
                    throws UnknownHostException {
                return host.equals(NAME)
                        ? Stream.of(
                                InetAddress.getByAddress(NAME, new byte[] {127, 0, 0, 3}),
                                InetAddress.getByAddress(NAME, new byte[] {127, 0, 0, 1}))
                        : system.lookupByName(host, policy);
            }

            @Override
            public String lookupByAddress(byte[] address) throws UnknownHostException {
                return system.lookupByAddress(address);
            }
        };
    }

    @Override
    public String name() {
        return "two addresses";
    }
}
