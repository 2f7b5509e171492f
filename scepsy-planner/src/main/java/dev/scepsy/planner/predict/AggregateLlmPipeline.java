package dev.scepsy.planner.predict;

import dev.scepsy.planner.allocation.WorkflowPrediction;
import dev.scepsy.planner.profile.LatencyProfile;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The Aggregate LLM Pipeline (arXiv 2604.15186; contract, section 7): a workflow's branches, loops and fan-outs folded
 * into calls per execution, so that any allocation's latency and throughput are a sum and a minimum over models.
 *
 * <pre>
 *   λ_m = Σ_w λ_w · n_wm                                       load of model m, requests/s, shared by all workflows
 *   L_w = o_w + Σ_m κ_wm · L_m(λ_m / r_m)                      mean end-to-end latency, seconds
 *   T_w = min_m (r_m · saturation_m · u − Σ_{v≠w} λ_v · n_vm) / n_wm    highest rate, the others at their targets
 * </pre>
 *
 * <p>u is the utilisation limit. T_w is negative where the other workflows alone are beyond it. Of the models that set
 * T_w the first in name order is the bottleneck. A workflow is overloaded when one of its models receives more than
 * r·saturation. Comparisons are made on the decimals as written: a load equal to the saturation is sustained.
 *
 * <p>What makes it wrong: arrivals in bursts (the profiles assume independent ones), neighbours on one GPU, κ that
 * shifts when a model is starved. {@code simulate} covers these.
 *
 * <p>Models are numbered in name order. The arrays form ({@link #latencySeconds}) allocates nothing, so that a search can
 * call it millions of times. Immutable and thread-safe.
 */
public final class AggregateLlmPipeline {

    /** Overloaded in more of the draws than this, a model counts as overloaded. */
    private static final double MOST_DRAWS = 0.5;

    private final List<WorkflowDemand> workflows;
    private final List<String> models;
    private final BigDecimal[] exactLoads;
    private final double[] loads;
    private final double[] fixedSeconds;

    /** By workflow: its models' numbers ascending, and n and κ beside them. */
    private final int[][] called;

    private final double[][] callsPerExecution;
    private final double[][] sequentialCalls;

    private AggregateLlmPipeline(List<WorkflowDemand> workflows) {
        this.workflows = workflows;
        TreeSet<String> names = new TreeSet<>();
        workflows.forEach(workflow -> workflow.calls().forEach(calls -> names.add(calls.model())));
        models = List.copyOf(names);
        Map<String, Integer> numbers = new HashMap<>();
        models.forEach(model -> numbers.put(model, numbers.size()));
        exactLoads = new BigDecimal[models.size()];
        Arrays.fill(exactLoads, BigDecimal.ZERO);
        fixedSeconds = new double[workflows.size()];
        called = new int[workflows.size()][];
        callsPerExecution = new double[workflows.size()][];
        sequentialCalls = new double[workflows.size()][];
        for (int w = 0; w < workflows.size(); w++) {
            WorkflowDemand workflow = workflows.get(w);
            List<ModelCalls> calls = workflow.calls().stream()
                    .sorted(Comparator.comparing(ModelCalls::model))
                    .toList();
            fixedSeconds[w] = workflow.fixedSeconds();
            called[w] = calls.stream()
                    .mapToInt(call -> numbers.getOrDefault(call.model(), -1))
                    .toArray();
            callsPerExecution[w] =
                    calls.stream().mapToDouble(ModelCalls::callsPerExecution).toArray();
            sequentialCalls[w] =
                    calls.stream().mapToDouble(ModelCalls::sequentialCalls).toArray();
            for (int i = 0; i < called[w].length; i++) {
                int m = called[w][i];
                exactLoads[m] = exactLoads[m].add(load(workflow, callsPerExecution[w][i]));
            }
        }
        loads = Arrays.stream(exactLoads).mapToDouble(BigDecimal::doubleValue).toArray();
    }

    /** The pipeline of {@code workflows}, whose names are unique and which name each model at most once. */
    public static AggregateLlmPipeline of(List<WorkflowDemand> workflows) {
        return new AggregateLlmPipeline(List.copyOf(workflows));
    }

    /** The models some workflow names, in name order: model number i is entry i. */
    public List<String> models() {
        return models;
    }

    /** λ_m of model number {@code model}, requests/s over all its replicas. */
    public double requestsPerSecond(int model) {
        return loads[model];
    }

    /** λ_m of model number {@code model}, exact on the decimals as written. */
    public BigDecimal exactRequestsPerSecond(int model) {
        return exactLoads[model];
    }

    /**
     * What a model gets: the profile of one replica, and how many there are.
     *
     * @param byConnection how its load falls on them where a balancer of connections stands before them; empty: a router of
     *     requests, that shares it evenly
     */
    public record Serving(LatencyProfile profile, int replicas, Optional<ConnectionRouting> byConnection) {

        /** Behind a router of requests. */
        public Serving(LatencyProfile profile, int replicas) {
            this(profile, replicas, Optional.empty());
        }

        /** L_m when all replicas together receive {@code requestsPerSecond}. */
        double meanLatencySeconds(double requestsPerSecond) {
            return byConnection.isPresent()
                    ? byConnection.get().meanLatencySeconds(requestsPerSecond)
                    : profile.meanLatencySeconds(requestsPerSecond / replicas, replicas);
        }

        /** The part of the draws of connections in which {@code requestsPerSecond} are too much; 0 or 1 without draws. */
        double overloadProbability(BigDecimal requestsPerSecond) {
            if (byConnection.isPresent()) {
                return byConnection.get().overloadProbability(requestsPerSecond.doubleValue());
            }
            return requestsPerSecond.compareTo(capacity(1, ConnectionRouting.SURE)) > 0 ? 1 : 0;
        }

        /**
         * r · saturation · {@code utilisation}, exact on the decimals as written; by connection what holds in the part {@code
         * probability} of the draws.
         */
        BigDecimal capacity(double utilisation, double probability) {
            return byConnection
                    .map(routing -> BigDecimal.valueOf(routing.highestRate(probability, utilisation)))
                    .orElseGet(() -> BigDecimal.valueOf(profile.saturationRequestsPerSecond())
                            .multiply(BigDecimal.valueOf(replicas))
                            .multiply(BigDecimal.valueOf(utilisation)));
        }
    }

    /**
     * Mean latency of every model and of every workflow, as if no model were overloaded. Allocates nothing.
     *
     * @param profiles one per model number
     * @param replicas r, one per model number, at least 1
     * @param modelSeconds out, L_m, one per model number
     * @param workflowSeconds out, L_w, one per workflow in the order given
     */
    public void latencySeconds(
            LatencyProfile[] profiles, int[] replicas, double[] modelSeconds, double[] workflowSeconds) {
        for (int m = 0; m < loads.length; m++) {
            modelSeconds[m] = profiles[m].meanLatencySeconds(loads[m] / replicas[m], replicas[m]);
        }
        latencySeconds(modelSeconds, workflowSeconds);
    }

    private void latencySeconds(double[] modelSeconds, double[] workflowSeconds) {
        for (int w = 0; w < called.length; w++) {
            double seconds = fixedSeconds[w];
            for (int i = 0; i < called[w].length; i++) {
                seconds += sequentialCalls[w][i] * modelSeconds[called[w][i]];
            }
            workflowSeconds[w] = seconds;
        }
    }

    /**
     * One prediction per workflow, in the order given.
     *
     * @param servings by model name; every model that {@link #models} lists
     * @param utilisation u, the part of its saturation up to which a model's capacity counts, in (0, 1]
     * @throws IllegalArgumentException if a model is missing
     */
    public List<WorkflowPrediction> predict(Map<String, Serving> servings, double utilisation) {
        return predict(servings, utilisation, ConnectionRouting.SURE);
    }

    /**
     * The same, where connections are balanced: {@code maxThroughputPerSecond} is what every model's connections carry in the
     * part {@code probability} of the draws, and a workflow is overloaded where one of its models is in most draws.
     *
     * @param probability in (0, 1); without a balancer of connections it changes nothing
     */
    public List<WorkflowPrediction> predict(Map<String, Serving> servings, double utilisation, double probability) {
        double[] seconds = new double[models.size()];
        BigDecimal[] capacities = new BigDecimal[models.size()];
        boolean[] overloaded = new boolean[models.size()];
        for (int m = 0; m < models.size(); m++) {
            Serving serving = serving(servings, m);
            seconds[m] = serving.meanLatencySeconds(loads[m]);
            capacities[m] = serving.capacity(utilisation, probability);
            overloaded[m] = serving.overloadProbability(exactLoads[m]) > MOST_DRAWS;
        }
        double[] latencies = new double[workflows.size()];
        latencySeconds(seconds, latencies);
        List<WorkflowPrediction> predictions = new ArrayList<>();
        for (int w = 0; w < latencies.length; w++) {
            predictions.add(prediction(w, latencies[w], capacities, overloaded));
        }
        return predictions;
    }

    /**
     * The probability that a workflow meets an overloaded replica at the targets, one per workflow in the order given: its
     * models' draws of connections are independent. Without draws it is 0 or 1.
     *
     * @param servings by model name; every model that {@link #models} lists
     */
    public double[] overloadProbabilities(Map<String, Serving> servings) {
        double[] probabilities = new double[workflows.size()];
        for (int w = 0; w < probabilities.length; w++) {
            double holds = 1;
            for (int i = 0; i < called[w].length; i++) {
                int m = called[w][i];
                if (callsPerExecution[w][i] > 0) {
                    holds *= 1 - serving(servings, m).overloadProbability(exactLoads[m]);
                }
            }
            probabilities[w] = 1 - holds;
        }
        return probabilities;
    }

    private Serving serving(Map<String, Serving> servings, int model) {
        Serving serving = servings.get(models.get(model));
        if (serving == null) {
            throw new IllegalArgumentException("Nothing serves model (" + models.get(model) + ").");
        }
        return serving;
    }

    private WorkflowPrediction prediction(int w, double latency, BigDecimal[] capacities, boolean[] overloaded) {
        WorkflowDemand workflow = workflows.get(w);
        BigDecimal least = BigDecimal.ZERO;
        BigDecimal leastCalls = BigDecimal.ONE;
        @Nullable String bottleneck = null;
        boolean sustained = true;
        for (int i = 0; i < called[w].length; i++) {
            int m = called[w][i];
            if (callsPerExecution[w][i] == 0) {
                continue;
            }
            sustained &= !overloaded[m];
            BigDecimal calls = BigDecimal.valueOf(callsPerExecution[w][i]);
            BigDecimal left = capacities[m].subtract(exactLoads[m].subtract(load(workflow, callsPerExecution[w][i])));
            // left / calls < least / leastCalls, without dividing
            if (bottleneck == null || left.multiply(leastCalls).compareTo(least.multiply(calls)) < 0) {
                least = left;
                leastCalls = calls;
                bottleneck = models.get(m);
            }
        }
        return new WorkflowPrediction(
                workflow.name(),
                workflow.targetPerSecond(),
                sustained ? OptionalDouble.of(latency) : OptionalDouble.empty(),
                bottleneck == null
                        ? OptionalDouble.empty()
                        : OptionalDouble.of(
                                least.divide(leastCalls, MathContext.DECIMAL128).doubleValue()),
                bottleneck);
    }

    private static BigDecimal load(WorkflowDemand workflow, double callsPerExecution) {
        return BigDecimal.valueOf(workflow.targetPerSecond()).multiply(BigDecimal.valueOf(callsPerExecution));
    }
}
