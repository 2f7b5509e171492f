package dev.scepsy.planner.detect;

import dev.scepsy.planner.share.Drift;
import dev.scepsy.planner.share.ModelPart;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is watched of each model: a number per execution whose mean moves when the estimate does, and the estimate itself as a ratio of two
 * sums. Counts, times and odds enter by their logarithms, so that a heavy tail is a moderate number and a factor is a shift.
 *
 * <pre>
 *                    watched, per execution              estimate
 * CALL_MIX           ln((N + 1/2) / (A − N + 1/2))       Σ N / Σ 1                            A: calls to all models
 * CALLS              ln(1 + N)                           Σ N / Σ 1
 * OUTPUT_TOKENS      ln(1 + tokens per call)             Σ tokens / Σ calls that report them
 * INPUT_TOKENS       likewise
 * PARALLELISM        ln(D / U)                           Σ D / Σ U
 * SEQUENTIAL_CALLS   ln(1 + P N / D)                     Σ P N / D / Σ 1                      κ, formed per execution
 * EXECUTION_SHARE    ln(D / (T − D))                     Σ D / Σ T                            T: call time of all models;
 *                                                                                             T − D as a rule of late where it is 0
 * </pre>
 *
 * Calls are watched twice: how often a model is called varies with how hard executions are, how often beside the others hardly does; but
 * the mix says nothing where one model is called, and little where all change alike. What an execution cannot say (a share where only one
 * model was called, tokens where none are reported) it does not. In the order in which a finding is named: a cause before its effects.
 */
enum Feature {
    CALL_MIX("callsPerExecution", "calls per execution", 0.1, 0.35),
    CALLS("callsPerExecution", "calls per execution", 0.1, 0.35),
    OUTPUT_TOKENS("outputTokensPerCall", "output tokens per call", 0.1, 0.06),
    INPUT_TOKENS("inputTokensPerCall", "input tokens per call", 0.1, 0.06),
    PARALLELISM("parallelism", "parallelism", 0.1, 0.06),
    SEQUENTIAL_CALLS("sequentialCalls", "sequential calls per execution", 0.1, 0.06),
    EXECUTION_SHARE("executionShare", "share of the execution time", 0.1, 0.06);

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

    /** What an execution says. */
    enum Says {
        NOTHING,
        /** Something for the estimate, nothing about a change. */
        SUMS,
        ALL
    }

    /** What the models of one execution ask together. */
    static final class Whole {
        long calls;
        long callNanos;

        static Whole of(List<ModelPart> parts) {
            Whole whole = new Whole();
            for (ModelPart part : parts) {
                whole.calls += part.calls();
                whole.callNanos += part.callNanos();
            }
            return whole;
        }
    }

    /** Whether it counts as 0 in executions that do not call the model. */
    boolean isZeroWithoutCalls() {
        return this == CALLS || this == SEQUENTIAL_CALLS;
    }

    /**
     * What one execution says of a model; {@code part} null: it was not called.
     *
     * @param othersLogNanos ln of the call time that other models have as a rule of late; NaN where that is not known
     */
    Says observe(@Nullable ModelPart part, Whole whole, double othersLogNanos, Observation into) {
        switch (this) {
            case CALL_MIX -> {
                int calls = part == null ? 0 : part.calls();
                into.value = Math.log((calls + 0.5) / (whole.calls - calls + 0.5));
                into.numerator = calls;
                into.denominator = 1;
                return whole.calls > calls ? Says.ALL : Says.SUMS;
            }
            case CALLS -> {
                into.numerator = part == null ? 0 : part.calls();
                into.denominator = 1;
                into.value = Math.log1p(into.numerator);
                return Says.ALL;
            }
            case OUTPUT_TOKENS -> {
                return part == null ? Says.NOTHING : perCall(part.outputTokens(), part.outputCalls(), into);
            }
            case INPUT_TOKENS -> {
                return part == null ? Says.NOTHING : perCall(part.inputTokens(), part.inputCalls(), into);
            }
            case PARALLELISM -> {
                if (part == null || part.busyNanos() <= 0 || part.callNanos() <= 0) {
                    return Says.NOTHING;
                }
                into.numerator = part.callNanos() / 1e9;
                into.denominator = part.busyNanos() / 1e9;
                into.value = Math.log(into.numerator / into.denominator);
                return Says.ALL;
            }
            case SEQUENTIAL_CALLS -> {
                into.numerator = part == null || part.callNanos() <= 0
                        ? 0
                        : part.pathNanos() / (double) part.callNanos() * part.calls();
                into.denominator = 1;
                into.value = Math.log1p(into.numerator);
                return Says.ALL;
            }
            case EXECUTION_SHARE -> {
                long nanos = part == null ? 0 : part.callNanos();
                into.numerator = nanos / 1e9;
                into.denominator = whole.callNanos / 1e9;
                boolean alone = whole.callNanos <= nanos;
                into.value = Math.log(nanos) - (alone ? othersLogNanos : Math.log(whole.callNanos - nanos));
                return nanos > 0 && !Double.isNaN(into.value) ? Says.ALL : Says.SUMS;
            }
        }
        throw new AssertionError(this);
    }

    private static Says perCall(long tokens, int calls, Observation into) {
        into.numerator = tokens;
        into.denominator = calls;
        into.value = calls > 0 ? Math.log1p(into.numerator / calls) : 0;
        return calls > 0 ? Says.ALL : Says.NOTHING;
    }

    /** Whether a change of the estimate would change a plan, as {@link Drift} sees it. */
    boolean isLarge(double before, double after) {
        return this == EXECUTION_SHARE
                ? Math.abs(after - before) >= Drift.LARGE_SHARE_CHANGE
                : Math.abs(after - before) >= Drift.LARGE_RELATIVE_CHANGE * Math.abs(before);
    }
}
