// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.mdm;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Text files beside this class, with {@code @NAME@} where a quoted value goes. */
final class Template {
    private static final Pattern PLACE = Pattern.compile("@([A-Z_]+)@");

    private Template() {}

    /**
     * Fills one.
     *
     * @param values quoted for the file's language already
     * @throws IllegalStateException when the file is missing or names a value that is not given
     */
    static String fill(String name, Map<String, String> values) {
        return PLACE.matcher(read(name))
                .replaceAll(place -> {
                    String value = values.get(place.group(1));
                    if (value == null) {
                        throw new IllegalStateException(name + " needs " + place.group(1));
                    }
                    return Matcher.quoteReplacement(value);
                });
    }

    private static String read(String name) {
        try (InputStream in = Template.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(name + " cannot be read", e);
        }
    }
}
