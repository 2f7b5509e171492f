package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.simulate.SimulationReport;
import dev.scepsy.planner.simulate.SimulationReport.Convergence;
import dev.scepsy.planner.simulate.SimulationReport.Estimate;
import dev.scepsy.planner.simulate.SimulationReport.Latency;
import dev.scepsy.planner.simulate.SimulationReport.ModelOutcome;
import dev.scepsy.planner.simulate.SimulationReport.WorkflowOutcome;
import dev.scepsy.planner.stat.ReadableNumber;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A simulation's outcome, for people and for programs. */
final class SimulationOutput {

    private SimulationOutput() {}

    /** @param openEnded whether a longer run would see more of the same */
    static void print(SimulationReport report, boolean openEnded, PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "simulated %.0f s, the first %.0f s not counted, seed %d%n%n",
                report.durationSeconds(),
                report.warmUpSeconds(),
                report.seed());
        Table workflows = new Table(
                "lrrrrrr", "workflow", "offered/s", "done/s", "mean s (95 %)", "p50 s", "p95 s", "p99 s (95 %)");
        for (WorkflowOutcome workflow : report.workflows()) {
            workflows.row(
                    workflow.workflow(),
                    workflow.offeredPerSecond().isPresent()
                            ? number(workflow.offeredPerSecond().getAsDouble())
                            : "-",
                    number(workflow.throughputPerSecond()),
                    workflow.latencySeconds()
                            .map(latency -> ranged(latency.mean()))
                            .orElse("-"),
                    workflow.latencySeconds()
                            .map(latency -> number(latency.p50().value()))
                            .orElse("-"),
                    workflow.latencySeconds()
                            .map(latency -> number(latency.p95().value()))
                            .orElse("-"),
                    workflow.latencySeconds()
                            .map(latency -> ranged(latency.p99()))
                            .orElse("-"));
        }
        workflows.print(out);
        out.println();
        models(report, out);
        for (WorkflowOutcome workflow : report.workflows()) {
            out.println();
            out.println("workflow " + workflow.workflow() + ": " + verdict(report, workflow, openEnded));
        }
    }

    private static void models(SimulationReport report, PrintWriter out) {
        Table models = new Table(
                "lrrrrrrrrr",
                "model",
                "replicas",
                "calls",
                "mean call s",
                "queue s",
                "queued",
                "first token s",
                "busy %",
                "preempted",
                "too long");
        for (ModelOutcome model : report.models()) {
            models.row(
                    model.model(),
                    Integer.toString(model.replicas()),
                    Long.toString(model.calls()),
                    number(model.meanCallSeconds()),
                    number(model.meanQueueSeconds()),
                    number(model.meanQueued()),
                    model.meanFirstTokenSeconds() > 0 ? number(model.meanFirstTokenSeconds()) : "-",
                    number(100 * model.utilisation()),
                    Long.toString(model.preemptions()),
                    Long.toString(model.refused()));
        }
        models.print(out);
        for (ModelOutcome model : report.models()) {
            if (model.prefixHitRate() > 0) {
                out.printf(
                        Locale.ROOT,
                        "%nmodel %s: %.1f %% of prompt tokens found in the prefix cache%n",
                        model.model(),
                        100 * model.prefixHitRate());
            }
            if (!model.replicaConnections().isEmpty()) {
                out.printf(
                        "%nmodel %s: %s calls over %s connections on its %s; other seeds draw others%n",
                        model.model(),
                        counts(model.replicaCalls()),
                        counts(model.replicaConnections()),
                        model.replicas() == 1 ? "replica" : model.replicas() + " replicas");
            }
            if (model.failures() > 0 || model.availability() < 1) {
                out.printf(
                        Locale.ROOT,
                        "%nmodel %s: %d %s, replicas up %.2f %% of the time, %d calls sent again, %d lost%n",
                        model.model(),
                        model.failures(),
                        model.failures() == 1 ? "failure" : "failures",
                        100 * model.availability(),
                        model.resentCalls(),
                        model.lostCalls());
            }
        }
    }

    private static String counts(List<Integer> counts) {
        return counts.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    /** How far the numbers of a workflow can be relied on. */
    private static String verdict(SimulationReport report, WorkflowOutcome workflow, boolean openEnded) {
        StringBuilder text = new StringBuilder();
        text.append(workflow.completed()).append(" executions");
        if (workflow.failed() > 0) {
            text.append(", ").append(workflow.failed()).append(" failed");
        }
        if (workflow.unfinished() > 0) {
            return text.append(", ")
                    .append(workflow.unfinished())
                    .append(" had not ended ")
                    .append(String.format(Locale.ROOT, "%.0f", report.durationSeconds()))
                    .append(" s after the last arrival: overloaded")
                    .toString();
        }
        if (workflow.latencySeconds().isEmpty()) {
            return text.toString();
        }
        Convergence convergence = workflow.latencySeconds().get().convergence();
        text.append(String.format(Locale.ROOT, ", mean known to %.1f %%: ", 100 * convergence.relativeHalfWidth()));
        if (convergence.drifting()) {
            return text.append("not converged, latency changes over the run: a longer --warm-up, or overloaded")
                    .toString();
        }
        if (!convergence.converged() && !openEnded) {
            return text.append("not converged").toString();
        }
        if (!convergence.converged()) {
            return text.append(String.format(
                            Locale.ROOT,
                            "not converged, --duration %.0f would bring it to about 5 %%",
                            Math.ceil(report.durationSeconds() * convergence.longerTimes() / 100) * 100))
                    .toString();
        }
        return text.append("converged").toString();
    }

    private static String number(double value) {
        return value == 0 || (value >= 0.001 && value < 1000)
                ? String.format(Locale.ROOT, "%.3f", value)
                : ReadableNumber.of(value, 3);
    }

    private static String ranged(Estimate estimate) {
        return number(estimate.value()) + " (" + number(estimate.low()) + " to " + number(estimate.high()) + ")";
    }

    static String json(SimulationReport report, RoutingRule routing) {
        return Json.object(json -> json.field("durationSeconds", report.durationSeconds())
                .field("warmUpSeconds", report.warmUpSeconds())
                .field("seed", report.seed())
                .field("routing", routing.written())
                .field("engineSteps", report.engineSteps())
                .objects("workflows", report.workflows(), SimulationOutput::workflow)
                .objects(
                        "models",
                        report.models(),
                        (item, model) -> item.field("model", model.model())
                                .field("replicas", model.replicas())
                                .field("calls", model.calls())
                                .field("meanCallSeconds", model.meanCallSeconds())
                                .field("utilisation", model.utilisation())
                                .field("preemptions", model.preemptions())
                                .field("refusedCalls", model.refused())
                                .field("meanQueued", model.meanQueued())
                                .field("meanQueueSeconds", model.meanQueueSeconds())
                                .field("meanFirstTokenSeconds", model.meanFirstTokenSeconds())
                                .field("prefixHitRate", model.prefixHitRate())
                                .field("failures", model.failures())
                                .field("resentCalls", model.resentCalls())
                                .field("lostCalls", model.lostCalls())
                                .field("availability", model.availability())
                                .integers("replicaCalls", model.replicaCalls())
                                .integers("replicaConnections", model.replicaConnections())));
    }

    private static void workflow(Json json, WorkflowOutcome workflow) throws IOException {
        json.field("workflow", workflow.workflow())
                .fieldOrNull("targetPerSecond", workflow.offeredPerSecond())
                .field("completed", workflow.completed())
                .field("failed", workflow.failed())
                .field("unfinished", workflow.unfinished())
                .field("throughputPerSecond", workflow.throughputPerSecond());
        if (workflow.latencySeconds().isEmpty()) {
            json.nullField("latencySeconds");
            return;
        }
        Latency latency = workflow.latencySeconds().get();
        json.object(
                "latencySeconds",
                object -> object.field("mean", latency.mean().value())
                        .field("p50", latency.p50().value())
                        .field("p95", latency.p95().value())
                        .field("p99", latency.p99().value()));
        json.object(
                "latencySecondsInterval95",
                object -> object.numbers(
                                "mean", latency.mean().low(), latency.mean().high())
                        .numbers("p50", latency.p50().low(), latency.p50().high())
                        .numbers("p95", latency.p95().low(), latency.p95().high())
                        .numbers("p99", latency.p99().low(), latency.p99().high()));
        json.object(
                "convergence",
                object -> object.field("converged", latency.convergence().converged())
                        .field("relativeHalfWidth", latency.convergence().relativeHalfWidth())
                        .field("drifting", latency.convergence().drifting()));
    }
}
