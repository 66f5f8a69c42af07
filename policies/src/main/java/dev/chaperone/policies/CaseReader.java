// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Stage;
import dev.chaperone.model.finding.Intent;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.service.Endpoint;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reads the test cases of a rule. */
final class CaseReader {
    static final Set<String> CASE_KEYS =
            DocumentReader.keys(
                    "text",
                    "findings",
                    "expect",
                    "rule",
                    "redacts",
                    "stage",
                    "service",
                    "category",
                    "sanction",
                    "account",
                    "endpoint",
                    "intent",
                    "origin",
                    "tool",
                    "app",
                    "model",
                    "groups",
                    "now");
    static final Set<String> FINDING_KEYS =
            DocumentReader.keys("type", "count", "origin", "confidence", "example");

    static final List<String> ORIGINS = Arrays.stream(Origin.values()).map(CaseReader::id).toList();
    static final List<String> ENDPOINTS =
            Arrays.stream(Endpoint.Kind.values()).map(Endpoint.Kind::id).toList();
    static final List<String> INTENTS =
            Arrays.stream(Intent.Group.values()).map(Intent.Group::id).toList();
    static final List<String> SANCTIONS = List.of("sanctioned", "unsanctioned");
    private static final List<String> ACTIONS = DocumentReader.words(Action.values());

    /** A Wednesday, 10:00 UTC: what {@code now} is where a case does not say. */
    private static final Instant WORKING_HOURS = Instant.parse("2026-01-07T10:00:00Z");

    private final Stage stage;

    /**
     * @param stage the stage of a case that names none
     */
    CaseReader(Stage stage) {
        this.stage = stage;
    }

    /** The name that policies use for an origin: lower case, dashed. */
    static String id(Origin origin) {
        return origin.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    PolicyCase read(Fields fields) {
        fields.only(CASE_KEYS);
        if (fields.has("text") == fields.has("findings")) {
            throw fields.error(fields.line(), "a test needs either 'text' or 'findings'");
        }
        return new PolicyCase(
                fields.line(),
                fields.has("text") ? text(fields) : null,
                fields.has("findings") ? findings(fields) : List.of(),
                context(fields),
                Action.of(fields.word("expect", ACTIONS)).orElseThrow(),
                fields.string("rule", ""),
                fields.has("redacts") ? types(fields, "redacts") : null);
    }

    private static String text(Fields fields) {
        String text = fields.string("text");
        SampleValues.unknownIn(text)
                .ifPresent(name -> {
                    throw fields.error(
                            fields.lineOf("text"),
                            "unknown sample"
                                    + Suggestions.quoted(name)
                                    + Suggestions.remedy(name, SampleValues.names()));
                });
        return text;
    }

    private PolicyContext context(Fields fields) {
        return PolicyContext.builder()
                .stage(
                        DocumentReader.stage(
                                fields.word("stage", DocumentReader.STAGES, stage.id())))
                .serviceId(fields.string("service", "example"))
                .serviceCategory(fields.string("category", "chat-web"))
                .serviceSanction(fields.word("sanction", SANCTIONS, ""))
                .accountKind(fields.string("account", "unknown"))
                .endpointKind(fields.word("endpoint", ENDPOINTS, "prompt"))
                .intentGroup(fields.word("intent", INTENTS, ""))
                .origin(origin(fields, Origin.USER))
                .toolName(fields.string("tool", ""))
                .appName(fields.string("app", ""))
                .model(fields.string("model", ""))
                .userGroups(fields.strings("groups"))
                .now(now(fields))
                .build();
    }

    private static Instant now(Fields fields) {
        if (!fields.has("now")) {
            return WORKING_HOURS;
        }
        try {
            return Instant.parse(fields.string("now"));
        } catch (DateTimeParseException e) {
            throw fields.error(
                    fields.lineOf("now"), "'now' must be RFC 3339, such as 2026-01-07T10:00:00Z");
        }
    }

    private static Origin origin(Fields fields, Origin otherwise) {
        String word = fields.word("origin", ORIGINS, id(otherwise));
        return Arrays.stream(Origin.values())
                .filter(origin -> id(origin).equals(word))
                .findFirst()
                .orElseThrow();
    }

    private static List<PolicyCase.CaseFinding> findings(Fields fields) {
        Origin origin = origin(fields, Origin.USER);
        List<PolicyCase.CaseFinding> findings = new ArrayList<>();
        for (Fields.Item item : fields.items("findings")) {
            if (item.fields().isPresent()) {
                findings.add(finding(item.fields().get().only(FINDING_KEYS), origin));
            } else {
                known(fields, item.word(), item.line());
                findings.add(new PolicyCase.CaseFinding(item.word(), 1, origin, 1, false));
            }
        }
        return findings;
    }

    private static PolicyCase.CaseFinding finding(Fields fields, Origin origin) {
        String type = fields.string("type");
        known(fields, type, fields.lineOf("type"));
        return new PolicyCase.CaseFinding(
                type,
                fields.integer("count", 1, 1, 1000),
                origin(fields, origin),
                fields.fraction("confidence", 1),
                fields.bool("example", false));
    }

    /** A finding has a type; an alias other than PEOPLE_TABLE is none. */
    private static void known(Fields fields, String type, int line) {
        if (FindingTypes.aliases().containsKey(type)) {
            throw fields.error(
                    line,
                    "'%s' stands for several types: name one, such as %s"
                            .formatted(type, FindingTypes.aliases().get(type).getFirst()));
        }
        if (!FindingTypes.isKnown(type)) {
            throw fields.error(line, DocumentReader.unknownType(type));
        }
    }

    private static List<String> types(Fields fields, String key) {
        List<String> types = fields.strings(key);
        for (String type : types) {
            if (!FindingTypes.isKnown(type)) {
                throw fields.error(fields.lineOf(key), DocumentReader.unknownType(type));
            }
        }
        return types;
    }
}
