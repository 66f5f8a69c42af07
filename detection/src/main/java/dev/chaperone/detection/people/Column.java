// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.people;

import dev.chaperone.detection.people.Table.Cell;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** What a column of a table of people can hold, by the name in its header and by its content. */
enum Column {
    PERSON(
            "name|names|fullname|firstname|lastname|givenname|surname|familyname|forename|middlename|customer|customername|"
                    + "client|clientname|employee|employeename|contact|contactname|contactperson|patient|patientname|student|studentname|"
                    + "member|membername|person|candidate|applicant|tenant|guest|guestname|attendee|participant|cardholder|accountholder|"
                    + "vorname|nachname|familienname|kunde|kundenname|mitarbeiter|mitarbeitername|ansprechpartner|inhaber|kontoinhaber|"
                    + "patientin|bewerber|teilnehmer|nombre|nombres|apellido|apellidos|nombrecompleto|cliente|empleado|paciente|contacto|"
                    + "nom|prenom|nomcomplet|nomdefamille|employe|salarie|titulaire|cognome|nome|first|last|manager|owner|rep|salesrep",
            Pattern.compile(
                    "(?U)[\\p{Lu}\\p{Lo}][\\p{L}'’.-]{0,24}(,? [\\p{L}][\\p{L}'’.-]{0,24}){0,4}")),
    EMAIL(
            "email|emailaddress|mail|mailaddress|mailadresse|emailadresse|correo|correoelectronico|courriel|adressemail|adresseemail|"
                    + "workemail|privateemail|personalemail|companyemail",
            Pattern.compile("[^\\s@]{1,64}@[^\\s@]{1,200}\\.[a-zA-Z]{2,24}")),
    PHONE(
            "phone|phonenumber|phoneno|telephone|telephonenumber|tel|telno|mobile|mobilephone|mobilenumber|mobileno|cell|cellphone|fax|"
                    + "contactnumber|workphone|homephone|telefon|telefonnummer|mobil|mobilnummer|handy|handynummer|rufnummer|telefono|"
                    + "movil|celular|portable|numerodetelephone|cellulare|whatsapp",
            Pattern.compile("[+(]?[0-9][0-9 ()./-]{5,20}[0-9]( ?(x|ext\\.?) ?\\d{1,6})?")),
    ADDRESS(
            "address|addressline|addressline1|address1|street|streetaddress|homeaddress|mailingaddress|postaladdress|billingaddress|"
                    + "shippingaddress|adresse|anschrift|strasse|straße|wohnort|direccion|domicilio|calle|rue|adressepostale|indirizzo",
            Pattern.compile("(?Us)(?=.{0,120}\\d)[\\p{L}\\d][\\p{L}\\d\\s.,'’/#()-]{4,120}")),
    DATE_OF_BIRTH(
            "dob|dateofbirth|birthdate|birthday|birth|born|geburtsdatum|geburtstag|geb|gebdatum|fechadenacimiento|nacimiento|"
                    + "datedenaissance|naissance|datadinascita",
            Pattern.compile(
                    "\\d{1,4}[-./ ](\\d{1,2}|\\p{L}{3,9})[-./ ]\\d{2,4}|\\p{L}{3,9} \\d{1,2},? \\d{4}")),
    IBAN(
            "iban|accountiban|kontonummer|bankverbindung",
            Pattern.compile("[A-Za-z]{2}\\d{2}[A-Za-z0-9 ]{11,36}")),
    NATIONAL_ID(
            "ssn|socialsecuritynumber|socialsecurity|socialsecurityno|nationalid|nationalidnumber|personalausweis|steuerid|svnummer|"
                    + "sozialversicherungsnummer|dni|nif|nie|curp|nino|nationalinsurancenumber|numerodesecuritesociale|codicefiscale",
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9 ./-]{6,20}")),
    CREDIT_CARD(
            "creditcard|creditcardnumber|card|cardnumber|cardno|ccnumber|kreditkarte|kreditkartennummer|tarjeta",
            Pattern.compile("\\d[\\d -]{10,22}\\d")),
    LOCATION(
            "city|town|ort|stadt|ciudad|ville|citta|hometown|birthplace|geburtsort",
            Pattern.compile("(?U)\\p{Lu}[\\p{L} .'’-]{1,40}")),
    POSTAL_CODE(
            "zip|zipcode|postcode|postalcode|plz|postleitzahl|codigopostal|cp|codepostal|cap",
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9 -]{2,9}"));

    private static final Pattern MARKS = Pattern.compile("\\p{M}+");

    @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
    private final List<String> headers;

    private final Pattern content;

    Column(String headers, Pattern content) {
        this.headers = List.of(headers.split("\\|"));
        this.content = content;
    }

    /** The finding type of a cell of this column. */
    String type() {
        return name();
    }

    /** Whether this column alone says that a table is about people. */
    boolean identifies() {
        return this != LOCATION && this != POSTAL_CODE && this != ADDRESS;
    }

    boolean namedBy(String header) {
        return headers.contains(fold(header));
    }

    /** The share in [0, 1] of cells that look like this kind. */
    double share(List<Cell> cells) {
        if (cells.isEmpty()) {
            return 0;
        }
        long fitting = cells.stream().filter(c -> fits(c.text())).count();
        return (double) fitting / cells.size();
    }

    boolean fits(String cell) {
        if (cell.length() > 160 || !content.matcher(cell).matches()) {
            return false;
        }
        return this != PHONE || phoneLike(cell);
    }

    private static boolean phoneLike(String cell) {
        long digits = cell.chars().filter(Character::isDigit).count();
        boolean marked =
                cell.startsWith("+")
                        || cell.startsWith("0")
                        || cell.startsWith("(")
                        || cell.matches("\\d{3}[-. ]\\d{3}[-. ]\\d{4}.{0,10}");
        return digits >= 7
                && digits <= 15
                && marked
                && !cell.matches("\\d{1,4}[-./]\\d{1,2}[-./]\\d{1,4}");
    }

    /** Lower case letters without accents, spaces or punctuation. */
    private static String fold(String header) {
        String plain = java.text.Normalizer.normalize(header, java.text.Normalizer.Form.NFD);
        return MARKS.matcher(plain)
                .replaceAll("")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-zß0-9]", "");
    }
}
