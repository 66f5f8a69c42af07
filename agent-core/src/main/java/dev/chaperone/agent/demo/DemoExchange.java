// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.demo;

import java.util.List;

/**
 * One exchange of the demonstration.
 *
 * @param id from 1
 * @param title what a person would say it is
 * @param host the service's host
 * @param request exact bytes of the request's head and body; for a WebSocket the handshake
 * @param messages text messages that follow a WebSocket handshake; empty for HTTP
 * @param sensitive values that must not arrive where the exchange is redacted or refused
 * @param expected what must become of it
 */
@SuppressWarnings("ArrayRecordComponent") // authored once, never compared
record DemoExchange(
        int id,
        String title,
        String host,
        byte[] request,
        List<String> messages,
        List<String> sensitive,
        Expected expected) {
    /** What must become of an exchange. */
    enum Expected {
        /** Arrives byte for byte. */
        IDENTICAL,
        /** Arrives, but for the sensitive values. */
        REDACTED,
        /**
         * A card is shown; the person has it sent without the sensitive values, and the answer
         * holds them again.
         */
        ASKED,
        /** Does not arrive; the client reads why. */
        REFUSED,
        /** Is not looked at: the client sees the service's own certificate. */
        TUNNELLED,
        /** Arrives byte for byte, and is counted as not inspected. */
        NOT_INSPECTED
    }

    boolean webSocket() {
        return !messages.isEmpty();
    }
}
