// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.inspector.capture;

import dev.chaperone.inspector.catalogue.AnswerReader;
import dev.chaperone.inspector.catalogue.Catalogue;
import dev.chaperone.inspector.catalogue.EndpointMatch;
import dev.chaperone.inspector.catalogue.PromptReader;
import dev.chaperone.inspector.catalogue.Reading;
import dev.chaperone.model.prompt.Account;
import dev.chaperone.model.prompt.Answer;
import dev.chaperone.model.prompt.Attachment;
import dev.chaperone.model.prompt.NotInspected;
import dev.chaperone.model.prompt.Prompt;
import dev.chaperone.model.prompt.Segment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Looks at recorded exchanges as the proxy looks at live ones. */
public final class ExchangeInspector {
    private static final String UNDECODABLE = "CHP-CAT-006";

    private final Catalogue catalogue;

    public ExchangeInspector(Catalogue catalogue) {
        this.catalogue = catalogue;
    }

    public Inspection inspect(CapturedExchange exchange) {
        EndpointMatch match =
                (exchange.body() == null
                                ? catalogue.match(exchange.head())
                                : catalogue.match(exchange.head(), exchange.body()))
                        .orElse(null);
        if (match == null) {
            Prompt nothing =
                    new Prompt(List.of(), "", List.of(), null, null, Account.UNKNOWN, List.of());
            return new Inspection(exchange, null, nothing, List.of(), null);
        }
        Gathered gathered = new Gathered(PromptReader.describe(match, exchange.head()));
        if (exchange.messages().isEmpty()) {
            request(exchange, match, gathered);
        } else {
            for (CapturedExchange.Message message : exchange.messages()) {
                if (message.fromClient()) {
                    gathered.add(
                            PromptReader.readMessage(
                                    match, exchange.head(), message.payload(), message.text()));
                }
            }
        }
        return new Inspection(
                exchange, match, gathered.prompt(), gathered.declared, answer(exchange, match));
    }

    private static void request(CapturedExchange exchange, EndpointMatch match, Gathered gathered) {
        byte[] body = exchange.body();
        if (body == null) {
            gathered.unread.add(
                    new NotInspected(
                            NotInspected.Reason.UNREADABLE, UNDECODABLE, exchange.bodyBytes()));
            return;
        }
        Reading reading = PromptReader.read(match, exchange.head(), body);
        gathered.add(reading);
        if (reading instanceof Reading.NotAPrompt) {
            gathered.describe(PromptReader.describe(match, exchange.head(), body));
        }
    }

    private static @Nullable Answer answer(CapturedExchange exchange, EndpointMatch match) {
        if (!exchange.messages().isEmpty()) {
            AnswerReader reader = AnswerReader.forMessages(match, exchange.head());
            for (CapturedExchange.Message message : exchange.messages()) {
                if (!message.fromClient()) {
                    reader.message(message.payload(), message.text());
                }
            }
            return reader.finish();
        }
        CapturedExchange.Response response = exchange.response();
        if (response == null) {
            return null;
        }
        AnswerReader reader =
                AnswerReader.forResponse(
                        match, exchange.head(), response.status(), response.contentType());
        int at = 0;
        byte[] body = response.body();
        for (int read : response.reads()) {
            int length = Math.min(read, body.length - at);
            reader.feed(body, at, length);
            at += length;
        }
        reader.feed(body, at, body.length - at);
        return reader.finish();
    }

    /** One prompt out of several readings. */
    private static final class Gathered {
        private final List<Segment> segments = new ArrayList<>();
        private final List<String> declared = new ArrayList<>();
        private final List<Attachment> attachments = new ArrayList<>();
        private final List<NotInspected> unread = new ArrayList<>();
        private String text = "";
        private @Nullable String model;
        private @Nullable String conversation;
        private Account account = Account.UNKNOWN;

        Gathered(Prompt head) {
            describe(head);
        }

        void add(Reading reading) {
            switch (reading) {
                case Reading.Readable(Prompt prompt, var _, int count) -> {
                    for (Segment segment : prompt.segments()) {
                        if (segment.index() < count) {
                            declared.add(segment.text());
                        }
                        segments.add(
                                new Segment(segments.size(), segment.text(), segment.origin()));
                    }
                    text = prompt.text().isEmpty() ? text : prompt.text();
                    attachments.addAll(prompt.attachments());
                    unread.addAll(prompt.notInspected());
                    describe(prompt);
                }
                case Reading.NotAPrompt _ -> {}
                case Reading.Unreadable(NotInspected why) -> unread.add(why);
            }
        }

        void describe(Prompt prompt) {
            model = model == null ? prompt.model() : model;
            conversation = conversation == null ? prompt.conversation() : conversation;
            Account other = prompt.account();
            account =
                    new Account(
                            account.kind() == null ? other.kind() : account.kind(),
                            account.id() == null ? other.id() : account.id());
        }

        Prompt prompt() {
            return new Prompt(segments, text, attachments, model, conversation, account, unread);
        }
    }
}
