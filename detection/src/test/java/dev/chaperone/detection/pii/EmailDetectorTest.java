// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection.pii;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.detection.Found;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EmailDetectorTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "anna@firma.de",
                "a.b-c+tag@mail.sub.firma.co.uk",
                "jürgen@müller.de",
                "x@y.museum",
                "o_neil@firma.ie",
                "user_1@xn--mller-kva.de"
            })
    void addressIsFoundWhole(String address) {
        assertThat(Found.in("write <" + address + ">, or wait."))
                .containsExactly("EMAIL=" + address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a@b",
                "@handle",
                "git@github.com:org/repo.git",
                "logo@2x.png",
                "a..b@firma.de",
                ".@firma.de",
                "a@b@c",
                "npm i @scope/pkg",
                "me@10.0.0.1",
                "x @ y.de"
            })
    void otherTextIsNotFound(String text) {
        assertThat(Found.types("see " + text + " there")).doesNotContain("EMAIL");
    }

    @Test
    void sentenceEndIsNotPartOfTheAddress() {
        assertThat(Found.in("Ask anna@firma.de. Then bob@firma.de!"))
                .containsExactly("EMAIL=anna@firma.de", "EMAIL=bob@firma.de");
    }

    @Test
    void reservedDomainIsAnExample() {
        assertThat(Found.findings("bob@example.com")).singleElement().matches(f -> f.example());
        assertThat(Found.findings("bob@mail.test")).singleElement().matches(f -> f.example());
        assertThat(Found.findings("bob@examples.com")).singleElement().matches(f -> !f.example());
    }

    @Test
    void sampleShowsNeitherNameNorDomain() {
        assertThat(Found.findings("anna@firma.de"))
                .singleElement()
                .extracting(f -> f.masked())
                .isEqualTo("a***@f***.de");
    }
}
