// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.people;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.detection.Found;
import dev.chaperone.model.finding.Finding;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeopleTablesTest {
    private static final List<String> NAMES =
            List.of(
                    "Anna Schmidt",
                    "Bob Miller",
                    "Carla Weiss",
                    "Zdenka Novak",
                    "Omar Haddad",
                    "Li Wei",
                    "Jean Dupont",
                    "Maria Rossi",
                    "Tom Hardy",
                    "Ute Klein",
                    "Rolf Maier",
                    "Ines Soto");

    private static String table(String header, int rows, IntFunction<String> row) {
        return header
                + "\n"
                + IntStream.range(0, rows).mapToObj(row).collect(Collectors.joining("\n"))
                + "\n";
    }

    private static Map<String, Long> cells(String text) {
        return Found.findings(text).stream()
                .filter(f -> f.detector().equals(PeopleTables.DETECTOR))
                .collect(Collectors.groupingBy(Finding::type, Collectors.counting()));
    }

    @ParameterizedTest
    @ValueSource(strings = {",", ";", "\t", " | "})
    void everyPersonalCellIsAFinding(String separator) {
        String text =
                "Please sort this list:\n"
                        + table(
                                String.join(separator, "name", "department", "phone", "e-mail"),
                                12,
                                i ->
                                        String.join(
                                                separator,
                                                NAMES.get(i),
                                                "Sales",
                                                "+49 30 90182" + (10 + i),
                                                "p" + i + "@firma.de"));
        assertThat(cells(text)).isEqualTo(Map.of("PERSON", 12L, "PHONE", 12L, "EMAIL", 12L));
    }

    @Test
    void markdownTableIsRead() {
        String text =
                table(
                        "| Kunde | Ort | Geburtsdatum |\n|---|---|---|",
                        11,
                        i -> "| " + NAMES.get(i) + " | Köln | 12.03.19" + (70 + i) + " |");
        assertThat(cells(text))
                .isEqualTo(Map.of("PERSON", 11L, "LOCATION", 11L, "DATE_OF_BIRTH", 11L));
    }

    @Test
    void quotedCellsMayHoldSeparatorsAndLineEnds() {
        String text =
                table(
                        "nombre,dirección",
                        10,
                        i -> "\"" + NAMES.get(i) + "\",\"Calle Mayor " + i + ", 2\n28013 Madrid\"");
        assertThat(cells(text)).isEqualTo(Map.of("PERSON", 10L, "ADDRESS", 10L));
    }

    @Test
    void tableWithoutAHeaderIsRead() {
        String text =
                table(
                        "0\tEva Braun\t0171 5551200\t4000",
                        11,
                        i -> i + "\t" + NAMES.get(i) + "\t0171 55512" + (10 + i) + "\t40" + i);
        assertThat(cells(text)).isEqualTo(Map.of("PERSON", 12L, "PHONE", 12L));
    }

    @Test
    void raggedRowsAreRead() {
        String text =
                table(
                        "name,email,note",
                        12,
                        i -> NAMES.get(i) + ",p" + i + "@firma.de" + (i % 3 == 0 ? "" : ",ok"));
        assertThat(cells(text)).containsEntry("PERSON", 12L).containsEntry("EMAIL", 12L);
    }

    @Test
    void nineRowsAreNoTable() {
        assertThat(cells(table("name,email", 9, i -> NAMES.get(i) + ",p" + i + "@firma.de")))
                .isEmpty();
        assertThat(cells(table("name,email", 10, i -> NAMES.get(i) + ",p" + i + "@firma.de")))
                .isNotEmpty();
    }

    @Test
    void productsAreNoPeople() {
        assertThat(
                        cells(
                                table(
                                        "name,price,stock,date",
                                        12,
                                        i ->
                                                "Blue Widget,3."
                                                        + i
                                                        + ","
                                                        + i
                                                        + ",2024-01-1"
                                                        + i % 10)))
                .isEmpty();
        assertThat(
                        cells(
                                table(
                                        "Product name;Vendor;Contact",
                                        12,
                                        i -> "Hammer " + i + ";Bosch;Sales")))
                .isEmpty();
        assertThat(cells(table("Country,Capital,City", 12, i -> "France,Paris,Lyon"))).isEmpty();
    }

    @Test
    void logsCodeAndFiguresAreNoPeople() {
        assertThat(
                        cells(
                                table(
                                        "start",
                                        14,
                                        i ->
                                                "2024-05-06 12:30:0"
                                                        + i % 10
                                                        + ", INFO, Server Started, 10.0.0."
                                                        + i)))
                .isEmpty();
        assertThat(cells(table("int[] xs = {", 14, i -> "    call(First, Second, " + i + ");")))
                .isEmpty();
        assertThat(
                        cells(
                                table(
                                        "benchmark | ns/op | error",
                                        12,
                                        i -> "Parse Large | 12" + i + " | 0." + i)))
                .isEmpty();
    }
}
