package dev.scepsy.planner.problem;

import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.TokenStatistics;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Mean tokens of a call to one model over all workflows, weighted by the calls each makes.
 *
 * @param input prompt tokens, above 0
 * @param output generated tokens, 0 or more
 */
record MeanTokens(double input, double output) {

    /**
     * The means over {@code demands} that report them; empty when none reports prompt tokens, or none reports generated
     * tokens of a model that generates.
     */
    static Optional<MeanTokens> of(String model, boolean generates, List<Demands.Resolved> demands) {
        Optional<Double> input =
                mean(model, demands, ModelStatistics::inputTokens).filter(mean -> mean > 0);
        Optional<Double> output = mean(model, demands, ModelStatistics::outputTokens);
        if (input.isEmpty() || (generates && output.isEmpty())) {
            return Optional.empty();
        }
        return Optional.of(new MeanTokens(input.get(), output.orElse(0.0)));
    }

    private static Optional<Double> mean(
            String model, List<Demands.Resolved> demands, Function<ModelStatistics, Optional<TokenStatistics>> tokens) {
        // without any target every execution counts the same
        boolean targeted = demands.stream()
                .anyMatch(resolved -> resolved.demand().targetPerSecond() > 0
                        && resolved.models().stream()
                                .anyMatch(statistics -> statistics.model().equals(model)
                                        && tokens.apply(statistics).isPresent()));
        double calls = 0;
        double sum = 0;
        for (Demands.Resolved resolved : demands) {
            for (ModelStatistics statistics : resolved.models()) {
                Optional<TokenStatistics> reported = tokens.apply(statistics);
                if (statistics.model().equals(model) && reported.isPresent()) {
                    double rate = (targeted ? resolved.demand().targetPerSecond() : 1) * statistics.callsPerExecution();
                    calls += rate;
                    sum += rate * reported.get().mean();
                }
            }
        }
        return calls > 0 ? Optional.of(sum / calls) : Optional.empty();
    }
}
