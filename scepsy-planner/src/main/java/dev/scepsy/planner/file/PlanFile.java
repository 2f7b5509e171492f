package dev.scepsy.planner.file;

import dev.scepsy.planner.allocation.Goal;
import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Objective;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.allocation.WorkflowPrediction;
import dev.scepsy.planner.search.SearchResult;
import dev.scepsy.planner.search.explain.Remedy;
import dev.scepsy.planner.search.infeasible.InfeasibleReason;
import dev.scepsy.planner.share.Interval95;
import dev.scepsy.planner.topology.HeldShare;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Reads and writes {@code plan.json}: an allocation with its placement, or why there is none. */
public final class PlanFile {

    /** What a goal may be; of the least latency none is written, but one is read. */
    private static final Map<String, Objective> OBJECTIVES = Stream.of(Objective.values())
            .collect(Collectors.toMap(
                    Objective::key, Function.identity(), (first, second) -> first, LinkedHashMap::new));

    private static final String INTERVAL = "latencyInterval95Seconds";
    private static final int MOST_REPLICAS = 100_000;
    private static final int MOST_GPUS_PER_REPLICA = 1024;

    private final Map<String, String> allocated = new HashMap<>();
    private final Set<List<Object>> placed = new HashSet<>();

    private PlanFile() {}

    /**
     * Reads {@code file}. Only {@code allocations} is required, so that a plan can be written by hand: figures left out
     * read as 0 and state nothing. Whether the plan is legal on a cluster is not judged here.
     */
    public static Reading<Plan> read(Path file) {
        return Fields.readDocument(file, (top, findings) -> new PlanFile().plan(top));
    }

    /** The same of a text; {@code name} stands for the file in problems. */
    public static Reading<Plan> parse(String name, String text) {
        return Fields.readDocument(Document.parse(name, text), (top, findings) -> new PlanFile().plan(top));
    }

    private Plan plan(Fields top) {
        if (top.has("infeasible")) {
            top.skip("highestCommonScale");
            top.problem("infeasible", "This file says that no plan exists. Give the file of a plan.");
        }
        double objective =
                top.optionalNumber("objectiveSeconds", Range.NOT_NEGATIVE).orElse(0);
        double bound =
                top.optionalNumber("lowerBoundSeconds", Range.NOT_NEGATIVE).orElse(0);
        double gap = top.optionalNumber("optimalityGap", Range.atLeast(-1e-9)).orElse(0);
        List<LlmAllocation> allocations =
                top.has("infeasible") ? List.of() : top.mappings("allocations", this::allocation);
        List<ReplicaPlacement> placements = top.optionalMappings("placements", this::placement);
        List<WorkflowPrediction> predictions = top.optionalMappings("predictions", PlanFile::prediction);
        top.skip("sharing");
        OptionalDouble used = top.optionalNumber("gpusUsed", Range.NOT_NEGATIVE);
        int free = top.optionalInteger("largestFreeGroup", 0, MOST_GPUS_PER_REPLICA)
                .orElse(0);
        Optional<Goal> goal = top.mapping("goal", PlanFile::goal);
        top.optionalNumber("quantile", Range.between(0, 1));
        return new Plan(
                objective,
                bound,
                gap,
                allocations,
                placements,
                predictions,
                used.orElse(
                        allocations.stream().mapToDouble(LlmAllocation::gpus).sum()),
                free,
                goal);
    }

    private static Goal goal(Fields fields) {
        double value = fields.number("value", Range.NOT_NEGATIVE);
        return new Goal(
                fields.choice("objective", OBJECTIVES, Objective.GPUS),
                value,
                fields.optionalNumber("bound", Range.NOT_NEGATIVE).orElse(value),
                fields.optionalNumber("gap", Range.NOT_NEGATIVE).orElse(0));
    }

    private LlmAllocation allocation(Fields fields) {
        String model = fields.text("model");
        String first = model.isEmpty() ? null : allocated.putIfAbsent(model, fields.path());
        if (first != null) {
            fields.problem(
                    "model",
                    "Model (" + model + ") already has an allocation at " + first
                            + ". All replicas of a model are alike: keep one.");
        }
        String gpu = fields.text("gpu");
        GpuFraction fraction = GpuFraction.whole();
        OptionalDouble written = fields.optionalNumber("gpuFraction", new Range(0, false, 1));
        if (written.isPresent()) {
            try {
                fraction = GpuFraction.of(written.getAsDouble());
            } catch (IllegalArgumentException e) {
                fields.problem("gpuFraction", String.valueOf(e.getMessage()));
            }
        }
        int tensorParallel = fields.optionalInteger("tensorParallel", 1, MOST_GPUS_PER_REPLICA)
                .orElse(1);
        int replicas = fields.integer("replicas", 1, MOST_REPLICAS);
        double memoryGiB = fields.number("memoryGiBPerGpu", Units.MEMORY_PART_GIB);
        return new LlmAllocation(model, gpu, fraction, tensorParallel, replicas, memoryGiB);
    }

    private ReplicaPlacement placement(Fields fields) {
        String model = fields.text("model");
        int replica = fields.integer("replica", 0, MOST_REPLICAS);
        if (!model.isEmpty() && !placed.add(List.of(model, replica))) {
            fields.problem("replica", "Replica (" + replica + ") of model (" + model + ") is placed twice. Keep one.");
        }
        String node = fields.text("node");
        if (!fields.has("gpus")) {
            fields.problem("gpus", "The key (gpus) is missing.");
        }
        List<Integer> gpus = fields.integers("gpus", 0, MOST_GPUS_PER_REPLICA);
        return new ReplicaPlacement(
                model,
                replica,
                node,
                gpus.isEmpty() ? List.of(0) : gpus.stream().sorted().toList());
    }

    private static WorkflowPrediction prediction(Fields fields) {
        fields.flag("overloaded", false);
        fields.skip("simulated");
        fields.pair(INTERVAL, Range.NOT_NEGATIVE);
        fields.skip("routing");
        fields.optionalNumber("overloadProbability", Range.between(0, 1));
        fields.skip("medianMaxThroughputPerSecond");
        return new WorkflowPrediction(
                fields.text("workflow"),
                fields.number("targetPerSecond", Range.NOT_NEGATIVE),
                fields.nullableNumber("latencySeconds", Range.NOT_NEGATIVE),
                fields.nullableNumber("maxThroughputPerSecond", Range.atLeast(-Double.MAX_VALUE)),
                fields.nullableText("bottleneck").orElse(null));
    }

    /**
     * Writes {@code plan} beside {@code file} and renames the result to it.
     *
     * @throws IOException if the file cannot be written; an older one is then intact
     */
    public static void write(Plan plan, Path file) throws IOException {
        WholeFile.write(file, toJson(plan));
    }

    /** Writes why there is no plan, to the same file a plan would go to. */
    public static void write(SearchResult.Infeasible infeasible, Path file) throws IOException {
        WholeFile.write(file, toJson(infeasible, List.of()));
    }

    /** The text of a plan. */
    public static String toJson(Plan plan) {
        return toJson(plan, Map.of(), List.of(), OptionalDouble.empty());
    }

    /** The text of a plan of which sizes and places are known, and nothing that was predicted. */
    public static String placesToJson(List<LlmAllocation> allocations, List<ReplicaPlacement> placements) {
        return Json.object(json -> json.objects("allocations", allocations, PlanFile::writeAllocation)
                .objects("placements", placements, PlanFile::writePlacement));
    }

    /**
     * What a simulation said of one workflow under the plan, beside the closed form's prediction.
     *
     * @param meanSeconds mean end-to-end latency
     * @param p95Seconds its 95th percentile
     * @param completed executions counted
     */
    public record Simulated(double meanSeconds, double p95Seconds, long completed) {}

    /**
     * The text of a plan and of what else is known of it.
     *
     * @param simulated by workflow name; empty where nothing was simulated
     * @param shares what holds the fractions below 1; empty where there are none
     * @param quantile of the statistics that it was made for; empty: their means
     */
    public static String toJson(
            Plan plan, Map<String, Simulated> simulated, List<HeldShare> shares, OptionalDouble quantile) {
        return Json.object(json -> {
            write(json, plan, simulated);
            json.objectIfPresent("goal", plan.goal(), PlanFile::writeGoal).fieldIfPresent("quantile", quantile);
            if (!shares.isEmpty()) {
                json.objects("sharing", shares, PlanFile::writeShare);
            }
        });
    }

    /** Writes what holds one fraction, as {@code plan.json} and {@code plan --json} say it. */
    public static void writeShare(Json json, HeldShare share) throws IOException {
        json.field("model", share.model())
                .field("gpuFraction", share.gpuFraction().toDouble())
                .texts("nodes", share.nodes())
                .field("computeEnforced", share.guarantee().computeEnforced())
                .field("memoryEnforced", share.guarantee().memoryEnforced())
                .field("compute", share.guarantee().compute())
                .field("memory", share.guarantee().memory());
        if (share.guarantee().warning().isPresent()) {
            json.field("note", share.guarantee().warning().get());
        }
    }

    /** Writes the goal of a plan, as {@code plan.json} and {@code plan --json} say it. */
    public static void writeGoal(Json json, Goal goal) throws IOException {
        json.field("objective", goal.objective().key())
                .field("value", goal.value())
                .field("bound", goal.bound())
                .field("gap", goal.gap());
    }

    private static void write(Json json, Plan plan, Map<String, Simulated> simulated) throws IOException {
        json.field("objectiveSeconds", plan.objectiveSeconds())
                .field("lowerBoundSeconds", plan.lowerBoundSeconds())
                .field("optimalityGap", plan.optimalityGap())
                .objects("allocations", plan.allocations(), PlanFile::writeAllocation)
                .objects("placements", plan.placements(), PlanFile::writePlacement)
                .objects("predictions", plan.predictions(), (item, prediction) -> {
                    writePrediction(item, prediction);
                    Simulated seen = simulated.get(prediction.workflow());
                    if (seen != null) {
                        item.object(
                                "simulated",
                                body -> body.field("meanSeconds", seen.meanSeconds())
                                        .field("p95Seconds", seen.p95Seconds())
                                        .field("completed", seen.completed()));
                    }
                })
                .field("gpusUsed", plan.gpusUsed())
                .field("largestFreeGroup", plan.largestFreeGroup());
    }

    /**
     * How calls were taken to reach replicas, and what chance has to do with it.
     *
     * @param routing the rule as the command line writes it
     * @param overloadProbability that a replica is overloaded at the targets; empty where requests are routed
     * @param medianMaxThroughputPerSecond what half of the draws of connections carry; empty where requests are routed, or
     *     nothing bounds it
     */
    public record Routed(
            String routing, OptionalDouble overloadProbability, OptionalDouble medianMaxThroughputPerSecond) {

        /** Behind a router of requests: chance has no part in it. */
        public static Routed even(String routing) {
            return new Routed(routing, OptionalDouble.empty(), OptionalDouble.empty());
        }
    }

    /**
     * The text of predictions alone, as the verb {@code predict} gives them.
     *
     * @param intervals one per prediction: where its latency lies with 95 % certainty, where that is known
     * @param routed one per prediction
     */
    public static String toJson(
            List<WorkflowPrediction> predictions, List<Optional<Interval95>> intervals, List<Routed> routed) {
        List<Integer> numbers = IntStream.range(0, predictions.size()).boxed().toList();
        return Json.object(json -> json.objects("predictions", numbers, (item, i) -> {
            WorkflowPrediction prediction = predictions.get(i);
            writePrediction(item, prediction);
            if (intervals.get(i).isPresent() && !prediction.overloaded()) {
                Interval95 interval = intervals.get(i).get();
                item.numbers(INTERVAL, interval.low(), interval.high());
            }
            item.field("routing", routed.get(i).routing())
                    .fieldIfPresent("overloadProbability", routed.get(i).overloadProbability())
                    .fieldIfPresent(
                            "medianMaxThroughputPerSecond", routed.get(i).medianMaxThroughputPerSecond());
        }));
    }

    /** The text of an infeasible problem. */
    public static String toJson(SearchResult.Infeasible infeasible) {
        return toJson(infeasible, List.of());
    }

    /** The text of an infeasible problem and of what would help; {@code remedies} may be empty. */
    public static String toJson(SearchResult.Infeasible infeasible, List<Remedy> remedies) {
        return Json.object(json -> {
            json.objects("infeasible", infeasible.reasons(), PlanFile::writeReason)
                    .fieldOrNull("highestCommonScale", infeasible.highestCommonScale());
            if (!remedies.isEmpty()) {
                json.objects(
                        "remedies",
                        remedies,
                        (item, remedy) -> item.field("remedy", remedy.remedy()).field("message", remedy.message()));
            }
        });
    }

    private static void writeAllocation(Json json, LlmAllocation allocation) throws IOException {
        json.field("model", allocation.model())
                .field("gpu", allocation.gpu())
                .field("gpuFraction", allocation.gpuFraction().toDouble())
                .field("tensorParallel", allocation.tensorParallel())
                .field("replicas", allocation.replicas())
                .field("memoryGiBPerGpu", allocation.memoryGiBPerGpu());
    }

    private static void writePlacement(Json json, ReplicaPlacement placement) throws IOException {
        json.field("model", placement.model())
                .field("replica", placement.replica())
                .field("node", placement.node())
                .integers("gpus", placement.gpus());
    }

    private static void writePrediction(Json json, WorkflowPrediction prediction) throws IOException {
        json.field("workflow", prediction.workflow())
                .field("targetPerSecond", prediction.targetPerSecond())
                .fieldOrNull("latencySeconds", prediction.latencySeconds())
                .fieldOrNull("maxThroughputPerSecond", prediction.maxThroughputPerSecond());
        if (prediction.bottleneck() == null) {
            json.nullField("bottleneck");
        } else {
            json.field("bottleneck", prediction.bottleneck());
        }
        if (prediction.overloaded()) {
            json.field("overloaded", true);
        }
    }

    private static void writeReason(Json json, InfeasibleReason reason) throws IOException {
        json.field("reason", reason.reason());
        Optional<String> model = reason.model();
        if (model.isPresent()) {
            json.field("model", model.get());
        }
        Optional<String> workflow = reason.workflow();
        if (workflow.isPresent()) {
            json.field("workflow", workflow.get());
        }
        for (Map.Entry<String, Double> quantity : reason.quantities().entrySet()) {
            json.field(quantity.getKey(), quantity.getValue());
        }
        if (!reason.models().isEmpty()) {
            json.texts("models", reason.models());
        }
        json.field("message", reason.message());
    }
}
