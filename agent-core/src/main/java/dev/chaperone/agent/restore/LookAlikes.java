// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.restore;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.chaperone.inspector.restore.PlaceholderForms;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.prompt.Prompt;
import dev.chaperone.model.prompt.Segment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What in a prompt looks like a placeholder before anything was replaced. A number that is taken so
 * is not given out, and what the person typed never comes back as a value.
 *
 * <p>In resent history a look-alike may be the model's own, of an answer that was not restored
 * (reasoning, tool calls). It is the person's where the same text was a turn of theirs before. For
 * values of the history only what stands before them counts, so that a turn is numbered as it was
 * when it was sent.
 */
final class LookAlikes {
    /** Texts that persons typed with a look-alike in them, by hash: earlier turns of theirs. */
    static final class Typed {
        private static final int MAX_TEXTS = 4096;

        private final Cache<ByteBuffer, Boolean> hashes =
                Caffeine.newBuilder()
                        .maximumSize(MAX_TEXTS)
                        .expireAfterAccess(Duration.ofHours(12))
                        .build();

        boolean isTyped(Segment segment) {
            return switch (segment.origin()) {
                case USER, PASTED, FILE, SYSTEM -> {
                    hashes.put(hash(segment.text()), true);
                    yield true;
                }
                case HISTORY -> hashes.getIfPresent(hash(segment.text())) != null;
                case TOOL_RESULT, TOOL_DESCRIPTION, TOOL_CALL, MODEL_OUTPUT -> false;
            };
        }

        private static ByteBuffer hash(String text) {
            try {
                return ByteBuffer.wrap(
                        MessageDigest.getInstance("SHA-256")
                                .digest(text.getBytes(StandardCharsets.UTF_8)));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("SHA-256 is part of every JDK", e);
            }
        }
    }

    private final Prompt prompt;
    private final Map<String, Integer> first = new HashMap<>();
    private final Set<String> standing = new HashSet<>();
    private final Set<String> current = new HashSet<>();
    private final Set<String> typed = new HashSet<>();

    private LookAlikes(Prompt prompt) {
        this.prompt = prompt;
    }

    static LookAlikes of(Prompt prompt, Typed known) {
        LookAlikes found = new LookAlikes(prompt);
        for (Segment segment : prompt.segments()) {
            if (segment.text().indexOf('[') >= 0) {
                found.add(segment, known);
            }
        }
        return found;
    }

    private void add(Segment segment, Typed known) {
        Set<String> keys = PlaceholderForms.keys(segment.text());
        if (keys.isEmpty()) {
            return;
        }
        keys.forEach(key -> first.putIfAbsent(key, segment.index()));
        switch (segment.origin()) {
            case USER, PASTED, FILE -> current.addAll(keys);
            case SYSTEM, TOOL_DESCRIPTION -> standing.addAll(keys);
            case HISTORY, TOOL_RESULT, TOOL_CALL, MODEL_OUTPUT -> {}
        }
        if (known.isTyped(segment)) {
            typed.addAll(keys);
        }
    }

    /** Keys of what the person typed, now or in a turn before. */
    Set<String> typed() {
        return typed;
    }

    /** Whether a placeholder for a value that first stands in a segment would be one of these. */
    boolean taken(String group, int number, int segment) {
        String key = PlaceholderForms.key(group, number);
        Origin origin = prompt.segments().get(segment).origin();
        boolean ofThisTurn =
                origin == Origin.USER || origin == Origin.PASTED || origin == Origin.FILE;
        return first.getOrDefault(key, Integer.MAX_VALUE) <= segment
                || standing.contains(key)
                || ofThisTurn && current.contains(key);
    }

    /** The key of a placeholder of ours. */
    static String key(String placeholder) {
        return placeholder.substring(1, placeholder.length() - 1).replace('-', '_');
    }
}
