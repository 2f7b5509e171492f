package dev.scepsy.planner.share;

import dev.scepsy.planner.stat.LogHistogram;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A workflow's statistics as a value that adds: the same whether its executions were folded in one place or in many, in any
 * order. Holds exact integer sums (nanoseconds, counts, their squares and products) and log-bucket histograms; nothing is
 * added in floating point. {@link MergeableEstimator} makes statistics of it, {@link MergeableBytes} bytes.
 *
 * <p>Roles are kept as sums by model and agent, which add like all others, without
 * histograms; classes are made of them when an estimate is. A model that
 * more than {@value #MOST_AGENTS} agents call has none: so many names are rather ids, and which of them to keep would depend on the order.
 *
 * <p>Immutable. Sparse: models and quantities that do not occur take no room.
 */
public final class MergeableStatistics {

    /** Of no execution. */
    public static final MergeableStatistics EMPTY =
            new MergeableStatistics(Sums.NONE, new TreeMap<>(), new TreeMap<>(), new TreeSet<>());

    /** Agents that are told apart per model. */
    static final int MOST_AGENTS = 64;

    /**
     * What is summed over executions j. New ones may only be added at the end, with a new version of the forms. N calls, D call time, U
     * covered time, P path time, T call time of all models; squares and products for intervals of ratios.
     */
    public enum Quantity {
        EXECUTIONS,
        END_TO_END,
        OTHER,
        TT,
        N,
        D,
        U,
        P,
        CROWD,
        NN,
        DD,
        UU,
        PP,
        DU,
        PN,
        PD,
        ND,
        DT,
        INPUT_TOKENS,
        INPUT_CALLS,
        OUTPUT_TOKENS,
        OUTPUT_CALLS,
        ENGINE_CALLS,
        QUEUE,
        PREFILL,
        DECODE
    }

    /** What percentiles are kept of. */
    public enum Distribution {
        END_TO_END,
        INPUT_TOKENS,
        OUTPUT_TOKENS
    }

    /**
     * Sums and distributions of a workflow, or of one of its models. Immutable.
     *
     * @param values what is not 0
     * @param distributions what is not empty
     */
    public record Sums(Map<Quantity, BigInteger> values, Map<Distribution, LogHistogram> distributions) {
        static final Sums NONE = new Sums(Map.of(), Map.of());

        public Sums {
            Map<Quantity, BigInteger> kept = new EnumMap<>(Quantity.class);
            values.forEach((quantity, value) -> {
                if (value.signum() < 0) {
                    throw new IllegalArgumentException("The sum " + quantity + " (" + value + ") is below 0.");
                }
                if (value.signum() > 0) {
                    kept.put(quantity, value);
                }
            });
            values = Collections.unmodifiableMap(kept);
            Map<Distribution, LogHistogram> filled = new EnumMap<>(Distribution.class);
            distributions.forEach((distribution, histogram) -> {
                if (histogram.count() > 0) {
                    filled.put(distribution, histogram);
                }
            });
            distributions = Collections.unmodifiableMap(filled);
        }

        Sums plus(Sums other) {
            Map<Quantity, BigInteger> sum = new EnumMap<>(Quantity.class);
            sum.putAll(values);
            other.values.forEach((quantity, value) -> sum.merge(quantity, value, BigInteger::add));
            Map<Distribution, LogHistogram> both = new EnumMap<>(Distribution.class);
            both.putAll(distributions);
            other.distributions.forEach(
                    (distribution, histogram) -> both.merge(distribution, histogram, LogHistogram::plus));
            return new Sums(sum, both);
        }

        BigInteger value(Quantity quantity) {
            return values.getOrDefault(quantity, BigInteger.ZERO);
        }

        BigDecimal exact(Quantity quantity) {
            return new BigDecimal(value(quantity));
        }

        double approximate(Quantity quantity) {
            return value(quantity).doubleValue();
        }

        LogHistogram distribution(Distribution distribution) {
            return distributions.getOrDefault(distribution, LogHistogram.EMPTY);
        }
    }

    private final Sums workflow;
    private final TreeMap<String, Sums> models;
    private final TreeMap<String, TreeMap<String, Sums>> agents;
    private final TreeSet<String> crowded;

    private MergeableStatistics(
            Sums workflow,
            TreeMap<String, Sums> models,
            TreeMap<String, TreeMap<String, Sums>> agents,
            TreeSet<String> crowded) {
        this.workflow = workflow;
        this.models = models;
        agents.forEach((model, own) -> {
            if (own.size() > MOST_AGENTS) {
                crowded.add(model);
            }
        });
        crowded.forEach(agents::remove);
        this.agents = agents;
        this.crowded = crowded;
    }

    /** The value with these sums, of executions whose agents are not known. */
    public static MergeableStatistics of(Sums workflow, Map<String, Sums> models) {
        return of(workflow, models, Map.of(), Set.of());
    }

    /**
     * The value with these sums.
     *
     * @param agents by model and agent, an empty name for calls outside any
     * @param crowded models with too many agents to tell apart
     */
    public static MergeableStatistics of(
            Sums workflow,
            Map<String, Sums> models,
            Map<String, ? extends Map<String, Sums>> agents,
            Set<String> crowded) {
        TreeMap<String, TreeMap<String, Sums>> own = new TreeMap<>();
        agents.forEach((model, sums) -> own.put(model, new TreeMap<>(sums)));
        return new MergeableStatistics(workflow, new TreeMap<>(models), own, new TreeSet<>(crowded));
    }

    /** Of one execution. */
    public static MergeableStatistics of(ExecutionShares execution) {
        BigInteger total = BigInteger.ZERO;
        for (ModelUse use : execution.models()) {
            total = total.add(BigInteger.valueOf(use.callNanos()));
        }
        Map<Quantity, BigInteger> values = new EnumMap<>(Quantity.class);
        values.put(Quantity.EXECUTIONS, BigInteger.ONE);
        values.put(Quantity.END_TO_END, BigInteger.valueOf(execution.durationNanos()));
        values.put(Quantity.OTHER, BigInteger.valueOf(execution.otherNanos()));
        values.put(Quantity.TT, total.multiply(total));
        TreeMap<String, Sums> models = new TreeMap<>();
        for (ModelUse use : execution.models()) {
            models.put(use.model(), of(use, total));
        }
        TreeMap<String, TreeMap<String, Sums>> agents = new TreeMap<>();
        for (ModelUse use : execution.agents()) {
            Map<Quantity, BigInteger> own = new EnumMap<>(Quantity.class);
            sums(own, use);
            agents.computeIfAbsent(CallClasses.modelOf(use.model()), model -> new TreeMap<>())
                    .put(CallClasses.nameOf(use.model()), new Sums(own, Map.of()));
        }
        return new MergeableStatistics(
                new Sums(values, Map.of(Distribution.END_TO_END, LogHistogram.of(execution.durationNanos()))),
                models,
                agents,
                new TreeSet<>());
    }

    private static Sums of(ModelUse use, BigInteger total) {
        BigInteger n = BigInteger.valueOf(use.calls());
        BigInteger d = BigInteger.valueOf(use.callNanos());
        BigInteger u = BigInteger.valueOf(use.busyNanos());
        BigInteger p = BigInteger.valueOf(use.pathNanos());
        Map<Quantity, BigInteger> values = new EnumMap<>(Quantity.class);
        sums(values, use);
        values.put(Quantity.NN, n.multiply(n));
        values.put(Quantity.DD, d.multiply(d));
        values.put(Quantity.UU, u.multiply(u));
        values.put(Quantity.PP, p.multiply(p));
        values.put(Quantity.DU, d.multiply(u));
        values.put(Quantity.PN, p.multiply(n));
        values.put(Quantity.PD, p.multiply(d));
        values.put(Quantity.ND, n.multiply(d));
        values.put(Quantity.DT, d.multiply(total));
        return new Sums(values, distributions(use));
    }

    private static void sums(Map<Quantity, BigInteger> values, ModelUse use) {
        values.put(Quantity.N, BigInteger.valueOf(use.calls()));
        values.put(Quantity.D, BigInteger.valueOf(use.callNanos()));
        values.put(Quantity.U, BigInteger.valueOf(use.busyNanos()));
        values.put(Quantity.P, BigInteger.valueOf(use.pathNanos()));
        // whole nanoseconds times whole squares: a whole number
        values.put(Quantity.CROWD, new BigDecimal(use.crowdNanos()).toBigInteger());
        tokens(values, use.inputTokens(), Quantity.INPUT_TOKENS, Quantity.INPUT_CALLS);
        tokens(values, use.outputTokens(), Quantity.OUTPUT_TOKENS, Quantity.OUTPUT_CALLS);
        values.put(Quantity.ENGINE_CALLS, BigInteger.valueOf(use.engine().calls()));
        values.put(Quantity.QUEUE, BigInteger.valueOf(use.engine().times().queueNanos()));
        values.put(Quantity.PREFILL, BigInteger.valueOf(use.engine().times().prefillNanos()));
        values.put(Quantity.DECODE, BigInteger.valueOf(use.engine().times().decodeNanos()));
    }

    private static Map<Distribution, LogHistogram> distributions(ModelUse use) {
        return Map.of(
                Distribution.INPUT_TOKENS,
                histogram(use.inputTokens()),
                Distribution.OUTPUT_TOKENS,
                histogram(use.outputTokens()));
    }

    private static void tokens(Map<Quantity, BigInteger> values, int[] tokens, Quantity sum, Quantity calls) {
        long total = 0;
        for (int each : tokens) {
            total += each;
        }
        values.put(sum, BigInteger.valueOf(total));
        values.put(calls, BigInteger.valueOf(tokens.length));
    }

    private static LogHistogram histogram(int[] values) {
        long[] wide = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i];
        }
        return LogHistogram.of(wide);
    }

    /** Both: of the executions of either. */
    public MergeableStatistics plus(MergeableStatistics other) {
        TreeMap<String, Sums> sum = new TreeMap<>(models);
        other.models.forEach((model, sums) -> sum.merge(model, sums, Sums::plus));
        TreeMap<String, TreeMap<String, Sums>> both = new TreeMap<>();
        agents.forEach((model, own) -> both.put(model, new TreeMap<>(own)));
        other.agents.forEach((model, own) -> {
            TreeMap<String, Sums> sums = both.computeIfAbsent(model, unknown -> new TreeMap<>());
            own.forEach((agent, more) -> sums.merge(agent, more, Sums::plus));
        });
        TreeSet<String> either = new TreeSet<>(crowded);
        either.addAll(other.crowded);
        return new MergeableStatistics(workflow.plus(other.workflow), sum, both, either);
    }

    /** Executions in it. */
    public long executions() {
        return workflow.value(Quantity.EXECUTIONS).longValue();
    }

    /** Sums of the workflow itself. */
    public Sums workflow() {
        return workflow;
    }

    /** Sums by model, in name order. */
    public Map<String, Sums> models() {
        return new TreeMap<>(models);
    }

    /** Sums by model and agent, an empty name for calls outside any; of those executions whose agents were told. */
    public Map<String, Map<String, Sums>> agents() {
        Map<String, Map<String, Sums>> copy = new TreeMap<>();
        agents.forEach((model, own) -> copy.put(model, new TreeMap<>(own)));
        return copy;
    }

    /** Models with too many agents to tell apart. */
    public Set<String> crowded() {
        return new TreeSet<>(crowded);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MergeableStatistics that
                && workflow.equals(that.workflow)
                && models.equals(that.models)
                && agents.equals(that.agents)
                && crowded.equals(that.crowded);
    }

    @Override
    public int hashCode() {
        return Objects.hash(workflow, models, agents, crowded);
    }

    /** All of them; a tree of sums rather than a chain, so that many small parts are added quickly. */
    public static MergeableStatistics sum(List<MergeableStatistics> parts) {
        List<MergeableStatistics> level = parts;
        while (level.size() > 1) {
            List<MergeableStatistics> next = new ArrayList<>(level.size() / 2 + 1);
            for (int i = 0; i < level.size(); i += 2) {
                next.add(i + 1 < level.size() ? level.get(i).plus(level.get(i + 1)) : level.get(i));
            }
            level = next;
        }
        return level.isEmpty() ? EMPTY : level.get(0);
    }

    /** Of executions. */
    public static MergeableStatistics of(List<ExecutionShares> executions) {
        return ExecutionSums.of(executions);
    }

    static final MathContext DIGITS = new MathContext(50);
}
