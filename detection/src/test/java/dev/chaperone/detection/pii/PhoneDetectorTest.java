// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.pii;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.detection.Found;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PhoneDetectorTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "+49 30 901820",
                "+44 20 7946 0018",
                "(415) 555-2671",
                "415-555-2671",
                "+1 415 555 2671 ext. 12",
                "0049 30 901820",
                "+33 1 84 17 61 18"
            })
    void writtenNumberIsFoundWhole(String phone) {
        assertThat(Found.in("Please note " + phone + ".")).containsExactly("PHONE=" + phone);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "030 901820",
                "0171 5551234",
                "01.84.17.61.18",
                "9472 7916",
                "0490 75 40 81"
            })
    void nationalNumberIsFoundWhenItIsNamed(String phone) {
        assertThat(Found.in("Phone: " + phone)).containsExactly("PHONE=" + phone);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "order 4029357733 is late",
                "2024-05-06 12:30",
                "192.168.178.20",
                "version 5.4.9.26",
                "total 233.095.4048",
                "ISBN 978-3-16-148410-0",
                "1595140956662",
                "56.738551,-124.216307",
                "ae8b63a5-0801-6123-8131-212345678901",
                "call f(1234567)",
                "1,234,567,890",
                "12345678",
                "part 725-70-9645",
                "1000000 rows"
            })
    void otherNumberIsNotFound(String text) {
        assertThat(Found.types(text)).isEmpty();
    }
}
