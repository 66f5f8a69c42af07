// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.doctor;

import dev.chaperone.agent.OwnerRights;
import dev.chaperone.agent.StartException;
import dev.chaperone.agent.Version;
import dev.chaperone.agent.lifecycle.LifecycleLog;
import dev.chaperone.agent.machine.InstalledService;
import dev.chaperone.agent.os.FileKeyVault;
import dev.chaperone.agent.store.EventReader;
import dev.chaperone.agent.sync.SyncStatus;
import dev.chaperone.installer.Commands;
import dev.chaperone.installer.SystemCommands;
import dev.chaperone.installer.UndoLedger;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a supporter needs to know of a device, in one ZIP file, without content: no prompts, no
 * values that were found, no tokens, keys, user names or hosts. No file of the device is copied:
 * each entry is made of what is known to be harmless, and what is not known is left out.
 */
public final class SupportBundle {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Homes hold the names of people. */
    private static final Pattern HOME =
            Pattern.compile("(/home|/Users|/var/home)/[^/\\s;,:\"\\\\]+");

    private static final Pattern URL =
            Pattern.compile("https?://(?!127\\.0\\.0\\.1|localhost)[^/\\s\"]+");

    /** An address such as a company's proxy; two digits at least, which no line of a file needs. */
    private static final Pattern ADDRESS =
            Pattern.compile(
                    "(?<![\\w.:-])(?!127\\.0\\.0\\.1:|localhost:)"
                            + "(?:[A-Za-z0-9][A-Za-z0-9.-]*|\\[[0-9A-Fa-f:.]+])(:\\d{2,5})(?![\\w-]|[.:]\\d)");

    /** What a pause's entry says before the person's own words. */
    private static final Pattern PAUSE = Pattern.compile("(\\d+ min, until \\S+, [a-z_-]+)(: .*)?");

    private static final Pattern HARMLESS_TEXT =
            Pattern.compile(
                    "\\d{1,9} ?(ms|s|m|h|d|KiB|MiB|kB|MB)?|(127\\.0\\.0\\.1|localhost):\\d{1,5}|every-user");
    private static final Pattern KEY = Pattern.compile("[a-z][a-z-]{0,23}");
    private static final Pattern CODE = Pattern.compile("CHP-[A-Z]{2,5}-\\d{3}");
    private static final Pattern BY_MANAGER =
            Pattern.compile(
                    "(\\S+) \\S+ systemd\\[\\d+\\]: chaperone\\.service: ([A-Za-z ,=/0-9.-]{1,120})");

    /** What a host says of itself in a sentence of doctor is a list of hosts. */
    private static final List<String> NAMES_HOSTS = List.of("not-opened");

    private final Path folder;
    private final Map<String, String> entries = new LinkedHashMap<>();

    private SupportBundle(Path folder) {
        this.folder = folder;
    }

    /**
     * Writes it, whole or not at all; only its owner can read it.
     *
     * @param file is not there yet
     * @param folder the agent's data folder
     * @param config the agent's configuration; it need not be there
     * @param doctor what doctor found: the object that {@code --json} prints
     * @return names of what it holds
     */
    public static List<String> write(
            Path file, Path folder, Path config, Map<String, ? extends @Nullable Object> doctor)
            throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(file + " is there already; give another name");
        }
        SupportBundle bundle = new SupportBundle(folder);
        bundle.gather(config, doctor);
        Path absolute = file.toAbsolutePath();
        Path parent = absolute.getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new IOException(file + ": its folder is not there; make it, or give another");
        }
        try {
            bundle.written(parent, absolute);
        } catch (IOException e) {
            throw new IOException(
                    file
                            + " cannot be written ("
                            + e.getClass().getSimpleName()
                            + "); give a folder that you may write to, on a disk with room",
                    e);
        }
        return List.copyOf(bundle.entries.keySet());
    }

    private void written(Path parent, Path file) throws IOException {
        Path fresh =
                Files.createTempFile(
                        parent,
                        "bundle",
                        ".new",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        try (OutputStream out = Files.newOutputStream(fresh);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, String> entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        } catch (IOException e) {
            Files.deleteIfExists(fresh);
            throw e;
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private void gather(Path config, Map<String, ? extends @Nullable Object> doctor) {
        put("doctor.json", doctor(doctor));
        put("versions.json", versions());
        put("config.json", config(config));
        try (OwnerRights _ = OwnerRights.in(folder)) {
            put("counters.json", counters());
            put("lifecycle.json", lifecycle());
        } catch (StartException e) {
            put("folder.json", Map.of("problem", "something in it is not its owner's"));
        }
        put("machine.json", machine());
        put("journal.json", journal());
    }

    private void put(String name, Object value) {
        entries.put(name, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n");
    }

    /** The sentences without names of people and hosts. */
    private static Object doctor(Map<String, ? extends @Nullable Object> doctor) {
        Map<String, @Nullable Object> shown = new LinkedHashMap<>();
        doctor.forEach((key, value) -> shown.put(key, scrubbed(value)));
        return shown;
    }

    private static @Nullable Object scrubbed(@Nullable Object value) {
        return switch (value) {
            case String s -> scrub(s);
            case List<?> list -> list.stream().map(SupportBundle::scrubbed).toList();
            case Map<?, ?> map -> {
                boolean hosts = NAMES_HOSTS.contains(String.valueOf(map.get("name")));
                Map<String, @Nullable Object> all = new LinkedHashMap<>();
                map.forEach((k, v) ->
                        all.put(
                                String.valueOf(k),
                                hosts && !"name".equals(k) && !"state".equals(k)
                                        ? "(left out)"
                                        : scrubbed(v)));
                yield all;
            }
            case null -> null;
            default -> value;
        };
    }

    static String scrub(String text) {
        String home = System.getProperty("user.home", "");
        String plain = home.length() > 1 ? text.replace(home, "~") : text;
        String noUrl =
                URL.matcher(HOME.matcher(plain).replaceAll("$1/(user)"))
                        .replaceAll("https://(host)");
        return ADDRESS.matcher(noUrl).replaceAll("(host)$1");
    }

    private static Object versions() {
        Map<String, Object> all = new TreeMap<>();
        all.put("at", Instant.now().toString());
        all.put("chaperone", Version.number());
        all.put("jdk", Runtime.version().toString());
        for (String key : List.of("os.name", "os.version", "os.arch")) {
            all.put(key, System.getProperty(key, ""));
        }
        all.put("processors", Runtime.getRuntime().availableProcessors());
        try {
            for (String line : Files.readAllLines(Path.of("/etc/os-release"))) {
                Matcher m = Pattern.compile("(ID|VERSION_ID)=\"?([\\w.-]{1,40})\"?").matcher(line);
                if (m.matches()) {
                    all.put("distribution." + m.group(1), m.group(2));
                }
            }
        } catch (IOException e) {
            // Not on this system.
        }
        return all;
    }

    /** Keys, and values that are figures; every other text is only counted. */
    private static Object config(Path file) {
        if (!Files.isReadable(file)) {
            return Map.of("read", false);
        }
        try {
            Object tree =
                    new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
            return blanked(tree);
        } catch (IOException | YamlEngineException e) {
            return Map.of("read", false, "problem", e.getClass().getSimpleName());
        }
    }

    private static Object blanked(@Nullable Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                Map<String, Object> all = new LinkedHashMap<>();
                int unknown = 0;
                for (Map.Entry<?, ?> e : map.entrySet()) {
                    String key = String.valueOf(e.getKey());
                    boolean known = KEY.matcher(key).matches();
                    all.put(known ? key : "(key " + ++unknown + ")", blanked(e.getValue()));
                }
                yield all;
            }
            case List<?> list -> list.stream().map(SupportBundle::blanked).toList();
            case Boolean b -> b;
            case String s when HARMLESS_TEXT.matcher(s).matches() -> s;
            case null -> "(empty)";
            default -> "(" + String.valueOf(value).length() + " characters)";
        };
    }

    private Object counters() {
        Map<String, Object> all = new LinkedHashMap<>();
        try {
            EventReader reader =
                    new EventReader(folder, FileKeyVault.asItIs(folder.resolve("keys")));
            all.put("events", reader.count());
            all.put("losses", reader.losses());
            all.put("dropped", reader.dropped());
            all.put("oldest-pending", reader.oldestPending().map(Instant::toString).orElse("none"));
        } catch (IOException e) {
            all.put("store", e.getClass().getSimpleName());
        }
        SyncStatus.read(folder)
                .ifPresent(s -> {
                    all.put("delivered", s.delivered());
                    all.put("pending", s.pending());
                    all.put("policy-version", s.policyVersion());
                    all.put("policy-state", s.policyState());
                });
        return all;
    }

    /** Details of a log that somebody changed may say anything. */
    private Object lifecycle() {
        try {
            LifecycleLog log =
                    new LifecycleLog(
                            folder,
                            FileKeyVault.asItIs(folder.resolve("keys")),
                            InstantSource.system());
            Optional<String> broken = log.verify().broken();
            return broken.isPresent()
                    ? Map.of("broken", broken.get())
                    : log.entries().stream()
                            .map(e ->
                                    Map.of(
                                            "n", e.n(),
                                            "at", e.at().toString(),
                                            "kind", e.kind(),
                                            "by", e.by(),
                                            "detail", detail(e.kind(), e.detail())))
                            .toList();
        } catch (IOException e) {
            return Map.of("problem", e.getClass().getSimpleName());
        }
    }

    /** Why somebody paused is their own words. */
    static String detail(String kind, String detail) {
        if (!kind.equals("pause")) {
            return scrub(detail);
        }
        Matcher pause = PAUSE.matcher(detail);
        return pause.matches() ? pause.group(1) : "(left out)";
    }

    /** What stands changed on the machine, for root; homes without their names. */
    private static Object machine() {
        try {
            return UndoLedger.peek(InstalledService.UNDO_LEDGER).stream()
                    .map(e ->
                            e.step()
                                    + ": "
                                    + scrub(e.change().key()).replaceAll("^nss \\S+ ", "nss "))
                    .toList();
        } catch (IOException e) {
            return List.of("not readable for this user");
        }
    }

    /** What the service manager says of our unit, and how often which code was logged. */
    private static Object journal() {
        Commands.Ended read =
                new SystemCommands()
                        .run(
                                List.of(
                                        "journalctl",
                                        "-u",
                                        "chaperone.service",
                                        "-n",
                                        "500",
                                        "-o",
                                        "short-iso",
                                        "--no-pager"));
        return journal(read.ok() ? read.output() : "");
    }

    static Object journal(String text) {
        Map<String, Integer> codes = new TreeMap<>();
        CODE.matcher(text)
                .results()
                .map(MatchResult::group)
                .forEach(c -> codes.merge(c, 1, Integer::sum));
        List<String> manager =
                BY_MANAGER.matcher(text).results().map(m -> m.group(1) + " " + m.group(2)).toList();
        return Map.of("lines", text.lines().count(), "codes", codes, "service-manager", manager);
    }
}
