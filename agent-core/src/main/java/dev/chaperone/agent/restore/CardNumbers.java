// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.restore;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;

/** Whether a text may hold a full card number, whatever it was found as (DESIGN §2 rule 4). */
final class CardNumbers {
    /** ISO/IEC 7812-1: a number has 12 to 19 digits. */
    private static final int SHORTEST = 12;

    private static final int LONGEST = 19;

    private CardNumbers() {}

    /**
     * True when some groups of digits in a row, whatever but letters is between them, have 12 to 19
     * digits together and pass Luhn's formula, or all digits of the text do, letters between them
     * too. Digits of every script and form count. A part of a longer group is no card number.
     */
    static boolean mayBeIn(String text) {
        List<String> groups = new ArrayList<>();
        List<String> all = new ArrayList<>();
        StringBuilder group = new StringBuilder();
        int[] codePoints = Normalizer.normalize(text, Normalizer.Form.NFKC).codePoints().toArray();
        for (int codePoint : codePoints) {
            int digit = Character.digit(codePoint, 10);
            if (digit >= 0) {
                group.append(digit);
                continue;
            }
            end(group, groups);
            if (Character.isLetter(codePoint)) {
                if (anyPasses(groups)) {
                    return true;
                }
                all.addAll(groups);
                groups.clear();
            }
        }
        end(group, groups);
        all.addAll(groups);
        return anyPasses(groups) || anyPasses(List.of(String.join("", all)));
    }

    private static void end(StringBuilder group, List<String> groups) {
        if (!group.isEmpty()) {
            groups.add(group.toString());
            group.setLength(0);
        }
    }

    private static boolean anyPasses(List<String> groups) {
        for (int start = 0; start < groups.size(); start++) {
            StringBuilder digits = new StringBuilder();
            for (int end = start; end < groups.size() && digits.length() <= LONGEST; end++) {
                digits.append(groups.get(end));
                if (digits.length() >= SHORTEST && digits.length() <= LONGEST && luhn(digits)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** ISO/IEC 7812-1 Annex B. */
    private static boolean luhn(CharSequence digits) {
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int d = digits.charAt(digits.length() - 1 - i) - '0';
            sum += i % 2 == 0 ? d : d < 5 ? 2 * d : 2 * d - 9;
        }
        return sum % 10 == 0;
    }
}
