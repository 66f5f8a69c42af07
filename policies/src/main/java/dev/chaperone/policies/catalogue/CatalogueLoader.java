// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies.catalogue;

import dev.chaperone.model.service.AiService;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Loads service files of the catalogue. */
public final class CatalogueLoader {
    private static final String COMMON = "_common.json";

    private CatalogueLoader() {}

    /**
     * The services that ship with the product, in the order in which they are tried. Validated
     * against the schema by the build, so that a start need not.
     */
    public static List<AiService> shipped() {
        JsonTree common = JsonTree.parse(resource(COMMON), COMMON);
        List<AiService> services = new ArrayList<>();
        for (String id : order(common)) {
            services.add(ServiceReader.read(resource(id + ".json"), id + ".json"));
        }
        return List.copyOf(services);
    }

    /**
     * A service file of an administrator or a developer.
     *
     * @param sourceName how messages name the file
     * @throws CatalogueFormatException when it is not as the schema says; names line and remedy
     */
    public static AiService parse(byte[] json, String sourceName) {
        AiService service = ServiceReader.read(json, sourceName);
        CatalogueSchema.check(json, sourceName);
        return service;
    }

    /** {@code extra} before {@code shipped}; a service of the same id is replaced. */
    public static List<AiService> with(List<AiService> shipped, List<AiService> extra) {
        Set<String> replaced = new HashSet<>();
        extra.forEach(service -> replaced.add(service.id()));
        List<AiService> all = new ArrayList<>(extra);
        shipped.stream().filter(service -> !replaced.contains(service.id())).forEach(all::add);
        return List.copyOf(all);
    }

    private static List<String> order(JsonTree common) {
        List<String> ids = new ArrayList<>();
        if (common.value() instanceof Map<?, ?> members
                && members.get("order") instanceof JsonTree tree
                && tree.value() instanceof List<?> list) {
            list.forEach(id -> ids.add((String) ((JsonTree) id).value()));
        }
        return ids;
    }

    static byte[] resource(String name) {
        try (InputStream in = CatalogueLoader.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the class path lacks " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("reading " + name, e);
        }
    }
}
