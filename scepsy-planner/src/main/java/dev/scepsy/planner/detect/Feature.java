package dev.scepsy.planner.detect;

import dev.scepsy.planner.share.Drift;
import dev.scepsy.planner.share.ModelPart;
import org.jspecify.annotations.Nullable;

/**
 * What is watched of each model: a number per execution whose mean moves when the estimate does, and the estimate itself as a ratio of two
 * sums. Counts and times enter by their logarithms, so that a heavy tail is a moderate number and a factor is a shift; shares are bounded as
 * they are.
 *
 * <pre>
 *                    watched, per execution      estimate
 * CALLS              ln(1 + N)                   Σ N / Σ 1
 * OUTPUT_TOKENS      ln(1 + tokens per call)     Σ tokens / Σ calls that report them
 * INPUT_TOKENS       likewise
 * PARALLELISM        ln(D / U)                   Σ D / Σ U
 * SEQUENTIAL_CALLS   ln(1 + P N / D)             Σ P N / D / Σ 1     (κ, formed per execution)
 * EXECUTION_SHARE    D / T, T of all models      Σ D / Σ T
 * </pre>
 *
 * Executions that did not call the model count as 0 for calls, sequential calls and share, and say nothing of the rest. In the order in which a
 * finding is named: a cause before its effects.
 */
enum Feature {
    CALLS("callsPerExecution", "calls per execution", 0.1, 0.5),
    OUTPUT_TOKENS("outputTokensPerCall", "output tokens per call", 0.1, 0.1),
    INPUT_TOKENS("inputTokensPerCall", "input tokens per call", 0.1, 0.1),
    PARALLELISM("parallelism", "parallelism", 0.1, 0.1),
    SEQUENTIAL_CALLS("sequentialCalls", "sequential calls per execution", 0.1, 0.1),
    EXECUTION_SHARE("executionShare", "share of the execution time", 0.02, 0.1);

    /** Feature and sums of what one execution says. */
    static final class Observation {
        double value;
        double numerator;
        double denominator;
    }

    final String key;
    final String words;

    /** What a spread is taken as at least: so much of a change would not be large. */
    final double leastSpread;

    /** Part of the false alarms allowed that this feature may use; they add up to 1. */
    final double budget;

    Feature(String key, String words, double leastSpread, double budget) {
        this.key = key;
        this.words = words;
        this.leastSpread = leastSpread;
        this.budget = budget;
    }

    /** Whether an execution without the model counts as 0. */
    boolean isZeroWithoutCalls() {
        return this == CALLS || this == SEQUENTIAL_CALLS || this == EXECUTION_SHARE;
    }

    /** What one execution says of a model; false: nothing. {@code part} null: it was not called. */
    boolean observe(@Nullable ModelPart part, long allCallNanos, Observation into) {
        if (part == null) {
            into.value = 0;
            into.numerator = 0;
            into.denominator = this == EXECUTION_SHARE ? allCallNanos / 1e9 : 1;
            return isZeroWithoutCalls() && (this != EXECUTION_SHARE || allCallNanos > 0);
        }
        switch (this) {
            case CALLS -> {
                into.value = Math.log1p(part.calls());
                into.numerator = part.calls();
                into.denominator = 1;
                return true;
            }
            case OUTPUT_TOKENS -> {
                return perCall(part.outputTokens(), part.outputCalls(), into);
            }
            case INPUT_TOKENS -> {
                return perCall(part.inputTokens(), part.inputCalls(), into);
            }
            case PARALLELISM -> {
                into.numerator = part.callNanos() / 1e9;
                into.denominator = part.busyNanos() / 1e9;
                into.value = part.busyNanos() > 0 ? Math.log(into.numerator / into.denominator) : 0;
                return part.busyNanos() > 0 && part.callNanos() > 0;
            }
            case SEQUENTIAL_CALLS -> {
                into.numerator = part.callNanos() > 0 ? part.pathNanos() / (double) part.callNanos() * part.calls() : 0;
                into.denominator = 1;
                into.value = Math.log1p(into.numerator);
                return true;
            }
            case EXECUTION_SHARE -> {
                into.numerator = part.callNanos() / 1e9;
                into.denominator = allCallNanos / 1e9;
                into.value = allCallNanos > 0 ? into.numerator / into.denominator : 0;
                return allCallNanos > 0;
            }
        }
        throw new AssertionError(this);
    }

    private static boolean perCall(long tokens, int calls, Observation into) {
        into.numerator = tokens;
        into.denominator = calls;
        into.value = calls > 0 ? Math.log1p(into.numerator / calls) : 0;
        return calls > 0;
    }

    /** Whether a change of the estimate would change a plan, as {@link Drift} sees it. */
    boolean isLarge(double before, double after) {
        return this == EXECUTION_SHARE
                ? Math.abs(after - before) >= Drift.LARGE_SHARE_CHANGE
                : Math.abs(after - before) >= Drift.LARGE_RELATIVE_CHANGE * Math.abs(before);
    }
}
