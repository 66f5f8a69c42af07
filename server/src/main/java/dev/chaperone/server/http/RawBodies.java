// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.http;

import io.helidon.http.Headers;
import io.helidon.http.encoding.ContentDecoder;
import io.helidon.http.encoding.ContentEncoder;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.encoding.ContentEncodingContextConfig;

/**
 * Hands every body to its handler as it was sent: Helidon would answer an unknown coding with a
 * bare 400 and decode a known one without a bound. {@link Bodies} does both better.
 */
public final class RawBodies implements ContentEncodingContext {
    @Override
    public ContentEncodingContextConfig prototype() {
        return ContentEncodingContextConfig.builder()
                .contentEncodingsDiscoverServices(false)
                .buildPrototype();
    }

    @Override
    public boolean contentEncodingEnabled() {
        return false;
    }

    @Override
    public boolean contentDecodingEnabled() {
        return true;
    }

    @Override
    public boolean contentEncodingSupported(String id) {
        return false;
    }

    @Override
    public boolean contentDecodingSupported(String id) {
        return true;
    }

    @Override
    public ContentEncoder encoder(String id) {
        return ContentEncoder.NO_OP;
    }

    @Override
    public ContentDecoder decoder(String id) {
        return ContentDecoder.NO_OP;
    }

    @Override
    public ContentEncoder encoder(Headers headers) {
        return ContentEncoder.NO_OP;
    }
}
