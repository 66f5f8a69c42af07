// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.mdm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xml.sax.InputSource;

class QuotingTest {
    private static final String NO_CONTROLS = Kits.HOSTILE.replaceAll("[\\x00-\\x1f]", "");

    @Test
    void xmlReadsBackAsTextAndAsAttribute() throws Exception {
        String quoted = Quoting.xml(Kits.HOSTILE + "\t\n");
        String document = "<a b=\"" + quoted + "\">" + quoted + "</a>";
        var element =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(new InputSource(new StringReader(document)))
                        .getDocumentElement();
        assertThat(element.getTextContent()).isEqualTo(NO_CONTROLS + "\t\n");
        assertThat(element.getAttribute("b")).isEqualTo(NO_CONTROLS + "\t\n");
    }

    @Test
    void xmlDropsWhatXmlCannotHold() {
        assertThat(Quoting.xml("a\uD800b\uFFFFc\u0001")).isEqualTo("abc");
    }

    @DisabledOnOs(OS.WINDOWS) // no POSIX shell
    @ParameterizedTest
    @ValueSource(strings = {Kits.HOSTILE, "a'b", "'", "", "line\nbreak", "-n", "*"})
    void shellTakesItAsOneWord(String text) throws Exception {
        Process shell =
                new ProcessBuilder("sh", "-c", "printf '%s|' " + Quoting.sh(text))
                        .redirectErrorStream(true)
                        .start();
        String out = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shell.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(out).isEqualTo(text.replace("\0", "") + "|");
    }

    /** Windows PowerShell ends a verbatim string at each of these unless it is doubled. */
    @Test
    void powerShellDoublesEveryQuoteItKnows() {
        assertThat(Quoting.powerShell("a'b\u2018c\u2019d\u201Ae\u201Bf$(g)`h\"i"))
                .isEqualTo("'a''b\u2018\u2018c\u2019\u2019d\u201A\u201Ae\u201B\u201Bf$(g)`h\"i'");
    }

    @Test
    void registryEscapesBackslashAndQuoteAndHoldsOneLine() {
        assertThat(Quoting.registry("a\\b\"c\r\nd")).isEqualTo("\"a\\\\b\\\"cd\"");
        assertThat(Quoting.registryFile("a\n"))
                .isEqualTo(new byte[] {(byte) 0xFF, (byte) 0xFE, 'a', 0, '\r', 0, '\n', 0});
    }

    @Test
    void markdownStaysTextOnOneLine() {
        assertThat(Quoting.markdown("a](x) `b`\n# <c>"))
                .isEqualTo("a\\]\\(x\\) \\`b\\` \\# \\<c\\>");
    }

    @Test
    void templateThatNamesAnUnknownValueIsABug() {
        assertThat(List.of("GROUP", "SERVER"))
                .allSatisfy(n ->
                        assertThat(
                                        Template.fill(
                                                "guide.md",
                                                java.util.Map.of(
                                                        "GROUP",
                                                        "@SERVER@",
                                                        "SERVER",
                                                        "s",
                                                        "PAC",
                                                        "p",
                                                        "USES",
                                                        "1",
                                                        "HOURS",
                                                        "1",
                                                        "ROOTS",
                                                        "r")))
                                .contains("Group: @SERVER@"));
    }
}
