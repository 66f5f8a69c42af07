// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import dev.chaperone.model.service.AiService;
import dev.chaperone.model.service.Endpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ShippedCatalogueTest {
    private static final Path FOLDER = Path.of("catalogue");

    private final List<AiService> shipped = CatalogueLoader.shipped();

    @Test
    void everyServiceFileIsAsTheSchemaSays() throws IOException {
        Schema schema = CatalogueSchema.schema();
        for (Path file : serviceFiles()) {
            String json = Files.readString(file);
            assertThat(schema.validate(json, InputFormat.JSON)).as(file.toString()).isEmpty();
        }
    }

    @Test
    void theFilesAreTheOrderAndHoldAsMuchAsWasSplit() throws IOException {
        JsonTree common = JsonTree.parse(Files.readAllBytes(FOLDER.resolve("_common.json")), "c");
        JsonTree totals = JsonTreeTesting.member(common, "totals");
        long endpoints = shipped.stream().mapToLong(s -> s.endpoints().size()).sum();

        assertThat(serviceFiles()).hasSize(shipped.size());
        assertThat(JsonTreeTesting.member(totals, "services").value()).isEqualTo(shipped.size());
        assertThat(JsonTreeTesting.member(totals, "endpoints").value()).isEqualTo((int) endpoints);
        assertThat(JsonTreeTesting.members(common).keySet().stream().map(String::valueOf))
                .contains("default_block_reply", "tenant_restrictions", "confidence_levels");
    }

    @Test
    void aFileIsNamedAfterItsService() throws IOException {
        for (Path file : serviceFiles()) {
            AiService service = ServiceReader.read(Files.readAllBytes(file), file.toString());
            assertThat(file.getFileName().toString()).isEqualTo(service.id() + ".json");
        }
    }

    @Test
    void servicesThatFitAnyHostComeLast() {
        int firstAny = 0;
        while (!shipped.get(firstAny).hosts().contains("~.*")) {
            firstAny++;
        }
        assertThat(shipped.subList(firstAny, shipped.size()))
                .allSatisfy(s -> assertThat(s.hosts()).containsExactly("~.*"));
    }

    @Test
    void noRefusalHasAStatusThatSdksRetry() {
        for (AiService service : shipped) {
            for (Endpoint endpoint : service.endpoints()) {
                if (endpoint.blockReply() != null) {
                    assertThat(endpoint.blockReply().status())
                            .as(service.id() + "/" + endpoint.id())
                            .isNotIn(408, 409, 425, 429)
                            .isLessThan(500);
                }
            }
        }
    }

    private static List<Path> serviceFiles() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(f -> f.toString().endsWith(".json"))
                    .filter(f -> !f.getFileName().toString().startsWith("_"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aServiceOfTheSameIdIsReplacedAndExtraOnesComeFirst() {
        AiService known = shipped.getLast();
        AiService mine =
                CatalogueLoader.parse(
                        """
                        {"id": "%s", "name": "Mine", "hosts": ["ai.example"],
                         "endpoints": [{"id": "chat", "method": "POST", "path": "/chat",
                           "kind": "prompt", "request": {"decode": ["json"]}}]}
                        """
                                .formatted(known.id())
                                .getBytes(StandardCharsets.UTF_8),
                        "mine.json");

        List<AiService> all = CatalogueLoader.with(shipped, List.of(mine));

        assertThat(all).hasSameSizeAs(shipped);
        assertThat(all.getFirst()).isEqualTo(mine);
        assertThat(all).doesNotContain(known);
    }
}
