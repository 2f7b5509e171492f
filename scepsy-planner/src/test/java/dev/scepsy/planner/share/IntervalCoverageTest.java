package dev.scepsy.planner.share;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionId;
import dev.scepsy.planner.execution.LeafCall;
import dev.scepsy.planner.span.TraceId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Intervals hold the truth about as often as they say, for light and heavy tails. A run asks planner a once, then as often as the
 * world's rounds say: three calls of b at once, then one of c. Truths are exact but for the longest of three calls, which is
 * integrated numerically. The whole count prints the table of docs/accuracy.md.
 */
class IntervalCoverageTest {

    private static final boolean FULL = Boolean.getBoolean("scepsy.full");
    private static final int DRAWS = FULL ? 3000 : 120;
    private static final long SEED = Long.getLong("scepsy.seed", 42);
    private static final int FAN_OUT = 3;
    private static final double SECOND = 1e9;

    /**
     * @param call duration for a mean of 1, from a uniform number
     * @param rounds how often b and c are asked
     * @param meanRounds its mean
     * @param burden sigma of a factor, lognormal with mean 1, on all of an execution's calls to b
     */
    private record World(
            String name,
            DoubleUnaryOperator call,
            ToIntFunction<SplittableRandom> rounds,
            double meanRounds,
            double burden) {

        /** Mean of the longest of three calls: the integral of its quantile function. */
        double longest() {
            int steps = 2_000_000;
            double sum = 0;
            for (int i = 0; i < steps; i++) {
                // in v = (1 - u)^(1/4), which spreads the tail out
                double v = (i + 0.5) / steps;
                double tail = v * v * v * v;
                double u = Math.pow(1 - tail, 1.0 / FAN_OUT);
                sum += call.applyAsDouble(Math.min(u, 1 - 1e-16)) * 4 * v * v * v;
            }
            return sum / steps;
        }
    }

    private static List<World> worlds() {
        return List.of(
                new World("light: lognormal 0.5, geometric rounds", lognormal(0.5), geometric(3), 3, 0),
                new World("exponential, bimodal rounds", u -> -Math.log(1 - u), bimodal(), 3.1, 0),
                new World("heavy: lognormal 1.0, geometric rounds", lognormal(1.0), geometric(3), 3, 0),
                new World("heavy: lognormal 1.5, geometric rounds", lognormal(1.5), geometric(3), 3, 0),
                new World(
                        "heavy: Pareto 2.5, bimodal rounds", u -> 1.5 * (Math.pow(1 - u, -0.4) - 1), bimodal(), 3.1, 0),
                new World("calls of a run alike: lognormal 1.0 each", lognormal(1.0), geometric(3), 3, 1));
    }

    /** By these nothing was chosen: methods and factors were set by the others. */
    private static List<World> freshWorlds() {
        return List.of(
                new World("fresh: uniform, geometric rounds", u -> 2 * u, geometric(3), 3, 0),
                new World("fresh: Weibull 0.5, geometric rounds", u -> square(Math.log(1 - u)) / 2, geometric(3), 3, 0),
                new World("fresh: log-logistic 3, geometric rounds", logLogistic(3), geometric(3), 3, 0),
                new World("fresh: lognormal 1.25, bimodal rounds", lognormal(1.25), bimodal(), 3.1, 0),
                new World("fresh: calls of a run alike: lognormal 0.7 each", lognormal(0.7), geometric(3), 3, 0.7));
    }

    private static double square(double value) {
        return value * value;
    }

    @TestFactory
    List<DynamicTest> everyIntervalHoldsTheTruthAsOftenAsItSays() {
        return tests("bootstrap", drawn -> new ShareEstimator(30, 1).estimate("w", drawn));
    }

    @TestFactory
    List<DynamicTest> everyIntervalOfMergedSumsHoldsTheTruthAsOftenAsItSays() {
        return tests("merged sums", drawn -> new MergeableEstimator(30).estimate("w", MergeableStatistics.of(drawn)));
    }

    private static List<DynamicTest> tests(
            String method, Function<List<ExecutionShares>, WorkflowStatistics> estimate) {
        List<DynamicTest> tests = new ArrayList<>();
        List<World> worlds = FULL
                ? Stream.concat(worlds().stream(), freshWorlds().stream()).toList()
                : List.of(worlds().get(1), worlds().get(2));
        for (World world : worlds) {
            for (int executions : FULL ? new int[] {30, 100} : new int[] {100}) {
                tests.add(DynamicTest.dynamicTest(
                        world.name() + ", " + executions, () -> check(method, world, executions, estimate)));
            }
        }
        return tests;
    }

    private static void check(
            String method, World world, int executions, Function<List<ExecutionShares>, WorkflowStatistics> estimator) {
        Map<String, Double> truths = truths(world);
        Map<String, Integer> held = new TreeMap<>();
        SplittableRandom random = new SplittableRandom(SEED);
        for (int draw = 0; draw < DRAWS; draw++) {
            List<ExecutionShares> drawn = new ArrayList<>();
            for (int j = 0; j < executions; j++) {
                drawn.add(ExecutionShares.of(execution(world, j, random)));
            }
            WorkflowStatistics statistics = estimator.apply(drawn);
            for (ModelStatistics model : statistics.models()) {
                ModelStatistics.Intervals intervals = model.interval95().orElseThrow();
                count(held, truths, model.model() + " n", intervals.callsPerExecution());
                count(held, truths, model.model() + " p", intervals.parallelism());
                count(held, truths, model.model() + " s", intervals.executionShare());
                count(held, truths, model.model() + " k", intervals.sequentialCalls());
            }
        }
        StringBuilder row =
                new StringBuilder(method + ": " + world.name()).append(", ").append(executions);
        held.forEach((estimate, hits) -> row.append(String.format("  %s %.1f", estimate, 100.0 * hits / DRAWS)));
        System.out.println(row);
        // three standard errors of the count beside what is promised: 93.5 to 96.5 % with 100 executions, 92 % with 30
        double error = Math.sqrt(0.05 * 0.95 / DRAWS);
        held.forEach((estimate, hits) -> {
            double coverage = (double) hits / DRAWS;
            assertThat(coverage).as(estimate).isGreaterThan((executions == 100 ? 0.935 : 0.92) - 3 * error);
            assertThat(coverage).as(estimate).isLessThan((executions == 100 ? 0.965 : 0.98) + 3 * error);
        });
    }

    private static Map<String, Double> truths(World world) {
        double longest = world.longest();
        double rounds = world.meanRounds();
        double callTime = 1 + rounds * FAN_OUT * 3 + rounds * 0.5;
        return Map.of(
                "a s",
                1 / callTime,
                "b n",
                rounds * FAN_OUT,
                "b p",
                FAN_OUT / longest,
                "b s",
                rounds * FAN_OUT * 3 / callTime,
                "b k",
                rounds * longest,
                "c n",
                rounds,
                "c s",
                rounds * 0.5 / callTime,
                "c k",
                rounds);
    }

    private static void count(
            Map<String, Integer> held, Map<String, Double> truths, String estimate, Optional<Interval95> interval) {
        Double truth = truths.get(estimate);
        if (truth != null) {
            Interval95 ends = interval.orElseThrow();
            held.merge(estimate, ends.low() <= truth && truth <= ends.high() ? 1 : 0, Integer::sum);
        }
    }

    private static Execution.Complete execution(World world, int number, SplittableRandom random) {
        List<LeafCall> calls = new ArrayList<>();
        double burden = world.burden() == 0
                ? 1
                : Math.exp(-world.burden() * world.burden() / 2 + world.burden() * gaussian(random));
        ToDoubleFunction<Double> draw = mean -> mean * world.call().applyAsDouble(random.nextDouble());
        long now = add(calls, "a", 0, draw.applyAsDouble(1.0));
        for (int round = world.rounds().applyAsInt(random); round > 0; round--) {
            long longest = now;
            for (int call = 0; call < FAN_OUT; call++) {
                longest = Math.max(longest, add(calls, "b", now, burden * draw.applyAsDouble(3.0)));
            }
            now = add(calls, "c", longest, draw.applyAsDouble(0.5));
        }
        return new Execution.Complete(
                new ExecutionId(new TraceId(1, number + 1), 1),
                "w",
                0,
                now,
                calls,
                OptionalDouble.empty(),
                OptionalDouble.empty());
    }

    private static long add(List<LeafCall> calls, String model, long start, double seconds) {
        long end = start + Math.max(1, (long) (seconds * SECOND));
        calls.add(new LeafCall(
                calls.size() + 1, model, start, end, 0, OptionalLong.empty(), OptionalLong.empty(), false));
        return end;
    }

    private static double gaussian(SplittableRandom random) {
        return Math.sqrt(-2 * Math.log(1 - random.nextDouble())) * Math.cos(2 * Math.PI * random.nextDouble());
    }

    /** Quantiles of a lognormal distribution with mean 1, from a table of the normal ones. */
    private static DoubleUnaryOperator lognormal(double sigma) {
        return u -> Math.exp(-sigma * sigma / 2 + sigma * NormalQuantiles.of(u));
    }

    /** With a mean of 1. */
    private static DoubleUnaryOperator logLogistic(double shape) {
        double scale = Math.sin(Math.PI / shape) / (Math.PI / shape);
        return u -> scale * Math.pow(u / (1 - u), 1 / shape);
    }

    private static ToIntFunction<SplittableRandom> geometric(double mean) {
        return random -> 1 + (int) (Math.log(1 - random.nextDouble()) / Math.log(1 - 1 / mean));
    }

    private static ToIntFunction<SplittableRandom> bimodal() {
        return random -> random.nextDouble() < 0.3 ? 8 : 1;
    }

    /** P. J. Acklam's rational approximation of the normal quantile, relative error 1.15e-9. */
    private static final class NormalQuantiles {
        private static final double[] A = {
            -3.969683028665376e+01,
            2.209460984245205e+02,
            -2.759285104469687e+02,
            1.383577518672690e+02,
            -3.066479806614716e+01,
            2.506628277459239e+00
        };
        private static final double[] B = {
            -5.447609879822406e+01,
            1.615858368580409e+02,
            -1.556989798598866e+02,
            6.680131188771972e+01,
            -1.328068155288572e+01,
            1
        };
        private static final double[] C = {
            -7.784894002430293e-03,
            -3.223964580411365e-01,
            -2.400758277161838e+00,
            -2.549732539343734e+00,
            4.374664141464968e+00,
            2.938163982698783e+00
        };
        private static final double[] D = {
            7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00, 1
        };

        static double of(double u) {
            double low = 0.02425;
            double p = Math.max(1e-16, u);
            if (p < low) {
                double q = Math.sqrt(-2 * Math.log(p));
                return polynomial(C, q) / polynomial(D, q);
            }
            if (p > 1 - low) {
                double q = Math.sqrt(-2 * Math.log(1 - p));
                return -polynomial(C, q) / polynomial(D, q);
            }
            double q = p - 0.5;
            return q * polynomial(A, q * q) / polynomial(B, q * q);
        }

        private static double polynomial(double[] coefficients, double x) {
            double value = 0;
            for (double coefficient : coefficients) {
                value = value * x + coefficient;
            }
            return value;
        }
    }
}
