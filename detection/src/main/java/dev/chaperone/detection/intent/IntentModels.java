// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.intent;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Loads the intent model that ships with this module and checks its hash. */
public final class IntentModels {
    static final String MODEL = "intent-groups.bin";

    /** Two words: the SHA-256 of the model in hexadecimal, and the date of its training. */
    static final String HASH = "intent-groups.sha256";

    private static final Loaded MISSING =
            new Loaded(IntentClassifier.NONE, List.of(), List.of("intent-model"));

    private IntentModels() {}

    /**
     * A classifier and what is known about it.
     *
     * @param classifier answers unknown when the model is missing
     * @param versions name, date and hash of the model; empty when it is missing
     * @param missing {@code intent-model} or nothing
     */
    public record Loaded(IntentClassifier classifier, List<String> versions, List<String> missing) {
        public Loaded {
            versions = List.copyOf(versions);
            missing = List.copyOf(missing);
        }
    }

    /** The shipped model, or none when its file is missing or is not the one its hash names. */
    public static Loaded shipped() {
        return load(IntentModels::resource);
    }

    /** Loads from wherever {@code files} finds a name; null is a missing file. */
    static Loaded load(Function<String, byte @Nullable []> files) {
        byte[] model = files.apply(MODEL);
        byte[] hash = files.apply(HASH);
        if (model == null || hash == null) {
            return MISSING;
        }
        String[] expected = new String(hash, StandardCharsets.US_ASCII).strip().split("\\s+");
        String actual = sha256(model);
        if (expected.length != 2 || !actual.equals(expected[0].toLowerCase(Locale.ROOT))) {
            return MISSING;
        }
        try {
            String version = "intent-groups " + expected[1] + " sha256:" + actual.substring(0, 12);
            return new Loaded(LinearIntentModel.read(model), List.of(version), List.of());
        } catch (IllegalArgumentException _) {
            return MISSING; // another version's format
        }
    }

    private static byte @Nullable [] resource(String name) {
        try (InputStream in = IntentModels.class.getResourceAsStream(name)) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException _) {
            return null; // a damaged jar: the same to us as a missing file
        }
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
