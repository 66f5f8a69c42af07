// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.agent.cli;

import dev.chaperone.inspector.capture.CaptureFormatException;
import dev.chaperone.inspector.capture.CaptureReader;
import dev.chaperone.inspector.capture.CapturedExchange;
import dev.chaperone.inspector.capture.ExchangeInspector;
import dev.chaperone.inspector.capture.Inspection;
import dev.chaperone.inspector.catalogue.Catalogue;
import dev.chaperone.model.prompt.Answer;
import dev.chaperone.model.service.AiService;
import dev.chaperone.policies.catalogue.CatalogueFormatException;
import dev.chaperone.policies.catalogue.CatalogueLoader;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What the agent would see and decide for recorded traffic. */
@Command(
        name = "inspect",
        description = "Shows what the agent would see and decide for recorded traffic.")
public final class InspectCommand implements Callable<Integer> {
    /** Assesses and decides on what was seen, as the live pipeline does. */
    @FunctionalInterface
    public interface Judge {
        Judgement judge(Inspection inspection);
    }

    /**
     * What the pipeline says, as JSON objects.
     *
     * @param assessment or null
     * @param decision {@code action rule stage explanation code}, or null
     */
    public record Judgement(
            @Nullable Map<String, ?> assessment, @Nullable Map<String, ?> decision) {
        static final Judgement NONE = new Judgement(null, null);
    }

    @Option(names = "--json", description = "One JSON object a line and exchange.")
    private boolean json;

    @Option(names = "--service", description = "Adds a catalogue file.", paramLabel = "FILE")
    private List<Path> services = List.of();

    @Parameters(arity = "1..*", paramLabel = "FILE", description = "HAR 1.2 files and fixtures.")
    private List<Path> files = List.of();

    @Spec private @Nullable CommandSpec spec;

    private final Judge judge;
    private final PrintStream out;

    public InspectCommand() {
        this(_ -> Judgement.NONE);
    }

    public InspectCommand(Judge judge) {
        // Not System.out: its charset follows the locale, and it is flushed line by line.
        this(
                judge,
                new PrintStream(
                        new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)),
                        false,
                        StandardCharsets.UTF_8));
    }

    InspectCommand(Judge judge, PrintStream out) {
        this.judge = judge;
        this.out = out;
    }

    @Override
    public Integer call() {
        ExchangeInspector inspector;
        try {
            inspector = new ExchangeInspector(catalogue());
        } catch (CatalogueFormatException | IllegalArgumentException e) {
            return complain(String.valueOf(e.getMessage()));
        } catch (IOException _) {
            return complain("a file given with --service cannot be read");
        }
        if (!json) {
            out.printf(TABLE, "EXCHANGE", "SERVICE", "KIND", "MODEL", "TEXTS", "FILES", "ANSWER");
        }
        for (Path file : files) {
            try {
                List<CapturedExchange> exchanges =
                        CaptureReader.read(Files.readAllBytes(file), file.toString());
                exchanges.forEach(exchange -> print(inspector.inspect(exchange)));
            } catch (IOException _) {
                return complain(file + ": cannot be read");
            } catch (CaptureFormatException e) {
                return complain(file + ": " + e.getMessage());
            } finally {
                out.flush();
            }
        }
        return ExitStatus.DONE;
    }

    private void print(Inspection inspection) {
        if (json) {
            out.println(InspectionJson.line(inspection, judge.judge(inspection)));
        } else {
            row(inspection, out);
        }
    }

    private Catalogue catalogue() throws IOException {
        List<AiService> extra = new ArrayList<>();
        for (Path file : services) {
            extra.add(CatalogueLoader.parse(Files.readAllBytes(file), file.toString()));
        }
        return Catalogue.compile(CatalogueLoader.with(CatalogueLoader.shipped(), extra));
    }

    private int complain(String what) {
        if (spec != null) {
            spec.commandLine().getErr().println("chaperone inspect: " + what);
        }
        return ExitStatus.USAGE;
    }

    private static final String TABLE = "%-40s %-28s %-10s %-22s %5s %5s %6s%n";

    private static void row(Inspection inspection, PrintStream out) {
        if (inspection.match() == null) {
            out.printf(TABLE, cut(inspection.exchange().id(), 40), "-", "-", "-", "-", "-", "-");
            return;
        }
        Answer answer = inspection.answer();
        String text = answer == null ? null : answer.text();
        out.printf(
                TABLE,
                cut(inspection.exchange().id(), 40),
                cut(
                        inspection.match().service().id()
                                + "/"
                                + inspection.match().endpoint().id(),
                        28),
                inspection.match().endpoint().kind().id(),
                cut(String.valueOf(inspection.model()), 22),
                inspection.prompt().segments().size(),
                inspection.prompt().attachments().size(),
                text == null ? 0 : text.length());
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length - 1) + "…";
    }
}
