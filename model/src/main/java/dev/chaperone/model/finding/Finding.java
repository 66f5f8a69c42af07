// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.model.finding;

/**
 * Sensitive data at one place of a prompt.
 *
 * @param type {@code GROUP} or {@code GROUP.detail}, for example {@code CREDIT_CARD} or {@code
 *     SECRET.aws-access-token}
 * @param segment index of the segment
 * @param span where in the segment
 * @param confidence in [0, 1]
 * @param tier how it is known
 * @param detector the detector's name, for example {@code payment-card}
 * @param masked a sample that cannot be turned back into the value, for example {@code **** 1881}
 * @param example true for a value that documentation uses (RFC 2606 domains, the networks' test
 *     cards): counted, by default not redacted
 */
public record Finding(
        String type,
        int segment,
        Span span,
        double confidence,
        Tier tier,
        String detector,
        String masked,
        boolean example) {
    public Finding {
        if (confidence < 0 || confidence > 1) {
            throw new IllegalArgumentException("confidence " + confidence);
        }
    }

    /** {@code SECRET} for {@code SECRET.aws-access-token}. */
    public String group() {
        int dot = type.indexOf('.');
        return dot < 0 ? type : type.substring(0, dot);
    }
}
