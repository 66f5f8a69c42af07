// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.intent;

import java.util.List;

/** Loads the intent model that ships with this module. */
public final class IntentModels {
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

    /** The shipped model. */
    public static Loaded shipped() {
        return new Loaded(IntentClassifier.NONE, List.of(), List.of("intent-model"));
    }
}
