// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.pii;

import com.google.i18n.phonenumbers.NumberParseException;
import com.google.i18n.phonenumbers.PhoneNumberUtil;
import com.google.i18n.phonenumbers.Phonenumber.PhoneNumber;
import dev.chaperone.detection.Detector;
import dev.chaperone.detection.Hits;
import dev.chaperone.detection.text.CharSet;
import dev.chaperone.detection.text.ScanText;
import dev.chaperone.detection.text.Words;
import dev.chaperone.model.finding.Tier;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Telephone numbers. A candidate is 7 to 15 digits (ITU-T E.164) in a writing that people use for
 * telephone numbers; libphonenumber, which is slow, only sees candidates. International writing
 * stands for itself, a national one needs its punctuation, or a word that names it.
 */
final class PhoneDetector implements Detector {
    private static final CharSet SEPARATOR = CharSet.of(" .()/-");
    private static final Words NAMED =
            Words.of(
                    "phone,telephone,tel$,tel.,tel:,call,mobile,cell$,cell:,cellphone,fax,whatsapp,sms$,text me,text us,dial,"
                            + "hotline,contact,reach,ring$,telefon,handy,mobil,rufnummer,rückruf,anruf,teléfono,telefono,móvil,movil,llama,"
                            + "téléphone,portable$,appel,numéro,celular,celulare,answering at,ruf mich,erreichbar,anrufen,appelle,llámame,messages to,text messages,my registered,my number,ph$,ph:,voicemail,extension,landline,helpline,switchboard");
    private static final Words OTHER =
            Words.of(
                    "order,invoice,tracking,parcel,lot$,sku,isbn,issn,version,ip$,serial,part,ticket,total,amount,price,"
                            + "timestamp,id$,uuid,oid,article,ref$,reference,coordinates,plot,epoch,unix,port,build,v$,doi,"
                            + "card,iban,account,ssn,social,passport,license,licence,tax,aadhaar,npi,mbi,nhs,pesel,abn,acn,tfn,batch,model");
    private static final List<String> REGIONS =
            List.of(
                    "US", "GB", "DE", "FR", "ES", "IT", "NL", "CH", "AT", "BE", "SE", "PL", "IN",
                    "AU", "IL", "TR", "NG", "PH", "BR", "MX", "ZA", "JP", "CN", "KR", "SG", "IE",
                    "DK", "NO", "FI", "PT", "CZ", "HU", "NZ", "CA");

    // Applied to at most 40 characters, without nested repetition: linear.
    private static final Pattern NANP =
            Pattern.compile("(1[-. ])?(\\([2-9]\\d\\d\\) ?|[2-9]\\d\\d[-.])[2-9]\\d\\d[-. ]\\d{4}");
    private static final Pattern DATE =
            Pattern.compile(
                    "(19|20)\\d{2}[-./ ]\\d{1,2}[-./ ]\\d{1,2}( \\d{1,6})?|\\d{1,2}[-./ ]\\d{1,2}[-./ ](19|20)\\d{2}( \\d{1,6})?");
    private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern FRENCH = Pattern.compile("0[1-9]([. ]\\d\\d){4}");
    private static final Pattern NUMBER =
            Pattern.compile(
                    "\\d{1,3}(\\.\\d{1,3}){3}|\\d+\\.\\d+|\\d{4}[-/ ]\\d{3,4}|\\d{4} \\d{4} \\d{4}( \\d{2,4})?"
                            + "|\\d{1,2}(\\.\\d{1,5}){3,7}|\\d{1,3}(\\.\\d{3}){1,4}");

    private static final PhoneNumberUtil UTIL = PhoneNumberUtil.getInstance();

    @Override
    public String name() {
        return "phone";
    }

    @Override
    public Trigger trigger() {
        return new Trigger.Digits(1);
    }

    @Override
    public void inspect(ScanText text, int start, int end, Hits hits) {
        Candidate candidate = Candidate.at(text, start);
        if (candidate == null) {
            return;
        }
        int from = candidate.start;
        int to = candidate.end;
        boolean named =
                text.before(from, 40, NAMED)
                        || NAMED.occurIn(text.value(), to, Math.min(text.length(), to + 16));
        boolean other = text.before(from, 28, OTHER);
        double confidence = judge(text, candidate, named, other, hits);
        if (confidence > 0) {
            hits.add(
                    "PHONE",
                    from,
                    extension(text, to),
                    confidence,
                    confidence > 0.9 ? Tier.VALIDATED : Tier.CONTEXTUAL);
        }
    }

    /** Whether a word that means nothing but a telephone stands right before. */
    private static boolean adjacent(ScanText text, Candidate candidate) {
        return text.before(candidate.start, 24, NAMED)
                && candidate.groups >= 2
                && candidate.digits >= 8;
    }

    private static double judge(
            ScanText text, Candidate candidate, boolean named, boolean other, Hits hits) {
        String written = text.slice(candidate.start, candidate.end);
        if (candidate.international) {
            String plus = written.startsWith("00") ? "+" + written.substring(2) : written;
            return valid(plus, "ZZ", hits) ? 0.95 : named && possible(plus) ? 0.7 : 0;
        }
        if (other && !named) {
            return 0;
        }
        if (candidate.northAmerican(text)) {
            return valid(written, "US", hits) ? 0.91 : named ? 0.75 : 0;
        }
        if (named && candidate.digits >= 7) {
            boolean grouped = candidate.groups > 1 && text.before(candidate.start, 24, NAMED);
            for (String region : REGIONS) {
                if ((grouped || written.startsWith("0") || region.equals("US"))
                        && valid(written, region, hits)) {
                    return 0.85;
                }
            }
            return adjacent(text, candidate) && !other ? 0.7 : 0;
        }
        // A trunk prefix and at least three groups, or an area code in brackets, is written by
        // habit.
        boolean trunk = written.startsWith("0") || written.startsWith("(0");
        boolean habit = trunk && candidate.groups >= 3 && candidate.digits >= 9;
        return habit
                        && (valid(written, "GB", hits)
                                || valid(written, "DE", hits)
                                || valid(written, "FR", hits)
                                || valid(written, "AU", hits))
                ? 0.8
                : 0;
    }

    private static boolean valid(String written, String region, Hits hits) {
        if (!hits.affords()) {
            return true; // by its writing alone, once a text has held hundreds of candidates
        }
        try {
            PhoneNumber number = UTIL.parse(written, region);
            return region.equals("ZZ")
                    ? UTIL.isValidNumber(number)
                    : UTIL.isValidNumberForRegion(number, region)
                            || (region.equals("US")
                                    && UTIL.isValidNumber(number)
                                    && number.getCountryCode() == 1);
        } catch (NumberParseException _) {
            return false; // not a number of any plan
        }
    }

    private static boolean possible(String written) {
        try {
            return UTIL.isPossibleNumber(UTIL.parse(written, "ZZ"));
        } catch (NumberParseException _) {
            return false; // no such country code
        }
    }

    /** Includes " x123", " ext. 123", "#123". */
    private static int extension(ScanText text, int end) {
        int at = text.runEnd(end, CharSet.of(" ,"), end + 2);
        for (String mark : new String[] {"extension ", "ext. ", "ext.", "ext ", "ext", "x", "#"}) {
            if (text.value().regionMatches(true, at, mark, 0, mark.length())) {
                int from = at + mark.length();
                int to = text.runEnd(from, CharSet.DIGIT, from + 7);
                if (to - from >= 1 && to - from <= 6 && !CharSet.WORD.has(text.at(to))) {
                    return to;
                }
            }
        }
        return end;
    }

    /** A stretch of text that may be a telephone number. */
    private record Candidate(int start, int end, int digits, int groups, boolean international) {
        /** The candidate whose first group of digits starts at {@code at}, or null. */
        private static @org.jspecify.annotations.Nullable Candidate at(ScanText text, int at) {
            int start = at;
            if (text.at(start - 1) == '(') {
                start--;
            }
            boolean plus = text.at(start - 1) == '+';
            if (plus) {
                start--;
            }
            char before = text.at(start - 1);
            if (CharSet.WORD.has(before)
                    || ("+-./#$€£@=&%:".indexOf(before) >= 0 && inside(text, start))) {
                return null;
            }
            if ((before == ' ' || before == ')')
                    && CharSet.DIGIT.has(text.at(start - 2))
                    && !plus) {
                return null;
            }
            return grow(text, start, at, plus);
        }

        private static boolean inside(ScanText text, int start) {
            char before = text.at(start - 1);
            if (before == ':' || before == '=') {
                return CharSet.DIGIT.has(text.at(start - 2));
            }
            return before != '/' || CharSet.ALNUM.has(text.at(start - 2));
        }

        private static @org.jspecify.annotations.Nullable Candidate grow(
                ScanText text, int start, int first, boolean plus) {
            int at = first;
            int end = first;
            int digits = 0;
            int groups = 0;
            while (digits <= 16) {
                int stop = text.runEnd(at, CharSet.DIGIT, at + 17);
                if (stop == at) {
                    break;
                }
                digits += stop - at;
                groups++;
                end = stop;
                at = text.runEnd(stop, SEPARATOR, stop + 3);
                if (at - stop
                        > (text.slice(stop, at).indexOf('(') >= 0
                                        || text.slice(stop, at).indexOf(')') >= 0
                                        || text.slice(stop, at).equals(" - ")
                                ? 3
                                : 1)) {
                    break;
                }
            }
            if (digits < 7
                    || digits > 15
                    || (CharSet.WORD.has(text.at(end)) && text.at(end) != 'x')
                    || "%°€$".indexOf(text.at(end)) >= 0) {
                return null;
            }
            boolean international = plus || (text.value().startsWith("00", first) && digits >= 10);
            Candidate found = new Candidate(start, end, digits, groups, international);
            return found.looksLikeOther(text) ? null : found;
        }

        /**
         * Dates, IP addresses, versions, ranges and decimal numbers are written with digits too.
         */
        private boolean looksLikeOther(ScanText text) {
            String written = text.slice(start, end);
            if (DATE.matcher(written).matches() || ADDRESS.matcher(written).matches()) {
                return true;
            }
            boolean called = text.before(start, 24, NAMED) || FRENCH.matcher(written).matches();
            if (!called && NUMBER.matcher(written).matches()) {
                return true;
            }
            char after = text.at(end);
            return ".-:/".indexOf(after) >= 0 && CharSet.DIGIT.has(text.at(end + 1));
        }

        /** {@code (ddd) ddd-dddd} and its relatives of the North American Numbering Plan. */
        private boolean northAmerican(ScanText text) {
            return NANP.matcher(text.slice(start, end)).matches();
        }
    }
}
