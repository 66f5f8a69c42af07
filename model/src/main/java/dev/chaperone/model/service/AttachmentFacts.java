// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.service;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a request describes attachments. In each list of paths the first that selects a value wins.
 *
 * @param each selects the objects that describe one attachment each
 * @param name paths of the file name
 * @param mime paths of the media type
 * @param id paths of the service's identifier
 * @param url paths of the address
 * @param size path of the size in bytes, or null
 * @param data path of the content in base64, or null
 * @param dataUrl paths of a {@code data:} URL, or of an http URL
 */
public record AttachmentFacts(
        String each,
        List<String> name,
        List<String> mime,
        List<String> id,
        List<String> url,
        @Nullable String size,
        @Nullable String data,
        List<String> dataUrl) {
    public AttachmentFacts {
        name = List.copyOf(name);
        mime = List.copyOf(mime);
        id = List.copyOf(id);
        url = List.copyOf(url);
        dataUrl = List.copyOf(dataUrl);
    }
}
