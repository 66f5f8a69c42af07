// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.os;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.model.prompt.ClientProcess;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScriptsTest {
    @ParameterizedTest
    @CsvSource({
        "/usr/bin/node, node /opt/npm/bin/gemini -p hello, gemini",
        "/usr/bin/node, node --no-warnings -r ./hook.js /opt/x/@anthropic-ai/claude-code/cli.js, claude-code",
        "/opt/n/node, node /srv/assistant/dist/index.mjs, assistant",
        "/usr/bin/python3.11, python3 -X utf8 -m aider --model x, aider",
        "/usr/bin/python3, python3 tools/ask.py, ask",
        "/usr/bin/bun, bun run /home/u/agent/src/main.js, agent",
        "/usr/bin/node, node -e fetch(), node",
        "/usr/bin/python3, python3 -, python3",
        "/usr/bin/curl, curl https://x, curl",
        "/opt/claude.exe, claude -p hi, claude",
    })
    void programIsNamedAsAnAdministratorKnowsIt(String executable, String line, String app) {
        String named = Scripts.of(executable, List.of(line.split(" ", -1))).orElse(executable);
        assertThat(new ClientProcess(1, 1, named).appName()).isEqualTo(app);
    }
}
