// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import dev.chaperone.installer.linux.ProxyChain;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Chains what stands in folders that stand for machines, for {@code
 * installer/linux/proof/pac-bypass.sh}: each then holds its chained PAC file. Prints how it went, a
 * line for each.
 */
final class ChainedPacs {
    private ChainedPacs() {}

    /**
     * @param args the folders
     */
    public static void main(String[] args) throws IOException {
        for (String folder : args) {
            Machine machine = new Machine(Path.of(folder), new FakeCommands());
            Path ledger = Path.of(folder + ".ledger");
            MachineSetup setup = new MachineSetup(machine, ledger, List.of(new ProxyChain()));
            MachineSettings settings =
                    new MachineSettings(List.of(), "http://127.0.0.1:8421/proxy.pac");
            System.out.println(setup.install(settings).getFirst().detail());
        }
    }
}
