// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.chaperone.model.sync.PolicyBundle;
import dev.chaperone.policies.bundle.VerifiedBundle.Step;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class BundleTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Instant ISSUED = Instant.parse("2026-11-25T10:00:00Z");
    private static final PolicyBundle BUNDLE =
            new PolicyBundle(3, ISSUED, ISSUED.plusSeconds(60), "version: 1\nname: é\n");

    private final KeyPair keys = BundleKeys.generate();
    private final BundleVerifier verifier = new BundleVerifier(List.of(keys.getPublic()));
    private final byte[] envelope = new BundleSigner(keys).sign(BUNDLE);

    @Test
    void encodingIsThatOfTheStandard() {
        // The example of secure-systems-lab/dsse, protocol.md.
        assertThat(
                        Dsse.preAuthenticationEncoding(
                                "http://example.com/HelloWorld", utf8("hello world")))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("DSSEv1 29 http://example.com/HelloWorld 11 hello world");
        assertThat(Dsse.preAuthenticationEncoding("é", utf8("")))
                .asString(StandardCharsets.UTF_8)
                .as("lengths count bytes")
                .isEqualTo("DSSEv1 2 é 0 ");
    }

    @Test
    void signedBundleComesBackAsItWas() throws BundleException {
        VerifiedBundle verified = verifier.verify(envelope);
        assertThat(verified.bundle()).isEqualTo(BUNDLE);
        assertThat(verified.keyId()).isEqualTo(BundleKeys.id(keys.getPublic())).hasSize(64);
    }

    @Test
    void keysComeBackFromTheirEncodings() throws BundleException {
        KeyPair read =
                new KeyPair(
                        BundleKeys.publicKey(keys.getPublic().getEncoded()),
                        BundleKeys.privateKey(keys.getPrivate().getEncoded()));
        assertThat(verifier.verify(new BundleSigner(read).sign(BUNDLE)).bundle()).isEqualTo(BUNDLE);
        assertThatThrownBy(() -> BundleKeys.publicKey(new byte[44]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void strangersSignatureIsRefused() {
        byte[] forged = new BundleSigner(BundleKeys.generate()).sign(BUNDLE);
        assertThatThrownBy(() -> verifier.verify(forged))
                .isInstanceOf(BundleException.class)
                .hasMessage("no signature by a trusted key");
    }

    @Test
    void strangersSignatureUnderOurKeyIdIsRefused() {
        PolicyBundle.Envelope forged = read(new BundleSigner(BundleKeys.generate()).sign(BUNDLE));
        PolicyBundle.Signature named =
                new PolicyBundle.Signature(
                        BundleKeys.id(keys.getPublic()), forged.signatures().getFirst().sig());
        assertThatThrownBy(() -> verifier.verify(write(forged.payload(), PolicyBundle.TYPE, named)))
                .hasMessage("no signature by a trusted key");
    }

    @Test
    void everyChangedByteOfThePayloadIsNoticed() {
        PolicyBundle.Envelope good = read(envelope);
        byte[] payload = Base64.getDecoder().decode(good.payload());
        for (int i = 0; i < payload.length; i++) {
            byte[] bad = payload.clone();
            bad[i] ^= 1;
            byte[] changed =
                    write(
                            Base64.getEncoder().encodeToString(bad),
                            PolicyBundle.TYPE,
                            good.signatures().getFirst());
            assertThatThrownBy(() -> verifier.verify(changed))
                    .hasMessage("no signature by a trusted key");
        }
    }

    @Test
    void anotherPayloadTypeIsRefused() {
        PolicyBundle.Envelope good = read(envelope);
        assertThatThrownBy(() ->
                        verifier.verify(
                                write(
                                        good.payload(),
                                        "application/vnd.chaperone.policy-bundle.v2+json",
                                        good.signatures().getFirst())))
                .hasMessageContaining("payload type");
    }

    @Test
    void bothBase64AlphabetsAndTheSecondSignatureCount() throws BundleException {
        PolicyBundle.Envelope good = read(envelope);
        byte[] payload = Base64.getDecoder().decode(good.payload());
        byte[] urlSafe =
                write(
                        Base64.getUrlEncoder().encodeToString(payload),
                        PolicyBundle.TYPE,
                        new PolicyBundle.Signature("another", "AAAA"),
                        good.signatures().getFirst());
        assertThat(verifier.verify(urlSafe).bundle()).isEqualTo(BUNDLE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "{\"payload\":\"e30=\",\"payloadType\":\"%s\"}",
                "{\"payload\":\"%%%%\",\"payloadType\":\"%s\",\"signatures\":[]}",
                "{\"payload\":\"e30=\",\"payloadType\":\"%s\",\"signatures\":[]}",
                "{\"payload\":\"e30=\",\"payloadType\":\"%s\",\"signatures\":[{}]}",
                "{\"payload\":\"e30=\",\"payload\":\"e30=\",\"payloadType\":\"%s\",\"signatures\":[]}",
            })
    void malformedEnvelopeGetsOneReason(String text) {
        byte[] bytes = utf8(text.formatted(PolicyBundle.TYPE));
        assertThatThrownBy(() -> verifier.verify(bytes)).isInstanceOf(BundleException.class);
    }

    @Test
    void signedNonsenseIsRefused() {
        byte[] noVersion = new BundleSigner(keys).sign(new PolicyBundle(0, ISSUED, ISSUED, ""));
        assertThatThrownBy(() -> verifier.verify(noVersion)).hasMessageContaining("make no sense");
    }

    @Test
    void deviceGoesForwardOnly() throws BundleException {
        VerifiedBundle third = verifier.verify(envelope);
        VerifiedBundle fork =
                verifier.verify(
                        new BundleSigner(keys)
                                .sign(new PolicyBundle(3, ISSUED, BUNDLE.expires(), "other")));
        assertThat(third.after(0, "")).isEqualTo(Step.FORWARD);
        assertThat(third.after(2, fork.digest())).isEqualTo(Step.FORWARD);
        assertThat(third.after(3, third.digest())).isEqualTo(Step.SAME);
        assertThat(third.after(3, fork.digest())).isEqualTo(Step.FORKED);
        assertThat(third.after(4, third.digest())).isEqualTo(Step.ROLLED_BACK);
    }

    @Test
    void bundleExpiresAtItsInstant() throws BundleException {
        VerifiedBundle verified = verifier.verify(envelope);
        assertThat(verified.expired(BUNDLE.expires().minusMillis(1))).isFalse();
        assertThat(verified.expired(BUNDLE.expires())).isTrue();
    }

    private static PolicyBundle.Envelope read(byte[] envelope) {
        return JSON.readValue(envelope, PolicyBundle.Envelope.class);
    }

    private static byte[] write(String payload, String type, PolicyBundle.Signature... signatures) {
        return JSON.writeValueAsBytes(
                new PolicyBundle.Envelope(payload, type, List.of(signatures)));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
