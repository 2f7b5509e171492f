package dev.scepsy.planner.share;

import static dev.scepsy.planner.share.MergeableStatistics.DIGITS;

import dev.scepsy.planner.share.MergeableStatistics.Distribution;
import dev.scepsy.planner.share.MergeableStatistics.Quantity;
import dev.scepsy.planner.share.MergeableStatistics.Sums;
import dev.scepsy.planner.stat.LogHistogram;
import dev.scepsy.planner.stat.RatioOfSums;
import dev.scepsy.planner.stat.StudentT;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Statistics of a {@link MergeableStatistics}. Estimates are {@link ShareEstimator}'s formulas on the exact sums; percentiles are
 * those of {@link LogHistogram}, within 1 %. Intervals are by the delta method, each on the scale on which its estimate is
 * nearly normal, e_j being the estimate's linearisation at execution j and X̄ a mean over executions:
 *
 * <pre>
 * n   logarithm   e = N/N̄ − 1                    t of J − 1 degrees
 * κ   logarithm   e = P/P̄ + N/N̄ − D/D̄ − 1        t of J − 1 degrees
 * p   logarithm   e = D/D̄ − U/Ū                  t of J' − 1 degrees, variance times 1 + (1 + J/J')/J'; not below 1
 * s   log odds    e = D/D̄ − R/R̄, R = T − D       likewise
 * variance = Σ e² / (J (J − 1)),   1/J' = the largest Σ X² / (Σ X)² of the two sums of the ratio
 * </pre>
 *
 * <p>J' is the number of executions that carry the sums; for the variance's factor see {@link RatioOfSums#unseenTail}. How often the
 * intervals hold the truth stands in docs/accuracy.md.
 *
 * <p>Roles are those of agents, judged as {@link CallClasses} does; no intervals. Small agents share a class whose parallelism is a lower
 * bound. Two modes of lengths that no agent tells apart stay together: telling them takes the calls.
 *
 * <p>Pure. Immutable.
 *
 * @param requiredExecutions below which statistics are marked as not enough, without intervals
 */
public record MergeableEstimator(int requiredExecutions) {

    private static final double NANOS_PER_SECOND = 1e9;
    private static final double FEWEST_DEGREES = 4;

    /** @throws IllegalArgumentException if {@code requiredExecutions} is below 1 */
    public MergeableEstimator {
        if (requiredExecutions < 1) {
            throw new IllegalArgumentException(
                    "The requiredExecutions (" + requiredExecutions + ") must be at least 1.");
        }
    }

    /** Statistics of one workflow among others. */
    public WorkflowStatistics estimate(WorkflowKey key, String shown, MergeableStatistics statistics) {
        return estimate(shown, statistics).of(key.service());
    }

    /** Statistics of one workflow under the name by which it is shown; without executions only its name says anything. */
    public WorkflowStatistics estimate(String shown, MergeableStatistics statistics) {
        long executions = statistics.executions();
        boolean enough = executions >= requiredExecutions;
        Sums workflow = statistics.workflow();
        double total = statistics.models().values().stream()
                .mapToDouble(model -> model.approximate(Quantity.D))
                .sum();
        List<ModelStatistics> models = new ArrayList<>();
        statistics.models().forEach((name, sums) -> models.add(model(name, sums, statistics, total, enough)));
        LogHistogram times = workflow.distribution(Distribution.END_TO_END);
        WorkflowStatistics estimated = new WorkflowStatistics(
                shown,
                OptionalLong.of(executions),
                OptionalDouble.empty(),
                1,
                executions == 0 ? 0 : workflow.approximate(Quantity.OTHER) / executions / NANOS_PER_SECOND,
                executions == 0
                        ? Optional.empty()
                        : Optional.of(new WorkflowStatistics.EndToEnd(
                                workflow.approximate(Quantity.END_TO_END) / executions / NANOS_PER_SECOND,
                                times.percentile(50) / NANOS_PER_SECOND,
                                times.percentile(95) / NANOS_PER_SECOND,
                                times.percentile(99) / NANOS_PER_SECOND)),
                models,
                !enough,
                enough ? OptionalInt.empty() : OptionalInt.of(requiredExecutions));
        return CallClasses.judged(estimated, classes(statistics, total), Demands.EngineSecondsPerCall.UNKNOWN)
                .workflow();
    }

    /** By agent, of models all of whose calls say theirs: some executions may have been summed up by a program that does not tell. */
    private static Map<String, List<CallClass>> classes(MergeableStatistics statistics, double total) {
        Map<String, List<CallClass>> classes = new TreeMap<>();
        statistics.agents().forEach((model, agents) -> {
            Map<String, Long> calls = new TreeMap<>();
            BigInteger told = BigInteger.ZERO;
            for (Map.Entry<String, Sums> agent : agents.entrySet()) {
                BigInteger own = agent.getValue().value(Quantity.N);
                calls.put(agent.getKey(), own.longValue());
                told = told.add(own);
            }
            Sums all = statistics.models().getOrDefault(model, Sums.NONE);
            Optional<CallSplit.ByAgent> split = CallClasses.byCalls(calls);
            if (split.isEmpty() || !told.equals(all.value(Quantity.N))) {
                return;
            }
            Map<String, Sums> byClass = new TreeMap<>();
            agents.forEach((agent, sums) -> byClass.merge(split.get().classOf(agent), sums, Sums::plus));
            List<CallClass> own = new ArrayList<>();
            byClass.forEach((name, sums) -> own.add(CallClass.of(name, model(name, sums, statistics, total, false))));
            classes.put(model, own);
        });
        return classes;
    }

    private static ModelStatistics model(
            String name, Sums sums, MergeableStatistics statistics, double total, boolean enough) {
        double executions = statistics.executions();
        double calls = sums.approximate(Quantity.N);
        double called = sums.approximate(Quantity.D);
        double busy = sums.approximate(Quantity.U);
        double path = sums.approximate(Quantity.P);
        return new ModelStatistics(
                name,
                calls / executions,
                busy > 0 ? called / busy : 1,
                called > 0 ? path * calls / (executions * called) : calls / executions,
                total > 0 ? OptionalDouble.of(called / total) : OptionalDouble.empty(),
                calls > 0 ? OptionalDouble.of(called / calls / NANOS_PER_SECOND) : OptionalDouble.empty(),
                OptionalDouble.of(called > 0 ? sums.approximate(Quantity.CROWD) / called : 1),
                tokens(sums, Quantity.INPUT_TOKENS, Quantity.INPUT_CALLS, Distribution.INPUT_TOKENS),
                tokens(sums, Quantity.OUTPUT_TOKENS, Quantity.OUTPUT_CALLS, Distribution.OUTPUT_TOKENS),
                engine(sums),
                enough && executions > 1 ? Optional.of(intervals(sums, statistics)) : Optional.empty());
    }

    private static Optional<TokenStatistics> tokens(
            Sums sums, Quantity tokens, Quantity calls, Distribution distribution) {
        double reported = sums.approximate(calls);
        LogHistogram lengths = sums.distribution(distribution);
        return reported == 0
                ? Optional.empty()
                : Optional.of(new TokenStatistics(
                        sums.approximate(tokens) / reported,
                        lengths.count() == 0 ? OptionalDouble.empty() : OptionalDouble.of(lengths.percentile(99))));
    }

    private static Optional<EngineSeconds> engine(Sums sums) {
        long calls = sums.value(Quantity.ENGINE_CALLS).longValue();
        return calls == 0
                ? Optional.empty()
                : Optional.of(new EngineSeconds(
                        calls,
                        sums.approximate(Quantity.QUEUE) / NANOS_PER_SECOND / calls,
                        sums.approximate(Quantity.PREFILL) / NANOS_PER_SECOND / calls,
                        sums.approximate(Quantity.DECODE) / NANOS_PER_SECOND / calls));
    }

    private static ModelStatistics.Intervals intervals(Sums sums, MergeableStatistics statistics) {
        BigDecimal executions = new BigDecimal(statistics.executions());
        BigDecimal n = sums.exact(Quantity.N);
        BigDecimal d = sums.exact(Quantity.D);
        BigDecimal u = sums.exact(Quantity.U);
        BigDecimal p = sums.exact(Quantity.P);
        BigDecimal dd = sums.exact(Quantity.DD);
        BigDecimal t = BigDecimal.ZERO;
        for (Sums model : statistics.models().values()) {
            t = t.add(model.exact(Quantity.D));
        }
        BigDecimal r = t.subtract(d);
        BigDecimal rr = statistics
                .workflow()
                .exact(Quantity.TT)
                .subtract(sums.exact(Quantity.DT).multiply(BigDecimal.valueOf(2)))
                .add(dd);
        BigDecimal dr = sums.exact(Quantity.DT).subtract(dd);
        double count = statistics.executions();
        // Σ X Y / (X̄ Ȳ) = J² Σ X Y / (Σ X Σ Y)
        Optional<Interval95> calls = n.signum() == 0
                ? Optional.empty()
                : onLogarithm(
                        n.divide(executions, DIGITS),
                        scaled(sums.exact(Quantity.NN), n, n, executions).subtract(executions),
                        count,
                        count - 1,
                        1);
        Optional<Interval95> path = n.signum() == 0 || d.signum() == 0 || p.signum() == 0
                ? Optional.empty()
                : onLogarithm(
                        p.multiply(n).divide(executions.multiply(d), DIGITS),
                        scaled(sums.exact(Quantity.PP), p, p, executions)
                                .add(scaled(sums.exact(Quantity.NN), n, n, executions))
                                .add(scaled(dd, d, d, executions))
                                .add(twice(scaled(sums.exact(Quantity.PN), p, n, executions)))
                                .subtract(twice(scaled(sums.exact(Quantity.PD), p, d, executions)))
                                .subtract(twice(scaled(sums.exact(Quantity.ND), n, d, executions)))
                                .subtract(executions),
                        count,
                        count - 1,
                        1);
        return new ModelStatistics.Intervals(
                calls, parallelism(d, u, dd, sums, executions), path, share(d, r, dd, rr, dr, executions));
    }

    private static Optional<Interval95> parallelism(
            BigDecimal d, BigDecimal u, BigDecimal dd, Sums sums, BigDecimal executions) {
        if (d.signum() == 0 || u.signum() == 0) {
            return Optional.empty();
        }
        double effective = effective(dd, d, sums.exact(Quantity.UU), u);
        return onLogarithm(
                        d.divide(u, DIGITS),
                        scaled(dd, d, d, executions)
                                .add(scaled(sums.exact(Quantity.UU), u, u, executions))
                                .subtract(twice(scaled(sums.exact(Quantity.DU), d, u, executions))),
                        executions.doubleValue(),
                        Math.max(FEWEST_DEGREES, effective - 1),
                        RatioOfSums.unseenTail(executions.doubleValue(), effective))
                .map(interval -> new Interval95(Math.max(1, interval.low()), Math.max(1, interval.high())));
    }

    private static Optional<Interval95> share(
            BigDecimal d, BigDecimal r, BigDecimal dd, BigDecimal rr, BigDecimal dr, BigDecimal executions) {
        if (d.signum() == 0) {
            return Optional.empty();
        }
        if (r.signum() == 0) {
            return Optional.of(new Interval95(1, 1));
        }
        double effective = effective(dd, d, rr, r);
        return onLogarithm(
                        d.divide(r, DIGITS),
                        scaled(dd, d, d, executions)
                                .add(scaled(rr, r, r, executions))
                                .subtract(twice(scaled(dr, d, r, executions))),
                        executions.doubleValue(),
                        Math.max(FEWEST_DEGREES, effective - 1),
                        RatioOfSums.unseenTail(executions.doubleValue(), effective))
                .map(odds -> new Interval95(odds.low() / (1 + odds.low()), odds.high() / (1 + odds.high())));
    }

    private static double effective(BigDecimal xx, BigDecimal x, BigDecimal yy, BigDecimal y) {
        double ofX = xx.divide(x.multiply(x), DIGITS).doubleValue();
        double ofY = yy.divide(y.multiply(y), DIGITS).doubleValue();
        return 1 / Math.max(ofX, ofY);
    }

    private static BigDecimal scaled(BigDecimal xy, BigDecimal x, BigDecimal y, BigDecimal executions) {
        return xy.multiply(executions).multiply(executions).divide(x.multiply(y), DIGITS);
    }

    private static BigDecimal twice(BigDecimal value) {
        return value.add(value);
    }

    private static Optional<Interval95> onLogarithm(
            BigDecimal estimate, BigDecimal squares, double executions, double degrees, double inflation) {
        double variance = Math.max(0, squares.doubleValue()) / (executions * (executions - 1)) * inflation;
        double half = StudentT.quantile975(degrees) * Math.sqrt(variance);
        double value = estimate.doubleValue();
        return Double.isFinite(half)
                ? Optional.of(new Interval95(value * Math.exp(-half), value * Math.exp(half)))
                : Optional.empty();
    }
}
