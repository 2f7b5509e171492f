package dev.scepsy.planner.search.explain;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Why a plan is as it is, as data. All latencies in seconds, all loads in requests per second. Immutable.
 *
 * @param models one per allocated model, in name order
 * @param workflows one per workflow, in the problem's order
 * @param resources what the cluster has and what the plan takes
 * @param oneMoreGpu objective with one more GPU of the scarcest kind; empty when no plan exists, or the plan
 *     was made for something else than latency
 * @param rivals what simpler ways of dividing the GPUs would have given
 */
public record Explanation(
        List<ModelStory> models,
        List<WorkflowStory> workflows,
        Resources resources,
        Optional<OneMoreGpu> oneMoreGpu,
        List<Rival> rivals) {

    public Explanation {
        models = List.copyOf(models);
        workflows = List.copyOf(workflows);
        rivals = List.copyOf(rivals);
    }

    /**
     * One model's part.
     *
     * @param load λ_m over all replicas
     * @param utilisation λ_m / (r · saturation)
     * @param latencySeconds mean latency of one call under the plan
     * @param objectiveSeconds what the model adds to the objective
     * @param limit what keeps it from being faster
     * @param alternatives the next-best shapes beside the other models' choices, cheapest first
     */
    public record ModelStory(
            String model,
            double load,
            double utilisation,
            double latencySeconds,
            double objectiveSeconds,
            LimitedBy limit,
            List<Alternative> alternatives) {
        public ModelStory {
            alternatives = List.copyOf(alternatives);
        }
    }

    /**
     * Another choice for one model, everything else unchanged.
     *
     * @param extraSeconds how much larger the objective would be; below 0 only for choices that cannot be placed
     * @param placeable whether it would fit beside the others
     */
    public record Alternative(
            String gpu, int tensorParallel, double gpuFraction, int replicas, double extraSeconds, boolean placeable) {}

    /**
     * One workflow's latency taken apart.
     *
     * @param fixedSeconds time no allocation changes: other time and external models
     * @param contributions κ·L_m per model, largest first
     * @param bottleneck the model that limits throughput; empty when none does
     */
    public record WorkflowStory(
            String workflow,
            double targetPerSecond,
            double latencySeconds,
            double fixedSeconds,
            List<Contribution> contributions,
            Optional<String> bottleneck,
            OptionalDouble maxThroughputPerSecond) {
        public WorkflowStory {
            contributions = List.copyOf(contributions);
        }
    }

    /** Seconds of a workflow's latency spent in one model. */
    public record Contribution(String model, double seconds) {}

    /**
     * Sums over the cluster.
     *
     * @param gpus GPUs there are, without what others hold of them
     * @param gpusUsed Σ r·t·f
     * @param memoryGiB memory there is, likewise
     * @param memoryGiBUsed memory the plan takes
     * @param binding what a better plan lacks
     */
    public record Resources(double gpus, double gpusUsed, double memoryGiB, double memoryGiBUsed, Binding binding) {}

    /**
     * The plan with one more GPU, as a node of its own.
     *
     * @param planned whether all was planned again; otherwise only the model that gains most got replicas on it, and the
     *     best plan may gain more
     */
    public record OneMoreGpu(String gpu, double objectiveSeconds, boolean planned) {}

    /**
     * A simpler way to divide the GPUs, judged by the same closed form.
     *
     * @param name how it divides
     * @param objectiveSeconds empty where it cannot serve the targets
     * @param remark why it cannot, or empty
     */
    public record Rival(String name, OptionalDouble objectiveSeconds, String remark) {}
}
