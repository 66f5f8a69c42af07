// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.verification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.agent.ipc.IpcClient;
import dev.chaperone.model.ipc.AgentStatus.Pause;
import dev.chaperone.ui.common.Words;
import dev.chaperone.ui.tray.dbus.DbusMenu;
import dev.chaperone.ui.tray.dbus.StatusNotifierItem;
import dev.chaperone.ui.tray.dbus.StatusNotifierWatcher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.interfaces.Properties;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A person pauses from the tray: the real agent, the user interface as a process of its own, a real
 * session bus where this test is the desktop, and a hand that presses and types.
 */
@Timeout(120)
class PauseFromTrayTest {
    private static final int PAUSE = 6;
    private static final int RESUME = 7;
    private static final String REASON = "a tool breaks";

    private final String secret =
            "ghp_"
                    + SampleSecrets.text(
                            new Random(25), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijk0123456789", 36);
    private final BlockingQueue<String> registered = new LinkedBlockingQueue<>();

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private @Nullable Process daemon;
    private @Nullable DBusConnection desktop;
    private String address = "";

    /** What shows tray entries. */
    private final class Watcher implements StatusNotifierWatcher {
        @Override
        public void RegisterStatusNotifierItem(String service) {
            registered.add(service);
        }

        @Override
        public boolean isRemote() {
            return false;
        }

        @Override
        public String getObjectPath() {
            return PATH;
        }
    }

    @BeforeEach
    void desktop() throws Exception {
        Process bus;
        try {
            bus =
                    new ProcessBuilder(
                                    "dbus-daemon",
                                    "--session",
                                    "--print-address",
                                    "--nofork",
                                    "--address=unix:path=" + folder.resolve("bus"))
                            .redirectErrorStream(true)
                            .start();
        } catch (IOException e) {
            Assumptions.abort("dbus-daemon is not installed");
            return;
        }
        daemon = bus;
        address = Objects.requireNonNull(bus.inputReader(StandardCharsets.UTF_8).readLine());
        DBusConnection own = DBusConnectionBuilder.forAddress(address).withShared(false).build();
        own.exportObject(StatusNotifierWatcher.PATH, new Watcher());
        own.requestBusName(StatusNotifierWatcher.NAME);
        desktop = own;
    }

    @AfterEach
    void end() throws Exception {
        if (desktop != null) {
            desktop.close();
        }
        if (daemon != null) {
            daemon.destroy();
        }
    }

    private AgentUnderTest agent() throws Exception {
        Path policy =
                Files.writeString(
                        folder.resolve("lenient.yaml"),
                        ServerUnderTest.policy("lenient", "redact") + "pause: {longest: 30m}\n");
        return new AgentUnderTest(folder, Optional.of(policy));
    }

    /**
     * The user interface, with its tray entry on our bus.
     *
     * @param variables of its environment, such as {@code NAME=1}
     */
    private AgentProcess ui(AgentUnderTest agent, String... variables) throws Exception {
        List<String> environment = new ArrayList<>(List.of("env"));
        environment.addAll(List.of(variables));
        environment.add("DBUS_SESSION_BUS_ADDRESS=" + address);
        AgentProcess ui =
                AgentProcess.start(
                        folder,
                        UiHand.class.getName(),
                        environment,
                        List.of(
                                "-Dglass.platform=Headless",
                                "-Dprism.order=sw",
                                "-Djava.awt.headless=true"),
                        List.of(),
                        "--socket",
                        agent.data().resolve("agent.sock").toString(),
                        "--language",
                        "en");
        String ignored = ui.awaitLine("chaperone-ui: ready");
        return ui;
    }

    private <T extends org.freedesktop.dbus.interfaces.DBusInterface> T remote(
            String item, String path, Class<T> type) throws Exception {
        return Objects.requireNonNull(desktop).getRemoteObject(item, path, type);
    }

    private String item() throws InterruptedException {
        return String.valueOf(registered.poll(20, TimeUnit.SECONDS));
    }

    private static boolean shows(DbusMenu menu, int id) {
        Variant<?> visible =
                menu.GetGroupProperties(List.of(id), List.of()).getFirst().values.get("visible");
        return visible != null && visible.getValue().equals(true);
    }

    private static void click(DbusMenu menu, int id) throws Exception {
        WholeProduct.awaitTrue("entry " + id, () -> shows(menu, id));
        menu.Event(id, "clicked", new Variant<>(0), new UInt32(0));
    }

    private static void orders(AgentProcess ui, String... orders) throws Exception {
        for (String order : orders) {
            ui.type(order);
            assertThat(ui.awaitLine("hand: " + order)).doesNotContain("NOT THERE");
        }
    }

    private static @Nullable Pause pause(AgentUnderTest agent) throws Exception {
        try (IpcClient ipc = IpcClient.connect(agent.data().resolve("agent.sock"))) {
            return ipc.awaitStatus().pause();
        }
    }

    private String arrived(AgentUnderTest agent) throws Exception {
        String ignored = ServerUnderTest.ask(agent, "key " + secret);
        return new String(agent.nextReceived(), StandardCharsets.UTF_8);
    }

    @Test
    void personPausesAndEndsItFromTheTray() throws Exception {
        try (AgentUnderTest agent = agent();
                AgentProcess ui = ui(agent)) {
            String item = item();
            DbusMenu menu = remote(item, DbusMenu.PATH, DbusMenu.class);
            Properties entry = remote(item, StatusNotifierItem.PATH, Properties.class);
            assertThat(arrived(agent)).contains("[SECRET-1]").doesNotContain(secret);

            click(menu, PAUSE);
            orders(ui, "press pause-15", "press pause-reason", "type " + REASON);
            orders(ui, "press pause-start");
            WholeProduct.awaitTrue("the tray says so", () -> shows(menu, RESUME));
            assertThat(shows(menu, PAUSE)).isFalse();
            Pause paused = Objects.requireNonNull(pause(agent));
            assertThat(entry.<Object>Get(StatusNotifierItem.NAME, "Title"))
                    .isEqualTo(
                            "Chaperone: paused until "
                                    + Words.in("en").clock(Objects.requireNonNull(paused.until())));
            ui.type("read headline");
            assertThat(ui.awaitLine("hand: read headline")).endsWith("Protection is paused");
            assertThat(arrived(agent)).contains(secret);

            click(menu, RESUME);
            WholeProduct.awaitTrue("offered again", () -> shows(menu, PAUSE));
            assertThat(arrived(agent)).contains("[SECRET-1]").doesNotContain(secret);
            AgentProcess.Result log =
                    AgentProcess.run(
                            folder, "events", "--lifecycle", "--data-dir", agent.data().toString());
            assertThat(log.out()).contains("15 min, until ", ", ui: " + REASON, "by the user");
        }
    }

    @Test
    void aiAgentThatStartsTheInterfaceIsRefusedInWords() throws Exception {
        try (AgentUnderTest agent = agent();
                AgentProcess ui = ui(agent, "CODEX_SANDBOX=1")) {
            click(remote(item(), DbusMenu.PATH, DbusMenu.class), PAUSE);
            orders(ui, "press pause-reason", "type " + REASON, "press pause-start");
            ui.type("read pause-problem");
            assertThat(ui.awaitLine("hand: read pause-problem"))
                    .contains(
                            "Nothing was changed: an AI agent (CODEX_SANDBOX) cannot do that; a person"
                                    + " has to.");
            assertThat(Objects.requireNonNull(pause(agent)).until()).isNull();
            assertThat(arrived(agent)).contains("[SECRET-1]").doesNotContain(secret);
        }
    }
}
