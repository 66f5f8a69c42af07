// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies.catalogue;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.path.NodePath;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * The JSON Schema of a service file. Applied to files that did not pass the build; loading it costs
 * more than loading the whole catalogue.
 */
final class CatalogueSchema {
    private static final String SCHEMA =
            "/dev/chaperone/policies/schema/catalogue-service.schema.json";

    private CatalogueSchema() {}

    /**
     * @throws CatalogueFormatException for the first place that is not as the schema says
     */
    static void check(byte[] json, String source) {
        List<Error> errors =
                schema().validate(new String(json, StandardCharsets.UTF_8), InputFormat.JSON);
        if (!errors.isEmpty()) {
            Error first = errors.getFirst();
            int line = line(JsonTree.parse(json, source), first.getInstanceLocation());
            throw new CatalogueFormatException(source, line, first.toString());
        }
    }

    static Schema schema() {
        String text = new String(CatalogueLoader.resource(SCHEMA), StandardCharsets.UTF_8);
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(text, InputFormat.JSON);
    }

    private static int line(JsonTree tree, NodePath path) {
        JsonTree at = tree;
        for (int i = 0; i < path.getNameCount(); i++) {
            Object step = path.getElement(i);
            Object next =
                    switch (at.value()) {
                        case Map<?, ?> members -> members.get(String.valueOf(step));
                        case List<?> elements
                                when step instanceof Integer index && index < elements.size() ->
                                elements.get(index);
                        case null, default -> null;
                    };
            if (!(next instanceof JsonTree inner)) {
                break;
            }
            at = inner;
        }
        return at.line();
    }
}
