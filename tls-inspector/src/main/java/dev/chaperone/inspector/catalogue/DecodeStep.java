// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import org.jspecify.annotations.Nullable;

/**
 * A step of the pipeline that turns a body into documents.
 *
 * @param kind what it does
 * @param name the field of {@code form:NAME}, else empty
 * @param path of {@code at:PATH}, else null
 */
record DecodeStep(Kind kind, String name, @Nullable Path path) {
    enum Kind {
        JSON,
        FORM,
        FORM_FIELD,
        MULTIPART,
        AT,
        QUERY,
        RAW,
        WS,
        SIGNALR,
        /** Connect frames and schema-less protobuf: a later version. */
        NOT_BUILT
    }

    static DecodeStep of(String step) {
        if (step.startsWith("form:")) {
            return new DecodeStep(Kind.FORM_FIELD, step.substring(5), null);
        }
        if (step.startsWith("at:")) {
            return new DecodeStep(Kind.AT, "", Path.of(step.substring(3)));
        }
        Kind kind =
                switch (step) {
                    case "json" -> Kind.JSON;
                    case "form" -> Kind.FORM;
                    case "multipart" -> Kind.MULTIPART;
                    case "query" -> Kind.QUERY;
                    case "raw" -> Kind.RAW;
                    case "ws" -> Kind.WS;
                    case "signalr" -> Kind.SIGNALR;
                    case "connect", "proto" -> Kind.NOT_BUILT;
                    default ->
                            throw new IllegalArgumentException("'" + step + "': not a decode step");
                };
        return new DecodeStep(kind, "", null);
    }
}
