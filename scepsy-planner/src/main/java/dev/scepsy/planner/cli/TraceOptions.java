package dev.scepsy.planner.cli;

import dev.scepsy.planner.execution.RootRule;
import dev.scepsy.planner.file.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how traces are read: {@code @Mixin TraceOptions reading}. */
final class TraceOptions {

    @Option(
            names = "--root",
            paramLabel = "RULE",
            description = "Where an execution begins: default (execution ids, else the outermost workflow, else"
                    + " the outermost agent, else the topmost span) or topmost (the topmost span with a model"
                    + " call below).")
    private @Nullable String root;

    @Option(
            names = "--root-span",
            paramLabel = "NAME",
            description = "Name of the span that begins an execution: the outermost of that name. Calls outside"
                    + " are counted, not used.")
    private @Nullable String rootSpan;

    @Option(
            names = "--correct-skew",
            description = "Correct clocks that disagree: shift each pair of hosts by the median that puts servers'"
                    + " spans inside their clients' spans.")
    private boolean correctSkew;

    /** The rule asked for; wrong values are reported. */
    RootRule rule(Terminal terminal, List<Problem> problems) {
        if (root != null && rootSpan != null) {
            problems.add(terminal.wrongArgument("--root and --root-span both say where executions begin. Give one."));
        } else if (rootSpan != null && rootSpan.isEmpty()) {
            problems.add(terminal.wrongArgument("--root-span needs the name of a span."));
        } else if (rootSpan != null) {
            return new RootRule.SpanNamed(rootSpan);
        } else if (root != null && root.equals("topmost")) {
            return RootRule.TOPMOST;
        } else if (root != null && !root.equals("default")) {
            problems.add(terminal.wrongArgument("--root (" + root
                    + ") must be default or topmost. For a span of a certain name give --root-span NAME."));
        }
        return RootRule.DEFAULT;
    }

    boolean correctSkew() {
        return correctSkew;
    }
}
