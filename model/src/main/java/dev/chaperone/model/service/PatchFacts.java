// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.service;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A dialect in which events patch a document that becomes the answer.
 *
 * @param events event names that count; empty for all
 * @param items path of the patches in an event; null when the event is the patch
 * @param pathKey member that names the place
 * @param opKey member that names the operation
 * @param valueKey member that holds the value
 * @param channelKey member that names the document, or null
 * @param ops the dialect's word → {@code add replace append remove batch}
 * @param sticky members whose previous value holds when they are absent
 * @param defaultOp the operation when none is named, or null
 * @param slash true for JSON Pointer (RFC 6901), false for the same without a leading slash
 * @param dictIsRoot true when an object as value without a place is a new document
 * @param singleDoc true when a new root replaces the document instead of adding one
 * @param batchPrefix true when places in a batch are relative to the batch's
 * @param init condition on an event that brings a document, or null
 * @param initFrom path of the document in such an event, or null
 * @param collect rules that read the answer from the final documents
 */
public record PatchFacts(
        List<String> events,
        @Nullable String items,
        String pathKey,
        String opKey,
        String valueKey,
        @Nullable String channelKey,
        Map<String, String> ops,
        List<String> sticky,
        @Nullable String defaultOp,
        boolean slash,
        boolean dictIsRoot,
        boolean singleDoc,
        boolean batchPrefix,
        @Nullable String init,
        @Nullable String initFrom,
        List<AnswerRule> collect) {
    public PatchFacts {
        events = List.copyOf(events);
        ops = Map.copyOf(ops);
        sticky = List.copyOf(sticky);
        collect = List.copyOf(collect);
    }
}
