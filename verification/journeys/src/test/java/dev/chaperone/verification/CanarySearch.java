// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks for any twelve characters in a row of a canary, in every form in which text leaks: as it
 * is, UTF-16, hexadecimal (also as a dump with spaces), base64 at each alignment, JSON- and
 * URL-escaped wholly or in part.
 */
final class CanarySearch {
    static final int WINDOW = 12;

    /** Base64 shows only whole groups of three: nine of any twelve bytes lie in whole groups. */
    private static final int WHOLE_GROUPS = 9;

    private static final Pattern JSON_ESCAPE = Pattern.compile("\\\\u([0-9a-fA-F]{4})");
    private static final Pattern URL_ESCAPE = Pattern.compile("%([0-9a-fA-F]{2})");

    /** Pattern → the form it is. */
    private final Map<String, String> patterns = new LinkedHashMap<>();

    CanarySearch(String canary) {
        for (int i = 0; i + WINDOW <= canary.length(); i++) {
            String window = canary.substring(i, i + WINDOW);
            patterns.put(window, "plain");
            patterns.put(bytes(window, StandardCharsets.UTF_16LE), "UTF-16LE");
            patterns.put(bytes(window, StandardCharsets.UTF_16BE), "UTF-16BE");
            byte[] utf8 = window.getBytes(StandardCharsets.UTF_8);
            patterns.put(HexFormat.of().formatHex(utf8), "hex");
            patterns.put(HexFormat.of().withUpperCase().formatHex(utf8), "hex");
            patterns.put(HexFormat.ofDelimiter(" ").formatHex(utf8), "hex dump");
        }
        for (int i = 0; i + WHOLE_GROUPS <= canary.length(); i++) {
            byte[] groups = canary.substring(i, i + WHOLE_GROUPS).getBytes(StandardCharsets.UTF_8);
            patterns.put(Base64.getEncoder().encodeToString(groups), "base64");
            patterns.put(Base64.getUrlEncoder().encodeToString(groups), "base64");
        }
    }

    /** The form in which a piece was found. */
    Optional<String> find(byte[] haystack) {
        String raw = new String(haystack, StandardCharsets.ISO_8859_1);
        return in(raw, "")
                .or(() -> in(unescape(raw, JSON_ESCAPE), "JSON-escaped "))
                .or(() -> in(unescape(raw, URL_ESCAPE), "URL-escaped "));
    }

    private Optional<String> in(String text, String prefix) {
        for (Map.Entry<String, String> pattern : patterns.entrySet()) {
            if (text.contains(pattern.getKey())) {
                return Optional.of(prefix + pattern.getValue());
            }
        }
        return Optional.empty();
    }

    private static String unescape(String text, Pattern escape) {
        Matcher m = escape.matcher(text);
        return m.replaceAll(r ->
                Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(r.group(1), 16))));
    }

    private static String bytes(String text, Charset charset) {
        return new String(text.getBytes(charset), StandardCharsets.ISO_8859_1);
    }

    /** The forms in which a leak is planted, to prove the search. */
    static Map<String, byte[]> planted(String piece) {
        byte[] utf8 = piece.getBytes(StandardCharsets.UTF_8);
        Map<String, byte[]> all = new LinkedHashMap<>();
        all.put("plain", utf8);
        all.put("UTF-16LE", piece.getBytes(StandardCharsets.UTF_16LE));
        all.put("UTF-16BE", piece.getBytes(StandardCharsets.UTF_16BE));
        all.put("hex", ascii(HexFormat.of().formatHex(utf8)));
        all.put("HEX", ascii(HexFormat.of().withUpperCase().formatHex(utf8)));
        all.put("hex dump", ascii(HexFormat.ofDelimiter(" ").formatHex(utf8)));
        for (int shift = 0; shift < 3; shift++) {
            byte[] shifted =
                    ("xyz".substring(0, shift) + piece + "q").getBytes(StandardCharsets.UTF_8);
            all.put("base64, shifted " + shift, Base64.getEncoder().encode(shifted));
            all.put("base64url, shifted " + shift, Base64.getUrlEncoder().encode(shifted));
        }
        StringBuilder json = new StringBuilder();
        StringBuilder url = new StringBuilder();
        StringBuilder half = new StringBuilder();
        for (int i = 0; i < piece.length(); i++) {
            char c = piece.charAt(i);
            json.append(String.format(Locale.ROOT, "\\u%04X", (int) c));
            url.append(String.format(Locale.ROOT, "%%%02x", (int) c));
            half.append(i % 2 == 0 ? c : String.format(Locale.ROOT, "\\u%04x", (int) c));
        }
        all.put("JSON-escaped", ascii(json.toString()));
        all.put("URL-escaped", ascii(url.toString()));
        all.put("JSON-escaped in part", ascii(half.toString()));
        return all;
    }

    private static byte[] ascii(CharSequence text) {
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }
}
