package dev.scepsy.planner.problem;

import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.TokenStatistics;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A call to one model as it is on average over all workflows, weighted by the calls each makes.
 *
 * @param input prompt tokens, above 0
 * @param output generated tokens, 0 or more
 * @param concurrent calls of one execution that run at once as a running call sees it, 1 or more; 1 where nobody says
 */
record MeanCall(double input, double output, double concurrent) {

    /**
     * The means over {@code demands} that report them; empty when none reports prompt tokens, or none reports generated
     * tokens of a model that generates.
     */
    static Optional<MeanCall> of(String model, boolean generates, List<Demands.Resolved> demands) {
        Optional<Double> input = mean(model, demands, statistics -> mean(statistics.inputTokens()))
                .filter(mean -> mean > 0);
        Optional<Double> output = mean(model, demands, statistics -> mean(statistics.outputTokens()));
        if (input.isEmpty() || (generates && output.isEmpty())) {
            return Optional.empty();
        }
        Optional<Double> concurrent = mean(
                model,
                demands,
                statistics -> Optional.of(statistics.concurrentCalls().orElse(1)));
        return Optional.of(new MeanCall(input.get(), output.orElse(0.0), concurrent.orElse(1.0)));
    }

    /** {@link #concurrent} of {@code model}, the parallelism standing in where a workflow does not say it; 1 or more. */
    static double siblings(String model, List<Demands.Resolved> demands) {
        return mean(
                        model,
                        demands,
                        statistics -> Optional.of(statistics.concurrentCalls().orElse(statistics.parallelism())))
                .map(siblings -> Math.max(1, siblings))
                .orElse(1.0);
    }

    private static Optional<Double> mean(Optional<TokenStatistics> tokens) {
        return tokens.map(TokenStatistics::mean);
    }

    private static Optional<Double> mean(
            String model, List<Demands.Resolved> demands, Function<ModelStatistics, Optional<Double>> quantity) {
        // without any target every execution counts the same
        boolean targeted = demands.stream()
                .anyMatch(resolved -> resolved.demand().targetPerSecond() > 0
                        && resolved.models().stream()
                                .anyMatch(statistics -> statistics.model().equals(model)
                                        && quantity.apply(statistics).isPresent()));
        double calls = 0;
        double sum = 0;
        for (Demands.Resolved resolved : demands) {
            for (ModelStatistics statistics : resolved.models()) {
                Optional<Double> reported = quantity.apply(statistics);
                if (statistics.model().equals(model) && reported.isPresent()) {
                    double rate = (targeted ? resolved.demand().targetPerSecond() : 1) * statistics.callsPerExecution();
                    calls += rate;
                    sum += rate * reported.get();
                }
            }
        }
        return calls > 0 ? Optional.of(sum / calls) : Optional.empty();
    }
}
