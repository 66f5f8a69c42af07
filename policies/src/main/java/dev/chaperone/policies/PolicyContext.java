// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.policies;

import dev.chaperone.model.decision.Stage;
import dev.chaperone.model.prompt.Exchange;
import dev.chaperone.model.prompt.Origin;
import dev.chaperone.model.prompt.Prompt;
import dev.chaperone.model.prompt.Segment;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * What a rule may ask besides the findings. An empty string is "not known".
 *
 * @param stage whose rules are asked
 * @param serviceId {@code service.id}
 * @param serviceCategory {@code service.category}, as the catalogue names it
 * @param serviceSanction {@code service.sanction}; empty: the policy's own list decides
 * @param accountKind {@code account.kind}; {@code unknown} when the request does not tell
 * @param endpointKind {@code endpoint.kind}, as the catalogue names it
 * @param intentGroup {@code intent.group}; empty: the assessment's
 * @param origin {@code origin} of all findings where {@code segments} is empty
 * @param toolName {@code tool.name}
 * @param appName {@code app.name}, the executable's file name
 * @param model {@code model}, the requested model
 * @param userGroups {@code user.groups}
 * @param now {@code now}; given, since this module has no clock
 * @param segments the texts that findings point into, so that {@code origin} and distinct values
 *     are exact; may be empty
 */
public record PolicyContext(
        Stage stage,
        String serviceId,
        String serviceCategory,
        String serviceSanction,
        String accountKind,
        String endpointKind,
        String intentGroup,
        Origin origin,
        String toolName,
        String appName,
        String model,
        List<String> userGroups,
        Instant now,
        List<Segment> segments) {
    public PolicyContext {
        userGroups = List.copyOf(userGroups);
        segments = List.copyOf(segments);
    }

    /** A builder with nothing known: stage request, endpoint {@code prompt}, origin user. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder filled with what the exchange and the prompt tell. */
    public static Builder of(Exchange exchange, Prompt prompt) {
        return builder()
                .serviceId(exchange.service().id())
                .serviceCategory(exchange.service().category())
                .endpointKind(exchange.endpoint().kind().id())
                .accountKind(Objects.requireNonNullElse(prompt.account().kind(), "unknown"))
                .appName(exchange.client().appName())
                .model(Objects.requireNonNullElse(prompt.model(), ""))
                .segments(prompt.segments());
    }

    /** The same circumstances of other texts. */
    PolicyContext withSegments(List<Segment> texts) {
        return new PolicyContext(
                stage,
                serviceId,
                serviceCategory,
                serviceSanction,
                accountKind,
                endpointKind,
                intentGroup,
                origin,
                toolName,
                appName,
                model,
                userGroups,
                now,
                texts);
    }

    /** Where the finding's segment comes from. */
    Origin originOf(int segment) {
        return segment < segments.size() ? segments.get(segment).origin() : origin;
    }

    /** Hides the segments: prompt text never enters a log (DESIGN §2 rule 4). */
    @Override
    public String toString() {
        return "PolicyContext[" + stage.id() + ", " + serviceId + ", " + endpointKind + "]";
    }

    /** Collects a context. Not thread-safe. */
    public static final class Builder {
        private Stage stage = Stage.REQUEST;
        private String serviceId = "";
        private String serviceCategory = "";
        private String serviceSanction = "";
        private String accountKind = "unknown";
        private String endpointKind = "prompt";
        private String intentGroup = "";
        private Origin origin = Origin.USER;
        private String toolName = "";
        private String appName = "";
        private String model = "";
        private List<String> userGroups = List.of();
        private Instant now = Instant.EPOCH;
        private List<Segment> segments = List.of();

        private Builder() {}

        public Builder stage(Stage value) {
            stage = value;
            return this;
        }

        public Builder serviceId(String value) {
            serviceId = value;
            return this;
        }

        public Builder serviceCategory(String value) {
            serviceCategory = value;
            return this;
        }

        public Builder serviceSanction(String value) {
            serviceSanction = value;
            return this;
        }

        public Builder accountKind(String value) {
            accountKind = value;
            return this;
        }

        public Builder endpointKind(String value) {
            endpointKind = value;
            return this;
        }

        public Builder intentGroup(String value) {
            intentGroup = value;
            return this;
        }

        public Builder origin(Origin value) {
            origin = value;
            return this;
        }

        public Builder toolName(String value) {
            toolName = value;
            return this;
        }

        public Builder appName(String value) {
            appName = value;
            return this;
        }

        public Builder model(String value) {
            model = value;
            return this;
        }

        public Builder userGroups(List<String> value) {
            userGroups = value;
            return this;
        }

        public Builder now(Instant value) {
            now = value;
            return this;
        }

        public Builder segments(List<Segment> value) {
            segments = value;
            return this;
        }

        public PolicyContext build() {
            return new PolicyContext(
                    stage,
                    serviceId,
                    serviceCategory,
                    serviceSanction,
                    accountKind,
                    endpointKind,
                    intentGroup,
                    origin,
                    toolName,
                    appName,
                    model,
                    userGroups,
                    now,
                    segments);
        }
    }
}
