// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.prompt;

import org.jspecify.annotations.Nullable;

/**
 * A file that goes with a prompt, as far as the request describes it.
 *
 * @param name file name, or null when the request does not say
 * @param mime media type, or null
 * @param id the service's identifier of an earlier upload, or null
 * @param url where the service fetches it, or null
 * @param size bytes, or null when unknown
 */
public record Attachment(
        @Nullable String name,
        @Nullable String mime,
        @Nullable String id,
        @Nullable String url,
        @Nullable Long size) {
    /** Hides name and address: both are the person's data. */
    @Override
    public String toString() {
        return "Attachment[" + mime + ", " + size + " bytes]";
    }
}
