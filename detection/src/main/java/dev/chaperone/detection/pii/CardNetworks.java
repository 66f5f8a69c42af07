// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.pii;

/**
 * Issuer ranges (first four digits) and lengths of the payment networks, as the networks publish
 * them.
 */
final class CardNetworks {
    private record Range(int from, int to, int shortest, int longest) {}

    private static final Range[] RANGES = {
        new Range(4000, 4999, 13, 19), // Visa: 13, 16, 19
        new Range(5100, 5599, 16, 16), // Mastercard
        new Range(2221, 2720, 16, 16), // Mastercard, since 2017
        new Range(3400, 3499, 15, 15), // American Express
        new Range(3700, 3799, 15, 15),
        new Range(3000, 3059, 14, 19), // Diners Club
        new Range(3095, 3095, 14, 19),
        new Range(3600, 3699, 14, 19),
        new Range(3800, 3999, 14, 19),
        new Range(6011, 6011, 16, 19), // Discover
        new Range(6440, 6599, 16, 19),
        new Range(3528, 3589, 16, 19), // JCB
        new Range(1800, 1800, 15, 15), // JCB, old
        new Range(2131, 2131, 15, 15),
        new Range(6200, 6299, 16, 19), // UnionPay
        new Range(8100, 8171, 16, 19),
        new Range(5000, 5099, 12, 19), // Maestro, Elo, Verve
        new Range(5600, 5899, 12, 19),
        new Range(6300, 6399, 12, 19),
        new Range(6700, 6799, 12, 19),
        new Range(6000, 6099, 16, 16), // RuPay, Hipercard
        new Range(2200, 2204, 16, 19), // Mir
        new Range(9792, 9792, 16, 16), // Troy
    };

    private CardNetworks() {}

    /** Whether a network issues numbers with this start and this length. */
    static boolean known(String digits) {
        if (digits.length() < 12 || digits.length() > 19) {
            return false;
        }
        int start = Integer.parseInt(digits, 0, 4, 10);
        for (Range range : RANGES) {
            if (start >= range.from
                    && start <= range.to
                    && digits.length() >= range.shortest
                    && digits.length() <= range.longest) {
                return start / 1000 != 4 || digits.length() % 3 == 1;
            }
        }
        return false;
    }
}
