// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.detection;

import dev.chaperone.detection.Hits.Filter;
import dev.chaperone.detection.Hits.Hit;
import dev.chaperone.detection.intent.IntentClassifier;
import dev.chaperone.detection.intent.IntentModels;
import dev.chaperone.detection.people.PeopleTables;
import dev.chaperone.detection.pii.PiiDetectors;
import dev.chaperone.detection.secret.SecretDetectors;
import dev.chaperone.detection.text.DecodedViews;
import dev.chaperone.detection.text.Normalizer;
import dev.chaperone.detection.text.ScanText;
import dev.chaperone.model.finding.Assessment;
import dev.chaperone.model.finding.Finding;
import dev.chaperone.model.finding.Intent;
import dev.chaperone.model.prompt.Prompt;
import dev.chaperone.model.prompt.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Text in, findings and intent out. Immutable, thread-safe, no I/O once built. */
public final class DetectionEngine {
    /**
     * In {@link Assessment#missing()} when a segment held more findings than are kept: the rest of
     * it is not inspected.
     */
    public static final String FINDING_LIMIT = "finding-limit";

    private final Prefilter prefilter;
    private final IntentModels.Loaded intent;

    private DetectionEngine(List<Detector> detectors, IntentModels.Loaded intent) {
        this.prefilter = new Prefilter(detectors);
        this.intent = intent;
    }

    /**
     * All detectors and the shipped intent model, read from the class path. A missing or corrupt
     * model does not throw: each assessment then says {@code intent-model} is missing.
     */
    public static DetectionEngine standard() {
        return new DetectionEngine(detectors(), IntentModels.shipped());
    }

    /** The same with another classifier, for tests. */
    static DetectionEngine with(IntentModels.Loaded intent) {
        return new DetectionEngine(detectors(), intent);
    }

    /** Every detector that looks at single values. */
    static List<Detector> detectors() {
        return Stream.concat(SecretDetectors.all().stream(), PiiDetectors.all().stream()).toList();
    }

    /** Assesses every segment of a prompt. */
    public Assessment assess(Prompt prompt) {
        return assess(prompt.segments(), prompt.text());
    }

    /**
     * Assesses texts.
     *
     * @param segments what is scanned for sensitive data
     * @param userText what the person asked, for the intent; may be empty
     */
    public Assessment assess(List<Segment> segments, String userText) {
        List<Finding> findings = new ArrayList<>();
        boolean full = false;
        for (Segment segment : segments) {
            Hits hits = scan(segment.text());
            full |= hits.full();
            for (Hit hit : Overlaps.resolve(hits.found())) {
                findings.add(
                        new Finding(
                                hit.type(),
                                segment.index(),
                                hit.span(),
                                hit.confidence(),
                                hit.tier(),
                                hit.detector(),
                                hit.masked(),
                                hit.example()));
            }
        }
        IntentClassifier classifier = intent.classifier();
        Intent wanted = userText.isBlank() ? Intent.UNKNOWN : classifier.classify(userText);
        List<String> missing = new ArrayList<>(intent.missing());
        if (full) {
            missing.add(FINDING_LIMIT);
        }
        return new Assessment(findings, wanted, List.of(), missing);
    }

    /** Names and hashes of the models and packs in use, for events and {@code doctor}. */
    public List<String> versions() {
        return intent.versions();
    }

    private Hits scan(String text) {
        Hits hits = new Hits();
        ScanText normal = Normalizer.normalize(text);
        hits.reading(normal, Filter.ALL);
        prefilter.scan(normal, hits);
        PeopleTables.scan(normal, hits::addAs);
        for (ScanText view : DecodedViews.of(normal)) {
            hits.reading(view, Filter.STRONG_AND_CHANGED);
            prefilter.scan(view, hits);
        }
        return hits;
    }
}
