// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.intent;

import dev.chaperone.detection.intent.IntentFeatures.Vector;

/**
 * A labelled prompt as the trainer sees it.
 *
 * @param source where it comes from; whole sources are left out when measuring
 * @param group index in {@link LinearIntentModel#GROUPS}
 */
record TrainingRow(String source, int group, Vector features) {}
