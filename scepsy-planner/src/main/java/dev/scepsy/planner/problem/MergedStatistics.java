package dev.scepsy.planner.problem;

import dev.scepsy.planner.share.CallClass;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.TokenStatistics;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Statistics of one model under several names, as one. Calls add up, and so does time on the critical path; means are
 * weighted by calls. How far the names' busy times overlap is not recorded: they are taken as apart, so the merged
 * parallelism is a lower bound.
 */
final class MergedStatistics {

    private MergedStatistics() {}

    /** {@code parts}, at least one, as one model called {@code name}. */
    static ModelStatistics of(String name, List<ModelStatistics> parts) {
        ModelStatistics first = parts.get(0);
        if (parts.size() == 1) {
            return new ModelStatistics(
                    name,
                    first.callsPerExecution(),
                    first.parallelism(),
                    first.sequentialCalls(),
                    first.executionShare(),
                    first.meanCallSeconds(),
                    first.concurrentCalls(),
                    first.inputTokens(),
                    first.outputTokens(),
                    first.engineSeconds(),
                    first.interval95(),
                    first.callClasses(),
                    first.demand());
        }
        double calls = sum(parts, ModelStatistics::callsPerExecution);
        boolean timed = parts.stream().allMatch(part -> part.meanCallSeconds().isPresent());
        // without durations every call counts the same
        ToDoubleFunction<ModelStatistics> seconds =
                part -> timed ? part.meanCallSeconds().orElse(1) : 1;
        double busy = sum(parts, part -> part.callsPerExecution() * seconds.applyAsDouble(part) / part.parallelism());
        double called = sum(parts, part -> part.callsPerExecution() * seconds.applyAsDouble(part));
        double onPath = sum(parts, part -> part.sequentialCalls() * seconds.applyAsDouble(part));
        double meanSeconds = calls > 0 ? called / calls : 0;
        boolean shared = parts.stream().allMatch(part -> part.executionShare().isPresent());
        return new ModelStatistics(
                name,
                calls,
                busy > 0 ? called / busy : 1,
                meanSeconds > 0 ? onPath / meanSeconds : sum(parts, ModelStatistics::sequentialCalls),
                shared
                        ? OptionalDouble.of(
                                sum(parts, part -> part.executionShare().orElse(0)))
                        : OptionalDouble.empty(),
                timed ? OptionalDouble.of(meanSeconds) : OptionalDouble.empty(),
                concurrentCalls(parts),
                tokens(parts, ModelStatistics::inputTokens),
                tokens(parts, ModelStatistics::outputTokens),
                Optional.empty(),
                Optional.empty(),
                classes(parts),
                Optional.empty());
    }

    /** Those of all parts; a part without is one by itself. None where none has any. */
    private static List<CallClass> classes(List<ModelStatistics> parts) {
        if (parts.stream().allMatch(part -> part.callClasses().isEmpty())) {
            return List.of();
        }
        return parts.stream()
                .flatMap(part -> part.callClasses().isEmpty()
                        ? Stream.of(CallClass.of(part.model(), part))
                        : part.callClasses().stream())
                .toList();
    }

    /** Mean over the calls of the parts that report; the highest p99 bounds the merged one. */
    private static Optional<TokenStatistics> tokens(
            List<ModelStatistics> parts, Function<ModelStatistics, Optional<TokenStatistics>> of) {
        double calls = 0;
        double tokens = 0;
        OptionalDouble p99 = OptionalDouble.empty();
        for (ModelStatistics part : parts) {
            Optional<TokenStatistics> reported = of.apply(part);
            if (reported.isPresent()) {
                calls += part.callsPerExecution();
                tokens += part.callsPerExecution() * reported.get().mean();
                if (reported.get().p99().isPresent()) {
                    p99 = OptionalDouble.of(
                            Math.max(p99.orElse(0), reported.get().p99().getAsDouble()));
                }
            }
        }
        return calls > 0 ? Optional.of(new TokenStatistics(tokens / calls, p99)) : Optional.empty();
    }

    /** Mean over the calls of the parts that say it. */
    private static OptionalDouble concurrentCalls(List<ModelStatistics> parts) {
        List<ModelStatistics> known = parts.stream()
                .filter(part -> part.concurrentCalls().isPresent())
                .toList();
        double calls = sum(known, ModelStatistics::callsPerExecution);
        return calls > 0
                ? OptionalDouble.of(sum(
                                known,
                                part -> part.callsPerExecution()
                                        * part.concurrentCalls().orElse(1))
                        / calls)
                : OptionalDouble.empty();
    }

    private static double sum(List<ModelStatistics> parts, ToDoubleFunction<ModelStatistics> of) {
        return parts.stream().mapToDouble(of).sum();
    }
}
