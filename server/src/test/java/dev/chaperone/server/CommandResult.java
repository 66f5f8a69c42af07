// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/**
 * What a command did.
 *
 * @param status exit status
 */
record CommandResult(int status, String out, String err) {
    static CommandResult of(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = ServerMain.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        int status = line.execute(arguments);
        return new CommandResult(status, out.toString(), err.toString());
    }
}
