// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.intent;

import dev.chaperone.model.finding.Intent;

/** Says what a person wants to be served with. Thread-safe, no I/O. */
public interface IntentClassifier {
    /** Knows nothing. */
    IntentClassifier NONE = _ -> Intent.UNKNOWN;

    /** The group and its probability; {@link Intent#UNKNOWN} when no group is likely enough. */
    Intent classify(String text);
}
