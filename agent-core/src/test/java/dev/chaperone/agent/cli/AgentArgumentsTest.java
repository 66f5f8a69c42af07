// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.chaperone.agent.StartException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class AgentArgumentsTest {
    private static AgentArguments of(String... words) {
        return CommandLine.populateCommand(new AgentArguments(), words);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--connect-to=api.test:443:127.0.0.1:1",
                "--upstream-ca=ca.pem",
                "--service=service.json"
            })
    void installedServiceRefusesWhatSendsItsTrafficElsewhere(String option) {
        for (String folder : new String[] {"/var/lib/chaperone", "/var/lib/x/../chaperone/"}) {
            assertThatExceptionOfType(StartException.class)
                    .isThrownBy(() -> of("--data-dir", folder, option).toOptions())
                    .matches(e -> e.exitStatus() == ExitStatus.USAGE)
                    .withMessageStartingWith(option.substring(0, option.indexOf('=')) + " ")
                    .withMessageContaining("the installed service (/var/lib/chaperone) refuses it")
                    .withMessageNotContaining("\n");
        }
    }

    @Test
    void anotherFolderTakesThem() throws Exception {
        assertThat(of("--data-dir=/nowhere", "--connect-to=a.test:443:127.0.0.1:1").toOptions())
                .matches(o -> o.connectTo().size() == 1);
        assertThat(of("--data-dir=/var/lib/chaperone").toOptions().connectTo()).isEmpty();
    }
}
