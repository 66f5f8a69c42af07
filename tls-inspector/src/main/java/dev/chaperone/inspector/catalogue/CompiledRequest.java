// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import dev.chaperone.model.service.AttachmentFacts;
import dev.chaperone.model.service.RequestFacts;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@link RequestFacts} with every path and condition compiled. */
record CompiledRequest(
        List<DecodeStep> decode,
        List<Path> context,
        @Nullable Path turns,
        @Nullable Path role,
        @Nullable String defaultRole,
        Set<String> userRoles,
        List<Path> text,
        List<Path> toolText,
        List<Path> prompt,
        List<Attachments> attachments,
        List<Path> model,
        List<Path> conversation,
        @Nullable Condition frameFilter) {

    /** {@link AttachmentFacts} compiled. */
    record Attachments(
            Path each,
            List<Path> name,
            List<Path> mime,
            List<Path> id,
            List<Path> url,
            @Nullable Path size,
            @Nullable Path data,
            List<Path> dataUrl) {}

    static CompiledRequest of(RequestFacts facts) {
        return new CompiledRequest(
                facts.decode().stream().map(DecodeStep::of).toList(),
                Path.all(facts.context()),
                path(facts.turns()),
                path(facts.role()),
                facts.defaultRole(),
                Set.copyOf(facts.userRoles()),
                Path.all(facts.text()),
                Path.all(facts.toolText()),
                Path.all(facts.prompt()),
                facts.attachments().stream().map(CompiledRequest::attachments).toList(),
                Path.all(facts.model()),
                Path.all(facts.conversation()),
                Condition.ofNullable(facts.frameFilter()));
    }

    private static Attachments attachments(AttachmentFacts facts) {
        return new Attachments(
                Path.of(facts.each()),
                Path.all(facts.name()),
                Path.all(facts.mime()),
                Path.all(facts.id()),
                Path.all(facts.url()),
                path(facts.size()),
                path(facts.data()),
                Path.all(facts.dataUrl()));
    }

    static @Nullable Path path(@Nullable String path) {
        return path == null ? null : Path.of(path);
    }
}
