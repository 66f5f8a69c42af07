// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
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
        long cold = cpuMillis(text);
        long warm = cpuMillis(text);
        assertThat(Math.min(cold, warm)).isLessThan(1500);
    }

    /** Processor time, so that a busy builder does not matter. */
    private static long cpuMillis(String text) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        assertThat(Found.findings(text).size()).isLessThanOrEqualTo(50_000);
        return (threads.getCurrentThreadCpuTime() - start) / 1_000_000;
    }
}
