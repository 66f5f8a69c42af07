// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.cli;

import dev.chaperone.pki.Pem;
import dev.chaperone.server.http.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code chaperone admin root …}: the root that a fleet's clients trust. */
@Command(
        name = "root",
        description = "Shows, exports and replaces the root that the devices' clients trust.",
        mixinStandardHelpOptions = true)
public final class RootCommand implements Runnable {
    private static final String ROOTS = "/api/v1/roots";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "say what to do: show, export, csr, import, roll, promote or retire");
    }

    /** One use of the server. */
    private interface Use {
        void of(AdminClient client, PrintWriter out)
                throws AdminClient.Failure, InterruptedException, IOException;
    }

    private int use(AdminOptions options, Use use) throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        try (AdminClient client = AdminClient.open(options)) {
            use.of(client, spec.commandLine().getOut());
            spec.commandLine().getOut().flush();
            return ExitStatus.DONE;
        } catch (AdminClient.Failure e) {
            err.println("chaperone: " + e.getMessage());
            return e.exitStatus();
        } catch (IOException e) {
            err.println("chaperone: the file cannot be written: " + e.getMessage());
            return ExitStatus.ENVIRONMENT;
        }
    }

    @Command(
            name = "show",
            description = "Shows the roots, what they are for and which devices trust them.",
            mixinStandardHelpOptions = true)
    int show(
            @Mixin AdminOptions options,
            @Option(names = "--json", description = "As JSON.") boolean json)
            throws InterruptedException {
        return use(
                options,
                (client, out) -> {
                    JsonNode answer = client.getJson(ROOTS);
                    if (json) {
                        out.println(Json.MAPPER.writeValueAsString(answer));
                        return;
                    }
                    answer.get("roots").forEach(r -> out.print(described(r)));
                    if (answer.get("requested").asBoolean()) {
                        out.println("requested  a certificate of the company's CA: import it");
                    }
                });
    }

    private static String described(JsonNode r) {
        String subject = r.get("subject").asString();
        String signer = r.get("signer").asString();
        return "%-10s %s%n".formatted(r.get("role").asString(), subject)
                + (signer.equals(subject) ? "" : "  signs    %s%n".formatted(signer))
                + "  sha256   %s%n".formatted(r.get("sha256").asString())
                + "  valid    until %s%n".formatted(r.get("notAfter").asString())
                + "  devices  %d present its chains; %d do not say that they trust it%n"
                        .formatted(r.get("devices").asLong(), r.get("notTrusting").asLong());
    }

    @Command(
            name = "export",
            description =
                    "Writes what clients must trust to a file or standard output: every root as PEM,"
                            + " or one as DER.",
            mixinStandardHelpOptions = true)
    int export(
            @Mixin AdminOptions options,
            @Option(names = "--der", description = "The current root, or the next, as DER.")
                    boolean der,
            @Option(names = "--next", description = "The next root only.") boolean next,
            @Parameters(paramLabel = "FILE", arity = "0..1", description = "Where to write.")
                    @Nullable Path file)
            throws InterruptedException {
        return use(
                options,
                (client, out) -> {
                    String wanted = next ? "next" : der ? "current" : "";
                    StringBuilder pem = new StringBuilder();
                    for (JsonNode root : client.getJson(ROOTS).get("roots")) {
                        if (wanted.isEmpty() || root.get("role").asString().equals(wanted)) {
                            pem.append(root.get("certificate").asString());
                        }
                    }
                    if (pem.isEmpty()) {
                        throw new AdminClient.Failure(
                                ExitStatus.NO,
                                "there is no next root; make one with 'chaperone admin root roll'");
                    }
                    write(der ? der(pem.toString()) : ascii(pem.toString()), file, out);
                });
    }

    private static byte[] der(String pem) throws IOException {
        try {
            return Pem.decodeAll(pem).getFirst().getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IOException("the certificate cannot be encoded", e);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static void write(byte[] content, @Nullable Path file, PrintWriter out)
            throws IOException {
        if (file != null) {
            Files.write(file, content);
        } else if (content.length > 0 && content[0] == '-') {
            out.print(new String(content, StandardCharsets.US_ASCII));
        } else {
            System.out.write(content);
            System.out.flush();
        }
    }

    @Command(
            name = "csr",
            description =
                    "Writes a certification request, so that the company's own CA can sign what"
                            + " signs for devices (CA:TRUE, pathlen 1).",
            mixinStandardHelpOptions = true)
    int csr(
            @Mixin AdminOptions options,
            @Parameters(paramLabel = "FILE", arity = "0..1", description = "Where to write.")
                    @Nullable Path file)
            throws InterruptedException {
        return use(
                options,
                (client, out) ->
                        write(
                                ascii(
                                        client.post(ROOTS + "/request", Map.of())
                                                .get("csr")
                                                .asString()),
                                file,
                                out));
    }

    @Command(
            name = "import",
            description =
                    "Takes the certificate that the company's CA signed, with its issuers up to the"
                            + " root: as the current root while no device has certificates, else as"
                            + " the next.",
            mixinStandardHelpOptions = true)
    int take(
            @Mixin AdminOptions options,
            @Parameters(paramLabel = "CERT", arity = "1..*", description = "PEM files.")
                    List<Path> files)
            throws InterruptedException {
        StringBuilder pem = new StringBuilder();
        for (Path file : files) {
            try {
                pem.append(Files.readString(file, StandardCharsets.ISO_8859_1)).append('\n');
            } catch (IOException e) {
                spec.commandLine().getErr().println("chaperone: " + file + ": cannot be read");
                return ExitStatus.USAGE;
            }
        }
        return use(
                options,
                (client, out) -> {
                    JsonNode root = client.post(ROOTS, Map.of("certificates", pem.toString()));
                    out.print("imported as the " + described(root));
                });
    }

    @Command(
            name = "roll",
            description = "Makes a next root, which devices learn before it signs.",
            mixinStandardHelpOptions = true)
    int roll(@Mixin AdminOptions options) throws InterruptedException {
        return use(
                options,
                (client, out) -> {
                    out.print(described(client.post(ROOTS + "/roll", Map.of())));
                    out.println(
                            "ship it to the clients (chaperone admin root export --next), then"
                                    + " promote it");
                });
    }

    @Command(
            name = "promote",
            description = "Lets the next root sign; refused while devices do not trust it (2).",
            mixinStandardHelpOptions = true)
    int promote(
            @Mixin AdminOptions options,
            @Option(names = "--force", description = "Although devices would notice.")
                    boolean force)
            throws InterruptedException {
        return use(
                options,
                (client, out) ->
                        out.print(
                                described(
                                        client.post(ROOTS + "/promote", Map.of("force", force)))));
    }

    @Command(
            name = "retire",
            description = "Drops the root before the current one; refused while it is in use (2).",
            mixinStandardHelpOptions = true)
    int retire(
            @Mixin AdminOptions options,
            @Option(names = "--next", description = "The next root instead: a roll undone.")
                    boolean next,
            @Option(names = "--force", description = "Although devices would notice.")
                    boolean force)
            throws InterruptedException {
        return use(
                options,
                (client, out) ->
                        out.println(
                                "retired "
                                        + client.post(
                                                        ROOTS + "/retire",
                                                        Map.of(
                                                                "force",
                                                                force,
                                                                "role",
                                                                next ? "next" : "previous"))
                                                .get("retired")
                                                .asString()));
    }
}
