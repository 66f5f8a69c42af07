// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.pii;

import dev.chaperone.detection.Detector;
import dev.chaperone.detection.Hits;
import dev.chaperone.detection.text.CharSet;
import dev.chaperone.detection.text.ScanText;
import dev.chaperone.detection.text.Words;
import dev.chaperone.model.finding.Tier;
import java.util.List;

/**
 * Payment card numbers: ISO/IEC 7812-1 issuer ranges and lengths of the networks, check digit by
 * Luhn (Annex B), plain or in groups by single spaces or dashes, never part of a longer number.
 */
final class PaymentCardDetector implements Detector {
    private static final Words CARD =
            Words.of(
                    "card,credit,debit,visa,mastercard,amex,american express,discover,diners,jcb,maestro,"
                            + "unionpay,cvv,cvc,expir,pan$,kreditkarte,karte,tarjeta,carte,carta,payment,cc$,billing");
    private static final Words OTHER =
            Words.of(
                    "order,invoice,tracking,parcel,shipment,reference,isbn,imei,serial,timestamp,id$,"
                            + "article,sku,ticket,case,lot,part,batch,account number");

    /** Digits by group for the layouts that cards are written in. */
    private static final List<List<Integer>> GROUPS =
            List.of(
                    List.of(4, 4, 4, 4),
                    List.of(4, 6, 5),
                    List.of(4, 6, 4),
                    List.of(4, 4, 4, 4, 3),
                    List.of(4, 4, 4, 1),
                    List.of(4, 4, 5),
                    List.of(4, 3, 3, 3),
                    List.of(6, 13),
                    List.of(4, 4, 4, 3),
                    List.of(4, 4, 4, 2));

    @Override
    public String name() {
        return "payment-card";
    }

    @Override
    public Trigger trigger() {
        return new Trigger.Digits(4);
    }

    @Override
    public void inspect(ScanText text, int start, int end, Hits hits) {
        if (!standsAlone(text, start, end)) {
            return;
        }
        int stop = end - start >= 12 ? end : grouped(text, start);
        if (stop < 0 || continues(text, stop)) {
            return;
        }
        String digits = digits(text, start, stop);
        if (digits.length() < 12 || !luhn(digits) || monotonous(digits)) {
            return;
        }
        boolean named = text.near(start, stop, 60, CARD);
        if (!CardNetworks.known(digits)
                && !(text.before(start, 30, CARD) && digits.length() <= 19)) {
            return; // issuers outside the published ranges exist: those need the text to say "card"
        }
        if (!named && end - start >= 12 && text.before(start, 24, OTHER)) {
            return; // a tenth of all numbers pass Luhn; this one says that it is something else
        }
        hits.add("CREDIT_CARD", start, stop, named ? 0.99 : 0.9, Tier.VALIDATED);
    }

    /** Whether nothing before makes this the middle of a longer number or of a word. */
    private static boolean standsAlone(ScanText text, int start, int end) {
        char before = text.at(start - 1);
        if (CharSet.WORD.has(before) || (before == '.' && CharSet.DIGIT.has(text.at(start - 2)))) {
            return false;
        }
        if (before == ' ' && end - start >= 12) {
            return true;
        }
        boolean grouped = (before == '-' || before == ' ') && CharSet.DIGIT.has(text.at(start - 2));
        return !grouped || text.runStart(start - 1, CharSet.DIGIT, 5) >= start - 4;
    }

    private static boolean continues(ScanText text, int stop) {
        char after = text.at(stop);
        return CharSet.WORD.has(after)
                || ((after == '-' || after == '.') && CharSet.ALNUM.has(text.at(stop + 1)));
    }

    /** Where a number written in groups ends, or -1. */
    private static int grouped(ScanText text, int start) {
        int best = -1;
        for (List<Integer> layout : GROUPS) {
            int end = layout(text, start, layout);
            best = Math.max(best, end);
        }
        return best;
    }

    private static int layout(ScanText text, int start, List<Integer> layout) {
        char separator = '\0';
        int at = start;
        for (int g = 0; g < layout.size(); g++) {
            if (g > 0) {
                char c = text.at(at);
                if ((c != ' ' && c != '-') || (separator != '\0' && c != separator)) {
                    return -1;
                }
                separator = c;
                at++;
            }
            int end = text.runEnd(at, CharSet.DIGIT, at + layout.get(g) + 1);
            if (end - at != layout.get(g)) {
                return -1;
            }
            at = end;
        }
        return at;
    }

    private static String digits(ScanText text, int start, int end) {
        StringBuilder digits = new StringBuilder(20);
        for (int i = start; i < end && digits.length() < 21; i++) {
            if (CharSet.DIGIT.has(text.at(i))) {
                digits.append(text.at(i));
            }
        }
        return digits.toString();
    }

    private static boolean monotonous(String digits) {
        return digits.chars().distinct().count() < 2;
    }

    /** Luhn's formula, ISO/IEC 7812-1 Annex B. */
    static boolean luhn(String digits) {
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int d = digits.charAt(digits.length() - 1 - i) - '0';
            sum += i % 2 == 0 ? d : d < 5 ? 2 * d : 2 * d - 9;
        }
        return sum % 10 == 0;
    }
}
