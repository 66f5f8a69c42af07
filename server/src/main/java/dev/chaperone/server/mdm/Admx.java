// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.mdm;

import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Administrative templates that carry {@link BrowserPolicy}: enabled writes its values, disabled
 * deletes them. Source: Microsoft, "ADMX Schema" and its element reference.
 */
final class Admx {
    /** Category, namespace prefix and area name for MDM. */
    static final String CATEGORY = "Chaperone";

    static final List<String> LANGUAGES = List.of("en-US", "de-DE");

    private Admx() {}

    /** {@code chaperone.admx} with these policies. */
    static String definitions(List<BrowserPolicy> policies) {
        StringBuilder out = new StringBuilder();
        policies.forEach(p -> out.append(policy(p)));
        return Template.fill("policies.admx", Map.of("POLICIES", out.toString()));
    }

    /** {@code chaperone.adml} of one language. */
    static String resources(String language) {
        return Template.fill("policies." + language + ".adml", Map.of());
    }

    private static String policy(BrowserPolicy p) {
        return "    <policy name=\"%1$s\" class=\"Machine\" displayName=\"$(string.%1$s)\" explainText=\"$(string.%1$s_Explain)\" key=\"%2$s\">\n"
                        .formatted(p.name(), Quoting.xml(p.key()))
                + "      <parentCategory ref=\""
                + CATEGORY
                + "\"/>\n      <supportedOn ref=\"SUPPORTED\"/>\n"
                + list("enabledList", p, v -> data(v.data()))
                + list("disabledList", p, _ -> "<delete/>")
                + "    </policy>\n";
    }

    private static String list(
            String element, BrowserPolicy p, Function<BrowserPolicy.Value, String> content) {
        StringBuilder out = new StringBuilder("      <" + element + ">\n");
        for (BrowserPolicy.Value v : p.values()) {
            out.append("        <item key=\"")
                    .append(Quoting.xml(v.key()))
                    .append("\" valueName=\"")
                    .append(v.name())
                    .append("\"><value>")
                    .append(content.apply(v))
                    .append("</value></item>\n");
        }
        return out.append("      </").append(element).append(">\n").toString();
    }

    private static String data(Object data) {
        return data instanceof Integer number
                ? "<decimal value=\"" + number + "\"/>"
                : "<string>" + Quoting.xml(data.toString()) + "</string>";
    }
}
