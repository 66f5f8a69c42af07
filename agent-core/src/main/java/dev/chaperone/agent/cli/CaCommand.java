// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.agent.DataFolder;
import dev.chaperone.agent.OwnerRights;
import dev.chaperone.agent.StartException;
import dev.chaperone.agent.machine.InstalledService;
import dev.chaperone.pki.Pem;
import dev.chaperone.pki.PkiException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
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

    /** What clients must trust, and where it was found. */
    record Trusted(Path file, String pem, X509Certificate root, String vault) {}

    private interface Work {
        int with(Trusted trusted) throws IOException, GeneralSecurityException;
    }

    private int withRoot(DataDirOption dataDir, Work work) {
        PrintWriter err = spec.commandLine().getErr();
        try {
            return work.with(trusted(dataDir));
        } catch (StartException e) {
            err.println("chaperone: " + e.getMessage());
            return e.exitStatus();
        } catch (IOException | GeneralSecurityException e) {
            err.println("chaperone: " + e.getMessage());
            return ExitStatus.ENVIRONMENT;
        }
    }

    private static Trusted trusted(DataDirOption dataDir) throws StartException, IOException {
        if (dataDir.meansService() && !InstalledService.isRoot()) {
            return published(InstalledService.PUBLIC_CA);
        }
        Path path = dataDir.resolve();
        try (OwnerRights _ = OwnerRights.in(path)) {
            if (!Files.exists(path.resolve("ca.pem"))) {
                throw new IOException(
                        "no root certificate in "
                                + path
                                + "; an agent makes it at its first start (chaperone run), for"
                                + " another agent give --data-dir");
            }
            DataFolder folder = DataFolder.open(path);
            return read(folder.caFile(), folder.vault().describe());
        }
    }

    /**
     * What the machine's service shows to every user; its folder is closed to them.
     *
     * @throws IOException with one line when it is not there
     */
    static Trusted published(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new IOException(
                    "no root certificate in " + file + "; as root: chaperone machine repair");
        }
        return read(file, "kept by the service, no user can read it");
    }

    private static Trusted read(Path file, String vault) throws IOException {
        String pem = Files.readString(file, StandardCharsets.ISO_8859_1);
        try {
            List<X509Certificate> roots = Pem.decodeAll(pem);
            if (!roots.isEmpty()) {
                return new Trusted(file, pem, roots.getFirst(), vault);
            }
        } catch (PkiException e) {
            // Said below.
        }
        throw new IOException(file + " holds no certificate");
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

    @Command(
            name = "make",
            description =
                    "Makes the device's root certificate where none is there, as the first start"
                            + " of an agent does.",
            mixinStandardHelpOptions = true)
    int make(@Mixin DataDirOption dataDir) {
        PrintWriter err = spec.commandLine().getErr();
        Path path = dataDir.resolve();
        try (OwnerRights _ = OwnerRights.in(path)) {
            DataFolder.open(path).requireTrusted(Instant.now());
            return ExitStatus.DONE;
        } catch (StartException e) {
            err.println("chaperone: " + e.getMessage());
            return e.exitStatus();
        } catch (IOException e) {
            err.println("chaperone: " + e.getMessage());
            return ExitStatus.ENVIRONMENT;
        }
    }
}
