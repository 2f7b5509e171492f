package dev.scepsy.planner.cli;

import dev.scepsy.planner.execution.ClockSkew;
import dev.scepsy.planner.execution.RootRule;
import dev.scepsy.planner.recorded.Recording;
import dev.scepsy.planner.recorded.WorkflowNotes;
import dev.scepsy.planner.share.ExecutionShares;
import dev.scepsy.planner.share.HeavyExecution;
import dev.scepsy.planner.share.Selection;
import dev.scepsy.planner.share.WorkflowKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What traces do not say by themselves, in sentences, each with what to do. */
final class TraceNotes {

    /** Part of all executions from which single calls look like a missing span above them. */
    private static final double NEARLY_ALL = 0.7;

    private final Recording recording;
    private final RootRule rule;
    private final Selection selection;
    private final List<String> notes = new ArrayList<>();
    private boolean rootMissing;

    private TraceNotes(Recording recording, RootRule rule, Selection selection) {
        this.recording = recording;
        this.rule = rule;
        this.selection = selection;
    }

    static List<String> of(Recording recording, RootRule rule, Selection selection) {
        return new TraceNotes(recording, rule, selection).all();
    }

    private List<String> all() {
        Map<WorkflowKey, List<ExecutionShares>> executions = recording.tally().executions();
        Map<WorkflowKey, String> shown = WorkflowKey.shown(executions.keySet());
        roots();
        singleCalls(executions.keySet());
        shown.forEach((key, name) -> {
            Optional<WorkflowNotes> own = recording.notes(key);
            own.ifPresentOrElse(found -> workflow(name, found), () -> noneComplete(name));
            HeavyExecution.among(key, executions.getOrDefault(key, List.of()), selection)
                    .forEach(heavy -> heavy(name, heavy));
        });
        clocks();
        if (recording.outliving() > 0) {
            note(Counted.of(recording.outliving(), "call outlives its", "calls outlive their")
                    + " execution by more than 50 ms and 2 % of their own time: they count everywhere but on the critical"
                    + " path");
        }
        aliases();
        if (rootMissing) {
            notes.add("note: this puts a span around a run, so that its calls are one execution:");
            notes.addAll(Advice.rootInCode());
        }
        return notes;
    }

    private void note(String text) {
        notes.add("note: " + text);
    }

    private void roots() {
        if (recording.callsOutside() > 0 && !(rule instanceof RootRule.BySpans)) {
            note(recording.callsOutside() + " of " + Counted.of(recording.calls(), "model call", "model calls")
                    + " lie outside any root (--root " + rule.key() + ") and are not used. Calls with no span of the"
                    + " application above are in none: put a span around what belongs together, or read their file by"
                    + " itself without --root");
            rootMissing = true;
        }
        recording.splits().forEach((split, traces) -> {
            rootMissing = true;
            note(Counted.of(traces, "trace has", "traces have") + " several executions below one span (" + split.above()
                    + "): workflows " + String.join(", ", split.workflows())
                    + ". If that span is one run, read them with"
                    + " --root topmost or --root-span '" + split.above() + "'");
        });
    }

    /** By service: one without spans of its own is not hidden by others that have them. */
    private void singleCalls(Set<WorkflowKey> workflows) {
        Map<String, List<WorkflowKey>> byService = new TreeMap<>();
        for (WorkflowKey key : workflows) {
            byService
                    .computeIfAbsent(key.service() == null ? "" : key.service(), service -> new ArrayList<>())
                    .add(key);
        }
        byService.forEach((service, own) -> {
            long executions = 0;
            long single = 0;
            for (WorkflowKey key : own) {
                Optional<WorkflowNotes> notesOfIt = recording.notes(key);
                executions += notesOfIt.map(WorkflowNotes::executions).orElse(0L);
                single += notesOfIt.map(WorkflowNotes::singleCalls).orElse(0L);
            }
            if (single > 1 && single >= NEARLY_ALL * executions) {
                rootMissing = true;
                note(single + " of " + executions + " executions"
                        + (byService.size() > 1 && !service.isEmpty() ? " of " + service : "")
                        + " are single calls with nothing above: the application has no span around what belongs"
                        + " together. Every number is per call, and so would targets be");
            }
        });
    }

    private void noneComplete(String name) {
        notes.add("warning: workflow " + name + ": no execution of it is complete ("
                + recording.tally().incomplete().entrySet().stream()
                        .map(left -> left.getKey().key() + " " + left.getValue())
                        .collect(Collectors.joining(", "))
                + " in all), so nothing is known of it and it cannot be planned. Record until runs have ended, with the"
                + " spans of all their parts (docs/reference/statistics.md, incomplete executions)");
    }

    private void workflow(String name, WorkflowNotes own) {
        if (own.withoutCalls() == own.executions()) {
            note("workflow " + name + ": none of its " + Counted.of(own.executions(), "execution", "executions")
                    + " has a model call below it. If it calls models, instrument the client too"
                    + " (docs/guide/any-framework.md)");
        } else if (own.withoutCalls() > 0) {
            note("workflow " + name + ": " + own.withoutCalls() + " of " + own.executions()
                    + " executions have no model call; they count as such");
        }
        List<Set<String>> strangers = own.strangers();
        if (!strangers.isEmpty()) {
            notes.add("warning: executions of workflow " + name + " have different agents below their roots ("
                    + String.join(", ", strangers.get(0)) + " in some, " + String.join(", ", strangers.get(1))
                    + " in others): perhaps several workflows of one name. Give each a name of its own");
        }
        own.callsWithoutTokens().forEach((model, silent) -> {
            long all = own.calls().getOrDefault(model, silent);
            note("workflow " + name + ": " + silent + " of " + Counted.of(all, "call", "calls") + " to " + model
                    + (silent == 1 ? " reports" : " report") + " no prompt tokens (none, or 0). The engine model needs"
                    + " them: have usage reported for streams, too (stream_options.include_usage; Spring AI:"
                    + " stream-usage)");
        });
    }

    private void heavy(String name, HeavyExecution heavy) {
        note(String.format(
                Locale.ROOT,
                "workflow %s: one execution carries %.0f %% of the time of %s (%s). %s leaves it out",
                name,
                heavy.part() * 100,
                heavy.model(),
                heavy.position() == 1
                        ? "the first of its process: a cold start?"
                        : "number " + heavy.position() + " of its process",
                heavy.position() <= 3 ? "--skip-first " + heavy.position() : "--trim 0.05"));
    }

    private void clocks() {
        if (recording.misplacedCalls() == 0) {
            return;
        }
        Optional<Map.Entry<ClockSkew.Pair, Long>> most =
                recording.misplaced().entrySet().stream().max(Map.Entry.comparingByValue());
        note(Counted.of(recording.misplacedCalls(), "call lies", "calls lie")
                + " more than 50 ms outside what they are below: "
                + most.map(pair -> "the clocks of " + pair.getKey().client() + " and "
                                + pair.getKey().server() + " seem to disagree. --correct-skew shifts them")
                        .orElse("work that goes on after its caller has ended, or clocks that disagree"
                                + " (--correct-skew needs host.name in the resources)"));
    }

    private void aliases() {
        Set<String> models = new TreeSet<>();
        recording
                .tally()
                .executions()
                .keySet()
                .forEach(key -> recording
                        .notes(key)
                        .ifPresent(own -> models.addAll(own.calls().keySet())));
        for (String model : models) {
            ProviderPrefix.stripped(model)
                    .ifPresent(bare -> note("model " + model + " has its provider before its name"
                            + (models.contains(bare) ? ", and " + bare + " is called, too" : "")
                            + ". In models.yaml: {name: " + bare + ", aliases: [" + model + "]}"));
        }
    }
}
