package dev.scepsy.planner.problem;

import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.TokenStatistics;
import java.util.List;
import java.util.Optional;

/**
 * Workflows that share a model need not send it calls of equal length. Its profile is that of the mean call; a workflow of
 * longer calls is charged more of it, one of shorter calls less: κ is multiplied by the ratio of their lengths, in
 * seconds. Models with measured curves are left alone: a curve says nothing about lengths.
 */
final class CallLengths {

    private static final double ROUNDING = 1e-12;

    private CallLengths() {}

    /** {@code demands} with sequential calls counted in mean calls of the model. */
    static List<Demands.Resolved> weigh(List<Demands.Resolved> demands, ModelNames names, Profiles profiles) {
        return demands.stream()
                .map(resolved -> new Demands.Resolved(
                        resolved.demand()
                                .withCalls(resolved.demand().calls().stream()
                                        .map(calls -> new ModelCalls(
                                                calls.model(),
                                                calls.callsPerExecution(),
                                                calls.sequentialCalls() * ratio(calls, resolved, names, profiles)))
                                        .toList()),
                        resolved.models()))
                .toList();
    }

    private static double ratio(ModelCalls calls, Demands.Resolved resolved, ModelNames names, Profiles profiles) {
        Optional<ServedModel> model = names.find(calls.model());
        Optional<ModelStatistics> statistics = resolved.models().stream()
                .filter(candidate -> candidate.model().equals(calls.model()))
                .findFirst();
        Optional<Double> input =
                statistics.flatMap(ModelStatistics::inputTokens).map(TokenStatistics::mean);
        Optional<Double> output =
                statistics.flatMap(ModelStatistics::outputTokens).map(TokenStatistics::mean);
        if (model.isEmpty() || input.isEmpty() || output.isEmpty() || input.get() <= 0) {
            return 1;
        }
        double ratio = profiles.relativeSeconds(model.get(), input.get(), output.get());
        // one workflow's calls are the mean call, however sums were rounded
        return Math.abs(ratio - 1) < ROUNDING ? 1 : ratio;
    }
}
