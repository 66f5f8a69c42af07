// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.chaperone.agent.PromptPipeline.Case;
import dev.chaperone.agent.SeenContent.Novelty;
import dev.chaperone.agent.coach.Consultation;
import dev.chaperone.agent.os.AgentHarnesses;
import dev.chaperone.agent.store.EventStore;
import dev.chaperone.model.decision.Action;
import dev.chaperone.model.decision.Decision;
import dev.chaperone.model.decision.Outcome;
import dev.chaperone.model.decision.Stage;
import dev.chaperone.model.event.Event;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.finding.Intent;
import dev.chaperone.model.ipc.AnswerRequest.Via;
import dev.chaperone.model.prompt.ClientProcess;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.NotInspected;
import dev.chaperone.model.service.AiService;
import dev.chaperone.model.service.Endpoint;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Writes events: one per decision on new content, a raised counter for everything seen before.
 * Redactions and refusals are durable before their effect; what is simply allowed is committed
 * within 50 ms. Thread-safe.
 */
public final class EventRecorder {
    private final EventStore store;
    private final Pseudonyms pseudonyms;
    private final InstantSource clock;
    private final List<String> models;
    private final SeenContent seen = new SeenContent();

    /**
     * Events of things that recur by the thousand (telemetry, failed handshakes): one an hour each,
     * with a counter.
     */
    private final Cache<String, UUID> recurring =
            Caffeine.newBuilder().maximumSize(4096).expireAfterWrite(Duration.ofHours(1)).build();

    /**
     * @param models versions of the models in force
     */
    public EventRecorder(
            EventStore store, Pseudonyms pseudonyms, List<String> models, InstantSource clock) {
        this.store = store;
        this.pseudonyms = pseudonyms;
        this.models = List.copyOf(models);
        this.clock = clock;
    }

    /**
     * What became of an event.
     *
     * @param id the event
     * @param durable false when the store did not take it: the fail verdict is due
     * @param fresh true for a new event, false for a repeat or none
     */
    record Receipt(UUID id, boolean durable, boolean fresh) {}

    Receipt record(Case inHand) throws InterruptedException {
        boolean beside = isBesidePrompts(inHand.exchange());
        if (isUneventful(inHand, beside)) {
            return new Receipt(TimeOrderedUuid.next(clock.instant()), true, false);
        }
        // A token count holds the prompt that is sent next: the prompt is not its repeat.
        String service = inHand.exchange().service().id() + (beside ? "/control" : "");
        Optional<Consultation.News> news = inHand.said().news();
        return switch (seen.compare(service, inHand.prompt())) {
            case Novelty.Repeat(UUID event) when news.isEmpty() ->
                    new Receipt(event, repeat(event), false);
            case Novelty.Repeat _ -> write(inHand, service, news.orElseThrow().segments());
            case Novelty.Fresh(Set<Integer> segments) -> {
                Set<Integer> about = new HashSet<>(segments);
                news.ifPresent(n -> about.addAll(n.segments()));
                yield write(inHand, service, about);
            }
        };
    }

    private Receipt write(Case inHand, String service, Set<Integer> segments)
            throws InterruptedException {
        Event event = event(inHand, f -> segments.contains(f.segment()));
        boolean unasked = !(inHand.decision() instanceof Decision.Coach);
        boolean durable =
                unasked && inHand.settlement() instanceof Settlement.Send
                        ? append(event)
                        : commit(event);
        if (durable) {
            seen.remember(service, inHand.prompt().segments(), event.id());
            inHand.said()
                    .news()
                    .ifPresent(n -> seen.replace(service, inHand.prompt(), segments, event.id()));
        }
        return new Receipt(event.id(), durable, true);
    }

    /** What the person read, and how a question was answered: the fact, never the words. */
    private static String explanation(Case inHand) {
        String why = inHand.decision().why().message();
        return inHand.said()
                .news()
                .map(n ->
                        why
                                + " Answered in the "
                                + (n.via() == Via.UI ? "user interface" : "terminal")
                                + (n.reasonLength() == 0
                                        ? "."
                                        : ", with a reason of "
                                                + n.reasonLength()
                                                + " characters."))
                .orElse(why);
    }

    /** Telemetry, settings, token counts: nobody asks anything there. */
    private static boolean isBesidePrompts(Exchange exchange) {
        return switch (exchange.endpoint().kind()) {
            case CONTROL, RESPONSE_ONLY -> true;
            case PROMPT, COMPLETION, DRAFT, UPLOAD, EMBEDDING, TOOL, MESSAGE -> false;
        };
    }

    /**
     * No decision worth an event: what passes beside prompts and was read whole, and a message of
     * an open WebSocket in which nobody asks anything and nothing was found.
     */
    private static boolean isUneventful(Case inHand, boolean beside) {
        boolean controlMessage =
                inHand.exchange().httpVersion().equals("ws")
                        && inHand.prompt().text().isEmpty()
                        && inHand.assessment().findings().isEmpty();
        return (beside || controlMessage)
                && inHand.prompt().notInspected().isEmpty()
                && inHand.decision().action() == Action.ALLOW;
    }

    private Event event(Case inHand, Predicate<Finding> isNew) {
        Map<String, Integer> findings = new TreeMap<>();
        Map<String, Integer> examples = new TreeMap<>();
        inHand.assessment().findings().stream()
                .filter(isNew)
                .forEach(f -> (f.example() ? examples : findings).merge(f.type(), 1, Integer::sum));
        Map<String, Integer> unread = new TreeMap<>();
        inHand.prompt().notInspected().forEach(n -> unread.merge(reason(n), 1, Integer::sum));
        inHand.assessment().missing().forEach(m -> unread.merge("missing_" + m, 1, Integer::sum));
        String code =
                inHand.prompt()
                        .firstNotInspected()
                        .map(NotInspected::code)
                        .orElse(
                                inHand.settlement() instanceof Settlement.SendNothing(String c, _)
                                        ? c
                                        : null);
        Exchange exchange = inHand.exchange();
        UUID given = inHand.said().eventId();
        UUID id = given == null ? TimeOrderedUuid.next(clock.instant()) : given;
        UUID question = inHand.said().question();
        return new Event(
                id,
                1,
                0,
                0,
                clock.instant(),
                System.nanoTime(),
                exchange.service().id(),
                exchange.endpoint().id(),
                exchange.endpoint().kind().id(),
                exchange.host(),
                inHand.prompt().account().kind(),
                pseudonyms.app(exchange.client()),
                actor(exchange.client()),
                pseudonyms.user(exchange.client()),
                inHand.prompt().model(),
                inHand.assessment().intent().group().id(),
                findings,
                examples,
                Map.of(),
                inHand.stage(),
                inHand.decision().action(),
                inHand.decision().rule().value(),
                explanation(inHand),
                inHand.settlement().outcome(),
                unread,
                code,
                0,
                (System.nanoTime() - inHand.started()) / 1000,
                inHand.prompt().segments().stream().mapToLong(s -> s.text().length()).sum(),
                inHand.policyVersion(),
                models,
                question == null ? id : question);
    }

    /** Notes something that happened to an exchange outside a decision. Never blocks. */
    Event note(
            Exchange exchange, String policyVersion, Action action, Outcome outcome, String code) {
        Event event = simple(exchange, policyVersion, action, outcome, Map.of(), code);
        append(event);
        return event;
    }

    /** Counts content that passed without having been read. */
    void unread(Exchange exchange, String policyVersion, NotInspected why) {
        String key =
                exchange.service().id()
                        + '/'
                        + exchange.endpoint().id()
                        + '/'
                        + exchange.host()
                        + '/'
                        + why.code();
        recur(
                key,
                simple(
                        exchange,
                        policyVersion,
                        Action.ALLOW,
                        Outcome.SENT,
                        Map.of(reason(why), 1),
                        why.code()));
    }

    /** Counts a connection that failed before there was an exchange. */
    void failed(String serviceId, String host, String policyVersion, String code) {
        recur(
                serviceId + '/' + host + '/' + code,
                simple(
                        connection(serviceId, host),
                        policyVersion,
                        Action.BLOCK,
                        Outcome.BLOCKED,
                        Map.of(),
                        code));
    }

    /** Counts a connection to an opened host that passed as it was. */
    void passedUnopened(String serviceId, String host, String policyVersion, String code) {
        recur(
                serviceId + '/' + host + '/' + code,
                simple(
                        connection(serviceId, host),
                        policyVersion,
                        Action.ALLOW,
                        Outcome.SENT,
                        Map.of("unopened", 1),
                        code));
    }

    /**
     * Counts a connection to an opened host that did not come through the proxy, or that its user's
     * pause let pass: an event an hour for each user, program and service.
     *
     * @param client who opened it, as far as known
     * @param reason {@code bypassed_proxy}, {@code bypassed_proxy_quic} or {@code paused}
     */
    public void passedBy(
            String serviceId,
            String host,
            ClientProcess client,
            String policyVersion,
            String reason,
            String code) {
        recur(
                serviceId + '/' + client.uid() + '/' + client.executable() + '/' + reason,
                simple(
                        connection(serviceId, host, client),
                        policyVersion,
                        Action.ALLOW,
                        Outcome.SENT,
                        Map.of(reason, 1),
                        code));
    }

    private static Exchange connection(String serviceId, String host) {
        return connection(serviceId, host, ClientProcess.UNKNOWN);
    }

    private static Exchange connection(String serviceId, String host, ClientProcess client) {
        return new Exchange(
                0,
                new AiService(serviceId, "", "", "", List.of(), false, false, List.of()),
                new Endpoint("connection", "", "", Endpoint.Kind.CONTROL),
                host,
                "",
                client,
                true,
                _ -> false);
    }

    private void recur(String key, Event event) {
        UUID known = recurring.asMap().putIfAbsent(key, event.id());
        if (known == null) {
            append(event);
        } else {
            repeat(known);
        }
    }

    private Event simple(
            Exchange exchange,
            String policyVersion,
            Action action,
            Outcome outcome,
            Map<String, Integer> unread,
            String code) {
        UUID id = TimeOrderedUuid.next(clock.instant());
        return new Event(
                id,
                1,
                0,
                0,
                clock.instant(),
                System.nanoTime(),
                exchange.service().id(),
                exchange.endpoint().id(),
                exchange.endpoint().kind().id(),
                exchange.host(),
                null,
                pseudonyms.app(exchange.client()),
                actor(exchange.client()),
                pseudonyms.user(exchange.client()),
                null,
                Intent.Group.UNKNOWN.id(),
                Map.of(),
                Map.of(),
                Map.of(),
                Stage.REQUEST,
                action,
                "default:" + action.id(),
                "",
                outcome,
                unread,
                code,
                0,
                0,
                0,
                policyVersion,
                models,
                id);
    }

    private static String reason(NotInspected part) {
        return part.reason().name().toLowerCase(Locale.ROOT);
    }

    private static Event.Actor actor(ClientProcess client) {
        return AgentHarnesses.isOne(client.appName())
                ? Event.Actor.AGENT_FOR_PERSON
                : Event.Actor.PERSON;
    }

    private boolean append(Event event) {
        try {
            store.append(event);
            return true;
        } catch (EventStore.Unavailable e) {
            return false;
        }
    }

    private boolean commit(Event event) throws InterruptedException {
        try {
            store.commit(event);
            return true;
        } catch (EventStore.Unavailable e) {
            return false;
        }
    }

    private boolean repeat(UUID event) {
        try {
            store.repeat(event);
            return true;
        } catch (EventStore.Unavailable e) {
            return false;
        }
    }
}
