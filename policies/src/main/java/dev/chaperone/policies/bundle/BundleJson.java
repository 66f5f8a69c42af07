// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies.bundle;

import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The JSON form of envelope and payload. */
final class BundleJson {
    /**
     * Keys that are not known are skipped, as DSSE asks; a key that stands twice is refused, since
     * two readers could read two envelopes.
     */
    static final JsonMapper MAPPER =
            JsonMapper.builder()
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build();

    private BundleJson() {}
}
