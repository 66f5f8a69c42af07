// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.pii;

import dev.chaperone.detection.Detector;
import java.util.List;

/** The detectors of this package, in no order that matters. */
public final class PiiDetectors {
    private PiiDetectors() {}

    public static List<Detector> all() {
        return List.of(
                new PaymentCardDetector(),
                new IbanDetector(),
                new EmailDetector(),
                new PhoneDetector(),
                new SsnDetector());
    }
}
