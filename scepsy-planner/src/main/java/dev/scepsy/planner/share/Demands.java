package dev.scepsy.planner.share;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Demand of every model of a workflow: d_m seconds a call, and n_m d_m / Σ_k n_k d_k. Measured durations hold the waiting
 * at whatever cluster the traces come from; a queue there would be taken for work here. So an engine's own word counts first
 * (prefill + decode, where at least {@value #ENOUGH} of the model's calls have it), then tokens through the engine model, and the
 * duration last.
 */
public final class Demands {

    /** Part of a model's calls from which their engines' times stand for all of them. */
    private static final double ENOUGH = 0.5;

    private Demands() {}

    /** Seconds that the engine model gives a call of these lengths at a reference allocation. */
    @FunctionalInterface
    public interface EngineSecondsPerCall {
        OptionalDouble of(ModelStatistics model);

        /** Seconds of a call of each class beside mean calls of the model, all on the allocation that {@link #of} takes; empty where that cannot be said. */
        default List<OptionalDouble> ofClasses(ModelStatistics model, List<CallClass> classes) {
            return List.of();
        }

        /** Nothing is known of engines. */
        EngineSecondsPerCall UNKNOWN = model -> OptionalDouble.empty();
    }

    private record PerCall(double seconds, Demand.Source source) {}

    /** The same statistics with demands; models without any duration get none, and then no shares are stated. */
    public static WorkflowStatistics in(WorkflowStatistics workflow, EngineSecondsPerCall engineModel) {
        long executions = workflow.executions().orElse(0);
        List<Optional<PerCall>> perCall = workflow.models().stream()
                .map(model -> perCall(model, executions, engineModel))
                .toList();
        double sum = 0;
        for (int m = 0; m < perCall.size(); m++) {
            double seconds = perCall.get(m).map(PerCall::seconds).orElse(Double.NaN);
            sum += workflow.models().get(m).callsPerExecution() * seconds;
        }
        if (!(sum > 0)) {
            return workflow;
        }
        List<ModelStatistics> models = new ArrayList<>();
        for (int m = 0; m < perCall.size(); m++) {
            ModelStatistics model = workflow.models().get(m);
            PerCall each = perCall.get(m).orElseThrow();
            models.add(model.with(
                    new Demand(each.seconds(), model.callsPerExecution() * each.seconds() / sum, each.source())));
        }
        return workflow.with(models);
    }

    private static Optional<PerCall> perCall(ModelStatistics model, long executions, EngineSecondsPerCall engineModel) {
        if (model.engineSeconds().isPresent()) {
            EngineSeconds engine = model.engineSeconds().get();
            if (engine.calls() >= ENOUGH * model.callsPerExecution() * executions) {
                return Optional.of(new PerCall(engine.prefill() + engine.decode(), Demand.Source.ENGINE));
            }
        }
        OptionalDouble modelled = engineModel.of(model);
        if (modelled.isPresent()) {
            return Optional.of(new PerCall(modelled.getAsDouble(), Demand.Source.TOKENS));
        }
        return model.meanCallSeconds().isPresent()
                ? Optional.of(new PerCall(model.meanCallSeconds().getAsDouble(), Demand.Source.MEASURED))
                : Optional.empty();
    }
}
