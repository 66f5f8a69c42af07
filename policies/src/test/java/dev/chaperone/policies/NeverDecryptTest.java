// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NeverDecryptTest {
    private static final NeverDecrypt SHIPPED = NeverDecrypt.shipped();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "accounts.google.com",
                "ACCOUNTS.GOOGLE.COM.",
                "login.microsoftonline.com",
                "acme.okta.com",
                "www.chase.com",
                "chase.com",
                "secure.ebanking.someregionalbank.example",
                "mychart.hospital.example",
                "www.igmetall.de",
                "irs.gov",
                "sso.acme.example"
            })
    void whatIsNobodysBusinessIsCovered(String host) {
        assertThat(SHIPPED.covers(host)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "api.openai.com",
                "chatgpt.com",
                "claude.ai",
                "api.anthropic.com",
                "gemini.google.com",
                "notchase.com",
                "chase.com.evil.example",
                "ssolutions.example",
                "copilot.microsoft.com",
                "com",
                ""
            })
    void otherHostsAreNot(String host) {
        assertThat(SHIPPED.covers(host)).isFalse();
    }

    @Test
    void mistakesNameLineAndRemedy() {
        assertThatThrownBy(() -> parse("version: 1\ngroups:\n  - {id: a, reason: b, host: [x.y]}"))
                .hasMessage("n.yaml:3: unknown key 'host', did you mean 'hosts'?");
        assertThatThrownBy(() ->
                        parse("version: 1\ngroups:\n  - {id: a, reason: b, hosts: ['a.*.b']}"))
                .hasMessageContaining("n.yaml:3: 'hosts' holds what is no lower-case host name");
        assertThatThrownBy(() -> parse("version: 1\ngroups:\n  - {id: a, hosts: [x.y]}"))
                .hasMessage("n.yaml:3: missing key 'reason': add it");
    }

    private static NeverDecrypt parse(String yaml) {
        return NeverDecrypt.parse(yaml.getBytes(StandardCharsets.UTF_8), "n.yaml");
    }
}
