package dev.scepsy.planner.cli;

import dev.scepsy.planner.execution.IncompleteReason;
import dev.scepsy.planner.execution.RootRule;
import dev.scepsy.planner.otlp.Seen;
import dev.scepsy.planner.recorded.Recording;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Whether traces hold anything to plan with, and if not, why. */
final class NothingToLearn {

    private NothingToLearn() {}

    /** A line that says what is missing, what the spans look like and what to do; empty where nothing is missing. */
    static Optional<String> from(Recording recording, Seen seen, RootRule rule) {
        if (recording.tally().executions().isEmpty()) {
            return Optional.of("no workflow: " + noWorkflow(recording, seen, rule) + ". Nothing was written.");
        }
        if (recording.calls() == 0) {
            return Optional.of(
                    "no model calls: " + looks(seen) + ". " + Advice.onNoCalls(seen) + ". Nothing was written.");
        }
        if (recording.callsOutside() == recording.calls()) {
            return Optional.of("no model calls: all " + recording.calls()
                    + " model calls lie outside the executions. Put a span around each run, or read with --root topmost."
                    + " Nothing was written.");
        }
        return Optional.empty();
    }

    private static String noWorkflow(Recording recording, Seen seen, RootRule rule) {
        Map<IncompleteReason, Long> incomplete = recording.tally().incomplete();
        if (!incomplete.isEmpty()) {
            return "no execution is complete ("
                    + incomplete.entrySet().stream()
                            .map(entry -> entry.getKey().key() + " " + entry.getValue())
                            .collect(Collectors.joining(", "))
                    + "), and none says its workflow's name. Record until the runs have ended, with the spans of all"
                    + " their parts";
        }
        if (recording.calls() > 0 && !(rule instanceof RootRule.BySpans)) {
            return "no span is a root by --root " + rule.key() + "; " + recording.calls()
                    + " model calls lie outside. Leave the option out, or name the span that begins a run";
        }
        return looks(seen) + ", none of them a model call. " + Advice.onNoCalls(seen);
    }

    private static String looks(Seen seen) {
        String likeness = SourceLine.likeness(seen.vocabularies());
        return Counted.of(seen.spans(), "span", "spans") + " made by " + SourceLine.makers(seen)
                + (likeness.isEmpty() ? "" : "; " + likeness);
    }
}
