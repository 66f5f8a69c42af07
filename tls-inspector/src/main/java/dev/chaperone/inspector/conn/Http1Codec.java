// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.jspecify.annotations.Nullable;

/**
 * Netty's HTTP/1.1 codecs, told which method an answer belongs to: an answer to HEAD has no body
 * whatever its headers say (RFC 9112 §6.3). Header values are not validated: what a client sends to
 * its service is theirs to judge.
 */
final class Http1Codec {
    private static final int MAX_CHUNK = 64 * 1024;

    private Http1Codec() {}

    private static HttpDecoderConfig config(int maxHead) {
        return new HttpDecoderConfig()
                .setMaxInitialLineLength(maxHead)
                .setMaxHeaderSize(maxHead)
                .setMaxChunkSize(MAX_CHUNK)
                .setValidateHeaders(false);
    }

    static HttpRequestDecoder requestDecoder(int maxHead) {
        return new HttpRequestDecoder(config(maxHead));
    }

    /** Writes answers to the client. */
    static final class ResponseEncoder extends HttpResponseEncoder {
        private @Nullable HttpMethod method;

        void answers(HttpMethod requestMethod) {
            method = requestMethod;
        }

        @Override
        protected boolean isContentAlwaysEmpty(HttpResponse response) {
            return HttpMethod.HEAD.equals(method) || super.isContentAlwaysEmpty(response);
        }

        @Override
        protected void sanitizeHeadersBeforeEncode(HttpResponse response, boolean alwaysEmpty) {
            if (!HttpMethod.HEAD.equals(method)
                    && !response.status().equals(HttpResponseStatus.NOT_MODIFIED)) {
                super.sanitizeHeadersBeforeEncode(response, alwaysEmpty);
            }
        }
    }

    /** Reads answers of a service. */
    static final class ResponseDecoder extends HttpResponseDecoder {
        private @Nullable HttpMethod method;

        ResponseDecoder(int maxHead) {
            super(config(maxHead));
        }

        void expects(HttpMethod requestMethod) {
            method = requestMethod;
        }

        @Override
        protected boolean isContentAlwaysEmpty(HttpMessage message) {
            return HttpMethod.HEAD.equals(method) || super.isContentAlwaysEmpty(message);
        }
    }
}
