// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

/** What is known of one tool. */
public enum State {
    /** It got an answer through the proxy, over a connection that it verified. */
    TRUSTS,
    /** It refused the certificate, and said so. */
    DOES_NOT_TRUST,
    /** It talks to hosts only that are never opened, and sees their own certificates. */
    NOT_CONCERNED,
    NOT_INSTALLED,
    /** It was asked and said neither. */
    UNKNOWN
}
