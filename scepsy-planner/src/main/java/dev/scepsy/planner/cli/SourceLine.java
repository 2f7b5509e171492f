package dev.scepsy.planner.cli;

import dev.scepsy.planner.execution.RootRule;
import dev.scepsy.planner.otlp.Seen;
import dev.scepsy.planner.recorded.Recording;
import dev.scepsy.planner.span.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What a source of traces turned out to hold, in a line. */
final class SourceLine {

    private static final int MOST_SCOPES = 4;

    private SourceLine() {}

    static String of(String name, Seen seen, Recording.SourceCounts counts, RootRule rule) {
        List<String> remarks = new ArrayList<>();
        String foreign = seen.vocabularies().entrySet().stream()
                .filter(entry -> entry.getKey() != Vocabulary.GEN_AI)
                .map(entry ->
                        entry.getValue() + " in the words of " + entry.getKey().title())
                .collect(Collectors.joining(", "));
        if (!foreign.isEmpty()) {
            remarks.add(foreign);
        }
        if (seen.engineSpans() > 0) {
            remarks.add(Counted.of(seen.engineSpans(), "engine's span", "engines' spans"));
        }
        if (seen.namelessCalls() > 0) {
            remarks.add(Counted.of(seen.namelessCalls(), "span names", "spans name")
                    + " a model without saying an operation or counting tokens: not read as calls");
        }
        if (seen.otherSignals() > 0) {
            remarks.add(Counted.of(seen.otherSignals(), "request", "requests") + " of metrics or logs passed over");
        }
        if (counts.callsOutside() > 0) {
            remarks.add(Counted.of(counts.callsOutside(), "call", "calls") + " in no execution"
                    + (rule instanceof RootRule.BySpans ? "" : " by --root " + rule.key()));
        }
        if (seen.spans() > 0 && seen.calls() == 0) {
            remarks.add("made by " + makers(seen) + ". " + Advice.onNoCalls(seen));
        }
        return name + ": " + Counted.of(seen.spans(), "span", "spans") + ", "
                + Counted.of(counts.calls(), "model call", "model calls") + ", "
                + Counted.of(counts.executions(), "execution", "executions")
                + (remarks.isEmpty() ? "" : "; " + String.join("; ", remarks));
    }

    /** {@code autogen-core (60), openai (15)}. */
    static String makers(Seen seen) {
        List<Seen.Scope> scopes = seen.scopes();
        String first = scopes.stream()
                .limit(MOST_SCOPES)
                .map(scope -> (scope.name().isEmpty() ? "an unnamed instrumentation" : scope.name()) + " ("
                        + scope.spans() + ")")
                .collect(Collectors.joining(", "));
        return scopes.size() > MOST_SCOPES ? first + " and " + (scopes.size() - MOST_SCOPES) + " more" : first;
    }

    /** {@code 75 look like OpenInference}; empty where none is of a known vocabulary. */
    static String likeness(Map<Vocabulary, Long> vocabularies) {
        return vocabularies.entrySet().stream()
                .map(entry -> entry.getValue() + (entry.getValue() == 1 ? " looks" : " look") + " like "
                        + entry.getKey().title())
                .collect(Collectors.joining(", "));
    }
}
