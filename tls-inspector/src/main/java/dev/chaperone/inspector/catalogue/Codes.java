// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

/** Stable error codes of the catalogue engine. */
final class Codes {
    /** The notation of the endpoint belongs to a later version. */
    static final String NOT_BUILT = "CHP-CAT-001";

    /** Not the document that the endpoint declares. */
    static final String MALFORMED = "CHP-CAT-002";

    /** Two members of one name with different values. */
    static final String DUPLICATE_NAME = "CHP-CAT-003";

    /** Another charset than UTF-8, or malformed UTF-8. */
    static final String NOT_UTF8 = "CHP-CAT-004";

    /** Nested deeper than the reader goes. */
    static final String TOO_DEEP = "CHP-CAT-005";

    /** A file that goes with a prompt and is no text. */
    static final String ATTACHMENT_NOT_READ = "CHP-CAT-010";

    private Codes() {}
}
