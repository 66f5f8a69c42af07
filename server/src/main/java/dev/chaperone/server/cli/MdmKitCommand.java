// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.server.cli;

import dev.chaperone.model.sync.EnrolmentToken;
import dev.chaperone.pki.Pem;
import dev.chaperone.server.mdm.KitFile;
import dev.chaperone.server.mdm.KitFolder;
import dev.chaperone.server.mdm.KitInput;
import dev.chaperone.server.mdm.MdmKit;
import dev.chaperone.server.mdm.Platform;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code chaperone admin mdm-kit}: makes a token and a folder that brings it to a fleet. */
@Command(
        name = "mdm-kit",
        description =
                "Makes an enrolment token and a folder with what Intune, Jamf, Group Policy and apt"
                        + " need to install Chaperone on a group's computers.",
        mixinStandardHelpOptions = true)
final class MdmKitCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private AdminOptions options;

    @Option(
            names = "--output",
            paramLabel = "DIR",
            required = true,
            description = "The folder to make; it holds the token.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path output;

    @Option(names = "--group", paramLabel = "NAME", description = "Group of the devices.")
    private @Nullable String group;

    @Option(
            names = "--platform",
            paramLabel = "windows,macos,linux",
            split = ",",
            description = "What the kit is for; all when left out.")
    private Set<Platform> platforms = EnumSet.allOf(Platform.class);

    @Option(
            names = "--server-url",
            paramLabel = "URL",
            description = "The console's address as devices reach it; the server's own otherwise.")
    private @Nullable URI serverUrl;

    @Option(
            names = "--pac-url",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8421/proxy.pac",
            description = "Where the agent serves its proxy.pac (${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private URI pacUrl;

    @Option(
            names = "--uses",
            paramLabel = "N",
            defaultValue = "1",
            description = "Devices that may enrol with the token (${DEFAULT-VALUE}).")
    private int uses;

    @Option(
            names = "--ttl",
            paramLabel = "DURATION",
            defaultValue = "24h",
            converter = Durations.class,
            description = "How long the token serves (${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Duration ttl;

    @Override
    public Integer call() throws InterruptedException {
        try {
            return make();
        } catch (AdminClient.Failure e) {
            return failed(e.exitStatus(), String.valueOf(e.getMessage()));
        } catch (KitFolder.TakenException e) {
            return failed(ExitStatus.USAGE, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return failed(
                    ExitStatus.ENVIRONMENT,
                    output + " cannot be written; give a folder whose parent you may write");
        }
    }

    private int failed(int status, String why) {
        spec.commandLine().getErr().println("chaperone: " + why);
        return status;
    }

    /** The token last: whatever else fails leaves none behind. */
    private int make()
            throws AdminClient.Failure,
                    KitFolder.TakenException,
                    IOException,
                    InterruptedException {
        checkAddresses();
        try (KitFolder folder = KitFolder.prepare(output);
                AdminClient client = AdminClient.open(options)) {
            List<X509Certificate> roots = organisation(client);
            List<KitFile> files =
                    MdmKit.files(
                            new KitInput(
                                    token(client), uses, ttl, group, pacUrl, roots, platforms));
            folder.publish(files);
            say(files);
        }
        return ExitStatus.DONE;
    }

    private void say(List<KitFile> files) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(output + ": " + files.size() + " files; begin with README.md");
        out.println("these hold the enrolment token, keep them from others:");
        files.stream().filter(KitFile::isSecret).forEach(f -> out.println("  " + f.path()));
        out.flush();
    }

    private void checkAddresses() throws AdminClient.Failure {
        if (serverUrl != null && !isServer(serverUrl)) {
            throw new AdminClient.Failure(
                    ExitStatus.USAGE,
                    "--server-url is https://HOST[:PORT], as the server's ready line shows it");
        }
        if (!Set.of("http", "https").contains(String.valueOf(pacUrl.getScheme()))
                || pacUrl.getHost() == null
                || pacUrl.getUserInfo() != null
                || !pacUrl.toString().equals(pacUrl.toASCIIString())) {
            throw new AdminClient.Failure(
                    ExitStatus.USAGE,
                    "--pac-url is http://HOST:PORT/PATH in ASCII, for example"
                            + " http://127.0.0.1:8421/proxy.pac");
        }
    }

    /** Host and port only: the address stands unquoted in command lines. */
    private static boolean isServer(URI url) {
        return url.toString().matches("https://([A-Za-z0-9.-]+|\\[[0-9A-Fa-f:.]+])(:[0-9]{1,5})?/?")
                && url.getHost() != null;
    }

    /** Every root that counts now; the current one first, which is called {@code root.cer}. */
    private static List<X509Certificate> organisation(AdminClient client)
            throws AdminClient.Failure, InterruptedException {
        List<X509Certificate> current = new ArrayList<>();
        List<X509Certificate> others = new ArrayList<>();
        for (JsonNode root : client.getJson("/api/v1/roots").get("roots")) {
            boolean signs = root.get("role").asString().equals("current");
            (signs ? current : others).addAll(Pem.decodeAll(root.get("certificate").asString()));
        }
        current.addAll(others);
        return current;
    }

    private EnrolmentToken token(AdminClient client)
            throws AdminClient.Failure, InterruptedException {
        Map<String, @Nullable Object> body = new LinkedHashMap<>();
        body.put("uses", uses);
        body.put("hours", Math.max(1, ttl.toHours()));
        body.put("group", group);
        EnrolmentToken token =
                EnrolmentToken.parse(client.post("/api/v1/tokens", body).get("token").asString());
        return serverUrl == null
                ? token
                : new EnrolmentToken(bare(serverUrl), token.pin(), token.secret());
    }

    private static URI bare(URI url) {
        return URI.create(url.toString().replaceAll("/$", ""));
    }
}
