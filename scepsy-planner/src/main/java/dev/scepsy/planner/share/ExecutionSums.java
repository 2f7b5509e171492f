package dev.scepsy.planner.share;

import dev.scepsy.planner.share.MergeableStatistics.Distribution;
import dev.scepsy.planner.share.MergeableStatistics.Quantity;
import dev.scepsy.planner.share.MergeableStatistics.Sums;
import dev.scepsy.planner.stat.LogHistogram;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The sums of many executions at once, in 128 bits each, which costs a fraction of adding a {@link MergeableStatistics} per execution and
 * comes to the same value. Takes executions whose numbers are below 2^53, which is 104 days in nanoseconds: squares of a million of them fit.
 */
final class ExecutionSums {

    /** Executions that one of these takes. */
    static final int MOST = 1 << 20;

    private static final long BELOW = 1L << 53;
    private static final int QUANTITIES = Quantity.values().length;
    private static final Quantity[] ALL = Quantity.values();

    private final Adder workflow = new Adder();
    private final Map<String, Adder> models = new TreeMap<>();
    private final Map<String, Map<String, Adder>> agents = new TreeMap<>();

    /** Sums and values of a workflow, a model, or a model's agent. */
    private static final class Adder {
        private final long[] high = new long[QUANTITIES];
        private final long[] low = new long[QUANTITIES];
        private final Values first = new Values();
        private final Values second = new Values();

        void add(Quantity quantity, long value) {
            add(quantity.ordinal(), 0, value);
        }

        void addProduct(Quantity quantity, long a, long b) {
            add(quantity.ordinal(), Math.multiplyHigh(a, b), a * b);
        }

        private void add(int at, long more, long value) {
            long sum = low[at] + value;
            high[at] += more + (Long.compareUnsigned(sum, value) < 0 ? 1 : 0);
            low[at] = sum;
        }

        Sums sums(Distribution of, Distribution and) {
            Map<Quantity, BigInteger> values = new EnumMap<>(Quantity.class);
            for (int i = 0; i < QUANTITIES; i++) {
                if (high[i] != 0 || low[i] != 0) {
                    values.put(ALL[i], whole(high[i], low[i]));
                }
            }
            Map<Distribution, LogHistogram> distributions = new EnumMap<>(Distribution.class);
            distributions.put(of, first.histogram());
            if (and != of) {
                distributions.put(and, second.histogram());
            }
            return new Sums(values, distributions);
        }

        private static BigInteger whole(long high, long low) {
            return high == 0 && low >= 0
                    ? BigInteger.valueOf(low)
                    : BigInteger.valueOf(high).shiftLeft(Long.SIZE).or(new BigInteger(Long.toUnsignedString(low)));
        }
    }

    /** Values of a distribution. */
    private static final class Values {
        private long[] values = {};
        private int count;

        void add(long value) {
            if (count == values.length) {
                values = Arrays.copyOf(values, Math.max(16, 2 * count));
            }
            values[count++] = value;
        }

        void addAll(int[] more) {
            for (int value : more) {
                add(value);
            }
        }

        LogHistogram histogram() {
            return count == 0 ? LogHistogram.EMPTY : LogHistogram.of(Arrays.copyOf(values, count));
        }
    }

    /** Whether its numbers are within reach. */
    static boolean fits(ExecutionShares execution) {
        long total = 0;
        for (ModelUse use : execution.models()) {
            total += fits(use) ? use.callNanos() : BELOW;
            if (total < 0 || total >= BELOW) {
                return false;
            }
        }
        for (ModelUse use : execution.agents()) {
            if (!fits(use)) {
                return false;
            }
        }
        return isSmall(execution.durationNanos()) && isSmall(execution.otherNanos());
    }

    private static boolean fits(ModelUse use) {
        var times = use.engine().times();
        return isSmall(use.callNanos())
                && isSmall(use.busyNanos())
                && isSmall(use.pathNanos())
                && use.crowdNanos() >= 0
                && use.crowdNanos() < BELOW
                && isSmall(times.queueNanos())
                && isSmall(times.prefillNanos())
                && isSmall(times.decodeNanos());
    }

    private static boolean isSmall(long value) {
        return value >= 0 && value < BELOW;
    }

    /** Takes one that {@link #fits}. */
    void add(ExecutionShares execution) {
        long total = 0;
        for (ModelUse use : execution.models()) {
            total += use.callNanos();
        }
        workflow.add(Quantity.EXECUTIONS, 1);
        workflow.add(Quantity.END_TO_END, execution.durationNanos());
        workflow.add(Quantity.OTHER, execution.otherNanos());
        workflow.addProduct(Quantity.TT, total, total);
        workflow.first.add(execution.durationNanos());
        for (ModelUse use : execution.models()) {
            Adder adder = models.computeIfAbsent(use.model(), model -> new Adder());
            add(adder, use);
            long n = use.calls();
            long d = use.callNanos();
            long u = use.busyNanos();
            long p = use.pathNanos();
            adder.addProduct(Quantity.NN, n, n);
            adder.addProduct(Quantity.DD, d, d);
            adder.addProduct(Quantity.UU, u, u);
            adder.addProduct(Quantity.PP, p, p);
            adder.addProduct(Quantity.DU, d, u);
            adder.addProduct(Quantity.PN, p, n);
            adder.addProduct(Quantity.PD, p, d);
            adder.addProduct(Quantity.ND, n, d);
            adder.addProduct(Quantity.DT, d, total);
            adder.first.addAll(use.inputTokens());
            adder.second.addAll(use.outputTokens());
        }
        for (ModelUse use : execution.agents()) {
            add(
                    agents.computeIfAbsent(CallClasses.modelOf(use.model()), model -> new TreeMap<>())
                            .computeIfAbsent(CallClasses.nameOf(use.model()), agent -> new Adder()),
                    use);
        }
    }

    private static void add(Adder adder, ModelUse use) {
        adder.add(Quantity.N, use.calls());
        adder.add(Quantity.D, use.callNanos());
        adder.add(Quantity.U, use.busyNanos());
        adder.add(Quantity.P, use.pathNanos());
        adder.add(Quantity.CROWD, (long) use.crowdNanos());
        tokens(adder, use.inputTokens(), Quantity.INPUT_TOKENS, Quantity.INPUT_CALLS);
        tokens(adder, use.outputTokens(), Quantity.OUTPUT_TOKENS, Quantity.OUTPUT_CALLS);
        adder.add(Quantity.ENGINE_CALLS, use.engine().calls());
        adder.add(Quantity.QUEUE, use.engine().times().queueNanos());
        adder.add(Quantity.PREFILL, use.engine().times().prefillNanos());
        adder.add(Quantity.DECODE, use.engine().times().decodeNanos());
    }

    private static void tokens(Adder adder, int[] tokens, Quantity sum, Quantity calls) {
        for (int each : tokens) {
            adder.add(sum, each);
        }
        adder.add(calls, tokens.length);
    }

    /** Of all that were taken. */
    MergeableStatistics statistics() {
        Map<String, Sums> own = new TreeMap<>();
        models.forEach(
                (model, adder) -> own.put(model, adder.sums(Distribution.INPUT_TOKENS, Distribution.OUTPUT_TOKENS)));
        Map<String, Map<String, Sums>> byAgent = new TreeMap<>();
        agents.forEach((model, adders) -> {
            Map<String, Sums> sums = new TreeMap<>();
            adders.forEach((agent, adder) ->
                    sums.put(agent, adder.sums(Distribution.INPUT_TOKENS, Distribution.INPUT_TOKENS)));
            byAgent.put(model, sums);
        });
        return MergeableStatistics.of(
                workflow.sums(Distribution.END_TO_END, Distribution.END_TO_END), own, byAgent, Set.of());
    }

    /** Of {@code executions}. */
    static MergeableStatistics of(List<ExecutionShares> executions) {
        MergeableStatistics sum = MergeableStatistics.EMPTY;
        for (int from = 0; from < executions.size(); from += MOST) {
            ExecutionSums sums = new ExecutionSums();
            boolean any = false;
            for (ExecutionShares execution : executions.subList(from, Math.min(from + MOST, executions.size()))) {
                if (fits(execution)) {
                    sums.add(execution);
                    any = true;
                } else {
                    sum = sum.plus(MergeableStatistics.of(execution));
                }
            }
            sum = any ? sum.plus(sums.statistics()) : sum;
        }
        return sum;
    }
}
