package dev.scepsy.planner.share;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One of several roles that a model plays in a workflow, with numbers of its own. Over all classes of a model {@code
 * callsPerExecution} adds up to the model's, and so does {@code sequentialCalls · meanCallSeconds}, the time on the critical
 * path. Immutable.
 *
 * @param name of the agent that calls it, or of the kind of call
 * @param callsPerExecution n of the class
 * @param parallelism p of the class, 1 or more
 * @param sequentialCalls κ of the class, in mean calls of the class
 * @param executionShare its part of the workflow's summed call time, in [0, 1]; empty where unknown
 * @param meanCallSeconds mean duration of its calls; empty where unknown
 * @param concurrentCalls calls of the class that run at once, as one of them sees it; empty where unknown
 * @param inputTokens prompt tokens per call; empty when none reports any
 * @param outputTokens generated tokens per call; empty when none reports any
 */
public record CallClass(
        String name,
        double callsPerExecution,
        double parallelism,
        double sequentialCalls,
        OptionalDouble executionShare,
        OptionalDouble meanCallSeconds,
        OptionalDouble concurrentCalls,
        Optional<TokenStatistics> inputTokens,
        Optional<TokenStatistics> outputTokens) {

    /** The class of a model whose statistics are those of its calls. */
    public static CallClass of(String name, ModelStatistics calls) {
        return new CallClass(
                name,
                calls.callsPerExecution(),
                calls.parallelism(),
                calls.sequentialCalls(),
                calls.executionShare(),
                calls.meanCallSeconds(),
                calls.concurrentCalls(),
                calls.inputTokens(),
                calls.outputTokens());
    }

    /** The class as if it were all that {@code model} does. */
    public ModelStatistics as(String model) {
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
                Optional.empty(),
                Optional.empty());
    }

    /** The same with {@code factor} times as many calls, one after the other. */
    CallClass times(double factor) {
        return new CallClass(
                name,
                factor * callsPerExecution,
                parallelism,
                factor * sequentialCalls,
                executionShare,
                meanCallSeconds,
                concurrentCalls,
                inputTokens,
                outputTokens);
    }
}
