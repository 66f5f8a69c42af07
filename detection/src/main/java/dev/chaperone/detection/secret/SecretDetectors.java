// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.secret;

import dev.chaperone.detection.Detector;
import java.util.List;
import java.util.stream.Stream;

/** The detectors of this package, in no order that matters. */
public final class SecretDetectors {
    private SecretDetectors() {}

    public static List<Detector> all() {
        List<Detector> own =
                List.of(
                        new AwsAccessKeyDetector(),
                        new PrivateKeyDetector(),
                        new JwtDetector(),
                        new DiscordTokenDetector(),
                        new ConnectionStringDetector(),
                        new KeyValueStringDetector(),
                        new AssignmentDetector(),
                        new CurlCredentialDetector());
        return Stream.concat(own.stream(), VendorTokens.all().stream()).toList();
    }
}
