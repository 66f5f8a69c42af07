// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.cli;

import dev.chaperone.server.policy.PolicyCheck;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The process in which the server checks a policy: document in, first error or nothing out. */
public final class PolicyCheckMain {
    private PolicyCheckMain() {}

    public static void main(String[] args) throws IOException {
        byte[] yaml = System.in.readAllBytes();
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PolicyCheck.here(args[0], yaml).ifPresent(out::print);
        out.flush();
    }
}
