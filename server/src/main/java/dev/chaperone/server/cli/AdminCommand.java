// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.cli;

import dev.chaperone.server.admin.Audit;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code chaperone admin …}: what an administrator does to a server. */
@Command(
        name = "admin",
        description = "Administrates a server.",
        subcommands = {RootCommand.class, MdmKitCommand.class},
        mixinStandardHelpOptions = true)
public final class AdminCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "say what to do: link, publish, token, devices, lifecycle, revoke, root, mdm-kit or"
                        + " audit");
    }

    /** One use of the server. */
    private interface Use {
        void of(AdminClient client, PrintWriter out)
                throws AdminClient.Failure, InterruptedException;
    }

    private int use(AdminOptions options, Use use) throws InterruptedException {
        try (AdminClient client = AdminClient.open(options)) {
            use.of(client, spec.commandLine().getOut());
            spec.commandLine().getOut().flush();
            return ExitStatus.DONE;
        } catch (AdminClient.Failure e) {
            return failed(e.exitStatus(), String.valueOf(e.getMessage()));
        }
    }

    private int failed(int status, String why) {
        spec.commandLine().getErr().println("chaperone: " + why);
        return status;
    }

    @Command(
            name = "publish",
            description = "Checks, signs and publishes a policy.",
            mixinStandardHelpOptions = true)
    int publish(
            @Mixin AdminOptions options,
            @Parameters(paramLabel = "FILE", description = "A policy document.") Path file)
            throws InterruptedException {
        byte[] document;
        try {
            document = Files.readAllBytes(file);
        } catch (IOException e) {
            return failed(ExitStatus.USAGE, file + ": cannot be read");
        }
        String name = URLEncoder.encode(file.getFileName().toString(), StandardCharsets.UTF_8);
        return use(
                options,
                (client, out) -> {
                    JsonNode answer =
                            client.put("/api/v1/policy?name=" + name, document, "application/yaml");
                    out.println(
                            "published as version "
                                    + answer.get("version").asLong()
                                    + ", expires "
                                    + answer.get("expires").asString());
                });
    }

    @Command(
            name = "token",
            description = "Makes an enrolment token and prints it.",
            mixinStandardHelpOptions = true)
    int token(
            @Mixin AdminOptions options,
            @Option(
                            names = "--uses",
                            paramLabel = "N",
                            defaultValue = "1",
                            description = "Devices that may enrol with it (${DEFAULT-VALUE}).")
                    int uses,
            @Option(
                            names = "--ttl",
                            paramLabel = "DURATION",
                            defaultValue = "24h",
                            converter = Durations.class,
                            description = "How long it serves (${DEFAULT-VALUE}).")
                    Duration ttl,
            @Option(names = "--group", paramLabel = "NAME", description = "Group of the devices.")
                    @Nullable String group)
            throws InterruptedException {
        Map<String, @Nullable Object> body = new LinkedHashMap<>();
        body.put("uses", uses);
        body.put("hours", Math.max(1, ttl.toHours()));
        body.put("group", group);
        return use(
                options,
                (client, out) ->
                        out.println(client.post("/api/v1/tokens", body).get("token").asString()));
    }

    @Command(
            name = "link",
            description = "Makes a link that opens the console in a browser once, and prints it.",
            mixinStandardHelpOptions = true)
    int link(@Mixin AdminOptions options) throws InterruptedException {
        return use(
                options,
                (client, out) ->
                        out.println(client.post("/api/v1/links", Map.of()).get("link").asString()));
    }

    @Command(name = "devices", description = "Lists the devices.", mixinStandardHelpOptions = true)
    int devices(@Mixin AdminOptions options) throws InterruptedException {
        return use(
                options,
                (client, out) ->
                        client.getJson("/api/v1/devices")
                                .get("devices")
                                .forEach(d ->
                                        out.println(
                                                "%s  %-10s %-8s heard %s  %d/%d%s"
                                                        .formatted(
                                                                d.get("id").asString(),
                                                                d.path("group").asString("none"),
                                                                d.get("os").asString(),
                                                                d.get("contact").asString(),
                                                                d.get("epoch").asLong(),
                                                                d.get("seq").asLong(),
                                                                d.get("revoked").asBoolean()
                                                                        ? "  revoked"
                                                                        : ""))));
    }

    @Command(
            name = "lifecycle",
            description =
                    "Lists when a device's agent was started, stopped and changed, and by whom."
                            + " Status 1 when its record contradicts itself or what was delivered.",
            mixinStandardHelpOptions = true)
    int lifecycle(
            @Mixin AdminOptions options,
            @Option(
                            names = "--device",
                            paramLabel = "DEVICE",
                            required = true,
                            description = "Its id.")
                    String device)
            throws InterruptedException {
        boolean[] sound = {true};
        int status = use(options, (client, out) -> sound[0] = printLifecycle(client, device, out));
        return status == ExitStatus.DONE && !sound[0] ? ExitStatus.NO : status;
    }

    /** False when something does not fit that nobody accepted. */
    private static boolean printLifecycle(AdminClient client, String device, PrintWriter out)
            throws AdminClient.Failure, InterruptedException {
        JsonNode kept =
                client.getJson(
                        "/api/v1/devices/"
                                + URLEncoder.encode(device, StandardCharsets.UTF_8)
                                + "/lifecycle");
        for (JsonNode e : kept.get("entries")) {
            out.println(
                    "%s  %d  %s  %s  %s"
                            .formatted(
                                    e.get("at").asString(),
                                    e.get("n").asLong(),
                                    e.get("kind").asString(),
                                    e.get("by").asString(),
                                    e.get("detail").asString()));
        }
        boolean sound = kept.get("unchanged").asBoolean();
        for (JsonNode f : kept.get("findings")) {
            boolean accepted = f.hasNonNull("accepted");
            sound &= accepted;
            out.println(
                    "FOUND %s: %s at entry %d%s"
                            .formatted(
                                    f.get("found").asString(),
                                    f.get("kind").asString(),
                                    f.get("n").asLong(),
                                    accepted ? ", accepted at the device" : ""));
        }
        if (!kept.get("unchanged").asBoolean()) {
            out.println("FOUND: what this server keeps was changed in its database");
        }
        return sound;
    }

    @Command(name = "revoke", description = "Locks a device out.", mixinStandardHelpOptions = true)
    int revoke(
            @Mixin AdminOptions options,
            @Parameters(paramLabel = "DEVICE", description = "Its id.") String device)
            throws InterruptedException {
        return use(
                options,
                (client, out) -> {
                    client.post(
                            "/api/v1/devices/"
                                    + URLEncoder.encode(device, StandardCharsets.UTF_8)
                                    + "/revoke",
                            Map.of());
                    out.println("revoked " + device);
                });
    }

    /** What to do with the audit log. */
    enum AuditAction {
        list,
        verify
    }

    @Command(
            name = "audit",
            description =
                    "Lists who read, changed or exported what; or checks in the database that"
                            + " nothing of it was changed (1 when something was).",
            mixinStandardHelpOptions = true)
    int audit(
            @Mixin AdminOptions options,
            @Parameters(paramLabel = "list|verify", description = "What to do.") AuditAction action)
            throws InterruptedException {
        return switch (action) {
            case verify -> verify(options.folder().resolve("server.db"));
            case list ->
                    use(
                            options,
                            (client, out) ->
                                    client.getJson("/api/v1/audit")
                                            .get("entries")
                                            .forEach(e ->
                                                    out.println(
                                                            "%d  %s  %s  %s  %s"
                                                                    .formatted(
                                                                            e.get("n").asLong(),
                                                                            e.get("at").asString(),
                                                                            e.get("actor")
                                                                                    .asString(),
                                                                            e.get("action")
                                                                                    .asString(),
                                                                            e.get("target")
                                                                                    .asString()))));
        };
    }

    /** Reads the database itself: a server that was tampered with would say that all is well. */
    private int verify(Path database) {
        if (!Files.isReadable(database)) {
            return failed(
                    ExitStatus.ENVIRONMENT,
                    database + " cannot be read; give the data folder with --data-dir");
        }
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        Audit.Verification found;
        try (Connection c = config.createConnection("jdbc:sqlite:" + database)) {
            found = Audit.verify(c);
        } catch (SQLException e) {
            return failed(
                    ExitStatus.ENVIRONMENT,
                    database + " cannot be read: SQLite code " + e.getErrorCode());
        }
        PrintWriter out = spec.commandLine().getOut();
        if (found.brokenAt().isPresent()) {
            out.println("audit: BROKEN at entry " + found.brokenAt().get());
        } else {
            out.println("audit: ok, " + found.rows() + " entries, head " + found.head());
        }
        out.flush();
        return found.brokenAt().isPresent() ? ExitStatus.NO : ExitStatus.DONE;
    }
}
