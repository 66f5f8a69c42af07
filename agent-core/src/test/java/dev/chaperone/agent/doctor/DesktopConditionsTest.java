// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.chaperone.agent.config.AgentConfig.HostPort;
import dev.chaperone.agent.doctor.DesktopChecks.Managed;
import dev.chaperone.agent.doctor.DesktopChecks.Route;
import dev.chaperone.agent.doctor.MachineChecks.Scope;
import dev.chaperone.installer.Machine;
import dev.chaperone.installer.SystemCommands;
import dev.chaperone.model.ipc.AgentStatus.Check;
import dev.chaperone.model.ipc.AgentStatus.State;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What Windows and macOS are asked alike, condition by condition; the port is a real one. */
class DesktopConditionsTest {
    private static final String URL = "http://127.0.0.1:18080/proxy.pac";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path root;

    private final CheckList checks = new CheckList("desktop", "en");
    private String pac = "";

    @SuppressWarnings("NullAway.Init") // before each
    private HttpServer server;

    @BeforeEach
    void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/proxy.pac",
                exchange -> {
                    byte[] body = pac.getBytes(StandardCharsets.US_ASCII);
                    exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private Optional<HostPort> port() {
        return Optional.of(new HostPort("127.0.0.1", server.getAddress().getPort()));
    }

    private Scope scope(Optional<HostPort> proxy) {
        return new Scope(
                new Machine(root, new SystemCommands()), List.of(), proxy, List.of(), false);
    }

    private Check only() {
        assertThat(checks.all()).hasSize(1);
        return checks.all().getFirst();
    }

    @ParameterizedTest
    @CsvSource({
        "running, true, 1, true, OK, running and answering on, ''",
        "running, true, 2, true, NOTE, started 2 times, events --lifecycle",
        "STOPPED, false, 1, true, BAD, the service is STOPPED, start-it",
        "running, true, 1, false, BAD, does not answer on 127.0.0.1, start-it",
        "running, true, 1, , BAD, says nothing of where it listens, start-it",
        ", false, 1, true, NOTE, cannot be told, as an administrator",
        ", false, 1, false, BAD, does not answer on, start-it",
    })
    void service(
            @Nullable String state,
            boolean runs,
            int starts,
            @Nullable Boolean answers,
            State expected,
            String says,
            String remedy) {
        Optional<HostPort> proxy = answers == null ? Optional.empty() : port();
        if (Boolean.FALSE.equals(answers)) {
            server.stop(0);
        }
        DesktopChecks.service(
                checks,
                scope(proxy),
                new Managed(Optional.ofNullable(state), runs, starts, "seen-by"),
                "start-it");
        assertIs(expected, says, remedy);
        assertThat(only().evidence()).isEqualTo("seen-by");
    }

    private void assertIs(State expected, String says, String remedy) {
        assertThat(only().state()).isEqualTo(expected);
        assertThat(only().says()).contains(says);
        assertThat(only().remedy()).contains(remedy);
        assertThat(only().remedy().isEmpty()).isEqualTo(remedy.isEmpty());
    }

    @ParameterizedTest
    @CsvSource({
        "true, true, OK, holds the root: the-store, ''",
        "true, false, BAD, told not to trust it, deployed by MDM",
        "true, , NOTE, cannot be told, as an administrator",
        "false, , BAD, the-store lacks the-root, the-remedy",
        "false, false, BAD, the-store lacks the-root, the-remedy",
        ", , NOTE, whether the-store holds and trusts the-root, as an administrator",
        ", false, NOTE, cannot be told, as an administrator",
    })
    void root(
            @Nullable Boolean held,
            @Nullable Boolean trusted,
            State expected,
            String says,
            String remedy) {
        DesktopChecks.root(
                checks,
                "the-store",
                "the-root",
                Optional.ofNullable(held),
                Optional.ofNullable(trusted),
                "the-remedy",
                "seen-by");
        assertIs(expected, says, remedy);
        assertThat(only().evidence()).isEqualTo("seen-by");
    }

    @ParameterizedTest
    @CsvSource({"true, true, OK", "true, false, BAD", "false, true, BAD", "false, false, BAD"})
    void pacIsOursWhenItNamesHostsAndOurPort(boolean hosts, boolean ours, State expected) {
        HostPort at = port().orElseThrow();
        pac =
                (hosts ? "{\"one.test\": 1, \"two.test\": 1}" : "{}")
                        + (ours ? "PROXY " + at : "PROXY 127.0.0.1:1");
        DesktopChecks.served(checks, scope(port()), "start-it");
        String url = "http://" + at + "/proxy.pac";
        boolean ok = expected == State.OK;
        assertIs(
                expected,
                ok ? url + " answers with 2 names" : url + " does not answer with our names",
                ok ? "" : "start-it");
        assertThat(only().evidence()).isEqualTo(url + ": " + (hosts ? 2 : 0) + " hosts");
    }

    @Test
    void nothingIsAskedWhereNoAddressIsKnown() {
        DesktopChecks.served(checks, scope(Optional.empty()), "start-it");
        assertThat(checks.all()).isEmpty();
        assertThat(DesktopChecks.url(scope(Optional.empty()))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|UNSET",
                "{'HomepageLocation':'x'}|UNSET",
                "{'ProxySettings':{'ProxyMode':'pac_script','ProxyPacUrl':'OURS'}}|OURS",
                "{'ProxySettings':{'ProxyMode':'direct','ProxyPacUrl':'OURS'}}|FOREIGN",
                "{'ProxySettings':{'ProxyMode':'pac_script','ProxyPacUrl':'x'}}|FOREIGN",
                "{'ProxySettings':{'ProxyMode':'pac_script','ProxyPacUrl':'OURS'},"
                        + "'ProxyMode':'pac_script','ProxyPacUrl':'OURS'}|OURS",
                "{'ProxySettings':{'ProxyMode':'pac_script','ProxyPacUrl':'OURS'},"
                        + "'ProxyPacUrl':'x'}|FOREIGN",
                "{'ProxySettings':{'ProxyMode':'pac_script','ProxyPacUrl':'OURS'},"
                        + "'ProxyServer':'x'}|FOREIGN",
                "{'ProxySettings':{'ProxyMode':'pac_script','ProxyPacUrl':'OURS'},"
                        + "'ProxyServerMode':0}|FOREIGN",
                "{'ProxySettings':{'ProxyMode':'pac_script','ProxyPacUrl':'OURS'},"
                        + "'ProxyMode':'direct'}|FOREIGN",
                "{'ProxyMode':'direct'}|FOREIGN",
            })
    void chromium(String policy, Route expected) {
        assertThat(DesktopChecks.chromium(json(policy), URL)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}|UNSET",
                "{'Locked':true}|UNSET",
                "{'Mode':'autoConfig','AutoConfigURL':'OURS'}|OURS",
                "{'Mode':'autoConfig','AutoConfigURL':'x'}|FOREIGN",
                "{'Mode':'manual','AutoConfigURL':'OURS'}|FOREIGN",
                "{'Mode':'none'}|FOREIGN",
                "{'AutoConfigURL':'x'}|FOREIGN",
            })
    void firefox(String policy, Route expected) {
        assertThat(DesktopChecks.firefox(json(policy), URL)).isEqualTo(expected);
    }

    private static tools.jackson.databind.JsonNode json(String policy) {
        return DesktopChecks.json(policy.replace('\'', '"').replace("OURS", URL));
    }
}
