// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.mdm;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** For Intune and Group Policy. What the MSI reads: installer/windows/README.md. */
final class WindowsFiles {
    private WindowsFiles() {}

    static List<KitFile> files(KitInput input) {
        List<KitFile> files = new ArrayList<>();
        files.add(KitFile.text("windows/install.txt", command(input)).asSecret());
        files.add(
                powerShell(
                                "windows/install.ps1",
                                "install.ps1",
                                Map.of(
                                        "GROUP", Quoting.powerShell(groupOf(input)),
                                        "SERVER", Quoting.powerShell(server(input)),
                                        "TOKEN", Quoting.powerShell(input.token().text())))
                        .asSecret());
        files.add(powerShell("windows/detect.ps1", "detect.ps1", Map.of()));
        files.add(powerShell("windows/root.ps1", "root.ps1", Map.of("ROOTS", roots(input))));
        List<BrowserPolicy> policies = BrowserPolicy.all(input.pac());
        files.add(registry("windows/browsers.reg", policies, false));
        files.add(registry("windows/browsers-undo.reg", policies, true));
        files.add(KitFile.text("windows/admx/chaperone.admx", Admx.definitions(policies)));
        for (String language : Admx.LANGUAGES) {
            files.add(
                    KitFile.text(
                            "windows/admx/" + language + "/chaperone.adml",
                            Admx.resources(language)));
        }
        Intune intune = new Intune(input);
        files.addAll(intune.windowsRoots("windows/intune/"));
        files.add(
                intune.policies(
                        "windows/intune/chrome-firefox.json",
                        "Chaperone",
                        List.of(
                                BrowserPolicy.chrome(input.pac()),
                                BrowserPolicy.firefox(input.pac()))));
        files.add(
                intune.policies(
                        "windows/intune/edge.json",
                        "ChaperoneEdge",
                        List.of(BrowserPolicy.edge(input.pac()))));
        return files;
    }

    private static String groupOf(KitInput input) {
        return input.group() == null ? "none" : input.group();
    }

    private static String server(KitInput input) {
        return input.token().server().toString();
    }

    /** Address and token hold no character that cmd or msiexec would take for something else. */
    private static String command(KitInput input) {
        return "msiexec /i chaperone.msi /qn /norestart SERVER_URL="
                + server(input)
                + " ENROLLMENT_TOKEN="
                + input.token().text()
                + "\r\n";
    }

    private static String roots(KitInput input) {
        return RootCertificate.of(input).stream()
                .map(r -> "  " + Quoting.powerShell(r.base64()))
                .collect(Collectors.joining(",\n"));
    }

    /** With a byte order mark: without it Windows PowerShell 5.1 reads the system's code page. */
    private static KitFile powerShell(String path, String template, Map<String, String> values) {
        String text = "\uFEFF" + Template.fill(template, values).replace("\n", "\r\n");
        return KitFile.bytes(path, text.getBytes(StandardCharsets.UTF_8));
    }

    private static KitFile registry(String path, List<BrowserPolicy> policies, boolean undo) {
        Map<String, StringBuilder> keys = new LinkedHashMap<>();
        for (BrowserPolicy p : policies) {
            for (BrowserPolicy.Value v : p.values()) {
                keys.computeIfAbsent(v.key(), _ -> new StringBuilder())
                        .append(Quoting.registry(v.name()))
                        .append('=')
                        .append(undo ? "-" : data(v.data()))
                        .append('\n');
            }
        }
        StringBuilder text = new StringBuilder("Windows Registry Editor Version 5.00\n");
        keys.forEach((key, values) ->
                text.append("\n[HKEY_LOCAL_MACHINE\\").append(key).append("]\n").append(values));
        return KitFile.bytes(path, Quoting.registryFile(text.append('\n').toString()));
    }

    private static String data(Object data) {
        return data instanceof Integer number
                ? "dword:%08x".formatted(number)
                : Quoting.registry(data.toString());
    }
}
