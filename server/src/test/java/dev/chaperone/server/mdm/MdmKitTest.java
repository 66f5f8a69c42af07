// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.mdm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Each file of a kit, read by a parser of its format, with hostile names in it. */
class MdmKitTest {
    private static final String NAMESPACE =
            "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions";
    private static final Pattern REFERENCE =
            Pattern.compile("\\$\\((string|presentation)\\.(\\w+)\\)");
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Map<String, KitFile> HOSTILE =
            Kits.files(Kits.input(Kits.HOSTILE, Kits.HOSTILE_PAC));

    private static Stream<KitFile> ending(String... endings) {
        return HOSTILE.values().stream()
                .filter(f -> Stream.of(endings).anyMatch(f.path()::endsWith));
    }

    private static Document xml(String text) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        return factory.newDocumentBuilder()
                .parse(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static String text(String path) {
        return Kits.text(Kits.file(HOSTILE, path));
    }

    @Test
    void kitHoldsWhatEachPlatformNeedsAndNothingElse() {
        assertThat(HOSTILE.keySet())
                .containsExactlyInAnyOrder(
                        "README.md",
                        "root.cer",
                        "root-2.cer",
                        "root.pem",
                        "windows/install.txt",
                        "windows/install.ps1",
                        "windows/detect.ps1",
                        "windows/root.ps1",
                        "windows/browsers.reg",
                        "windows/browsers-undo.reg",
                        "windows/admx/chaperone.admx",
                        "windows/admx/en-US/chaperone.adml",
                        "windows/admx/de-DE/chaperone.adml",
                        "windows/intune/root.json",
                        "windows/intune/root-2.json",
                        "windows/intune/chrome-firefox.json",
                        "windows/intune/edge.json",
                        "macos/chaperone-root.mobileconfig",
                        "macos/chaperone-browsers.mobileconfig",
                        "macos/chaperone-service.mobileconfig",
                        "macos/chaperone-notifications.mobileconfig",
                        "macos/intune/root.json",
                        "macos/intune/root-2.json",
                        "macos/intune/browsers.json",
                        "macos/intune/service.json",
                        "macos/intune/notifications.json",
                        "macos/jamf-install.sh",
                        "macos/jamf-extension-attribute.sh",
                        "linux/install.sh",
                        "linux/detect.sh");
        KitInput all = Kits.input(null, Kits.PAC);
        KitInput one =
                new KitInput(
                        all.token(),
                        1,
                        Duration.ofHours(1),
                        null,
                        Kits.PAC,
                        all.roots(),
                        EnumSet.of(Platform.linux));
        assertThat(Kits.files(one).keySet())
                .containsExactly(
                        "root.cer",
                        "root-2.cer",
                        "root.pem",
                        "linux/install.sh",
                        "linux/detect.sh",
                        "README.md");
    }

    @Test
    void tokenStandsInFilesOfTheOwnerAloneAndTheGuideNamesThem() {
        String token = Kits.TOKEN.text();
        for (KitFile file : HOSTILE.values()) {
            boolean holds =
                    Kits.text(file).contains(token)
                            || new String(file.content(), StandardCharsets.UTF_16LE)
                                    .contains(token);
            assertThat(file.isSecret()).as(file.path()).isEqualTo(holds);
            assertThat(file.mode().endsWith("------")).as(file.path()).isEqualTo(holds);
            assertThat(file.toString()).doesNotContain(token);
            if (holds) {
                assertThat(text("README.md")).contains("`" + file.path() + "`");
            }
        }
        assertThat(HOSTILE.values().stream().filter(KitFile::isSecret)).hasSize(4);
    }

    @Test
    void everyFileThatTheGuideNamesIsThere() {
        Matcher named =
                Pattern.compile("`?((?:windows|macos|linux)[/\\\\][\\w./\\\\-]*\\w)")
                        .matcher(text("README.md"));
        List<String> found = new ArrayList<>();
        while (named.find()) {
            String path = named.group(1).replace('\\', '/');
            found.add(path);
            assertThat(HOSTILE.keySet())
                    .as(path)
                    .anyMatch(f -> f.equals(path) || f.startsWith(path + "/"));
        }
        assertThat(found).hasSizeGreaterThan(15);
    }

    @Test
    void rootsAreDerAndPem() throws Exception {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        List<X509Certificate> roots = Kits.ROOTS;
        assertThat(Kits.file(HOSTILE, "root.cer").content()).isEqualTo(roots.get(0).getEncoded());
        assertThat(Kits.file(HOSTILE, "root-2.cer").content()).isEqualTo(roots.get(1).getEncoded());
        assertThat(
                        factory.generateCertificates(
                                new ByteArrayInputStream(Kits.file(HOSTILE, "root.pem").content())))
                .map(X509Certificate.class::cast)
                .containsExactlyElementsOf(roots);
    }

    static Stream<KitFile> profiles() {
        return ending(".mobileconfig");
    }

    /** The keys that Apple requires of each payload. */
    @ParameterizedTest
    @MethodSource("profiles")
    void profileHoldsWhatAppleRequires(KitFile file) throws Exception {
        JsonNode profile = plist(Kits.text(file));
        assertThat(profile.get("PayloadType").asString()).isEqualTo("Configuration");
        Set<String> uuids = new TreeSet<>();
        Set<String> identifiers = new TreeSet<>();
        List<JsonNode> all = new ArrayList<>(payloads(profile));
        assertThat(all).isNotEmpty();
        all.add(profile);
        for (JsonNode payload : all) {
            assertThat(payload.get("PayloadVersion").asInt()).isOne();
            assertThat(payload.get("PayloadType").asString()).isNotBlank();
            assertThat(payload.get("PayloadUUID").asString())
                    .matches("[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}");
            uuids.add(payload.get("PayloadUUID").asString());
            identifiers.add(payload.get("PayloadIdentifier").asString());
        }
        assertThat(uuids).hasSameSizeAs(all);
        assertThat(identifiers).hasSameSizeAs(all);
        assertThat(profile.get("PayloadDisplayName").asString())
                .contains("R&D <b>\"x\"</b> 'y' \u2019")
                .contains("日本");
    }

    @Test
    void profilesCarryTheRootsThePacAndTheJobs() throws Exception {
        List<JsonNode> roots = payloads(plist(text("macos/chaperone-root.mobileconfig")));
        assertThat(roots)
                .extracting(p -> p.get("PayloadType").asString())
                .containsOnly("com.apple.security.root");
        assertThat(roots.get(0).get("PayloadContent").binaryValue())
                .isEqualTo(Kits.ROOTS.get(0).getEncoded());
        List<JsonNode> browsers = payloads(plist(text("macos/chaperone-browsers.mobileconfig")));
        assertThat(browsers)
                .extracting(p -> p.get("PayloadType").asString())
                .containsExactly("com.google.Chrome", "com.microsoft.Edge", "org.mozilla.firefox");
        for (JsonNode chromium : browsers.subList(0, 2)) {
            assertThat(chromium.get("QuicAllowed").asBoolean()).isFalse();
            assertThat(chromium.at("/ProxySettings/ProxyMode").asString()).isEqualTo("pac_script");
            assertThat(chromium.at("/ProxySettings/ProxyPacUrl").asString())
                    .isEqualTo(Kits.HOSTILE_PAC.toString());
        }
        JsonNode firefox = browsers.get(2);
        assertThat(firefox.get("EnterprisePoliciesEnabled").asBoolean()).isTrue();
        assertThat(firefox.at("/Proxy/Mode").asString()).isEqualTo("autoConfig");
        assertThat(firefox.at("/Proxy/AutoConfigURL").asString())
                .isEqualTo(Kits.HOSTILE_PAC.toString());
        assertThat(firefox.at("/Certificates/ImportEnterpriseRoots").asBoolean()).isTrue();
        JsonNode jobs = payloads(plist(text("macos/chaperone-service.mobileconfig"))).getFirst();
        assertThat(jobs.get("PayloadType").asString()).isEqualTo("com.apple.servicemanagement");
        assertThat(jobs.get("Rules").valueStream())
                .extracting(r -> r.get("RuleType").asString() + " " + r.get("RuleValue").asString())
                .containsExactly("Label dev.chaperone.agent", "Label dev.chaperone.ui");
    }

    @Test
    void laterKitUpdatesWhatAnEarlierOneInstalled() throws Exception {
        Map<String, KitFile> other = Kits.files(Kits.input("sales", Kits.PAC));
        for (KitFile file : profiles().toList()) {
            assertThat(identities(Kits.text(Kits.file(other, file.path()))))
                    .isEqualTo(identities(Kits.text(file)));
        }
    }

    private static List<String> identities(String profile) throws Exception {
        JsonNode top = plist(profile);
        List<String> all = new ArrayList<>();
        for (JsonNode p : Stream.concat(Stream.of(top), payloads(top).stream()).toList()) {
            all.add(p.get("PayloadIdentifier").asString());
            all.add(p.get("PayloadUUID").asString());
        }
        return all;
    }

    @Test
    void templatesFollowTheSchemaAndEveryReferenceResolvesInEachLanguage() throws Exception {
        Document admx = xml(text("windows/admx/chaperone.admx"));
        assertThat(admx.getDocumentElement().getNamespaceURI()).isEqualTo(NAMESPACE);
        assertThat(children(admx.getDocumentElement()))
                .containsExactly(
                        "policyNamespaces", "resources", "supportedOn", "categories", "policies");
        List<Element> policies = elements(admx, "policy", e -> true);
        assertThat(policies).hasSize(3);
        for (Element policy : policies) {
            assertThat(policy.getAttribute("class")).isEqualTo("Machine");
            assertThat(children(policy))
                    .containsExactly(
                            "parentCategory", "supportedOn", "enabledList", "disabledList");
            assertThat(elements(policy.getElementsByTagNameNS(NAMESPACE, "item")))
                    .allSatisfy(i -> {
                        assertThat(i.getAttribute("key")).startsWith(policy.getAttribute("key"));
                        assertThat(children(i)).containsExactly("value");
                    });
        }
        assertThat(elements(admx, "parentCategory", e -> true))
                .allSatisfy(c ->
                        assertThat(
                                        elements(
                                                admx,
                                                "category",
                                                e ->
                                                        e.getAttribute("name")
                                                                .equals(c.getAttribute("ref"))))
                                .hasSize(1));
        Set<String> wanted = new TreeSet<>();
        Matcher m = REFERENCE.matcher(text("windows/admx/chaperone.admx"));
        while (m.find()) {
            wanted.add(m.group(1) + " " + m.group(2));
        }
        assertThat(wanted).hasSize(8);
        for (String language : Admx.LANGUAGES) {
            Document adml = xml(text("windows/admx/" + language + "/chaperone.adml"));
            assertThat(adml.getDocumentElement().getLocalName())
                    .isEqualTo("policyDefinitionResources");
            assertThat(adml.getDocumentElement().getNamespaceURI()).isEqualTo(NAMESPACE);
            Set<String> given = new TreeSet<>();
            elements(adml, "string", e -> true)
                    .forEach(e -> given.add("string " + e.getAttribute("id")));
            elements(adml, "presentation", e -> true)
                    .forEach(e -> given.add("presentation " + e.getAttribute("id")));
            assertThat(given).as(language).isEqualTo(wanted);
        }
    }

    @Test
    void templatesWriteWhatTheRegistryFileWrites() throws Exception {
        Document admx = xml(text("windows/admx/chaperone.admx"));
        Map<String, String> byPolicy = new TreeMap<>();
        for (Element list : elements(admx, "enabledList", e -> true)) {
            for (Element item : elements(list.getElementsByTagNameNS(NAMESPACE, "item"))) {
                Element value = elements(item.getElementsByTagNameNS(NAMESPACE, "*")).getLast();
                byPolicy.put(
                        item.getAttribute("key") + "\\" + item.getAttribute("valueName"),
                        value.getLocalName().equals("decimal")
                                ? "dword:%08x"
                                        .formatted(Integer.parseInt(value.getAttribute("value")))
                                : value.getTextContent());
            }
        }
        assertThat(byPolicy).hasSize(7).isEqualTo(registry("windows/browsers.reg"));
        String proxy = byPolicy.get("Software\\Policies\\Google\\Chrome\\ProxySettings");
        assertThat(JSON.readTree(proxy).get("ProxyPacUrl").asString())
                .isEqualTo(Kits.HOSTILE_PAC.toString());
        assertThat(registry("windows/browsers-undo.reg").keySet()).isEqualTo(byPolicy.keySet());
        assertThat(registry("windows/browsers-undo.reg").values()).containsOnly("-");
        // What the MSI sets; one that differs would be taken for the company's own.
        assertThat(
                        new String(
                                Kits.file(
                                                Kits.files(Kits.input(null, Kits.PAC)),
                                                "windows/browsers.reg")
                                        .content(),
                                StandardCharsets.UTF_16LE))
                .contains(
                        "{\\\"ProxyMode\\\":\\\"pac_script\\\",\\\"ProxyPacUrl\\\":\\\"http://127.0.0.1:8421/proxy.pac\\\"}");
    }

    /** As regedit reads it: value names with their key, strings without their escapes. */
    private static Map<String, String> registry(String path) {
        byte[] bytes = Kits.file(HOSTILE, path).content();
        assertThat(bytes[0]).isEqualTo((byte) 0xFF);
        assertThat(bytes[1]).isEqualTo((byte) 0xFE);
        String text = new String(bytes, 2, bytes.length - 2, StandardCharsets.UTF_16LE);
        assertThat(text)
                .startsWith("Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\")
                .endsWith("\r\n");
        assertThat(text.replace("\r\n", "")).doesNotContain("\n").doesNotContain("\r");
        Map<String, String> values = new TreeMap<>();
        String key = "";
        for (String line : text.split("\r\n")) {
            if (line.startsWith("[")) {
                key = line.substring("[HKEY_LOCAL_MACHINE\\".length(), line.length() - 1);
            }
            Matcher m =
                    Pattern.compile(
                                    "\"(\\w+)\"=(?:\"((?:[^\"\\\\]|\\\\[\"\\\\])*)\"|(dword:[0-9a-f]{8}|-))")
                            .matcher(line);
            if (m.matches()) {
                values.put(
                        key + "\\" + m.group(1),
                        m.group(2) == null ? m.group(3) : m.group(2).replaceAll("\\\\(.)", "$1"));
            } else {
                assertThat(line).matches("\\[.*]||Windows Registry.*");
            }
        }
        return values;
    }

    @Test
    void intuneFilesAreGraphResources() throws Exception {
        List<KitFile> files = ending(".json").toList();
        assertThat(files).hasSize(9);
        for (KitFile file : files) {
            JsonNode all = JSON.readTree(file.content());
            assertThat(all.get("@odata.type").asString())
                    .as(file.path())
                    .startsWith("#microsoft.graph.");
            assertThat(all.get("displayName").asString()).contains(Kits.HOSTILE);
        }
        JsonNode root = JSON.readTree(text("windows/intune/root-2.json"));
        assertThat(Base64.getDecoder().decode(root.get("trustedRootCertificate").asString()))
                .isEqualTo(Kits.ROOTS.get(1).getEncoded());
        assertThat(root.get("destinationStore").asString()).isEqualTo("computerCertStoreRoot");
        JsonNode profile = JSON.readTree(text("macos/intune/browsers.json"));
        assertThat(Base64.getDecoder().decode(profile.get("payload").asString()))
                .isEqualTo(Kits.file(HOSTILE, "macos/chaperone-browsers.mobileconfig").content());
    }

    @Test
    void intunePoliciesNameWhatTheirTemplateDefines() throws Exception {
        for (String path :
                List.of("windows/intune/chrome-firefox.json", "windows/intune/edge.json")) {
            JsonNode settings = JSON.readTree(text(path)).get("omaSettings");
            JsonNode ingested = settings.get(0);
            Matcher place =
                    Pattern.compile(
                                    "\\./Device/Vendor/MSFT/Policy/ConfigOperations/ADMXInstall/(\\w+)/Policy/\\w+")
                            .matcher(ingested.get("omaUri").asString());
            assertThat(place.matches()).isTrue();
            Document admx = xml(ingested.get("value").asString());
            Set<String> set = new TreeSet<>();
            for (int i = 1; i < settings.size(); i++) {
                assertThat(settings.get(i).get("@odata.type").asString())
                        .isEqualTo("#microsoft.graph.omaSettingString");
                assertThat(settings.get(i).get("value").asString()).isEqualTo("<enabled/>");
                set.add(settings.get(i).get("omaUri").asString());
            }
            Set<String> defined = new TreeSet<>();
            String category = elements(admx, "category", e -> true).getFirst().getAttribute("name");
            elements(admx, "policy", e -> true)
                    .forEach(p ->
                            defined.add(
                                    "./Device/Vendor/MSFT/Policy/Config/%s~Policy~%s/%s"
                                            .formatted(
                                                    place.group(1),
                                                    category,
                                                    p.getAttribute("name"))));
            assertThat(set).isNotEmpty().isEqualTo(defined);
        }
    }

    /**
     * The kit's own claims about PowerShell, by its lexical rules: every string ends, no braces are
     * left.
     */
    @Test
    void powerShellHoldsHostileTextInsideItsStrings() {
        for (KitFile file : ending(".ps1").toList()) {
            String text = Kits.text(file);
            assertThat(text).startsWith("\uFEFF#");
            String bare =
                    text.replaceAll("(?m)^\uFEFF?#.*$", "")
                            .replaceAll("'(?:[^'\u2018-\u201B]|['\u2018-\u201B]{2})*'", "''")
                            .replaceAll("\"[^\"\r\n]*\"", "\"\"");
            assertThat(bare)
                    .as(file.path())
                    .doesNotContain("touch", "pwned", "\u2019")
                    .matches("(?s)[\\x00-\\x7f]*");
            for (String pair : List.of("()", "{}", "[]")) {
                assertThat(bare.chars().filter(c -> c == pair.charAt(0)).count())
                        .as(file.path() + " " + pair)
                        .isEqualTo(bare.chars().filter(c -> c == pair.charAt(1)).count());
            }
        }
    }

    @Test
    void installCommandHoldsOnlyPlainCharacters() {
        assertThat(text("windows/install.txt"))
                .matches("[A-Za-z0-9 ./:=_-]+\r\n")
                .contains("SERVER_URL=https://chaperone.example:8443 ENROLLMENT_TOKEN=chp1.");
    }

    private static List<String> children(Element of) {
        List<String> names = new ArrayList<>();
        for (var n = of.getFirstChild(); n != null; n = n.getNextSibling()) {
            if (n instanceof Element e) {
                names.add(e.getLocalName());
            }
        }
        return names;
    }

    private static List<Element> elements(NodeList list) {
        List<Element> all = new ArrayList<>();
        for (int i = 0; i < list.getLength(); i++) {
            all.add((Element) list.item(i));
        }
        return all;
    }

    private static List<Element> elements(Document of, String name, Predicate<Element> which) {
        return elements(of.getElementsByTagNameNS(NAMESPACE, name)).stream().filter(which).toList();
    }

    private static JsonNode plist(String text) throws Exception {
        return PlistReader.read(xml(text));
    }

    private static List<JsonNode> payloads(JsonNode profile) {
        return profile.get("PayloadContent").valueStream().toList();
    }
}
