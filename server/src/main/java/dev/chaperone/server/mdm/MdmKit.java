// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.mdm;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Puts a kit together. The same input gives the same files. */
public final class MdmKit {
    private MdmKit() {}

    public static List<KitFile> files(KitInput input) {
        List<KitFile> files = new ArrayList<>();
        StringBuilder guide = new StringBuilder(guide("guide.md", input));
        files.addAll(RootCertificate.files(input));
        for (Platform platform : Platform.values()) {
            if (input.platforms().contains(platform)) {
                files.addAll(
                        switch (platform) {
                            case windows -> WindowsFiles.files(input);
                            case macos -> MacFiles.files(input);
                            case linux -> linux(input);
                        });
                guide.append(guide("guide-" + platform + ".md", input));
            }
        }
        files.add(KitFile.text("README.md", guide.toString()));
        return files;
    }

    /** Trust, browsers and proxy settings are the package's own work there. */
    private static List<KitFile> linux(KitInput input) {
        return List.of(
                KitFile.script(
                                "linux/install.sh",
                                Template.fill(
                                        "install.sh",
                                        Map.of("TOKEN", Quoting.sh(input.token().text()))))
                        .asSecret(),
                KitFile.script("linux/detect.sh", Template.fill("detect.sh", Map.of())));
    }

    private static String guide(String template, KitInput input) {
        StringBuilder roots = new StringBuilder();
        for (RootCertificate root : RootCertificate.of(input)) {
            roots.append("- `")
                    .append(root.fileName())
                    .append("`: ")
                    .append(Quoting.markdown(root.subject()))
                    .append(", SHA-256 `")
                    .append(root.sha256())
                    .append("`\n");
        }
        return Template.fill(
                template,
                Map.of(
                        "GROUP",
                        input.group() == null ? "none" : Quoting.markdown(input.group()),
                        "SERVER",
                        input.token().server().toString(),
                        "PAC",
                        Quoting.markdown(input.pac().toString()),
                        "USES",
                        Integer.toString(input.uses()),
                        "HOURS",
                        Long.toString(Math.max(1, input.life().toHours())),
                        "ROOTS",
                        roots.toString()));
    }
}
