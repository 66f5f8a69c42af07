// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.pii;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.detection.Found;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaymentCardDetectorTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "4539578763621486",
                "4539 5787 6362 1486",
                "4539-5787-6362-1486",
                "5425233430109903",
                "2223000048410010",
                "374245455400126",
                "3742 454554 00126",
                "6011000991300009",
                "3566000020000410",
                "36700102000000",
                "6250941006528599"
            })
    void numberOfANetworkIsFoundWhole(String card) {
        assertThat(Found.in("charge card " + card + ", please"))
                .containsExactly("CREDIT_CARD=" + card);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4539578763621487", // check digit
                "45395787636214861234", // part of a longer number
                "x4539578763621486",
                "4539578763621486-12",
                "4539 5787-6362 1486",
                "0000000000000000",
                "9999999999999995"
            })
    void otherNumberIsNotFound(String number) {
        assertThat(Found.types("see " + number + " there")).doesNotContain("CREDIT_CARD");
    }

    @Test
    void numberThatIsNamedSomethingElseIsNotFound() {
        assertThat(Found.types("order number 4539578763621486 is late")).isEmpty();
    }

    @Test
    void numberBesideAnotherNumberIsFound() {
        assertThat(Found.in("cvv 123 4539578763621486 12/27"))
                .containsExactly("CREDIT_CARD=4539578763621486");
    }

    @Test
    void testNumberOfANetworkIsAnExample() {
        assertThat(Found.findings("4111 1111 1111 1111")).singleElement().matches(f -> f.example());
        assertThat(Found.findings("4539 5787 6362 1486"))
                .singleElement()
                .matches(f -> !f.example());
    }

    @Test
    void onlyTheLastFourDigitsAreShown() {
        assertThat(Found.findings("card 4539 5787 6362 1486"))
                .singleElement()
                .extracting(f -> f.masked())
                .isEqualTo("**** 1486");
    }
}
