// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import dev.chaperone.installer.linux.ChromiumPolicies;
import dev.chaperone.installer.linux.DconfProxy;
import dev.chaperone.installer.linux.FirefoxPolicies;
import dev.chaperone.installer.linux.ProxyChain;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * A company's proxy settings in a folder that stands for a machine, a PAC server on loopback, and
 * every step that sets a proxy. What a PAC file answers is asked of node; without it, that part is
 * skipped.
 */
final class ProxyChainTest {
    private static final String OURS = "http://127.0.0.1:8421/proxy.pac";
    private static final MachineSettings SETTINGS = new MachineSettings(List.of(), OURS);
    private static final String FIREFOX = "/etc/firefox/policies/policies.json";
    private static final String CHROMIUM = "/etc/chromium/policies/managed/company.json";
    private static final String THEIRS =
            """
            function FindProxyForURL(url, host) {
              return host == "intranet.test" ? "DIRECT" : "PROXY pac.test:3128";
            }
            """;

    /** Node keeps the brackets of an IPv6 address; browsers give the host without. */
    private static final String ASK =
            """
            for (const url of process.argv.slice(2))
              console.log(FindProxyForURL(url, new URL(url).hostname.replace(/^\\[|\\]$/g, '')));
            """;

    private static final String PROXY = "PROXY proxy.test:3128; DIRECT";

    @TempDir Path root;
    private Machine machine = new Machine(Path.of("/nonexistent"), new FakeCommands());
    private Path ledger = Path.of("");
    private Map<String, String> before = Map.of();

    @SuppressWarnings("NullAway.Init") // before each
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        machine = new Machine(root.resolve("machine"), new FakeCommands("dconf"));
        ledger = root.resolve("ledger");
        Files.createDirectories(machine.path("/etc"));
        server = listening(0);
    }

    private static HttpServer listening(int port) throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext(
                "/company.pac",
                exchange -> {
                    byte[] body = THEIRS.getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        server.start();
        return server;
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private String pac() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/company.pac";
    }

    private MachineSetup setup() {
        return new MachineSetup(
                machine,
                ledger,
                List.of(
                        new ProxyChain(),
                        new FirefoxPolicies(),
                        new ChromiumPolicies(),
                        new DconfProxy()));
    }

    /** A file of the company, in bytes that no formatter of ours would write. */
    private void theirs(String path, String text) throws IOException {
        Path file = machine.path(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        before = files();
    }

    private Map<String, String> files() throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (var paths = Files.walk(machine.root())) {
            for (Path path : paths.toList()) {
                String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
                all.put(
                        machine.root().relativize(path).toString(),
                        Files.isDirectory(path)
                                ? mode
                                : mode + Files.readString(path, StandardCharsets.ISO_8859_1));
            }
        }
        return all;
    }

    private MachineSetup.Outcome install() throws IOException {
        List<MachineSetup.Outcome> outcomes = setup().install(SETTINGS);
        assertThat(outcomes.subList(1, outcomes.size())).allMatch(MachineSetup.Outcome::done);
        return outcomes.getFirst();
    }

    private String chained() throws IOException {
        return Files.readString(machine.path(ProxyChain.CHAINED));
    }

    private void assertUndone() throws IOException {
        assertThat(setup().uninstall()).isEmpty();
        assertThat(files()).isEqualTo(before);
        assertThat(ledger).doesNotExist();
    }

    /** Installs, repairs to no effect and takes back; what was chained in between. */
    private String chainedBetween(String source) throws IOException {
        MachineSetup.Outcome outcome = install();
        assertThat(outcome.done()).as(outcome.detail()).isTrue();
        assertThat(outcome.detail()).startsWith(source + " is asked about every host");
        String text = chained();
        Map<String, String> installed = files();
        assertThat(install().done()).isTrue();
        assertThat(files()).as("after a repair").isEqualTo(installed);
        assertUndone();
        return text;
    }

    /** What a PAC file answers for each address. */
    private List<String> answers(String pac, String... urls) throws IOException {
        SystemCommands system = new SystemCommands();
        assumeTrue(system.installed("node"), "node is not installed");
        // As an argument it could be too long.
        Path script = Files.writeString(root.resolve("script.js"), pac + "\n" + ASK);
        List<String> command = new ArrayList<>(List.of("node", script.toString()));
        command.addAll(List.of(urls));
        Commands.Ended said = system.run(command);
        assertThat(said.ok()).as(said.output()).isTrue();
        return said.output().lines().toList();
    }

    private void assertAnswersAsTheirs(String pac) throws IOException {
        assertThat(pac).isEqualTo(THEIRS);
        assertThat(answers(pac, "https://intranet.test/", "https://other.test/"))
                .containsExactly("DIRECT", "PROXY pac.test:3128");
    }

    private void assertSends(String pac, String http, String https) throws IOException {
        assertThat(answers(pac, "http://other.test/", "https://other.test/"))
                .containsExactly(http, https);
    }

    @Test
    void firefoxPacFile() throws IOException {
        theirs(
                FIREFOX,
                "{\"policies\" : {\"Proxy\":{ \"Mode\":\"autoConfig\",\"AutoConfigURL\":\"%s\"}}}"
                        .formatted(pac()));
        assertAnswersAsTheirs(chainedBetween(FIREFOX));
    }

    @Test
    void firefoxFixedProxies() throws IOException {
        theirs(
                FIREFOX,
                """
                {"policies": {"Proxy": {"Mode": "manual", "HTTPProxy": "plain.test:3128",
                  "SSLProxy": "tls.test:3129", "AutoConfigURL": "http://left.over.test/"}}}\
                """);
        assertSends(
                chainedBetween(FIREFOX),
                "PROXY plain.test:3128; DIRECT",
                "PROXY tls.test:3129; DIRECT");
    }

    @Test
    void firefoxFixedProxyForBoth() throws IOException {
        theirs(
                FIREFOX,
                "{\"policies\":{\"Proxy\":{\"Mode\":\"manual\",\"HTTPProxy\":\"one.test:3128\"}}}");
        assertSends(
                chainedBetween(FIREFOX),
                "PROXY one.test:3128; DIRECT",
                "PROXY one.test:3128; DIRECT");
    }

    @Test
    void chromiumFixedProxy() throws IOException {
        theirs(
                CHROMIUM,
                "{\"ProxyMode\" : \"fixed_servers\",\"ProxyServer\":\"http://fixed.test:8080\"}\n\n");
        assertThat(install().done()).isTrue();
        assertThat(Files.readString(machine.path(CHROMIUM))).contains("pac_script", OURS);
        assertSends(
                chainedBetween(CHROMIUM),
                "PROXY fixed.test:8080; DIRECT",
                "PROXY fixed.test:8080; DIRECT");
    }

    private static String fixedInChromium(String bypass) {
        return JsonMapper.builder()
                .build()
                .writeValueAsString(
                        Map.of(
                                "ProxySettings",
                                Map.of(
                                        "ProxyMode",
                                        "fixed_servers",
                                        "ProxyServer",
                                        "proxy.test:3128",
                                        "ProxyBypassList",
                                        bypass)));
    }

    private static String fixedInFirefox(String passthrough) {
        return """
        {"policies": {"Proxy": {"Mode": "manual", "HTTPProxy": "proxy.test:3128",
          "Passthrough": "%s"}}}\
        """
                .formatted(passthrough);
    }

    private static String fixedInGnome(String more) {
        return "[system/proxy]\nmode='manual'\n%s[system/proxy/http]\nhost='proxy.test'\nport=3128\n"
                .formatted(more);
    }

    @Test
    void chromiumBypassList() throws IOException {
        theirs(
                CHROMIUM,
                fixedInChromium(
                        "<local>;.corp.test, https://*.shop.test:8443, 10.0.0.0/8, 192.168.*"));
        assertThat(
                        answers(
                                chainedBetween(CHROMIUM),
                                "http://intranet/",
                                "https://wiki.corp.test/",
                                "https://a.shop.test:8443/",
                                "http://10.9.8.7/",
                                "http://[::ffff:10.9.8.7]/",
                                "http://192.168.1.1/",
                                "http://localhost/"))
                .containsOnly("DIRECT");
        assertThat(
                        answers(
                                chainedBetween(CHROMIUM),
                                "https://corp.test/",
                                "https://a.shop.test/",
                                "http://a.shop.test:8443/",
                                "http://11.9.8.7/",
                                "https://xcorp.test/"))
                .containsOnly(PROXY);
    }

    @Test
    void chromiumBypassListOfTheSinglePolicies() throws IOException {
        theirs(
                CHROMIUM,
                "{\"ProxyMode\":\"fixed_servers\",\"ProxyServer\":\"proxy.test:3128\",\"ProxyBypassList\":\"intranet.test\"}");
        assertThat(
                        answers(
                                chainedBetween(CHROMIUM),
                                "https://intranet.test/",
                                "https://a.intranet.test/"))
                .containsExactly("DIRECT", PROXY);
    }

    @Test
    void chromiumSaysThatTheMachineItselfStaysDirect() throws IOException {
        theirs(CHROMIUM, fixedInChromium("<-loopback>;*.localhost"));
        assertThat(install().detail()).contains("<-loopback> is not for Chromium");
        assertThat(answers(chained(), "http://localhost/", "http://a.localhost/"))
                .containsExactly(PROXY, "DIRECT");
    }

    @Test
    void firefoxPassthrough() throws IOException {
        theirs(
                FIREFOX,
                fixedInFirefox("corp.test, .inner.test *.star.test, [fd00::]/8:8080,10.0.0.0/8"));
        String pac = chainedBetween(FIREFOX);
        assertThat(
                        answers(
                                pac,
                                "https://corp.test/",
                                "https://a.corp.test/",
                                "https://a.inner.test/",
                                "https://a.star.test/",
                                "http://[fd12::1]:8080/",
                                "http://10.1.2.3/"))
                .containsOnly("DIRECT");
        assertThat(
                        answers(
                                pac,
                                "https://xcorp.test/",
                                "https://inner.test/",
                                "https://star.test/",
                                "http://[fd12::1]/",
                                "http://10.evil.test/"))
                .containsOnly(PROXY);
    }

    @Test
    void dconfIgnoredHosts() throws IOException {
        String file = "/etc/dconf/db/site.d/proxy";
        theirs(
                file,
                fixedInGnome(
                        "ignore-hosts=@as ['*.corp.test', \"10.0.0.0/8\", 'a\\u002etest:8443']\n"));
        String pac = chainedBetween(file);
        assertThat(
                        answers(
                                pac,
                                "https://corp.test/",
                                "https://a.corp.test/",
                                "http://10.1.2.3/",
                                "https://a.test:8443/"))
                .containsOnly("DIRECT");
        assertThat(answers(pac, "https://xcorp.test/", "https://a.test/", "http://localhost/"))
                .containsOnly(PROXY);
    }

    @Test
    void dconfIgnoresTheMachineItselfWhereNothingIsSet() throws IOException {
        String file = "/etc/dconf/db/site.d/proxy";
        theirs(file, fixedInGnome(""));
        assertThat(
                        answers(
                                chainedBetween(file),
                                "http://localhost/",
                                "http://127.1.1.1/",
                                "http://[::1]/",
                                "http://intranet/"))
                .containsExactly("DIRECT", "DIRECT", "DIRECT", PROXY);
    }

    @Test
    void dconfValueThatIsNoListIsNamed() throws IOException {
        theirs("/etc/dconf/db/site.d/proxy", fixedInGnome("ignore-hosts=['corp.test', 7]\n"));
        assertThat(install().detail()).contains("1 left out", "'['corp.test',?7]'");
        assertThat(answers(chained(), "https://corp.test/")).containsExactly(PROXY);
    }

    @Test
    void hostileEntriesAreDataOrLeftOutWithAWord() throws IOException {
        String hostile =
                "\"; throw 1; //, \\', 7); throw 2; (', </script>, *\"*, b\u2028ad.test,"
                        + " two\nlines, __proto__, constructor, "
                        + "x".repeat(5000)
                        + ", *a*a*a*a*a*a*a*a*a*a*a*a*b, intranet.test";
        theirs(CHROMIUM, fixedInChromium(hostile));
        MachineSetup.Outcome outcome = install();
        assertThat(outcome.done()).isTrue();
        assertThat(outcome.detail())
                .contains("left out that match no host or cannot be read: ", "…")
                .hasSizeLessThan(500)
                .doesNotContain("\n", "\u2028");
        String pac = chained();
        assertThat(pac).isASCII().doesNotContain("</script>");
        assertThat(
                        answers(
                                pac,
                                "https://intranet.test/",
                                "https://constructor/",
                                "https://hasownproperty/",
                                "https://" + "a".repeat(63) + "." + "a".repeat(63) + ".test/"))
                .containsExactly("DIRECT", "DIRECT", PROXY, PROXY);
    }

    /** In the agent's PAC file, among its names. */
    @Test
    void namesOfTheScriptMeetNoOthers() throws IOException {
        theirs(CHROMIUM, fixedInChromium("intranet.test"));
        String own =
                """
                var exact = {"ai.test": 1};
                var suffixes = {".ai.test": 1};
                var other = (function() {
                %s
                return FindProxyForURL; })();
                function FindProxyForURL(url, host) {
                  return exact[host] === 1 ? "OURS" : other(url, host);
                }
                var bypassed = ruled = prefix = local = before = after = "of somebody else";
                """
                        .formatted(chainedBetween(CHROMIUM));
        assertThat(answers(own, "https://ai.test/", "https://intranet.test/", "https://a.test/"))
                .containsExactly("OURS", "DIRECT", PROXY);
    }

    private static String many(int count) {
        return IntStream.range(0, count)
                .mapToObj("host%d.department.corp.test"::formatted)
                .collect(Collectors.joining(","));
    }

    @Test
    void tenThousandEntriesAreKept() throws IOException {
        theirs(FIREFOX, fixedInFirefox(many(10_000)));
        String pac = chainedBetween(FIREFOX);
        assertThat(pac.length()).isLessThan(1 << 19);
        assertThat(
                        answers(
                                pac,
                                "https://host0.department.corp.test/",
                                "https://www.host9999.department.corp.test/",
                                "https://host10000.department.corp.test/"))
                .containsExactly("DIRECT", "DIRECT", PROXY);
    }

    /** A PAC file over 1 MiB is none to Chromium, and ours holds this one. */
    @Test
    void listThatIsTooLongIsCutAndSaid() throws IOException {
        theirs(FIREFOX, fixedInFirefox(many(40_000)));
        MachineSetup.Outcome outcome = install();
        assertThat(outcome.done()).isFalse();
        assertThat(outcome.detail())
                .contains(FIREFOX + " is asked", "do not fit into a PAC file", "machine repair");
        String pac = chained();
        assertThat(pac.length()).isLessThan((1 << 19) + (1 << 13));
        assertThat(answers(pac, "https://host0.department.corp.test/")).containsExactly("DIRECT");
        assertUndone();
    }

    @Test
    void dconfPacFile() throws IOException {
        String file = "/etc/dconf/db/local.d/00-company";
        theirs(file, "[system/proxy]\nmode = 'auto'\nautoconfig-url = \"%s\"\n".formatted(pac()));
        assertAnswersAsTheirs(chainedBetween(file));
    }

    @Test
    void dconfFixedProxies() throws IOException {
        theirs(
                "/etc/dconf/db/local.d/00-old",
                "[system/proxy]\nmode='auto'\nautoconfig-url='http://left.over.test/'\n");
        theirs(
                "/etc/dconf/db/local.d/10-hosts",
                """
                [system/proxy/https]
                host='tls.test'
                port=uint32 3129

                [system/proxy/http]
                host='plain.test'
                port=3128
                """);
        theirs("/etc/dconf/db/local.d/20-mode", "[system/proxy]\nmode='manual'\n");
        assertSends(
                chainedBetween("/etc/dconf/db/local.d/20-mode"),
                "PROXY plain.test:3128; DIRECT",
                "PROXY tls.test:3129; DIRECT");
    }

    @Test
    void dconfFixedProxyForOneKindOnly() throws IOException {
        String file = "/etc/dconf/db/site.d/proxy";
        theirs(
                file,
                """
                [system/proxy]
                mode='manual'
                [system/proxy/http]
                host=''
                port=0
                [system/proxy/https]
                host='tls.test'
                port=3129
                """);
        assertSends(chainedBetween(file), "DIRECT", "PROXY tls.test:3129; DIRECT");
    }

    @Test
    void dconfThatSwitchesProxiesOffIsNone() throws IOException {
        theirs(
                "/etc/dconf/db/local.d/proxy",
                "[system/proxy]\nmode='none'\nautoconfig-url='%s'\n".formatted(pac()));
        assertThat(install().detail()).isEqualTo("no proxy of somebody else");
        assertThat(machine.path(ProxyChain.CHAINED)).doesNotExist();
        assertUndone();
    }

    @Test
    void pacFileThatNeverAnsweredIsSaidAndItsSettingLeftAlone() throws IOException {
        theirs(CHROMIUM, "{\"ProxySettings\":{\"ProxyPacUrl\":\"%s\"}}".formatted(pac()));
        String policy = Files.readString(machine.path(CHROMIUM));
        int port = server.getAddress().getPort();
        server.stop(0);
        MachineSetup.Outcome outcome = install();
        assertThat(outcome.done()).isFalse();
        assertThat(outcome.detail())
                .doesNotContain("\n")
                .contains("/company.pac of " + CHROMIUM + " cannot be fetched", "machine repair");
        assertThat(Files.readString(machine.path(CHROMIUM))).isEqualTo(policy);
        assertThat(machine.path(ProxyChain.CHAINED)).doesNotExist();
        server = listening(port);
        String text = chainedBetween(CHROMIUM);
        assertAnswersAsTheirs(text);
    }

    @Test
    void pacFileThatAnswersNoLongerIsTheLastKnown() throws IOException {
        theirs(CHROMIUM, "{\"ProxySettings\":{\"ProxyPacUrl\":\"%s\"}}".formatted(pac()));
        assertThat(install().done()).isTrue();
        Map<String, String> installed = files();
        server.stop(0);
        MachineSetup.Outcome later = install();
        assertThat(later.done()).isTrue();
        assertThat(later.detail()).contains("the last known of http://127.0.0.1:");
        assertThat(files()).isEqualTo(installed);
        String text = chained();
        assertUndone();
        assertAnswersAsTheirs(text);
    }

    @Test
    void pacFileOfOursIsNotChainedToItself() throws IOException {
        theirs(
                CHROMIUM,
                "{ \"ProxyMode\":\"pac_script\", \"ProxyPacUrl\":\"%s\" }".formatted(OURS));
        theirs(FIREFOX, "{\"policies\":{\"Proxy\":{\"AutoConfigURL\":\"%s\"}}}".formatted(OURS));
        theirs(
                "/etc/dconf/db/local.d/proxy",
                "[system/proxy]\nmode='auto'\nautoconfig-url='%s'\n".formatted(OURS));
        assertThat(install().detail()).isEqualTo("no proxy of somebody else");
        assertThat(machine.path(ProxyChain.CHAINED)).doesNotExist();
        assertUndone();
    }
}
