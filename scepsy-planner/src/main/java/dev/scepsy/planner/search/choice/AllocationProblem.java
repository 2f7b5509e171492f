package dev.scepsy.planner.search.choice;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Objective;
import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.HostNeed;
import dev.scepsy.planner.topology.ReplicaShape;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Everything the search needs to know, as values: the hardware, what each model could run as, and what the workflows
 * ask for. Immutable as far as its profiles are.
 *
 * @param cluster the hardware
 * @param models the self-hosted models; those that no workflow calls get nothing. Names are unique
 * @param workflows what is to be served. Names are unique
 * @param maxUtilisation no engine is planned beyond this part of its saturation, in (0, 1]
 * @param objective what makes one plan better than another
 */
public record AllocationProblem(
        Cluster cluster,
        List<ModelOptions> models,
        List<WorkflowDemand> workflows,
        double maxUtilisation,
        Objective objective) {

    /** Utilisation limit where nothing else is asked for: plans without headroom collapse in practice. */
    public static final double DEFAULT_MAX_UTILISATION = 0.85;

    /** Of least latency. */
    public AllocationProblem(
            Cluster cluster, List<ModelOptions> models, List<WorkflowDemand> workflows, double maxUtilisation) {
        this(cluster, models, workflows, maxUtilisation, Objective.LATENCY);
    }

    /** @throws IllegalArgumentException naming a duplicate, an undescribed model or a value outside its range */
    public AllocationProblem {
        models = List.copyOf(models);
        workflows = List.copyOf(workflows);
        if (!(maxUtilisation > 0 && maxUtilisation <= 1)) {
            throw new IllegalArgumentException("The maxUtilisation (" + maxUtilisation + ") must lie in (0, 1].");
        }
        Set<String> names = new HashSet<>();
        for (ModelOptions model : models) {
            if (!names.add(model.name())) {
                throw new IllegalArgumentException("The model (" + model.name() + ") is given twice.");
            }
        }
        Set<String> workflowNames = new HashSet<>();
        for (WorkflowDemand workflow : workflows) {
            if (!workflowNames.add(workflow.name())) {
                throw new IllegalArgumentException("The workflow (" + workflow.name() + ") is given twice.");
            }
            for (ModelCalls calls : workflow.calls()) {
                if (!names.contains(calls.model())) {
                    throw new IllegalArgumentException("The workflow (" + workflow.name() + ") calls model ("
                            + calls.model() + "), which is not described. Describe it, or mark it external.");
                }
            }
        }
    }

    /** What one replica of the allocation takes of its node beside GPUs; nothing where the problem has no such shape. */
    public HostNeed need(LlmAllocation allocation) {
        return need(allocation.model(), candidate -> candidate.shape().isOf(allocation));
    }

    /** What one replica of the model and shape takes of its node beside GPUs, whether nodes limit that or not. */
    public HostNeed need(String model, ReplicaShape shape) {
        return need(model, candidate -> candidate.shape().sameDivision(shape));
    }

    private HostNeed need(String name, Predicate<Candidate> asked) {
        return models.stream()
                .filter(model -> model.name().equals(name))
                .flatMap(model -> model.candidates().stream())
                .filter(asked)
                .map(Candidate::need)
                .findFirst()
                .orElse(HostNeed.NONE);
    }

    /** The same problem on other hardware. */
    public AllocationProblem withCluster(Cluster other) {
        return new AllocationProblem(other, models, workflows, maxUtilisation, objective);
    }

    /** The same problem with other choices for its models. */
    public AllocationProblem withModels(List<ModelOptions> others) {
        return new AllocationProblem(cluster, others, workflows, maxUtilisation, objective);
    }

    /** The same problem under other demands. */
    public AllocationProblem withWorkflows(List<WorkflowDemand> others) {
        return new AllocationProblem(cluster, models, others, maxUtilisation, objective);
    }

    /** The problem as if only {@code names} were called. */
    public AllocationProblem withOnly(Set<String> names) {
        return withWorkflows(workflows.stream()
                        .map(workflow -> workflow.withCalls(workflow.calls().stream()
                                .filter(calls -> names.contains(calls.model()))
                                .toList()))
                        .toList())
                .withModels(models.stream()
                        .filter(model -> names.contains(model.name()))
                        .toList());
    }

    /** The same problem with another idea of what is better. */
    public AllocationProblem withObjective(Objective other) {
        return new AllocationProblem(cluster, models, workflows, maxUtilisation, other);
    }

    /** The same problem with all targets times a factor, the products taken on the decimals as written. */
    public AllocationProblem withTargetsTimes(double factor) {
        return withWorkflows(workflows.stream()
                .map(workflow -> workflow.withTargetPerSecond(BigDecimal.valueOf(workflow.targetPerSecond())
                        .multiply(BigDecimal.valueOf(factor))
                        .doubleValue()))
                .toList());
    }

    /**
     * What one model may run as.
     *
     * @param name as requests name it
     * @param minReplicas at least 1
     * @param maxReplicas empty: no limit
     * @param candidates every (GPU, t, f) with a profile, at most one each; those no node of the cluster can host are
     *     ignored by the search
     */
    public record ModelOptions(String name, int minReplicas, OptionalInt maxReplicas, List<Candidate> candidates) {
        public ModelOptions {
            candidates = List.copyOf(candidates);
            if (minReplicas < 1) {
                throw new IllegalArgumentException(
                        "The minReplicas (" + minReplicas + ") of model (" + name + ") must be at least 1.");
            }
            if (maxReplicas.isPresent() && maxReplicas.getAsInt() < minReplicas) {
                throw new IllegalArgumentException("The maxReplicas (" + maxReplicas.getAsInt() + ") of model (" + name
                        + ") must not be below its minReplicas (" + minReplicas + ").");
            }
        }
    }

    /**
     * One shape a replica may have.
     *
     * @param shape what one replica takes; its GPU type is one of the cluster's, its memory the profile's
     * @param profile latency, saturation and memory of one such replica
     */
    public record Candidate(ReplicaShape shape, LatencyProfile profile) {

        /** The shape of a profile that holds for (gpu, t, f). */
        public Candidate(
                String gpu, int tensorParallel, GpuFraction gpuFraction, LatencyProfile profile, HostNeed need) {
            this(new ReplicaShape(gpu, tensorParallel, gpuFraction, profile.memoryGiBPerGpu(), need), profile);
        }

        /** A shape that takes nothing countable of its node beside GPUs. */
        public Candidate(String gpu, int tensorParallel, GpuFraction gpuFraction, LatencyProfile profile) {
            this(gpu, tensorParallel, gpuFraction, profile, HostNeed.NONE);
        }

        /** The same shape with another profile. */
        public Candidate withProfile(LatencyProfile other) {
            return new Candidate(gpu(), tensorParallel(), gpuFraction(), other, need());
        }

        public String gpu() {
            return shape.gpu();
        }

        public int tensorParallel() {
            return shape.tensorParallel();
        }

        public GpuFraction gpuFraction() {
            return shape.gpuFraction();
        }

        public HostNeed need() {
            return shape.need();
        }
    }
}
