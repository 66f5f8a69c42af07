// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.chaperone.inspector.catalogue.Catalogue;
import dev.chaperone.policies.catalogue.CatalogueLoader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class HarTest {
    private static final String SERVICE =
            """
            {"id": "made-up", "name": "Made up", "hosts": ["ai.example"], "endpoints": [
             {"id": "chat", "method": "POST", "path": "/chat", "kind": "prompt",
              "request": {"decode": ["json"], "prompt": ["q"]},
              "responses": [{"framing": "json", "rules": [{"append": "a"}]}]},
             {"id": "ws", "method": "GET", "path": "/ws", "transport": "ws", "kind": "prompt",
              "request": {"decode": ["ws"], "prompt": ["q"]},
              "responses": [{"framing": "ws-json", "rules": [{"append": "a"}]}]}]}
            """;

    private static final String HAR =
            """
            {"log": {"version": "1.2", "entries": [
             {"request": {"method": "POST", "url": "https://ai.example/chat?x=1", "httpVersion": "h2",
               "headers": [{"name": ":authority", "value": "ai.example"},
                 {"name": "content-encoding", "value": "zstd"}],
               "postData": {"mimeType": "application/json", "text": "{\\"q\\": \\"one\\"}"}},
              "response": {"status": 200, "headers": [],
               "content": {"mimeType": "application/json", "encoding": "base64",
                 "text": "eyJhIjoidHdvIn0="}}},
             {"request": {"method": "GET", "url": "https://shop.example/", "headers": []},
              "response": {"status": 200, "headers": [], "content": {}}},
             {"request": {"method": "POST", "url": "https://ai.example/chat", "headers": [],
               "postData": {"mimeType": "application/x-www-form-urlencoded", "params": [
                 {"name": "q", "value": "three & more"}]}},
              "response": {"status": 200, "headers": [], "content": {}}},
             {"request": {"method": "POST", "url": "https://ai.example/chat", "headers": [],
               "postData": {"mimeType": "multipart/form-data; boundary=zz", "params": [
                 {"name": "q", "value": "four"},
                 {"name": "f", "fileName": "a.txt", "contentType": "text/plain", "value": "five or more"}]}},
              "response": {"status": 200, "headers": [], "content": {}}},
             {"_resourceType": "websocket",
              "_webSocketMessages": [
                {"type": "send", "opcode": 1, "data": "{\\"q\\": \\"six\\"}"},
                {"type": "receive", "opcode": 2, "data": "eyJhIjoic2V2ZW4ifQ=="}],
              "request": {"method": "GET", "url": "wss://ai.example/ws", "headers": []},
              "response": {"status": 101, "headers": [], "content": {}}}]}}
            """;

    private final ExchangeInspector inspector =
            new ExchangeInspector(
                    Catalogue.compile(
                            List.of(
                                    CatalogueLoader.parse(
                                            SERVICE.getBytes(StandardCharsets.UTF_8), "s"))));

    @Test
    void everyKindOfEntryIsRead() throws CaptureFormatException {
        List<Inspection> seen =
                CaptureReader.read(HAR.getBytes(StandardCharsets.UTF_8), "t.har").stream()
                        .map(inspector::inspect)
                        .toList();
        assertThat(seen.stream().map(i -> i.exchange().id()))
                .containsExactly("t.har#0", "t.har#1", "t.har#2", "t.har#3", "t.har#4");
        assertThat(seen.stream().map(i -> i.prompt().text()))
                .containsExactly("one", "", "three & more", "four", "six");
        assertThat(seen.get(1).match()).isNull();
        assertThat(String.valueOf(seen.get(0).answer())).contains("3 chars");
        assertThat(String.valueOf(seen.get(4).answer())).contains("5 chars");
        assertThat(seen.get(3).prompt().segments()).anyMatch(s -> s.text().equals("five or more"));
    }

    @Test
    void anotherFileIsNamedSo() {
        assertThatThrownBy(
                        () -> CaptureReader.read("{\"a\":1}".getBytes(StandardCharsets.UTF_8), "x"))
                .isInstanceOf(CaptureFormatException.class)
                .hasMessageContaining("neither a HAR");
        assertThatThrownBy(() -> CaptureReader.read("secret".getBytes(StandardCharsets.UTF_8), "x"))
                .isInstanceOf(CaptureFormatException.class)
                .hasMessageNotContaining("secret");
    }
}
