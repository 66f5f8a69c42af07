// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.DataFolder;
import dev.chaperone.agent.OwnerRights;
import dev.chaperone.agent.StartException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code chaperone ca}: the certificate that clients must trust. Installing it into trust stores
 * comes with the packages.
 */
@Command(
        name = "ca",
        description = "Shows or exports the certificate that clients must trust.",
        mixinStandardHelpOptions = true)
public final class CaCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return ExitStatus.USAGE;
    }

    /** What was found in the data folder. */
    private record Trusted(Path file, String pem, X509Certificate root, String vault) {}

    private interface Work {
        int with(Trusted trusted) throws IOException, GeneralSecurityException;
    }

    private int withRoot(DataDirOption dataDir, Work work) {
        PrintWriter err = spec.commandLine().getErr();
        try {
            return work.with(trusted(dataDir.resolve()));
        } catch (StartException e) {
            err.println("chaperone: " + e.getMessage());
            return e.exitStatus();
        } catch (IOException | GeneralSecurityException e) {
            err.println("chaperone: " + e.getMessage());
            return ExitStatus.ENVIRONMENT;
        }
    }

    private static Trusted trusted(Path path) throws StartException, IOException {
        try (OwnerRights _ = OwnerRights.in(path)) {
            DataFolder folder = DataFolder.open(path);
            folder.requireTrusted(Instant.now());
            Optional<X509Certificate> root = folder.rootCertificate();
            if (root.isEmpty()) {
                throw new IOException("ca.pem cannot be read");
            }
            return new Trusted(
                    folder.caFile(),
                    Files.readString(folder.caFile()),
                    root.get(),
                    folder.vault().describe());
        }
    }

    @Command(
            name = "status",
            description = "Shows the device's root certificate.",
            mixinStandardHelpOptions = true)
    int status(@Mixin DataDirOption dataDir) {
        return withRoot(
                dataDir,
                trusted -> {
                    X509Certificate root = trusted.root();
                    PrintWriter out = spec.commandLine().getOut();
                    byte[] digest = MessageDigest.getInstance("SHA-256").digest(root.getEncoded());
                    out.println("file     " + trusted.file());
                    out.println("subject  " + root.getSubjectX500Principal().getName());
                    out.println("valid    until " + root.getNotAfter().toInstant());
                    out.println(
                            "sha256   "
                                    + HexFormat.ofDelimiter(":").withUpperCase().formatHex(digest));
                    out.println("key      " + trusted.vault());
                    return ExitStatus.DONE;
                });
    }

    @Command(
            name = "export",
            description = "Writes the certificate as PEM to a file or standard output.",
            mixinStandardHelpOptions = true)
    int export(
            @Mixin DataDirOption dataDir,
            @Parameters(paramLabel = "FILE", arity = "0..1", description = "Where to write.")
                    @Nullable Path file) {
        return withRoot(
                dataDir,
                trusted -> {
                    if (file == null) {
                        spec.commandLine().getOut().print(trusted.pem());
                        spec.commandLine().getOut().flush();
                    } else {
                        Files.writeString(file, trusted.pem());
                    }
                    return ExitStatus.DONE;
                });
    }
}
