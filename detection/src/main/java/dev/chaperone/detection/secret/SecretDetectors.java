// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.secret;

import dev.chaperone.detection.Detector;
import java.util.List;

/** The detectors of this package, in no order that matters. */
public final class SecretDetectors {
    private SecretDetectors() {}

    public static List<Detector> all() {
        return List.of(new AwsAccessKeyDetector(), new PrivateKeyDetector());
    }
}
