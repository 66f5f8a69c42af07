// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.mdm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xml.sax.InputSource;
import org.xml.sax.SAXParseException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Each file against what its reader documents: a name that the format does not know is an error,
 * since Intune and Windows refuse it and macOS ignores it. Sources: Microsoft Graph beta, resource
 * types named here; Microsoft, "ADMX schema" (PolicyDefinitionFiles.xsd by our own hand, as far as
 * the kit goes); Apple, device management, {@code com.apple.notificationsettings}.
 */
class KitFormatsTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Map<String, KitFile> HOSTILE =
            Kits.files(Kits.input(Kits.HOSTILE, Kits.HOSTILE_PAC));

    /** Of {@code deviceConfiguration}, that a creator may give. */
    private static final Set<String> DEVICE_CONFIGURATION =
            Set.of("@odata.type", "displayName", "description", "roleScopeTagIds");

    /** Each type's own, all of which it needs here. */
    private static final Map<String, Set<String>> GRAPH =
            Map.of(
                    "#microsoft.graph.windows81TrustedRootCertificate",
                    Set.of("trustedRootCertificate", "certFileName", "destinationStore"),
                    "#microsoft.graph.macOSTrustedRootCertificate",
                    Set.of("trustedRootCertificate", "certFileName", "deploymentChannel"),
                    "#microsoft.graph.macOSCustomConfiguration",
                    Set.of("payloadName", "payloadFileName", "payload", "deploymentChannel"),
                    "#microsoft.graph.windows10CustomConfiguration",
                    Set.of("omaSettings"));

    private static final Set<String> OMA =
            Set.of("@odata.type", "displayName", "description", "omaUri", "value");

    /** All that Apple documents for macOS, with the type of its value. */
    private static final Map<String, String> NOTIFICATION =
            Map.of(
                    "BundleIdentifier", "STRING",
                    "NotificationsEnabled", "BOOLEAN",
                    "ShowInNotificationCenter", "BOOLEAN",
                    "ShowInLockScreen", "BOOLEAN",
                    "AlertType", "NUMBER",
                    "BadgesEnabled", "BOOLEAN",
                    "SoundsEnabled", "BOOLEAN",
                    "CriticalAlertEnabled", "BOOLEAN");

    /** What the scripts may call: Windows PowerShell 5.1's own. */
    private static final Set<String> CMDLETS =
            Set.of(
                    "ConvertFrom-Json",
                    "ForEach-Object",
                    "Get-ItemProperty",
                    "Join-Path",
                    "New-Object",
                    "Out-String",
                    "Start-Process",
                    "Test-Path",
                    "Where-Object",
                    "Write-Output");

    private static final Pattern CMDLET = Pattern.compile("(?<![\\w$.:-])[A-Z][a-z]+-[A-Z]\\w+");

    private static Stream<KitFile> ending(String ending) {
        return HOSTILE.values().stream().filter(f -> f.path().endsWith(ending));
    }

    static Stream<KitFile> graph() {
        return ending(".json");
    }

    @ParameterizedTest
    @MethodSource("graph")
    void intuneFileHoldsTheDocumentedPropertiesOfItsTypeAlone(KitFile file) {
        assertGraph(JSON.readTree(file.content()));
    }

    private static void assertGraph(JsonNode resource) {
        String type = resource.path("@odata.type").asString();
        assertThat(GRAPH).containsKey(type);
        Set<String> names = new TreeSet<>(resource.propertyNames());
        assertThat(names).containsAll(GRAPH.get(type)).contains("displayName");
        names.removeAll(GRAPH.get(type));
        names.removeAll(DEVICE_CONFIGURATION);
        assertThat(names).as("unknown to " + type).isEmpty();
        for (JsonNode setting : resource.path("omaSettings")) {
            assertThat(OMA).containsAll(setting.propertyNames());
            assertThat(setting.path("@odata.type").asString())
                    .isEqualTo("#microsoft.graph.omaSettingString");
            assertThat(setting.path("omaUri").asString())
                    .matches("\\./Device/Vendor/MSFT/Policy/\\S+");
        }
        if (resource.has("deploymentChannel")) {
            assertThat(resource.get("deploymentChannel").asString())
                    .isIn("deviceChannel", "userChannel");
        }
    }

    @Test
    void misspeltPropertyIsFound() {
        String text = Kits.text(Kits.file(HOSTILE, "windows/intune/root.json"));
        JsonNode misspelt = JSON.readTree(text.replace("certFileName", "certificateFileName"));
        assertThatThrownBy(() -> assertGraph(misspelt)).isInstanceOf(AssertionError.class);
    }

    @Test
    void notificationProfileHoldsAppleSKeysAlone() throws Exception {
        JsonNode profile =
                PlistReader.read(
                        parse(
                                Kits.text(
                                        Kits.file(
                                                HOSTILE,
                                                "macos/chaperone-notifications.mobileconfig"))));
        JsonNode payload = profile.get("PayloadContent").get(0);
        assertThat(payload.get("PayloadType").asString())
                .isEqualTo("com.apple.notificationsettings");
        JsonNode settings = payload.get("NotificationSettings");
        assertThat(settings.size()).isOne();
        for (Map.Entry<String, JsonNode> one : settings.get(0).properties()) {
            assertThat(NOTIFICATION).containsKey(one.getKey());
            assertThat(one.getValue().getNodeType().name())
                    .as(one.getKey())
                    .isEqualTo(NOTIFICATION.get(one.getKey()));
        }
        assertThat(settings.get(0).get("BundleIdentifier").asString())
                .isEqualTo("net.java.openjdk.java");
        assertThat(settings.get(0).get("AlertType").asInt()).isBetween(0, 2);
        assertThat(settings.get(0).get("ShowInLockScreen").asBoolean()).isFalse();
    }

    private static org.w3c.dom.Document parse(String text) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(text)));
    }

    private static Schema schema() throws Exception {
        SchemaFactory factory = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI);
        return factory.newSchema(KitFormatsTest.class.getResource("admx-subset.xsd"));
    }

    private static void validate(String xml) throws Exception {
        schema().newValidator().validate(new StreamSource(new StringReader(xml)));
    }

    @Test
    void templatesAndTheirIngestedCopiesFollowTheSchema() throws Exception {
        List<KitFile> files = Stream.concat(ending(".admx"), ending(".adml")).toList();
        assertThat(files).hasSize(3);
        for (KitFile file : files) {
            validate(Kits.text(file));
        }
        int ingested = 0;
        for (KitFile file : graph().toList()) {
            for (JsonNode setting : JSON.readTree(file.content()).path("omaSettings")) {
                if (setting.path("omaUri").asString().contains("/ADMXInstall/")) {
                    validate(setting.path("value").asString());
                    ingested++;
                }
            }
        }
        assertThat(ingested).isEqualTo(2);
    }

    @Test
    void schemaRefusesAnUnknownElementOrderAndAttribute() {
        String admx = Kits.text(Kits.file(HOSTILE, "windows/admx/chaperone.admx"));
        for (String broken :
                List.of(
                        admx.replace("disabledList>", "disabled>"),
                        admx.replace(" key=\"", " regkey=\""),
                        admx.replace("class=\"Machine\"", "class=\"Computer\""))) {
            assertThat(broken).isNotEqualTo(admx);
            assertThatThrownBy(() -> validate(broken)).isInstanceOf(SAXParseException.class);
        }
    }

    static Stream<KitFile> powerShell() {
        return ending(".ps1");
    }

    /** No parser of PowerShell runs here: what its lexical rules and the list of cmdlets tell. */
    @ParameterizedTest
    @MethodSource("powerShell")
    void scriptCallsKnownCmdletsAndHoldsNoPlaceholderAndNoOpenHereString(KitFile file) {
        String text = Kits.text(file);
        String bare =
                text.replaceAll("(?m)^\uFEFF?#.*$", "")
                        .replaceAll("'(?:[^'\u2018-\u201B]|['\u2018-\u201B]{2})*'", "''")
                        .replaceAll("\"[^\"\r\n]*\"", "\"\"");
        assertThat(bare).doesNotContainPattern("@[A-Z]+@").doesNotContain("'@", "@'", "@\"");
        Set<String> used = new TreeSet<>();
        Matcher m = CMDLET.matcher(bare);
        while (m.find()) {
            used.add(m.group());
        }
        assertThat(used).isNotEmpty();
        assertThat(CMDLETS).containsAll(used);
    }
}
