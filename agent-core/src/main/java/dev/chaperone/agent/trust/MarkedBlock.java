// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Lines between two marks at the end of a text file in which {@code #} begins a comment and the
 * last setting wins. The bytes before are kept as they are, whatever their encoding.
 *
 * @param lines without line ends
 */
record MarkedBlock(List<String> lines) implements Edit {
    private static final String BEGIN =
            "# >>> chaperone trust >>> taken back by: chaperone trust --undo";
    private static final String END = "# <<< chaperone trust <<<";

    MarkedBlock {
        lines = List.copyOf(lines);
    }

    private String block() {
        List<String> all = new ArrayList<>();
        all.add(BEGIN);
        all.addAll(lines);
        all.add(END);
        return String.join("\n", all) + "\n";
    }

    @Override
    public byte[] apply(byte[] before) {
        String text = new String(before, StandardCharsets.ISO_8859_1);
        String block = latin(block());
        if (text.contains(block)) {
            return before;
        }
        boolean open = !text.isEmpty() && !text.endsWith("\n");
        return (text + (open ? "\n" : "") + block).getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public Optional<byte[]> remove(byte[] current) {
        String text = new String(current, StandardCharsets.ISO_8859_1);
        String block = latin(block());
        int at = text.lastIndexOf(block);
        return at < 0
                ? Optional.empty()
                : Optional.of(
                        (text.substring(0, at) + text.substring(at + block.length()))
                                .getBytes(StandardCharsets.ISO_8859_1));
    }

    /** UTF-8 bytes, one character each: files are compared and kept byte by byte. */
    private static String latin(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
