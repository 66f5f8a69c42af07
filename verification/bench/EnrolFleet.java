// SPDX-License-Identifier: Apache-2.0
import dev.chaperone.model.service.AiService;
import dev.chaperone.model.sync.DeviceStatus;
import dev.chaperone.model.sync.Enrolment;
import dev.chaperone.model.sync.EnrolmentToken;
import dev.chaperone.model.sync.Issuance;
import dev.chaperone.pki.CertificateRequests;
import dev.chaperone.pki.FleetIntermediates;
import dev.chaperone.pki.Keys;
import dev.chaperone.pki.Pem;
import dev.chaperone.pki.ServerCa;
import dev.chaperone.policies.catalogue.CatalogueLoader;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Many devices that enrol with one token, each as the real one does it: its own keys, a TLS connection of its own that resumes no
 * other, a request for its certificate and its intermediates, Retry-After honoured. Every fiftieth verifies all that it got, as an
 * agent would; the others count it. Afterwards each says its state under its own certificate.
 *
 * <p>{@code java -cp 'agent-core/target/lib/*' EnrolFleet.java TOKEN DEVICES AT_A_TIME}
 */
final class EnrolFleet {
    private static final JsonMapper JSON =
            JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
    private static final int VERIFY_EVERY = 50;
    private static final int TRIES = 60;
    private static final List<Issuance.Service> OPEN =
            CatalogueLoader.shipped().stream()
                    .filter(AiService::openByDefault)
                    .map(s -> new Issuance.Service(s.id(), s.literalHosts().stream().filter(h -> !h.matches("[0-9.]+")).toList()))
                    .filter(s -> !s.hosts().isEmpty())
                    .toList();

    private final EnrolmentToken token;
    private final LongAdder told = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final Map<String, Integer> failures = new ConcurrentHashMap<>();
    private final Set<String> devices = ConcurrentHashMap.newKeySet();
    private final Set<String> certificates = ConcurrentHashMap.newKeySet();
    private final AtomicInteger intermediates = new AtomicInteger();
    private final AtomicInteger verified = new AtomicInteger();

    private EnrolFleet(EnrolmentToken token) {
        this.token = token;
    }

    private record Enrolled(Enrolment.Answer answer, KeyPair keys) {}

    private record Reply(int status, Map<String, String> fields, byte[] body) {}

    private interface Work {
        void of(int device) throws Exception;
    }

    public static void main(String[] args) throws Exception {
        int count = Integer.parseInt(args[1]);
        int atATime = Integer.parseInt(args[2]);
        EnrolFleet fleet = new EnrolFleet(EnrolmentToken.parse(args[0]));
        Enrolled[] enrolled = new Enrolled[count];
        long[] micros = new long[count];
        long start = System.nanoTime();
        fleet.all(
                count,
                atATime,
                n -> {
                    long begin = System.nanoTime();
                    enrolled[n] = fleet.enrol(n);
                    micros[n] = (System.nanoTime() - begin) / 1000;
                });
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpu = ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis() / 1e3;
        Arrays.sort(micros);
        System.out.printf(
                "enrolled %d of %d in %.1f s, %d at a time; an enrolment p50 %d ms, p99 %d ms; %d times told to come back, %d failed %s%n",
                fleet.devices.size(), count, seconds, atATime, micros[count / 2] / 1000, micros[count * 99 / 100] / 1000,
                fleet.told.sum(), fleet.failed.sum(), new TreeMap<>(fleet.failures));
        System.out.printf(
                "identities %d, certificates %d, intermediates %d (%d a device); %d devices verified all of theirs; simulator CPU %.1f s%n",
                fleet.devices.size(), fleet.certificates.size(), fleet.intermediates.get(), OPEN.size(), fleet.verified.get(), cpu);
        System.out.flush();
        AtomicInteger heard = new AtomicInteger();
        start = System.nanoTime();
        fleet.all(
                count,
                atATime,
                n -> {
                    if (enrolled[n] != null && fleet.status(enrolled[n])) {
                        heard.incrementAndGet();
                    }
                });
        System.out.printf("states under their own certificate: %d in %.1f s%n", heard.get(), (System.nanoTime() - start) / 1e9);
        boolean whole =
                fleet.devices.size() == count
                        && fleet.certificates.size() == count
                        && fleet.intermediates.get() == count * OPEN.size()
                        && fleet.failed.sum() == 0
                        && heard.get() == count;
        System.exit(whole ? 0 : 1);
    }

    private void all(int count, int atATime, Work work) throws InterruptedException {
        Semaphore places = new Semaphore(atATime);
        CountDownLatch done = new CountDownLatch(count);
        for (int i = 0; i < count; i++) {
            int device = i;
            places.acquire();
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            work.of(device);
                        } catch (Exception e) {
                            failed.increment();
                            failures.merge(e.getClass().getSimpleName() + " " + e.getMessage(), 1, Integer::sum);
                        } finally {
                            places.release();
                            done.countDown();
                        }
                    });
        }
        done.await();
    }

    private Enrolled enrol(int n) throws Exception {
        KeyPair keys = Keys.generate();
        KeyPair issuing = Keys.generate();
        byte[] body =
                JSON.writeValueAsBytes(
                        new Enrolment.Request(
                                token.secret(), CertificateRequests.create(keys), "laptop-" + n, "linux", "0.1.0",
                                new Issuance.Request(CertificateRequests.create(issuing), OPEN)));
        for (int tried = 1; ; tried++) {
            Reply reply = post(token.server(), "/v1/enroll", body, context(null));
            if (reply.status == 429 && tried < TRIES) {
                told.increment();
                TimeUnit.SECONDS.sleep(Long.parseLong(reply.fields.get("retry-after")));
                continue;
            }
            if (reply.status != 200) {
                throw new IOException("status " + reply.status);
            }
            Enrolment.Answer answer = JSON.readValue(reply.body, Enrolment.Answer.class);
            count(n, answer, issuing);
            return new Enrolled(answer, keys);
        }
    }

    private void count(int n, Enrolment.Answer answer, KeyPair issuing) {
        devices.add(answer.device());
        X509Certificate own = Pem.decodeAll(answer.certificate()).getFirst();
        if (own.getSubjectX500Principal().getName().contains("CN=" + answer.device())) {
            certificates.add(own.getSerialNumber().toString());
        }
        intermediates.addAndGet(answer.issuance().intermediates().size());
        if (n % VERIFY_EVERY == 0) {
            Map<String, List<String>> asked = new HashMap<>();
            OPEN.forEach(s -> asked.put(s.id(), s.hosts()));
            Map<String, X509Certificate> signed = new HashMap<>();
            answer.issuance().intermediates().forEach(i -> signed.put(i.service(), Pem.decodeAll(i.certificate()).getFirst()));
            FleetIntermediates.verified(
                    issuing, asked, signed, Pem.decodeAll(answer.issuance().chain()),
                    Pem.decodeAll(answer.issuance().roots().getFirst()).getFirst(), Instant.now());
            verified.incrementAndGet();
        }
    }

    private boolean status(Enrolled device) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        X509Certificate[] chain = Pem.decodeAll(device.answer.certificate()).toArray(X509Certificate[]::new);
        store.setKeyEntry("device", device.keys.getPrivate(), new char[0], chain);
        KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
        factory.init(store, new char[0]);
        byte[] body = JSON.writeValueAsBytes(new DeviceStatus("0.1.0", 0, "none", 1, 0, 0, Map.of()));
        for (int tried = 1; tried < TRIES; tried++) {
            Reply reply = post(device.answer.agents(), "/v1/status", body, context(factory.getKeyManagers()));
            if (reply.status != 429) {
                return reply.status == 200;
            }
            told.increment();
            TimeUnit.SECONDS.sleep(Long.parseLong(reply.fields.get("retry-after")));
        }
        return false;
    }

    /** A context of its own for each connection: no session is resumed. */
    private SSLContext context(KeyManager[] own) throws Exception {
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(own, new TrustManager[] {new Pinned(token.pin())}, null);
        return context;
    }

    private record Pinned(String pin) implements X509TrustManager {
        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            X509Certificate ca = chain[chain.length - 1];
            try {
                chain[0].verify(ca.getPublicKey());
            } catch (java.security.GeneralSecurityException e) {
                throw new CertificateException("not signed by what it brings", e);
            }
            if (!ServerCa.pin(ca).equals(pin)) {
                throw new CertificateException("another CA");
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            throw new IllegalStateException("no server here");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private static Reply post(URI server, String path, byte[] body, SSLContext context) throws IOException {
        try (Socket plain = new Socket(server.getHost(), server.getPort());
                SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, server.getHost(), server.getPort(), true)) {
            socket.setSoTimeout(60_000);
            String head = "POST " + path + " HTTP/1.1\r\nHost: " + server.getAuthority()
                    + "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " + body.length + "\r\n\r\n";
            byte[] whole = Arrays.copyOf(head.getBytes(StandardCharsets.US_ASCII), head.length() + body.length);
            System.arraycopy(body, 0, whole, head.length(), body.length);
            socket.getOutputStream().write(whole);
            return read(new BufferedInputStream(socket.getInputStream(), 16 << 10));
        }
    }

    private static Reply read(InputStream in) throws IOException {
        int status = Integer.parseInt(line(in).split(" ")[1]);
        Map<String, String> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            fields.put(line.substring(0, line.indexOf(':')), line.substring(line.indexOf(':') + 1).strip());
        }
        byte[] body = fields.containsKey("content-length")
                ? in.readNBytes(Integer.parseInt(fields.get("content-length")))
                : in.readAllBytes();
        return new Reply(status, fields, body);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the answer ended early");
            }
            line.append((char) b);
        }
        return line.toString().stripTrailing();
    }
}
