package dev.scepsy.planner.file;

import dev.scepsy.planner.share.CallClass;
import dev.scepsy.planner.share.EngineSeconds;
import dev.scepsy.planner.share.Interval95;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.TokenStatistics;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The text of {@code workflows.json}, keys in the order of the contract's example. */
final class WorkflowsJson {

    private WorkflowsJson() {}

    static String of(List<WorkflowStatistics> workflows, Map<String, Long> incompleteExecutions) {
        return Json.object(json -> {
            json.objects("workflows", workflows, WorkflowsJson::workflow);
            json.object("incompleteExecutions", counts -> {
                for (Map.Entry<String, Long> count : incompleteExecutions.entrySet()) {
                    counts.field(count.getKey(), count.getValue());
                }
            });
        });
    }

    private static void workflow(Json json, WorkflowStatistics workflow) throws IOException {
        json.field("name", workflow.name());
        if (workflow.service() != null) {
            json.field("service", workflow.service());
        }
        if (workflow.executions().isPresent()) {
            json.field("executions", workflow.executions().getAsLong());
        }
        if (workflow.skippedExecutions() > 0) {
            json.field("skippedExecutions", workflow.skippedExecutions());
        }
        if (workflow.trimmedExecutions() > 0) {
            json.field("trimmedExecutions", workflow.trimmedExecutions());
        }
        json.fieldOrNull("targetPerSecond", workflow.targetPerSecond());
        json.field("weight", workflow.weight());
        if (workflow.latencyLimitSeconds().isPresent()) {
            json.field("latencyLimitSeconds", workflow.latencyLimitSeconds().getAsDouble());
        }
        if (workflow.notEnoughData()) {
            json.field("notEnoughData", true);
        }
        if (workflow.requiredExecutions().isPresent()) {
            json.field("requiredExecutions", workflow.requiredExecutions().getAsInt());
        }
        if (workflow.executions().isPresent() && workflow.executions().getAsLong() == 0) {
            return;
        }
        json.field("otherSeconds", workflow.otherSeconds());
        if (workflow.endToEndSeconds().isPresent()) {
            WorkflowStatistics.EndToEnd seconds = workflow.endToEndSeconds().get();
            json.object(
                    "endToEndSeconds",
                    times -> times.field("mean", seconds.mean())
                            .field("p50", seconds.p50())
                            .field("p95", seconds.p95())
                            .field("p99", seconds.p99()));
        }
        json.objects("models", workflow.models(), WorkflowsJson::model);
    }

    private static void model(Json json, ModelStatistics model) throws IOException {
        json.field("model", model.model())
                .field("callsPerExecution", model.callsPerExecution())
                .field("parallelism", model.parallelism())
                .field("sequentialCalls", model.sequentialCalls())
                .fieldIfPresent("executionShare", model.executionShare())
                .fieldIfPresent("meanCallSeconds", model.meanCallSeconds());
        if (model.demand().isPresent()) {
            json.field("demandSeconds", model.demand().get().seconds())
                    .field("demandShare", model.demand().get().share())
                    .field("demandSource", model.demand().get().source().key());
        }
        if (model.concurrentCalls().orElse(1) > 1) {
            json.field("concurrentCalls", model.concurrentCalls().orElse(1));
        }
        tokens(json, "inputTokens", model.inputTokens());
        tokens(json, "outputTokens", model.outputTokens());
        if (!model.callClasses().isEmpty()) {
            json.objects("callClasses", model.callClasses(), WorkflowsJson::callClass);
        }
        if (model.engineSeconds().isPresent()) {
            EngineSeconds engine = model.engineSeconds().get();
            json.object(
                    "engineSeconds",
                    seconds -> seconds.field("calls", engine.calls())
                            .field("queue", engine.queue())
                            .field("prefill", engine.prefill())
                            .field("decode", engine.decode()));
        }
        if (model.interval95().isPresent()) {
            ModelStatistics.Intervals intervals = model.interval95().get();
            json.object("interval95", ends -> {
                interval(ends, "callsPerExecution", intervals.callsPerExecution());
                interval(ends, "parallelism", intervals.parallelism());
                interval(ends, "sequentialCalls", intervals.sequentialCalls());
                interval(ends, "executionShare", intervals.executionShare());
            });
        }
    }

    private static void callClass(Json json, CallClass each) throws IOException {
        json.field("name", each.name())
                .field("callsPerExecution", each.callsPerExecution())
                .field("parallelism", each.parallelism())
                .field("sequentialCalls", each.sequentialCalls())
                .fieldIfPresent("executionShare", each.executionShare())
                .fieldIfPresent("meanCallSeconds", each.meanCallSeconds());
        if (each.concurrentCalls().orElse(1) > 1) {
            json.field("concurrentCalls", each.concurrentCalls().orElse(1));
        }
        tokens(json, "inputTokens", each.inputTokens());
        tokens(json, "outputTokens", each.outputTokens());
    }

    private static void tokens(Json json, String key, Optional<TokenStatistics> tokens) throws IOException {
        if (tokens.isPresent()) {
            json.object(
                    key,
                    fields -> fields.field("mean", tokens.get().mean())
                            .fieldIfPresent("p99", tokens.get().p99()));
        }
    }

    private static void interval(Json json, String key, Optional<Interval95> interval) throws IOException {
        if (interval.isPresent()) {
            json.numbers(key, interval.get().low(), interval.get().high());
        }
    }
}
