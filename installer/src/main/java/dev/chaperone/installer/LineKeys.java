// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One line of ours in a text file of somebody else.
 *
 * @param line without its end
 * @param before our line comes before the first line that begins so; at the end when none does
 * @param first what stands in a file that is not there yet
 */
public record LineKeys(String line, String before, String first) implements Changes.Merge {
    @Override
    public String format() {
        return "lines";
    }

    @Override
    public List<String> keys() {
        return List.of(line);
    }

    @Override
    public byte[] start() {
        return first.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] into(byte[] old) {
        String text = Changes.Merge.text(old);
        StringBuilder fresh = new StringBuilder();
        boolean done = false;
        for (String each : text.split("(?<=\n)", -1)) {
            if (!done && each.startsWith(before)) {
                fresh.append(line).append('\n');
                done = true;
            }
            fresh.append(each);
        }
        if (!done) {
            if (!fresh.isEmpty() && fresh.charAt(fresh.length() - 1) != '\n') {
                fresh.append('\n');
            }
            fresh.append(line).append('\n');
        }
        return fresh.toString().getBytes(StandardCharsets.UTF_8);
    }

    static byte[] without(byte[] now, List<String> lines) {
        return Changes.Merge.text(now)
                .lines()
                .filter(l -> !lines.contains(l))
                .collect(Collectors.joining("\n", "", "\n"))
                .getBytes(StandardCharsets.UTF_8);
    }
}
