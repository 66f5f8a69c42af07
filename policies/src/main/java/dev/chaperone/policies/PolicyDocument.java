// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A policy as its document states it: parsed and checked, conditions not yet compiled. Immutable.
 * The language: {@code policies/README.md} and {@code schema/policy.schema.json}.
 */
public final class PolicyDocument {
    private final String source;
    private final String name;
    private final String version;
    private final String description;
    private final PolicyDefaults defaults;
    private final Services services;
    private final @Nullable Instant enforceFrom;
    private final boolean monitorsUnproxied;
    private final @Nullable Pause pause;
    private final List<PolicyRule> rules;

    PolicyDocument(
            String source,
            String name,
            String version,
            String description,
            PolicyDefaults defaults,
            Services services,
            @Nullable Instant enforceFrom,
            boolean monitorsUnproxied,
            @Nullable Pause pause,
            List<PolicyRule> rules) {
        this.source = source;
        this.name = name;
        this.version = version;
        this.description = description;
        this.defaults = defaults;
        this.services = services;
        this.enforceFrom = enforceFrom;
        this.monitorsUnproxied = monitorsUnproxied;
        this.pause = pause;
        this.rules = List.copyOf(rules);
    }

    /**
     * Parses and checks a document; its conditions are checked by {@link PolicyEngine#compile}.
     *
     * @param yaml UTF-8, at most 1 MiB
     * @param sourceName names the document in errors, for example its file name
     * @throws PolicyFormatException naming file, line, key and remedy
     */
    public static PolicyDocument parse(byte[] yaml, String sourceName) {
        return DocumentReader.read(yaml, sourceName);
    }

    /** The policy in force where no other is given. */
    public static PolicyDocument baseline() {
        return shipped("baseline");
    }

    /**
     * A policy that ships with the product.
     *
     * @param name {@code baseline}, {@code strict} or {@code allow-all}
     */
    public static PolicyDocument shipped(String name) {
        return parse(resource(name + ".yaml"), name + ".yaml");
    }

    /** The YAML of {@link #shipped}. */
    public static String shippedText(String name) {
        return resourceText(name + ".yaml");
    }

    /** The bytes of a document of this module. */
    static byte[] resource(String path) {
        try (InputStream in = PolicyDocument.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException(path + " is not on the class path");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }

    /** {@code name@} and the first 12 hex digits of the SHA-256 of the document's bytes. */
    static String versionOf(String name, byte[] yaml) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(yaml);
            return name + "@" + HexFormat.of().formatHex(hash, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of every JDK", e);
        }
    }

    /** The source name given to {@link #parse}. */
    public String source() {
        return source;
    }

    public String name() {
        return name;
    }

    /** The name and a short hash of the bytes, for example {@code baseline@1f2e3d4c5b6a}. */
    public String version() {
        return version;
    }

    /** For people; may be empty. */
    public String description() {
        return description;
    }

    public PolicyDefaults defaults() {
        return defaults;
    }

    public Services services() {
        return services;
    }

    /**
     * The end of the notice that people were given: until then decisions are counted and not
     * carried out. Null when they are carried out at once.
     */
    public @Nullable Instant enforceFrom() {
        return enforceFrom;
    }

    /** Whether connections to opened services that pass by the proxy are to be counted. */
    public boolean monitorsUnproxied() {
        return monitorsUnproxied;
    }

    /** Whether and how long people may pause inspection; empty: nobody may. */
    public Optional<Pause> pause() {
        return Optional.ofNullable(pause);
    }

    /** In the document's order. */
    public List<PolicyRule> rules() {
        return rules;
    }

    @Override
    public String toString() {
        return "PolicyDocument[" + version + ", " + rules.size() + " rules]";
    }

    /**
     * Which services a policy opens, closes and approves, by catalogue id.
     *
     * @param open opened although the catalogue does not open them by default
     * @param close never opened
     * @param sanctioned approved by the organisation: {@code service.sanction} is {@code
     *     sanctioned}
     */
    public record Services(Set<String> open, Set<String> close, Set<String> sanctioned) {
        public Services {
            open = Set.copyOf(open);
            close = Set.copyOf(close);
            sanctioned = Set.copyOf(sanctioned);
        }
    }

    /**
     * That people may pause inspection of their own connections (ADR 0024).
     *
     * @param longest how long one pause may be, 1 minute to 8 hours
     * @param reasonRequired whether a pause needs a reason in words
     */
    public record Pause(Duration longest, boolean reasonRequired) {}

    /** UTF-8 text of a document of this module. */
    static String resourceText(String path) {
        return new String(resource(path), StandardCharsets.UTF_8);
    }
}
