// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.demo;

import dev.chaperone.policies.PolicyDocument;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The policy of the demonstration: the shipped one, with a rule before it that asks a person. */
final class DemoPolicy {
    private static final String RULES = "\nrules:\n";

    private DemoPolicy() {}

    /** Writes it; returns the file. */
    static Path write(Path file) throws IOException {
        String shipped = PolicyDocument.shippedText("baseline");
        int rules = shipped.indexOf(RULES) + RULES.length();
        return Files.writeString(
                file, shipped.substring(0, rules) + asked() + "\n" + shipped.substring(rules));
    }

    private static String asked() throws IOException {
        try (InputStream in = DemoPolicy.class.getResourceAsStream("asked.yaml")) {
            if (in == null) {
                throw new IOException("the demonstration's rule is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
