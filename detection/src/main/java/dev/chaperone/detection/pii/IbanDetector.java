// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.pii;

import dev.chaperone.detection.Detector;
import dev.chaperone.detection.Hits;
import dev.chaperone.detection.text.CharSet;
import dev.chaperone.detection.text.ScanText;
import dev.chaperone.model.finding.Tier;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * IBANs: ISO 13616 country lengths (SWIFT IBAN registry, release 99) and ISO 7064 MOD 97-10 check
 * digits, plain or grouped by single spaces or dashes.
 */
final class IbanDetector implements Detector {
    private static final Map<String, Integer> LENGTHS =
            Stream.of(
                            "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24"
                                    .split(" "),
                            "DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27"
                                    .split(" "),
                            "GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20"
                                    .split(" "),
                            "LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24"
                                    .split(" "),
                            "PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25"
                                    .split(" "),
                            "SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30".split(" "))
                    .flatMap(Stream::of)
                    .collect(
                            Collectors.toUnmodifiableMap(
                                    s -> s.substring(0, 2), s -> Integer.valueOf(s.substring(2))));

    @Override
    public String name() {
        return "iban";
    }

    @Override
    public Trigger trigger() {
        return new Trigger.Digits(2);
    }

    @Override
    public void inspect(ScanText text, int start, int end, Hits hits) {
        int from = start - 2;
        if (from < 0
                || !Character.isLetter(text.at(from))
                || CharSet.ALNUM.has(text.at(from - 1))) {
            return;
        }
        Integer length = LENGTHS.get(text.slice(from, start).toUpperCase(Locale.ROOT));
        if (length == null) {
            return;
        }
        StringBuilder compact = new StringBuilder(length);
        int at = from;
        while (compact.length() < length && at < text.length()) {
            char c = text.at(at);
            if (CharSet.ALNUM.has(c)) {
                compact.append(Character.toUpperCase(c));
            } else if (!separates(text, at, compact.length())) {
                break;
            }
            at++;
        }
        if (compact.length() == length && !CharSet.ALNUM.has(text.at(at)) && mod97(compact)) {
            hits.add("IBAN", from, at, 0.99, Tier.VALIDATED);
        }
    }

    private static boolean separates(ScanText text, int at, int seen) {
        char c = text.at(at);
        return (c == ' ' || c == '-')
                && seen >= 2
                && CharSet.ALNUM.has(text.at(at - 1))
                && CharSet.ALNUM.has(text.at(at + 1));
    }

    /** ISO 7064 MOD 97-10 over the country code and check digits moved to the end. */
    static boolean mod97(CharSequence iban) {
        int rest = 0;
        for (int i = 0; i < iban.length(); i++) {
            char c = iban.charAt((i + 4) % iban.length());
            int value = Character.digit(c, 36);
            rest = (value < 10 ? rest * 10 + value : rest * 100 + value) % 97;
        }
        return rest == 1;
    }
}
