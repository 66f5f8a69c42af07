// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.ipc;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a person chose; in JSON an object whose {@code do} names the case. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "do")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Choice.Redact.class, name = "redact"),
    @JsonSubTypes.Type(value = Choice.Send.class, name = "send"),
    @JsonSubTypes.Type(value = Choice.Edit.class, name = "edit"),
    @JsonSubTypes.Type(value = Choice.Cancel.class, name = "cancel")
})
public sealed interface Choice {
    /**
     * Send it without what was found.
     *
     * @param marks numbers of the marks to redact; null for all. To leave one out is to send it:
     *     that needs a reason and passes the same guard as {@link Send}
     * @param reason why the others may be sent; null when all are redacted
     */
    record Redact(@Nullable List<Integer> marks, @Nullable String reason) implements Choice {
        public Redact {
            marks = marks == null ? null : List.copyOf(marks);
        }

        public static Redact all() {
            return new Redact(null, null);
        }

        @Override
        public String toString() {
            return "Redact[" + (marks == null ? "all" : marks) + "]";
        }
    }

    /**
     * Send it as it is.
     *
     * @param reason why; not blank
     */
    record Send(String reason) implements Choice {
        public Send {
            Objects.requireNonNull(reason);
        }

        /** Hides the reason. */
        @Override
        public String toString() {
            return "Send[]";
        }
    }

    /**
     * Send other texts instead. What is sent is inspected once more.
     *
     * @param texts new text by index of the segment; not empty
     */
    record Edit(Map<Integer, String> texts) implements Choice {
        public Edit {
            texts = Map.copyOf(texts);
        }

        /** Hides the texts. */
        @Override
        public String toString() {
            return "Edit" + texts.keySet();
        }
    }

    /** Send nothing. */
    record Cancel() implements Choice {}
}
