// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is made of what a tool printed. */
class ProbeTest {
    private static final String TOKEN = "0123456789abcdef0123456789abcdef01234567";

    private static State state(String output) {
        return Probe.judge(output, TOKEN, true).state();
    }

    @Test
    void tokenOfThisRunIsTrust() {
        assertThat(state("API Error: 400 chaperone-trust-probe " + TOKEN)).isEqualTo(State.TRUSTS);
        assertThat(state(TOKEN + "\trefs/heads/trust-probe\n")).isEqualTo(State.TRUSTS);
    }

    @Test
    void anotherTokenOrTheTokenAloneIsNot() {
        String other = TOKEN.replace('0', '1');
        assertThat(state("# chaperone-trust-probe " + other)).isEqualTo(State.UNKNOWN);
        assertThat(state("cannot reach /" + TOKEN)).isEqualTo(State.UNKNOWN);
        assertThat(state("")).isEqualTo(State.UNKNOWN);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "curl: (60) SSL certificate problem: unable to get local issuer certificate",
                "ERROR: The certificate of 'x' is not trusted.",
                "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
                "javax.net.ssl.SSLHandshakeException: PKIX path building failed",
                "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED]",
                "invalid peer certificate: UnknownIssuer"
            })
    void refusalOfACertificateIsSeen(String line) {
        Probe.Answer answer = Probe.judge("first\n" + line + "\nlast", TOKEN, true);
        assertThat(answer.state()).isEqualTo(State.DOES_NOT_TRUST);
        assertThat(answer.evidence()).isEqualTo(line);
    }
}
