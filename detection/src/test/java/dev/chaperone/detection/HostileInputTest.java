// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One megabyte of what makes a careless scanner quadratic. The bound is loose: builders are slow.
 */
class HostileInputTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "12 ",
                "4111 1111 1111 1111 ",
                "@",
                "a@",
                "a@b.",
                "-----BEGIN ",
                "-----BEGIN PRIVATE KEY-----\n",
                "eyJ",
                "eyJhbGciOiJIUzI1NiJ9.",
                "password=",
                "password=a1b2c3d4;",
                "server=a;password=",
                "://",
                "a://b:c@",
                "+49 30 1234567 ",
                "%41",
                "\\u0041",
                "aB3/",
                "\"a,\n",
                "| a |\n",
                "sk-",
                "glpat-",
                "key=",
                "curl -u a:b ",
                "\u200b1",
                "a.b.c.",
                "Max Muster,max@a.de,+49 30 1234567\n",
                "1|",
                "\uD83D\uDE00",
                "phone 030 12 "
            })
    void megabyteIsReadInTime(String unit) {
        String text = unit.repeat(1_000_000 / unit.length());
        Found.findings(text.substring(0, 20_000));
        Assertions.assertTimeout(
                Duration.ofMillis(1500),
                () -> assertThat(Found.findings(text).size()).isLessThanOrEqualTo(50_000));
    }
}
