// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection;

import java.util.Locale;
import java.util.Set;

/**
 * The one rule class of values that documentation uses: found, counted, by default not redacted.
 * Exact values and reserved names only; a value that merely looks like an example is not one.
 *
 * <ul>
 *   <li>cards: the test numbers that the networks and the processors Stripe, Adyen and PayPal
 *       publish
 *   <li>AWS: a key that ends in EXAMPLE, as in all of AWS's documentation
 *   <li>e-mail: the domains of RFC 2606 and RFC 6761
 *   <li>IBAN: the examples of the SWIFT IBAN registry and ISO 13616
 *   <li>SSN: numbers that were advertised and withdrawn by the SSA
 *   <li>JWT: the token of RFC 7519's introduction site jwt.io
 * </ul>
 */
final class Examples {
    private static final Set<String> CARDS =
            Set.of(
                    "4111111111111111",
                    "4012888888881881",
                    "4222222222222",
                    "4242424242424242",
                    "4000056655665556",
                    "4000000000000002",
                    "4000000000009995",
                    "4000002500003155",
                    "4917610000000000003",
                    "4988438843884305",
                    "4166676667666746",
                    "4005519200000004",
                    "4009348888881881",
                    "4012000033330026",
                    "4012000077777777",
                    "4217651111111119",
                    "4500600000000061",
                    "5555555555554444",
                    "5105105105105100",
                    "2223003122003222",
                    "2223000048400011",
                    "2222400070000005",
                    "5200828282828210",
                    "5454545454545454",
                    "5431111111111111",
                    "5019717010103742",
                    "378282246310005",
                    "371449635398431",
                    "378734493671000",
                    "370000000000002",
                    "6011111111111117",
                    "6011000990139424",
                    "6011981111111113",
                    "3056930009020004",
                    "30569309025904",
                    "38520000023237",
                    "36227206271667",
                    "3530111333300000",
                    "3566002020360505",
                    "3566111111111113",
                    "6200000000000005",
                    "6205500000000000004",
                    "5066991111111118",
                    "6759649826438453",
                    "6304000000000000",
                    "6331101999990016",
                    "76009244561",
                    "4444333322221111",
                    "4003830171874018",
                    "4263970000005262");
    private static final Set<String> IBANS =
            Set.of(
                    "GB29NWBK60161331926819",
                    "GB82WEST12345698765432",
                    "GB33BUKB20201555555555",
                    "DE89370400440532013000",
                    "FR1420041010050500013M02606",
                    "ES9121000418450200051332",
                    "IT60X0542811101000000123456",
                    "NL91ABNA0417164300",
                    "CH9300762011623852957",
                    "BE68539007547034",
                    "AT611904300234573201",
                    "PL61109010140000071219812874",
                    "SE4550000000058398257466",
                    "NO9386011117947",
                    "DK5000400440116243",
                    "FI2112345600000785",
                    "IE29AIBK93115212345678",
                    "PT50000201231234567890154",
                    "LU280019400644750000",
                    "SA0380000000608010167519");
    private static final Set<String> SSNS =
            Set.of("078051120", "219099999", "123456789", "457555462");
    private static final Set<String> MAIL_TOP = Set.of("example", "test", "invalid", "localhost");
    private static final Set<String> MAIL_DOMAIN =
            Set.of("example.com", "example.org", "example.net", "example.edu");

    /** Signature of the sample token that jwt.io shows. */
    private static final Set<String> JWT_SIGNATURES =
            Set.of(
                    "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
                    "TJVA95OrM7E2cBab30RMHrHDcEfxjoYZgeFONFh7HgQ");

    private Examples() {}

    /** Whether documentation uses this value of this type. */
    static boolean contains(String type, String value) {
        int dot = type.indexOf('.');
        return switch (dot < 0 ? type : type.substring(0, dot)) {
            case "CREDIT_CARD" -> CARDS.contains(compact(value));
            case "IBAN" -> IBANS.contains(compact(value).toUpperCase(Locale.ROOT));
            case "NATIONAL_ID" -> SSNS.contains(compact(value));
            case "EMAIL" -> reservedDomain(value);
            case "JWT" -> JWT_SIGNATURES.contains(value.substring(value.lastIndexOf('.') + 1));
            case "SECRET" ->
                    type.contains("aws")
                            && (value.endsWith("EXAMPLE") || value.endsWith("EXAMPLEKEY"));
            default -> false;
        };
    }

    private static boolean reservedDomain(String email) {
        String domain = email.substring(email.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT);
        for (String reserved : MAIL_DOMAIN) {
            if (domain.equals(reserved) || domain.endsWith("." + reserved)) {
                return true;
            }
        }
        return MAIL_TOP.contains(domain.substring(domain.lastIndexOf('.') + 1));
    }

    private static String compact(String value) {
        StringBuilder out = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            if (Character.isLetterOrDigit(value.charAt(i))) {
                out.append(value.charAt(i));
            }
        }
        return out.toString();
    }
}
