// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.pii;

import dev.chaperone.detection.Detector;
import dev.chaperone.detection.Hits;
import dev.chaperone.detection.text.CharSet;
import dev.chaperone.detection.text.ScanText;
import dev.chaperone.detection.text.Words;
import dev.chaperone.model.finding.Tier;

/**
 * US social security numbers: area, group and serial as the SSA issues them (no 000, 666, 9xx; no
 * 00; no 0000). There is no check digit, so the text must name the number.
 */
final class SsnDetector implements Detector {
    private static final Words NAMED =
            Words.of(
                    "ssn,social,soc sec,s.s.n,taxpayer id,tax id$,national id,seguro social,sozialversicherung");
    private static final Words OTHER =
            Words.of(
                    "part,order,sku,serial,phone,tel$,invoice,tracking,lot$,model,ticket,case$,itin");

    @Override
    public String name() {
        return "us-ssn";
    }

    @Override
    public Trigger trigger() {
        return new Trigger.Digits(3);
    }

    @Override
    public void inspect(ScanText text, int start, int end, Hits hits) {
        char before = text.at(start - 1);
        if (CharSet.WORD.has(before)
                || ((before == '-' || before == '.') && CharSet.ALNUM.has(text.at(start - 2)))) {
            return;
        }
        int stop = end - start == 9 ? end : grouped(text, start, end);
        if (stop < 0
                || CharSet.WORD.has(text.at(stop))
                || (text.at(stop) == '-' && CharSet.DIGIT.has(text.at(stop + 1)))) {
            return;
        }
        String digits = text.slice(start, stop).replaceAll("\\D", "");
        if (!issued(digits)) {
            return;
        }
        boolean near =
                text.before(start, 60, NAMED)
                        || NAMED.occurIn(text.value(), stop, Math.min(text.length(), stop + 30));
        boolean header =
                !near && text.before(start, 400, Words.of("ssn")) && text.at(start + 3) == '-';
        if ((near || header) && !text.before(start, 16, OTHER)) {
            hits.add("NATIONAL_ID.US", start, stop, 0.93, Tier.CONTEXTUAL);
        }
    }

    private static int grouped(ScanText text, int start, int end) {
        char separator = text.at(end);
        if (end - start != 3 || (separator != '-' && separator != ' ' && separator != '.')) {
            return -1;
        }
        int group = text.runEnd(end + 1, CharSet.DIGIT, end + 5);
        int serial = text.runEnd(group + 1, CharSet.DIGIT, group + 7);
        boolean shaped = group - end == 3 && text.at(group) == separator && serial - group == 5;
        return shaped ? serial : -1;
    }

    /** 20 CFR 422.103 and the SSA's list of numbers that are never issued. */
    private static boolean issued(String digits) {
        int area = Integer.parseInt(digits, 0, 3, 10);
        return area != 0
                && area != 666
                && area < 900
                && !digits.startsWith("00", 3)
                && !digits.endsWith("0000");
    }
}
