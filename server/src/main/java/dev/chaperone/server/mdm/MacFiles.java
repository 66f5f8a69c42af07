// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.mdm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * For Jamf and Intune. What the PKG reads: installer/macos/README.md. Payload types: Apple, device
 * management ({@code com.apple.security.root}, {@code com.apple.servicemanagement}, {@code
 * com.apple.notificationsettings}); browsers read the preference domain of their own name.
 */
final class MacFiles {
    /** The launchd jobs that the PKG installs. */
    private static final List<String> JOBS = List.of("dev.chaperone.agent", "dev.chaperone.ui");

    /**
     * The interface's bundle identifier: it runs in the runtime's own {@code java}, whose embedded
     * property list names this one.
     */
    private static final String INTERFACE = "net.java.openjdk.java";

    private static final int TEMPORARY_BANNER = 1;

    private MacFiles() {}

    static List<KitFile> files(KitInput input) {
        List<KitFile> files = new ArrayList<>();
        files.add(
                KitFile.script(
                                "macos/jamf-install.sh",
                                Template.fill(
                                        "jamf-install.sh",
                                        Map.of("TOKEN", Quoting.sh(input.token().text()))))
                        .asSecret());
        files.add(
                KitFile.script(
                        "macos/jamf-extension-attribute.sh",
                        Template.fill("jamf-extension-attribute.sh", Map.of())));
        Intune intune = new Intune(input);
        for (Profile profile :
                List.of(roots(input), browsers(input), service(input), notifications(input))) {
            files.add(KitFile.text("macos/" + profile.fileName(), profile.xml()));
            if (!profile.name().equals("root")) { // Intune has a type of its own for these
                files.add(intune.profile("macos/intune/" + profile.name() + ".json", profile));
            }
        }
        files.addAll(intune.macosRoots("macos/intune/"));
        return files;
    }

    private static Profile profile(KitInput input, String name, String what) {
        return new Profile(name, input.title(what), input.token().pin());
    }

    private static Profile roots(KitInput input) {
        Profile profile = profile(input, "root", "root certificate");
        for (RootCertificate root : RootCertificate.of(input)) {
            Map<String, Object> content = new LinkedHashMap<>();
            content.put("PayloadCertificateFileName", root.fileName());
            content.put("PayloadContent", root.der());
            profile.with("com.apple.security.root", root.sha256(), root.subject(), content);
        }
        return profile;
    }

    private static Profile browsers(KitInput input) {
        String pac = input.pac().toString();
        Map<String, Object> chromium = new LinkedHashMap<>();
        chromium.put(
                "ProxySettings", // the same order each time
                new TreeMap<>(Map.of("ProxyMode", "pac_script", "ProxyPacUrl", pac)));
        chromium.put("QuicAllowed", false);
        Map<String, Object> proxy = new LinkedHashMap<>();
        proxy.put("Mode", "autoConfig");
        proxy.put("AutoConfigURL", pac);
        Map<String, Object> firefox = new LinkedHashMap<>();
        firefox.put("EnterprisePoliciesEnabled", true); // else Firefox on macOS reads none
        firefox.put("Proxy", proxy);
        firefox.put("Certificates", Map.of("ImportEnterpriseRoots", true));
        return profile(input, "browsers", "browsers")
                .with("com.google.Chrome", "chrome", "Chrome", chromium)
                .with("com.microsoft.Edge", "edge", "Edge", chromium)
                .with("org.mozilla.firefox", "firefox", "Firefox", firefox);
    }

    /** The service and the interface start without a question, and cannot be switched off. */
    private static Profile service(KitInput input) {
        List<Map<String, Object>> rules = new ArrayList<>();
        for (String job : JOBS) {
            Map<String, Object> rule = new LinkedHashMap<>();
            rule.put("RuleType", "Label");
            rule.put("RuleValue", job);
            rule.put("Comment", "Chaperone");
            rules.add(rule);
        }
        return profile(input, "service", "background items")
                .with(
                        "com.apple.servicemanagement",
                        "jobs",
                        "Background items",
                        Map.of("Rules", rules));
    }

    /**
     * Banners of what was redacted or blocked come without a question, and not to a locked screen.
     */
    private static Profile notifications(KitInput input) {
        Map<String, Object> setting = new LinkedHashMap<>();
        setting.put("BundleIdentifier", INTERFACE);
        setting.put("NotificationsEnabled", true);
        setting.put("AlertType", TEMPORARY_BANNER);
        setting.put("ShowInNotificationCenter", true);
        setting.put("ShowInLockScreen", false);
        setting.put("BadgesEnabled", false);
        setting.put("SoundsEnabled", false);
        setting.put("CriticalAlertEnabled", false);
        return profile(input, "notifications", "notifications")
                .with(
                        "com.apple.notificationsettings",
                        "interface",
                        "Notifications",
                        Map.of("NotificationSettings", List.of(setting)));
    }
}
