// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.chaperone.agent.config.AgentConfig.HostPort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigLoaderTest {
    private static final Pattern ROW = Pattern.compile("\\| `([a-z-]+)` \\| (.+?) \\| .*");

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private AgentConfig load(String yaml) throws Exception {
        return ConfigLoader.load(Files.writeString(folder.resolve("c.yaml"), yaml));
    }

    private List<String> problems(String yaml) {
        List<String> lines = new ArrayList<>();
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> load(yaml))
                .satisfies(e -> String.valueOf(e.getMessage()).lines().forEach(lines::add));
        return lines;
    }

    /** Key → default, as docs/command-line.md tells. */
    private static Map<String, String> documented() throws Exception {
        Map<String, String> table = new LinkedHashMap<>();
        String page = Files.readString(Path.of("../docs/command-line.md"));
        for (String line : page.substring(page.indexOf("## Configuration file")).split("\n")) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                table.put(row.group(1), row.group(2).replace("`", ""));
            }
        }
        return table;
    }

    @Test
    void defaultsAreAsDocumented() throws Exception {
        Map<String, String> table = documented();
        assertThat(table.keySet()).containsExactlyElementsOf(ConfigLoader.KEYS.keySet());
        StringBuilder yaml = new StringBuilder();
        table.forEach((key, value) -> {
            if (!value.contains("system") && !value.contains("shipped")) {
                yaml.append(key).append(": ").append(value).append('\n');
            }
        });
        assertThat(load(yaml.toString())).isEqualTo(AgentConfig.DEFAULTS);
        assertThat(load("")).isEqualTo(AgentConfig.DEFAULTS);
        assertThat(table.get("trust-bundle")).contains("system");
        assertThat(table.get("policy")).contains("shipped");
    }

    @Test
    void everyKeyMaps() throws Exception {
        assertThat(
                        load(
                                """
                                listen: "[::1]:9000"
                                allow-remote: true
                                max-inspected-body: 128KiB
                                decision-timeout: 250ms
                                connect-timeout: 2m
                                drain-timeout: 3s
                                pac-direct: false
                                native-tls: false
                                native-transport: false
                                trust-bundle: /etc/x.pem
                                policy: rules.yaml
                                services: [a.json, /b.json]
                                socket: /run/chaperone/agent.sock
                                socket-for: every-user
                                health: 127.0.0.1:9421
                                chained-pac: chained.pac
                                upstream-proxy: http://proxy.example:3128/
                                upstream-proxy-bypass: ["<local>", .corp.example]
                                """))
                .isEqualTo(
                        new AgentConfig(
                                new HostPort("::1", 9000),
                                true,
                                128 << 10,
                                Duration.ofMillis(250),
                                Duration.ofMinutes(2),
                                Duration.ofSeconds(3),
                                false,
                                false,
                                false,
                                Optional.of(Path.of("/etc/x.pem")),
                                Optional.of(folder.resolve("rules.yaml")),
                                List.of(folder.resolve("a.json"), Path.of("/b.json")),
                                Optional.of(Path.of("/run/chaperone/agent.sock")),
                                true,
                                Optional.of(new HostPort("127.0.0.1", 9421)),
                                Optional.of(folder.resolve("chained.pac")),
                                Optional.of(new HostPort("proxy.example", 3128)),
                                List.of("<local>", ".corp.example")));
    }

    /** Each key with a letter dropped, doubled, swapped and replaced. */
    static List<String[]> misspelt() {
        List<String[]> all = new ArrayList<>();
        for (String key : ConfigLoader.KEYS.keySet()) {
            int middle = key.length() / 2;
            String before = key.substring(0, middle);
            char c = key.charAt(middle);
            String after = key.substring(middle + 1);
            for (String wrong :
                    List.of(
                            before + after,
                            before + c + c + after,
                            key.substring(1, 2) + key.charAt(0) + key.substring(2),
                            before + '_' + after)) {
                all.add(new String[] {key, wrong});
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("misspelt")
    void misspeltKeyNamesFileLineKeyAndRemedy(String key, String wrong) {
        assertThat(problems("# a comment\n" + wrong + ": " + ConfigLoader.KEYS.get(key)))
                .containsExactly(
                        "c.yaml:2: unknown key '" + wrong + "', did you mean '" + key + "'?");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "listen: 8421 | HOST:PORT",
                "listen: 127.0.0.1:70000 | a port is 0",
                "allow-remote: yes | true or false",
                "max-inspected-body: 8 MB | B, KiB or MiB",
                "max-inspected-body: 1KiB | 64KiB to 64MiB",
                "max-inspected-body: 99999999999MiB | B, KiB or MiB",
                "max-inspected-body: 17592186044424MiB | B, KiB or MiB",
                "decision-timeout: 10 | with its unit",
                "decision-timeout: 0s | more than 0",
                "decision-timeout: -1s | with its unit",
                "connect-timeout: 999999999m | 120s",
                "connect-timeout: 999999999999999999m | with its unit",
                "drain-timeout: 6s | at most 5s",
                "pac-direct: [true] | single value",
                "trust-bundle: {a: b} | single value",
                "upstream-proxy: proxy.example:3128 | http://HOST:PORT",
                "upstream-proxy: https://proxy.example:3128 | http://HOST:PORT",
                "upstream-proxy: http://proxy.example | HOST:PORT",
                "upstream-proxy: http://proxy.example:0 | 1 … 65535",
                "upstream-proxy: http://proxy.example:3128/path | a port is 0",
                "upstream-proxy: http://proxy .example:3128 | http://HOST:PORT",
                "upstream-proxy: http://u:p@proxy.example:3128 | not supported",
                "upstream-proxy-bypass: corp.example | a list",
                "upstream-proxy-bypass: [10.0.0.0/8] | <local>",
                "upstream-proxy-bypass: ['*'] | <local>",
                "services: a.json | list of files",
                "services: [[a]] | file name"
            })
    void wrongValueNamesLineKeyAndRemedy(String line, String remedy) {
        assertThat(problems("\n" + line))
                .singleElement()
                .asString()
                .startsWith("c.yaml:2: '" + line.substring(0, line.indexOf(':')) + "'")
                .contains(remedy);
    }

    @Test
    void twoProblemsAreTwoLines() {
        assertThat(problems("lisen: x\npac-direct: maybe\nlisten: a:1\nlisten: a:2"))
                .hasSize(3)
                .anyMatch(l -> l.startsWith("c.yaml:1: unknown key 'lisen'"))
                .anyMatch(l -> l.startsWith("c.yaml:2: 'pac-direct'"))
                .anyMatch(l -> l.startsWith("c.yaml:4: key 'listen' stands twice"));
    }

    @ParameterizedTest
    @CsvSource({"'- a', c.yaml:1", "'a: [', c.yaml:", "'a: b: c', c.yaml:1"})
    void whatIsNoConfigurationIsOneLine(String yaml, String start) {
        assertThat(problems(yaml)).singleElement().asString().startsWith(start);
    }

    @Test
    void fileThatIsNotThereIsOneLine() {
        assertThatExceptionOfType(ConfigException.class)
                .isThrownBy(() -> ConfigLoader.load(folder.resolve("none.yaml")))
                .withMessageContaining("none.yaml: cannot be read");
    }
}
