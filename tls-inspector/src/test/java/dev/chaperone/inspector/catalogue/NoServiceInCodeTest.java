// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.chaperone.inspector.capture.Fixtures;
import dev.chaperone.model.service.AiService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The catalogue is data: no Java main source of any module names a service or its host. */
class NoServiceInCodeTest {
    @Test
    void noServiceIdAndNoCatalogueHostOccursInMainSources() throws IOException {
        List<String> hosts = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        for (AiService service : Fixtures.CATALOGUE.services()) {
            // Words of one part, such as an id that is also a protocol's name, say nothing.
            if (service.id().contains("-")) {
                ids.add(Pattern.quote(service.id()));
            }
            service.hosts().stream()
                    .filter(h -> !h.startsWith("~") && h.indexOf('.') > 0)
                    .map(h -> h.startsWith("*.") ? h.substring(1) : h)
                    .filter(h -> !h.startsWith("127.") && !h.startsWith("0.0."))
                    .forEach(h -> hosts.add(Pattern.quote(h)));
        }
        Pattern named =
                Pattern.compile("\"(?:" + String.join("|", ids) + ")\"|" + String.join("|", hosts));
        List<Path> sources = sources();
        assertThat(sources).hasSizeGreaterThan(50);
        for (Path source : sources) {
            String text = Files.readString(source).toLowerCase(Locale.ROOT);
            assertThat(named.matcher(text).find()).as(source.toString()).isFalse();
        }
    }

    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        try (Stream<Path> modules = Files.list(Path.of(".."))) {
            for (Path module : modules.sorted().toList()) {
                Path main = module.resolve("src/main/java");
                if (Files.isDirectory(main)) {
                    try (Stream<Path> files = Files.walk(main)) {
                        // The shape of a webhook secret is its URL: there a vendor's host is the
                        // finding's pattern, not a fact about a service.
                        files.filter(f -> f.toString().endsWith(".java"))
                                .filter(f -> !f.toString().contains("/detection/secret/"))
                                .forEach(sources::add);
                    }
                }
            }
        }
        return sources;
    }
}
