// SPDX-License-Identifier: Apache-2.0
package dev.chaperone.installer;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Sets a machine up and takes it back. Each call brings the machine from whatever state it is in,
 * also one that a killed call left, to the wanted one.
 */
public final class MachineSetup {
    private final Machine machine;
    private final Path folder;
    private final List<Step> steps;

    /**
     * @param ledger folder of the undo ledger
     * @param steps in the order of installation
     */
    public MachineSetup(Machine machine, Path ledger, List<Step> steps) {
        this.machine = machine;
        this.folder = ledger;
        this.steps = List.copyOf(steps);
    }

    /**
     * How a step went.
     *
     * @param step its name
     * @param done false when it failed and was taken back, or when part of it could not be done
     * @param detail what was found, or why it failed and what to do
     */
    public record Outcome(String step, boolean done, String detail) {}

    /**
     * Makes everything hold that is to hold. A step that fails leaves nothing behind and holds no
     * other up.
     *
     * @throws IOException when the ledger cannot be had: nothing was changed then
     */
    public List<Outcome> install(MachineSettings settings) throws IOException {
        List<Outcome> outcomes = new ArrayList<>();
        try (UndoLedger ledger = UndoLedger.open(folder)) {
            outcomes.addAll(retireUnknown(ledger));
            for (Step step : steps) {
                outcomes.add(apply(step, settings, ledger));
            }
        }
        return outcomes;
    }

    private Outcome apply(Step step, MachineSettings settings, UndoLedger ledger) {
        Changes changes = new Changes(machine, ledger, step.name());
        try {
            String found = step.apply(machine, settings, changes);
            changes.retire();
            List<String> left = changes.leftOut();
            return new Outcome(
                    step.name(),
                    left.isEmpty(),
                    left.isEmpty() ? found : found + "; not done: " + String.join("; ", left));
        } catch (StepException e) {
            return failed(step, String.valueOf(e.getMessage()), changes);
        } catch (IOException e) {
            return failed(step, inWords(e), changes);
        }
    }

    private static String inWords(IOException e) {
        return e instanceof FileSystemException file && file.getFile() != null
                ? file.getFile()
                        + " cannot be used: "
                        + (file.getReason() == null
                                ? file.getClass().getSimpleName()
                                : file.getReason())
                        + "; mend that, then run 'chaperone machine repair'"
                : e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    private static Outcome failed(Step step, String why, Changes changes) {
        List<String> left = changes.rollBack();
        return new Outcome(
                step.name(),
                false,
                left.isEmpty() ? why : why + "; not taken back yet: " + String.join("; ", left));
    }

    /** Steps of an older version that there are no more. */
    private List<Outcome> retireUnknown(UndoLedger ledger) {
        Set<String> known = new HashSet<>();
        steps.forEach(s -> known.add(s.name()));
        return undo(
                ledger,
                ledger.standing().reversed().stream()
                        .filter(e -> !known.contains(e.step()))
                        .toList());
    }

    /** Takes changes back in the order given, the others too when one cannot be. */
    private List<Outcome> undo(UndoLedger ledger, List<UndoLedger.Entry> entries) {
        List<Outcome> left = new ArrayList<>();
        Undo undo = new Undo(machine, ledger);
        for (UndoLedger.Entry entry : entries) {
            try {
                undo.undo(entry.change());
            } catch (IOException e) {
                left.add(new Outcome(entry.step(), false, String.valueOf(e.getMessage())));
            }
        }
        return left;
    }

    /**
     * Takes everything back, newest first, and removes the ledger when nothing is left.
     *
     * @return what could not be taken back; it stays in the ledger for the next try
     */
    public List<Outcome> uninstall() throws IOException {
        List<Outcome> left = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return left;
        }
        try (UndoLedger ledger = UndoLedger.open(folder)) {
            for (Step step : steps) {
                try {
                    step.claim(machine, new Changes(machine, ledger, step.name()));
                } catch (IOException e) {
                    left.add(new Outcome(step.name(), false, inWords(e)));
                }
            }
            left.addAll(undo(ledger, ledger.standing().reversed()));
            ledger.removeIfEmpty();
        }
        return left;
    }

    /** What stands changed on this machine, oldest first; reads only. */
    public List<UndoLedger.Entry> standing() throws IOException {
        return UndoLedger.peek(folder);
    }
}
