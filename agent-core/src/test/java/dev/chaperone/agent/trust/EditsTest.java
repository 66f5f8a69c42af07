// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.trust;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** What edits put into a file, and that they take out that and nothing else. */
class EditsTest {
    private static final MarkedBlock BLOCK = new MarkedBlock(List.of("cacert = \"/ü.pem\""));
    private static final JsonMember MEMBER = new JsonMember("env", "NAME", "/o u\"r.pem", null);

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a = 1\n", "no end of line", "\uFEFFx\r\ny\r\n", "ünï 漢字\n\n\n"})
    void blockGoesInOnceAndComesOutWhateverWasWrittenAroundIt(String before) throws Exception {
        byte[] with = BLOCK.apply(bytes(before));
        assertThat(new String(with, UTF_8)).startsWith(before).contains("cacert = \"/ü.pem\"\n");
        assertThat(BLOCK.apply(with)).isEqualTo(with);
        byte[] changed = bytes("first\n" + new String(with, UTF_8) + "last\n");
        String end = before.isEmpty() || before.endsWith("\n") ? "" : "\n";
        assertThat(BLOCK.remove(changed)).contains(bytes("first\n" + before + end + "last\n"));
    }

    @Test
    void blockThatSomebodyChangedIsNotOursAnyMore() {
        String changed = new String(BLOCK.apply(bytes("")), UTF_8).replace("/ü.pem", "/mine.pem");
        assertThat(BLOCK.remove(bytes(changed))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{ }\n",
                "{\"a\": {\"env\": {\"NAME\": \"theirs\"}}, \"b\": [1, {\"env\": 2}]}",
                "{\n\t\"env\": {\n\t\t\"OTHER\": \"ü 漢 😀\"\n\t},\n\t\"model\": \"x\"\n}\n",
                "{\"env\":{},\"x\":null}",
            })
    void memberGoesInWithoutTouchingTheRestAndComesOut(String before) throws Exception {
        byte[] with = MEMBER.apply(bytes(before));
        assertThat(JsonMember.read(with, "env", "NAME")).contains("/o u\"r.pem");
        assertThat(MEMBER.apply(with)).isEqualTo(with);
        JsonMapper json = JsonMapper.builder().build();
        var tree = (tools.jackson.databind.node.ObjectNode) json.readTree(with);
        var env = (tools.jackson.databind.node.ObjectNode) tree.get("env");
        env.remove("NAME");
        if (!before.contains("env\":{}") && env.isEmpty()) {
            tree.remove("env");
        }
        assertThat(tree).isEqualTo(json.readTree(before));
        byte[] out = MEMBER.remove(with).orElseThrow();
        assertThat(JsonMember.read(out, "env", "NAME")).isEmpty();
        assertThat(json.readTree(out).get("b")).isEqualTo(json.readTree(before).get("b"));
    }

    @Test
    void memberOfTheirsComesBack() throws Exception {
        JsonMember member = new JsonMember("env", "NAME", "/ours", "/theirs");
        String before = "{\"env\": {\"A\": \"1\", \"NAME\": \"/theirs\"}}";
        byte[] with = member.apply(bytes(before));
        assertThat(JsonMember.read(with, "env", "NAME")).contains("/ours");
        assertThat(member.remove(with)).contains(bytes(before));
        assertThat(member.remove(bytes(before))).isEqualTo(Optional.empty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\n  // a comment\n  \"env\": {}\n}",
                "[]",
                "{\"env\": \"text\"}",
                "{\"env\": {}",
                "secret-value-here"
            })
    void documentThatTheToolWouldNotReadIsRefusedWithoutQuotingIt(String document) {
        assertThatThrownBy(() -> MEMBER.apply(bytes(document)))
                .isInstanceOf(TrustException.class)
                .hasMessageContaining("mend it")
                .hasMessageNotContaining("secret-value");
    }

    @Test
    void lineOfTheCommentIsNamed() {
        assertThatThrownBy(() -> MEMBER.apply(bytes("{\n  // a comment\n  \"env\": {}\n}")))
                .hasMessageContaining("line 2");
    }
}
