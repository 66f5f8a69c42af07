// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.conn;

import dev.chaperone.inspector.InspectingProxy;
import dev.chaperone.inspector.PromptGate;
import dev.chaperone.inspector.ProxySettings;
import dev.chaperone.inspector.ProxySettings.ConnectTo;
import dev.chaperone.inspector.Refusal;
import dev.chaperone.inspector.Restoration;
import dev.chaperone.inspector.UpstreamProxy;
import dev.chaperone.inspector.Verdict;
import dev.chaperone.inspector.catalogue.Catalogue;
import dev.chaperone.inspector.tls.OpenHosts;
import dev.chaperone.model.prompt.Answer;
import dev.chaperone.model.prompt.ClientProcess;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.NotInspected;
import dev.chaperone.model.prompt.Prompt;
import dev.chaperone.model.service.AiService;
import dev.chaperone.pki.DeviceRoot;
import dev.chaperone.pki.Pem;
import dev.chaperone.pki.ServiceCertificates;
import dev.chaperone.policies.catalogue.CatalogueLoader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * A real proxy on loopback between JDK sockets: an upstream that records what it receives, and a
 * gate a test decides.
 */
final class ProxyHarness implements AutoCloseable {
    /** A service made for tests: one prompt endpoint, one WebSocket, on {@code chat.test}. */
    private static final String SERVICE =
            """
            {"id":"test-chat","name":"Test","vendor":"Test","category":"chat-web","hosts":["chat.test"],"confidence":"observed",
             "sources":["test"],"exclusive":true,"default":"open","endpoints":[
              {"id":"prompt","method":"POST","path":"/prompt","kind":"prompt","transport":"http","confidence":"observed",
               "request":{"content_type":"application/json","decode":["json"],"prompt":["text"],"model":["model"]},
               "responses":[{"framing":"json","rules":[{"append":"answer"}]}]},
              {"id":"socket","method":"GET","path":"/socket","kind":"prompt","transport":"ws","confidence":"observed",
               "request":{"decode":["ws"],"prompt":["text"]},
               "responses":[{"framing":"ws-json","rules":[{"append":"answer"}]}]}]}
            """;

    /** Length of the answer to {@code GET /large}, after which the upstream closes. */
    static final int LARGE = 3 << 20;

    final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    final java.util.concurrent.CountDownLatch nextEvent =
            new java.util.concurrent.CountDownLatch(1);
    final List<String> failures = new CopyOnWriteArrayList<>();
    final List<Prompt> decided = new CopyOnWriteArrayList<>();
    volatile Gate gate = (_, _) -> new Verdict.Forward();
    volatile Restoration restoration = Restoration.NONE;
    volatile ClientProcesses processes = (_, _) -> ClientProcess.UNKNOWN;
    volatile long pausedUid = Long.MIN_VALUE;
    final List<String> passed = new CopyOnWriteArrayList<>();
    final java.util.concurrent.atomic.AtomicLong unmatched =
            new java.util.concurrent.atomic.AtomicLong();

    private final @Nullable SSLServerSocket upstream;
    private final InspectingProxy proxy;
    private final SSLContext client;

    interface Gate {
        Verdict decide(Exchange exchange, Prompt prompt) throws InterruptedException;
    }

    ProxyHarness(Path folder, boolean nativeEngines, int maxBody) throws Exception {
        this(
                folder,
                nativeEngines,
                maxBody,
                DeviceRoot.create("Upstream", Instant.now()),
                Optional.empty());
    }

    /** With a company's proxy as the only way out. */
    ProxyHarness(Path folder, boolean nativeEngines, UpstreamProxy wayOut) throws Exception {
        this(
                folder,
                nativeEngines,
                4 << 20,
                DeviceRoot.create("Upstream", Instant.now()),
                Optional.of(wayOut));
    }

    private ProxyHarness(
            Path folder,
            boolean nativeEngines,
            int maxBody,
            DeviceRoot upstreamRoot,
            Optional<UpstreamProxy> wayOut)
            throws Exception {
        this(
                nativeEngines,
                maxBody,
                Files.writeString(folder.resolve("up.pem"), Pem.encode(upstreamRoot.certificate())),
                serverFor(upstreamRoot, List.of("chat.test", "bank.test")),
                0,
                DeviceRoot.create("Chaperone", Instant.now()),
                wayOut,
                upstreamRoot.certificate());
        Thread.ofVirtual().start(this::accept);
    }

    /**
     * A proxy before an upstream of the test's own.
     *
     * @param bundle what the proxy trusts
     * @param root the proxy's own root
     */
    ProxyHarness(boolean nativeEngines, Path bundle, int upstreamPort, DeviceRoot root)
            throws Exception {
        this(nativeEngines, 4 << 20, bundle, null, upstreamPort, root, Optional.empty());
    }

    private ProxyHarness(
            boolean nativeEngines,
            int maxBody,
            Path bundle,
            @Nullable SSLServerSocket upstream,
            int upstreamPort,
            DeviceRoot root,
            Optional<UpstreamProxy> wayOut,
            X509Certificate... alsoTrusted)
            throws Exception {
        this.upstream = upstream;
        List<AiService> services =
                List.of(
                        CatalogueLoader.parse(
                                SERVICE.getBytes(StandardCharsets.UTF_8), "test.json"));
        OpenHosts hosts =
                new OpenHosts(Catalogue.compile(services), List.of(), List.of(), _ -> false);
        int port = upstream == null ? upstreamPort : upstream.getLocalPort();
        ProxySettings settings =
                new ProxySettings(
                        "127.0.0.1",
                        0,
                        wayOut.isPresent()
                                ? List.of()
                                : List.of(new ConnectTo("", 0, "127.0.0.1", port)),
                        maxBody,
                        64 << 10,
                        Duration.ofSeconds(40),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(1),
                        nativeEngines,
                        nativeEngines,
                        true,
                        bundle,
                        List.of(),
                        Optional.empty(),
                        wayOut);
        this.proxy =
                new InspectingProxy(
                        settings,
                        () -> hosts,
                        new TestGate(),
                        new ServiceCertificates(root, InstantSource.system()),
                        (client, own) -> processes.owner(client, own));
        X509Certificate[] trusted = Arrays.copyOf(alsoTrusted, alsoTrusted.length + 1);
        trusted[alsoTrusted.length] = root.certificate();
        this.client = clientTrusting(trusted);
    }

    static SSLServerSocket serverFor(DeviceRoot root, List<String> hosts) throws Exception {
        var leaf =
                new ServiceCertificates(root, InstantSource.system())
                        .leaf("up", hosts, hosts.getFirst());
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
                "k",
                leaf.key().getPrivate(),
                new char[0],
                leaf.chain().toArray(X509Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return (SSLServerSocket)
                context.getServerSocketFactory()
                        .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    private static SSLContext clientTrusting(X509Certificate... anchors) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (int i = 0; i < anchors.length; i++) {
            store.setCertificateEntry("a" + i, anchors[i]);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    int upstreamPort() {
        return Objects.requireNonNull(upstream).getLocalPort();
    }

    InspectingProxy proxy() {
        return proxy;
    }

    // ---- upstream: HTTP/1.1 by hand; every request becomes one string in `received`

    private void accept() {
        SSLServerSocket listener = Objects.requireNonNull(upstream);
        while (!listener.isClosed()) {
            try {
                SSLSocket socket = (SSLSocket) listener.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(SSLSocket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            while (true) {
                String head = head(in);
                if (head.isEmpty()) {
                    return;
                }
                String body =
                        head.toLowerCase(java.util.Locale.ROOT)
                                        .contains("transfer-encoding: chunked")
                                ? chunks(in)
                                : new String(
                                        in.readNBytes(length(head)), StandardCharsets.ISO_8859_1);
                received.add(head + body);
                if (head.startsWith("GET /large ")) {
                    out.write(
                            ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: "
                                            + LARGE
                                            + "\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
                    out.write(new byte[LARGE]);
                    return;
                }
                if (body.contains("\"stream\"")) {
                    stream(out);
                    continue;
                }
                if (head.contains("Upgrade: websocket")) {
                    out.write(
                            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
                    frames(in, out);
                    return;
                }
                out.write(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"answer\":\"ok\"}"
                                .getBytes(StandardCharsets.US_ASCII));
                out.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // the proxy went away
        }
    }

    /** An event stream whose second event is sent only when the test allows it. */
    private void stream(OutputStream out) throws IOException, InterruptedException {
        String head =
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.write("14\r\ndata: {\"answer\":1}\n\n\r\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
        nextEvent.await();
        out.write(
                "14\r\ndata: {\"answer\":2}\n\n\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    /** Records each frame and answers it with {@code {"answer":"ok"}}. */
    private void frames(InputStream in, OutputStream out) throws IOException {
        String frame;
        while ((frame = readFrame(in)) != null) {
            received.add(frame);
            out.write(frame(0x81, "{\"answer\":\"ok\"}", false));
            out.flush();
        }
    }

    /** First byte in hex, a colon, the unmasked payload; null at the end. */
    static @Nullable String readFrame(InputStream in) throws IOException {
        int first = in.read();
        if (first < 0) {
            return null;
        }
        int second = in.read();
        int length = second & 0x7F;
        if (length == 126) {
            length = new java.io.DataInputStream(in).readUnsignedShort();
        }
        byte[] mask = (second & 0x80) != 0 ? in.readNBytes(4) : new byte[4];
        byte[] payload = in.readNBytes(length);
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= mask[i & 3];
        }
        return Integer.toHexString(first) + ":" + new String(payload, StandardCharsets.UTF_8);
    }

    static byte[] frame(int first, String text, boolean masked) {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(first);
        int flag = masked ? 0x80 : 0;
        if (payload.length < 126) {
            frame.write(flag | payload.length);
        } else {
            frame.write(flag | 126);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
        }
        if (masked) {
            byte[] mask = {1, 2, 3, 4};
            frame.writeBytes(mask);
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= mask[i & 3];
            }
        }
        frame.writeBytes(payload);
        return frame.toByteArray();
    }

    /** A WebSocket to the test service. */
    SSLSocket openSocket(String path) throws IOException {
        SSLSocket socket = open("chat.test");
        send(
                socket,
                "GET "
                        + path
                        + " HTTP/1.1\r\n"
                        + "Host: chat.test\r\n"
                        + "Connection: Upgrade\r\n"
                        + "Upgrade: websocket\r\n"
                        + "Sec-WebSocket-Extensions: permessage-deflate\r\n"
                        + "Sec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: a\r\n\r\n");
        String head = head(socket.getInputStream());
        if (!head.startsWith("HTTP/1.1 101")) {
            throw new IOException(head);
        }
        return socket;
    }

    static void sendFrame(Socket socket, int first, String text) throws IOException {
        socket.getOutputStream().write(frame(first, text, true));
        socket.getOutputStream().flush();
    }

    private static String chunks(InputStream in) throws IOException {
        StringBuilder all = new StringBuilder();
        while (true) {
            int n = Integer.parseInt(line(in).split(";", -1)[0].strip(), 16);
            all.append(new String(in.readNBytes(n), StandardCharsets.ISO_8859_1));
            boolean empty = line(in).isBlank();
            if (n == 0) {
                while (!empty) { // trailers
                    empty = line(in).isBlank();
                }
                return all.toString();
            }
        }
    }

    static int length(String head) {
        var m = java.util.regex.Pattern.compile("(?i)content-length: *(\\d+)").matcher(head);
        return m.find() ? Integer.parseInt(m.group(1)) : 0;
    }

    /** Reads up to and including the empty line; the empty string at the end. */
    static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (true) {
            String line = line(in);
            head.append(line);
            if (line.isEmpty()) {
                return "";
            }
            if (line.equals("\r\n")) {
                return head.toString();
            }
        }
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int b;
        while ((b = in.read()) >= 0) {
            line.write(b);
            if (b == '\n') {
                break;
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    // ---- client

    /** A plain connection to the proxy. */
    Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.address().getPort());
        socket.setSoTimeout(8000);
        return socket;
    }

    /** CONNECT and TLS to a host. */
    SSLSocket open(String host, String... alpn) throws IOException {
        Socket raw = connect();
        raw.getOutputStream()
                .write(
                        ("CONNECT " + host + ":443 HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
        String head = head(raw.getInputStream());
        if (!head.startsWith("HTTP/1.1 200")) {
            throw new IOException(head);
        }
        SSLSocket socket = (SSLSocket) client.getSocketFactory().createSocket(raw, host, 443, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setApplicationProtocols(alpn);
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    static String post(String body) {
        return "POST /prompt HTTP/1.1\r\n"
                + "Host: chat.test\r\n"
                + "X-Case: KeepMe\r\n"
                + "Content-Type: application/json\r\n"
                + "Content-Length: "
                + body.length()
                + "\r\n\r\n"
                + body;
    }

    /** One whole answer. */
    static String answer(Socket socket) throws IOException {
        String head = head(socket.getInputStream());
        return head
                + new String(
                        socket.getInputStream().readNBytes(length(head)), StandardCharsets.UTF_8);
    }

    String nextReceived() throws InterruptedException {
        return String.valueOf(received.poll(5, TimeUnit.SECONDS));
    }

    @Override
    public void close() throws IOException {
        proxy.close();
        if (upstream != null) {
            upstream.close();
        }
    }

    private final class TestGate implements PromptGate {
        @Override
        public Verdict decide(Exchange exchange, Prompt prompt) throws InterruptedException {
            decided.add(prompt);
            return gate.decide(exchange, prompt);
        }

        @Override
        public Verdict verify(Exchange exchange, Prompt asSent) {
            return new Verdict.Forward();
        }

        @Override
        public Refusal notRedactable(Exchange exchange, String code) {
            return new Refusal("test", "cannot be redacted " + code, code);
        }

        @Override
        public Verdict onFailure(Exchange exchange, String code) {
            failures.add(code);
            return new Verdict.Refuse(new Refusal("test", "failed " + code, code));
        }

        @Override
        public Restoration restoration(Exchange exchange) {
            return restoration;
        }

        @Override
        public boolean pausing() {
            return pausedUid != Long.MIN_VALUE;
        }

        @Override
        public boolean isPaused(ClientProcess user) {
            return user.uid() == pausedUid;
        }

        @Override
        public void passedPaused(String serviceId, String host, ClientProcess user) {
            passed.add(serviceId + " " + host + " " + user.uid());
        }

        @Override
        public void passedUnmatched(Exchange exchange, long bytes) {
            unmatched.incrementAndGet();
        }

        @Override
        public void answerUnread(Exchange exchange, NotInspected why) {
            failures.add(why.code());
        }

        @Override
        public void answered(Exchange exchange, Answer answer) {}

        @Override
        public void failed(String serviceId, String host, String code) {
            failures.add(code);
        }
    }

    static List<String> wordsOf(Prompt prompt) {
        List<String> words = new ArrayList<>();
        prompt.segments().forEach(s -> words.add(s.text()));
        return words;
    }
}
