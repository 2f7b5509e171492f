package dev.scepsy.planner.cli;

import dev.scepsy.planner.share.Interval95;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.TokenStatistics;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** The statistics as a person reads them: per workflow a heading and one line per model, intervals beside the estimates. */
final class SharesTable {

    private static final String[] HEADINGS = {
        "model",
        "calls/execution",
        "parallelism",
        "sequential calls",
        "share %",
        "mean call s",
        "tokens in",
        "tokens out"
    };

    private SharesTable() {}

    static void print(WorkflowShares shares, long spanCount, PrintWriter out) {
        out.println(spanCount
                + (spanCount == 1 ? " span, " : " spans, ")
                + shares.workflows().size()
                + (shares.workflows().size() == 1 ? " workflow" : " workflows"));
        for (WorkflowStatistics workflow : shares.workflows()) {
            out.println();
            print(workflow, out);
        }
        if (!shares.incompleteExecutions().isEmpty()) {
            out.println();
            List<String> counts = new ArrayList<>();
            shares.incompleteExecutions().forEach((reason, count) -> counts.add(reason.key() + " " + count));
            out.println("incomplete executions, left out: " + String.join(", ", counts));
        }
    }

    private static void print(WorkflowStatistics workflow, PrintWriter out) {
        long executions = workflow.executions().orElse(0);
        out.println("workflow " + workflow.name() + ": " + executions + (executions == 1 ? " execution" : " executions")
                + (workflow.notEnoughData()
                        ? ", not enough data: " + executions + " of "
                                + workflow.requiredExecutions().orElse(0)
                        : "")
                + leftOut(workflow.skippedExecutions(), "the first of their process")
                + leftOut(workflow.trimmedExecutions(), "the shortest and longest"));
        workflow.endToEndSeconds()
                .ifPresent(seconds -> out.println(String.format(
                        Locale.ROOT,
                        "  end to end %.3f s (p50 %.3f, p95 %.3f, p99 %.3f), outside models %.3f s",
                        seconds.mean(),
                        seconds.p50(),
                        seconds.p95(),
                        seconds.p99(),
                        workflow.otherSeconds())));
        if (workflow.models().isEmpty()) {
            return;
        }
        Table table = new Table("lrrrrrrr", HEADINGS);
        workflow.models().forEach(model -> table.row(row(model)));
        table.print(out);
        for (ModelStatistics model : workflow.models()) {
            model.engineSeconds()
                    .ifPresent(engine -> out.println(String.format(
                            Locale.ROOT,
                            "  engine of %s: queue %.3f s, prefill %.3f s, decode %.3f s per call (%d calls)",
                            model.model(),
                            engine.queue(),
                            engine.prefill(),
                            engine.decode(),
                            engine.calls())));
        }
        RolesText.lines(workflow).forEach(out::println);
        DemandOptions.lines(workflow).forEach(out::println);
    }

    private static String leftOut(long count, String which) {
        return count == 0 ? "" : ", left out " + count + " (" + which + ")";
    }

    private static String[] row(ModelStatistics model) {
        return new String[] {
            model.model(),
            estimate(model.callsPerExecution(), model, ModelStatistics.Intervals::callsPerExecution, 1),
            estimate(model.parallelism(), model, ModelStatistics.Intervals::parallelism, 1),
            estimate(model.sequentialCalls(), model, ModelStatistics.Intervals::sequentialCalls, 1),
            model.executionShare().isPresent()
                    ? estimate(
                            model.executionShare().getAsDouble(), model, ModelStatistics.Intervals::executionShare, 100)
                    : "-",
            model.meanCallSeconds().isPresent() ? number(model.meanCallSeconds().getAsDouble(), 3) : "-",
            tokens(model.inputTokens()),
            tokens(model.outputTokens())
        };
    }

    private static String estimate(
            double value,
            ModelStatistics model,
            Function<ModelStatistics.Intervals, Optional<Interval95>> part,
            double factor) {
        int digits = factor == 1 ? 2 : 1;
        return number(value * factor, digits)
                + model.interval95()
                        .flatMap(part)
                        .map(interval -> " [" + number(interval.low() * factor, digits) + ", "
                                + number(interval.high() * factor, digits) + "]")
                        .orElse("");
    }

    private static String tokens(Optional<TokenStatistics> tokens) {
        return tokens.map(statistics -> number(statistics.mean(), 0)
                        + (statistics.p99().isPresent()
                                ? " (p99 " + number(statistics.p99().getAsDouble(), 0) + ")"
                                : ""))
                .orElse("-");
    }

    private static String number(double value, int digits) {
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
