package dev.scepsy.planner.share;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One model's part in a workflow; the unit of {@code workflows.json}. Immutable.
 *
 * @param model the name requests carry
 * @param callsPerExecution n, mean calls per execution, 0 or more
 * @param parallelism p, summed call time over busy time (ratio of sums), 1 or more
 * @param sequentialCalls κ, calls' worth of critical path per execution; n/p where a file leaves it out
 * @param executionShare s in [0, 1]; empty where a hand-written file leaves it out
 * @param meanCallSeconds mean call duration without back-off; empty where unknown
 * @param concurrentCalls calls of one execution that run at once, itself included, as a running call sees it, 1 or more:
 *     how bursty the calls of a fan-out come; empty where unknown
 * @param inputTokens prompt tokens per call; empty when no call reports any
 * @param outputTokens generated tokens per call; empty when no call reports any
 * @param engineSeconds where the engine says the time goes; empty where no engine's spans joined the traces
 * @param interval95 bootstrap intervals; empty below the required number of executions
 * @param callClasses the roles it plays, where telling them apart matters; empty: one
 * @param demand what its calls ask of an engine without waiting; empty where unknown
 */
public record ModelStatistics(
        String model,
        double callsPerExecution,
        double parallelism,
        double sequentialCalls,
        OptionalDouble executionShare,
        OptionalDouble meanCallSeconds,
        OptionalDouble concurrentCalls,
        Optional<TokenStatistics> inputTokens,
        Optional<TokenStatistics> outputTokens,
        Optional<EngineSeconds> engineSeconds,
        Optional<Intervals> interval95,
        List<CallClass> callClasses,
        Optional<Demand> demand) {

    public ModelStatistics {
        callClasses = List.copyOf(callClasses);
    }

    /** Of a model in one role. */
    public ModelStatistics(
            String model,
            double callsPerExecution,
            double parallelism,
            double sequentialCalls,
            OptionalDouble executionShare,
            OptionalDouble meanCallSeconds,
            OptionalDouble concurrentCalls,
            Optional<TokenStatistics> inputTokens,
            Optional<TokenStatistics> outputTokens,
            Optional<EngineSeconds> engineSeconds,
            Optional<Intervals> interval95) {
        this(
                model,
                callsPerExecution,
                parallelism,
                sequentialCalls,
                executionShare,
                meanCallSeconds,
                concurrentCalls,
                inputTokens,
                outputTokens,
                engineSeconds,
                interval95,
                List.of(),
                Optional.empty());
    }

    /** The same in several roles. */
    public ModelStatistics with(List<CallClass> classes) {
        return new ModelStatistics(
                model,
                callsPerExecution,
                parallelism,
                sequentialCalls,
                executionShare,
                meanCallSeconds,
                concurrentCalls,
                inputTokens,
                outputTokens,
                engineSeconds,
                interval95,
                classes,
                demand);
    }

    /** The same with a demand. */
    ModelStatistics with(Demand stated) {
        return new ModelStatistics(
                model,
                callsPerExecution,
                parallelism,
                sequentialCalls,
                executionShare,
                meanCallSeconds,
                concurrentCalls,
                inputTokens,
                outputTokens,
                engineSeconds,
                interval95,
                callClasses,
                Optional.of(stated));
    }

    /** The same with {@code factor} times as many calls, one after the other; factor above 0. */
    public ModelStatistics times(double factor) {
        return new ModelStatistics(
                model,
                factor * callsPerExecution,
                parallelism,
                factor * sequentialCalls,
                executionShare,
                meanCallSeconds,
                concurrentCalls,
                inputTokens,
                outputTokens,
                engineSeconds,
                interval95,
                callClasses.stream().map(each -> each.times(factor)).toList(),
                demand);
    }

    /** Bootstrap intervals of the four estimates; each empty where it could not be estimated. */
    public record Intervals(
            Optional<Interval95> callsPerExecution,
            Optional<Interval95> parallelism,
            Optional<Interval95> sequentialCalls,
            Optional<Interval95> executionShare) {}
}
