// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.RuleId;
import dev.chaperone.model.decision.Stage;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns a YAML tree into a policy; the twin of {@code policy.schema.json}, with line numbers. */
final class DocumentReader {
    static final Set<String> TOP_KEYS =
            keys(
                    "version",
                    "name",
                    "description",
                    "enforce-from",
                    "defaults",
                    "services",
                    "sanctioned",
                    "monitor",
                    "pause",
                    "rules");
    static final Set<String> DEFAULTS_KEYS =
            keys(
                    "action",
                    "on-timeout",
                    "fail",
                    "oversize",
                    "unreadable",
                    "examples",
                    "within",
                    "restore");
    static final Set<String> SERVICES_KEYS = keys("open", "close");
    static final Set<String> MONITOR_KEYS = keys("unproxied");
    static final Set<String> PAUSE_KEYS = keys("longest", "reason");
    static final Set<String> RULE_KEYS =
            keys(
                    "id",
                    "description",
                    "stage",
                    "when",
                    "then",
                    "fail",
                    "on-timeout",
                    "restore",
                    "tests");
    static final Set<String> THEN_KEYS = keys("action", "coaching", "message", "types", "within");

    private static final int DATE_LENGTH = "2026-12-31".length();

    /** A working day: what is to last longer is a change of the policy. */
    private static final Duration LONGEST_PAUSE = Duration.ofHours(8);

    static final int MAX_RULES = 200;
    static final Pattern ID = Pattern.compile("[a-z][a-z0-9-]{0,63}");
    static final String ID_SHAPE = "lower case letters, digits and dashes, at most 64";

    private static final List<String> ACTIONS = words(Action.values());
    private static final List<String> UNREAD = List.of("allow", "warn", "block");
    private static final List<String> UNDECIDED = List.of("allow", "redact", "block");
    static final List<String> STAGES = Arrays.stream(Stage.values()).map(Stage::id).toList();

    private final String source;

    private DocumentReader(String source) {
        this.source = source;
    }

    static PolicyDocument read(byte[] yaml, String source) {
        return new DocumentReader(source).document(YamlTree.read(yaml, source), yaml);
    }

    private PolicyDocument document(Fields top, byte[] yaml) {
        top.only(TOP_KEYS);
        if (!top.has("version")) {
            throw top.error(top.line(), "missing key 'version': add 'version: 1'");
        }
        top.integer("version", 1, 1, 1);
        String name = top.string("name", ID, ID_SHAPE);
        return new PolicyDocument(
                source,
                name,
                PolicyDocument.versionOf(name, yaml),
                top.string("description", ""),
                top.optionalMap("defaults")
                        .map(DocumentReader::defaults)
                        .orElse(PolicyDefaults.UNSET),
                services(top),
                enforceFrom(top),
                top.has("monitor")
                        && top.map("monitor").only(MONITOR_KEYS).bool("unproxied", false),
                top.optionalMap("pause").map(DocumentReader::pause).orElse(null),
                rules(top));
    }

    private static PolicyDocument.Pause pause(Fields fields) {
        fields.only(PAUSE_KEYS);
        Optional<Duration> longest =
                fields.duration("longest", Duration.ofMinutes(1), LONGEST_PAUSE);
        if (longest.isEmpty()) {
            throw fields.error(
                    fields.line(),
                    "missing key 'longest': add it, such as 'longest: 30m', or remove 'pause' so"
                            + " that nobody may pause");
        }
        return new PolicyDocument.Pause(
                longest.get(),
                fields.word("reason", List.of("required", "optional"), "required")
                        .equals("required"));
    }

    private static @Nullable Instant enforceFrom(Fields top) {
        if (!top.has("enforce-from")) {
            return null;
        }
        String text = top.string("enforce-from");
        try {
            return text.length() == DATE_LENGTH
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            throw top.error(
                    top.lineOf("enforce-from"),
                    "'enforce-from' is a date (2026-12-31) or a time (2026-12-31T08:00:00Z)");
        }
    }

    private static PolicyDefaults defaults(Fields fields) {
        fields.only(DEFAULTS_KEYS);
        PolicyDefaults unset = PolicyDefaults.UNSET;
        return new PolicyDefaults(
                action(fields, "action", UNREAD, unset.action()),
                action(fields, "on-timeout", UNDECIDED, unset.onTimeout()),
                action(fields, "fail", UNDECIDED, unset.fail()),
                action(fields, "oversize", UNREAD, unset.oversize()),
                action(fields, "unreadable", UNREAD, unset.unreadable()),
                fields.word("examples", List.of("count", "redact"), "count").equals("redact"),
                within(fields, unset.within()),
                Restore.of(fields.word("restore", Restore.ids(), unset.restore().id())));
    }

    private static PolicyDocument.Services services(Fields top) {
        Set<String> open = Set.of();
        Set<String> close = Set.of();
        if (top.has("services")) {
            Fields services = top.map("services").only(SERVICES_KEYS);
            open = Set.copyOf(services.strings("open"));
            close = Set.copyOf(services.strings("close"));
            for (String id : open) {
                if (close.contains(id)) {
                    throw top.error(
                            services.lineOf("close"),
                            "'close' and 'open' name the same service"
                                    + Suggestions.quoted(id)
                                    + ": keep one");
                }
            }
        }
        return new PolicyDocument.Services(open, close, Set.copyOf(top.strings("sanctioned")));
    }

    private List<PolicyRule> rules(Fields top) {
        List<PolicyRule> rules = new ArrayList<>();
        Map<String, Integer> seen = new HashMap<>();
        for (Fields fields : top.maps("rules")) {
            PolicyRule rule = rule(fields);
            Integer first = seen.putIfAbsent(rule.id().value(), rule.line());
            if (first != null) {
                throw top.error(
                        fields.lineOf("id"),
                        "the rule id '%s' is taken by line %d: choose another"
                                .formatted(rule.id(), first));
            }
            rules.add(rule);
        }
        if (rules.size() > MAX_RULES) {
            throw top.error(top.lineOf("rules"), "more than " + MAX_RULES + " rules: merge some");
        }
        return rules;
    }

    private PolicyRule rule(Fields fields) {
        fields.only(RULE_KEYS);
        String id = fields.string("id", ID, ID_SHAPE);
        if (!fields.has("tests")) {
            throw fields.error(
                    fields.line(),
                    "rule '" + id + "' has no 'tests': add one that fires and one near miss");
        }
        Set<Stage> stages = stages(fields);
        PolicyRule.Then then = then(fields.map("then"));
        CaseReader cases = new CaseReader(stages.iterator().next());
        return new PolicyRule(
                new RuleId(id),
                fields.line(),
                fields.string("description", ""),
                stages,
                fields.string("when"),
                fields.contentLine("when"),
                then,
                optionalAction(fields, "fail"),
                optionalAction(fields, "on-timeout"),
                fields.has("restore") ? Restore.of(fields.word("restore", Restore.ids())) : null,
                fields.maps("tests").stream().map(cases::read).toList());
    }

    private static Set<Stage> stages(Fields fields) {
        Set<Stage> stages = new LinkedHashSet<>();
        for (String stage : fields.words("stage", STAGES)) {
            stages.add(stage(stage));
        }
        return stages.isEmpty() ? Set.of(Stage.REQUEST) : stages;
    }

    /** The stage of one of {@link #STAGES}. */
    static Stage stage(String id) {
        return Arrays.stream(Stage.values())
                .filter(stage -> stage.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static PolicyRule.Then then(Fields fields) {
        fields.only(THEN_KEYS);
        Action action = Action.of(fields.word("action", ACTIONS)).orElseThrow();
        if (fields.has("types") && action != Action.REDACT && action != Action.COACH) {
            throw fields.error(
                    fields.lineOf("types"),
                    "'types' selects what redact and coach take out; remove it here");
        }
        List<String> types = fields.has("types") ? fields.strings("types") : List.of();
        for (String type : types) {
            if (!FindingTypes.isKnown(type)) {
                throw fields.error(fields.lineOf("types"), unknownType(type));
            }
        }
        return new PolicyRule.Then(
                action,
                fields.has("coaching") ? fields.string("coaching", ID, ID_SHAPE) : "",
                fields.string("message", ""),
                types,
                fields.has("within") ? within(fields, Duration.ZERO) : null);
    }

    /** What is said about a type that nobody finds. */
    static String unknownType(String type) {
        return "unknown finding type"
                + Suggestions.quoted(type)
                + Suggestions.remedy(type, FindingTypes.names());
    }

    private static Duration within(Fields fields, Duration otherwise) {
        return fields.duration("within", Duration.ofSeconds(1), Duration.ofMinutes(10))
                .orElse(otherwise);
    }

    private static @Nullable Action optionalAction(Fields fields, String key) {
        return fields.has(key) ? Action.of(fields.word(key, UNDECIDED)).orElseThrow() : null;
    }

    private static Action action(Fields fields, String key, List<String> known, Action otherwise) {
        return Action.of(fields.word(key, known, otherwise.id())).orElseThrow();
    }

    static List<String> words(Action[] actions) {
        return Arrays.stream(actions).map(Action::id).toList();
    }

    /** Keys in the order in which messages name them. */
    static Set<String> keys(String... keys) {
        Set<String> set = new LinkedHashSet<>(List.of(keys));
        return java.util.Collections.unmodifiableSet(set);
    }
}
