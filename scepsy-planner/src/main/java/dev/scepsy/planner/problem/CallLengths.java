package dev.scepsy.planner.problem;

import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.share.CallClass;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.TokenStatistics;
import java.util.List;
import java.util.Optional;

/**
 * Workflows that share a model need not send it calls of equal length. Its profile is that of the mean call; a workflow of
 * longer calls is charged more of it, one of shorter calls less: κ is multiplied by the ratio of their lengths, in
 * seconds. Models with measured curves are left alone: a curve says nothing about lengths.
 *
 * <p>A model in several roles is charged role by role: Σ_c κ_c · ratio_c mean calls, each role's κ being counted in calls of its
 * own. The queue and the batch are shared by all roles: the profile stays that of the mean call.
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
                                                sequentialCalls(calls, resolved, names, profiles)))
                                        .toList()),
                        resolved.models()))
                .toList();
    }

    /** κ in mean calls of the model. */
    private static double sequentialCalls(
            ModelCalls calls, Demands.Resolved resolved, ModelNames names, Profiles profiles) {
        Optional<ServedModel> model = names.find(calls.model());
        Optional<ModelStatistics> statistics = resolved.models().stream()
                .filter(candidate -> candidate.model().equals(calls.model()))
                .findFirst();
        if (model.isEmpty() || statistics.isEmpty()) {
            return calls.sequentialCalls();
        }
        List<CallClass> classes = statistics.get().callClasses();
        boolean told = classes.stream()
                .allMatch(each ->
                        each.inputTokens().isPresent() && each.outputTokens().isPresent());
        if (!classes.isEmpty() && told && profiles.tellsLengthsApart(model.get())) {
            return classes.stream()
                    .mapToDouble(each -> each.sequentialCalls()
                            * ratio(model.get(), each.inputTokens(), each.outputTokens(), profiles))
                    .sum();
        }
        return calls.sequentialCalls()
                * ratio(
                        model.get(),
                        statistics.get().inputTokens(),
                        statistics.get().outputTokens(),
                        profiles);
    }

    private static double ratio(
            ServedModel model,
            Optional<TokenStatistics> inputTokens,
            Optional<TokenStatistics> outputTokens,
            Profiles profiles) {
        Optional<Double> input = inputTokens.map(TokenStatistics::mean);
        Optional<Double> output = outputTokens.map(TokenStatistics::mean);
        if (input.isEmpty() || output.isEmpty() || input.get() <= 0) {
            return 1;
        }
        double ratio = profiles.relativeSeconds(model, input.get(), output.get());
        // one workflow's calls are the mean call, however sums were rounded
        return Math.abs(ratio - 1) < ROUNDING ? 1 : ratio;
    }
}
