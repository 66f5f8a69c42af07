// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.mdm;

import java.util.Base64;
import java.util.List;
import java.util.Map;

/** Writes property lists (PropertyList-1.0.dtd): maps, lists, texts, truths, numbers, bytes. */
final class Plist {
    private static final String HEAD =
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
            <plist version="1.0">
            """;

    private Plist() {}

    static String xml(Object value) {
        StringBuilder out = new StringBuilder(HEAD);
        write(value, "", out);
        return out.append("</plist>\n").toString();
    }

    private static void write(Object value, String indent, StringBuilder out) {
        out.append(indent);
        switch (value) {
            case Map<?, ?> map -> {
                out.append("<dict>\n");
                map.forEach((key, v) -> {
                    out.append(indent).append("  ");
                    element("key", key.toString(), out);
                    write(v, indent + "  ", out);
                });
                out.append(indent).append("</dict>\n");
            }
            case List<?> list -> {
                out.append("<array>\n");
                list.forEach(v -> write(v, indent + "  ", out));
                out.append(indent).append("</array>\n");
            }
            case Boolean truth -> out.append(truth ? "<true/>\n" : "<false/>\n");
            case Integer number -> element("integer", number.toString(), out);
            case byte[] bytes -> element("data", Base64.getEncoder().encodeToString(bytes), out);
            case String text -> element("string", text, out);
            default ->
                    throw new IllegalArgumentException(
                            "a property list holds no " + value.getClass().getName());
        }
    }

    private static void element(String name, String text, StringBuilder out) {
        out.append('<').append(name).append('>').append(Quoting.xml(text));
        out.append("</").append(name).append(">\n");
    }
}
