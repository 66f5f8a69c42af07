// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.mdm;

import java.nio.charset.StandardCharsets;

/** One file of a kit. Immutable, except that its bytes are not copied. */
public final class KitFile {
    private final String path;
    private final byte[] content;
    private final boolean secret;
    private final boolean runs;

    private KitFile(String path, byte[] content, boolean secret, boolean runs) {
        this.path = path;
        this.content = content;
        this.secret = secret;
        this.runs = runs;
    }

    static KitFile bytes(String path, byte[] content) {
        return new KitFile(path, content, false, false);
    }

    static KitFile text(String path, String content) {
        return bytes(path, content.getBytes(StandardCharsets.UTF_8));
    }

    /** A program for a POSIX shell. */
    static KitFile script(String path, String content) {
        return new KitFile(path, content.getBytes(StandardCharsets.UTF_8), false, true);
    }

    /** The same, known to hold the token. */
    KitFile asSecret() {
        return new KitFile(path, content, true, runs);
    }

    /** Below the kit's folder, parts divided by {@code /}. */
    public String path() {
        return path;
    }

    byte[] content() {
        return content;
    }

    /** Whether it holds the token, and so is its owner's alone. */
    public boolean isSecret() {
        return secret;
    }

    /** POSIX permissions as {@code ls} shows them. */
    String mode() {
        String owner = runs ? "rwx" : "rw-";
        String others = runs ? "r-x" : "r--";
        return owner + (secret ? "------" : others + others);
    }

    /** Without the content, which may hold a token. */
    @Override
    public String toString() {
        return "KitFile[" + path + "]";
    }
}
