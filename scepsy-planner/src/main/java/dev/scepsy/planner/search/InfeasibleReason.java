package dev.scepsy.planner.search;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One reason why no plan meets the targets, as data. {@link #reason()} is the word files use, {@link #message()} the
 * sentence people read. Immutable.
 */
public sealed interface InfeasibleReason {

    /** The reason's word in {@code plan.json}. */
    String reason();

    /** What stops the plan, and what would help. */
    String message();

    /** The model it is about; empty when it is about all of them. */
    default Optional<String> model() {
        return Optional.empty();
    }

    /** The workflow it is about; empty when it is about none or several. */
    default Optional<String> workflow() {
        return Optional.empty();
    }

    /** The smallest set of models that it is about, where it is about several together; empty where it is not. */
    default List<String> models() {
        return List.of();
    }

    /** The numbers behind the message, by key of {@code plan.json}, in the order they are written. */
    default SortedMap<String, Double> quantities() {
        return new TreeMap<>();
    }

    /** A used model has no profile that any node of the cluster can host. */
    record NoUsableProfile(String name, int profilesGiven) implements InfeasibleReason {
        @Override
        public String reason() {
            return "noUsableProfile";
        }

        @Override
        public Optional<String> model() {
            return Optional.of(name);
        }

        @Override
        public String message() {
            return profilesGiven == 0
                    ? "Model (" + name + ") has no profile for any GPU of the cluster. Measure one for a GPU, tensor"
                            + " parallelism and fraction the cluster has, or give its architecture."
                    : "None of the " + profilesGiven + " profiles of model (" + name + ") can run on this cluster:"
                            + " the GPU type is absent, the fraction is not on any node's grid, the tensor parallelism"
                            + " is wider than any domain, or the memory exceeds the GPU's.";
        }
    }

    /** One model alone, with the whole cluster to itself, cannot take its load. */
    record ThroughputOutOfReach(
            String name, double requiredPerSecond, double bestPerSecond, int replicas, List<String> workflows)
            implements InfeasibleReason {
        @Override
        public String reason() {
            return "throughputOutOfReach";
        }

        @Override
        public Optional<String> model() {
            return Optional.of(name);
        }

        @Override
        public SortedMap<String, Double> quantities() {
            return new TreeMap<>(
                    Map.of("requiredPerSecond", (double) requiredPerSecond, "bestPerSecond", (double) bestPerSecond));
        }

        @Override
        public String message() {
            return "Model (" + name + ") must take " + Shown.plain(requiredPerSecond) + " requests/s from workflows "
                    + workflows + ", but the best it can do with the whole cluster to itself is "
                    + Shown.plain(bestPerSecond) + " requests/s (" + replicas + " replicas within the utilisation"
                    + " limit). Add GPUs, allow more replicas or a higher utilisation, or lower the targets.";
        }
    }

    /** One model's required replicas do not fit, even alone. */
    record MinReplicas(String name, int minReplicas, long mostReplicas) implements InfeasibleReason {
        @Override
        public String reason() {
            return "minReplicas";
        }

        @Override
        public Optional<String> model() {
            return Optional.of(name);
        }

        @Override
        public SortedMap<String, Double> quantities() {
            return new TreeMap<>(Map.of("minReplicas", (double) minReplicas, "mostReplicas", (double) mostReplicas));
        }

        @Override
        public String message() {
            return "Model (" + name + ") asks for at least " + minReplicas + " replicas, but the whole cluster holds "
                    + mostReplicas + " of them. Lower its minReplicas or add GPUs.";
        }
    }

    /**
     * All models' least needs together exceed the compute there is.
     *
     * @param models the fewest whose needs alone do
     */
    record NotEnoughCompute(double requiredGpus, double availableGpus, List<String> models)
            implements InfeasibleReason {
        public NotEnoughCompute {
            models = List.copyOf(models);
        }

        @Override
        public String reason() {
            return "notEnoughCompute";
        }

        @Override
        public SortedMap<String, Double> quantities() {
            return new TreeMap<>(
                    Map.of("requiredGpus", (double) requiredGpus, "availableGpus", (double) availableGpus));
        }

        @Override
        public String message() {
            return "The models need at least " + Shown.plain(requiredGpus) + " GPUs of compute together, and the"
                    + " cluster has " + Shown.plain(availableGpus) + ". Add "
                    + (long) Math.max(1, Math.ceil(requiredGpus - availableGpus - 1e-9))
                    + " or more GPUs, or lower the targets. Models " + models
                    + " alone need more than the cluster has.";
        }
    }

    /**
     * All models' least needs together exceed the GPU memory there is.
     *
     * @param models the fewest whose needs alone do
     */
    record NotEnoughMemory(double requiredGiB, double availableGiB, List<String> models) implements InfeasibleReason {
        public NotEnoughMemory {
            models = List.copyOf(models);
        }

        @Override
        public String reason() {
            return "notEnoughMemory";
        }

        @Override
        public SortedMap<String, Double> quantities() {
            return new TreeMap<>(Map.of("requiredGiB", (double) requiredGiB, "availableGiB", (double) availableGiB));
        }

        @Override
        public String message() {
            return "The models need at least " + Shown.plain(requiredGiB) + " GiB of GPU memory together, and the"
                    + " cluster has " + Shown.plain(availableGiB) + " GiB. Add GPUs, use a smaller weight precision,"
                    + " or lower the targets.";
        }
    }

    /** The sums fit, but no arrangement on the GPUs and domains does. */
    record Unplaceable(List<String> models, boolean proven) implements InfeasibleReason {
        public Unplaceable {
            models = List.copyOf(models);
        }

        @Override
        public String reason() {
            return "unplaceable";
        }

        @Override
        public Optional<String> model() {
            return models.size() == 1 ? Optional.of(models.get(0)) : Optional.empty();
        }

        @Override
        public String message() {
            return proven
                    ? "Compute and memory suffice in sum, but no arrangement on GPUs and fast domains holds models "
                            + models + " together. Add GPUs or larger domains, allow other fractions or tensor"
                            + " parallelism, or lower the targets."
                    : "Compute and memory suffice in sum, but within the work limit no arrangement on GPUs and fast"
                            + " domains was found that holds models " + models + " together; that there is none is not"
                            + " proven. Allow more work, add GPUs, or lower the targets.";
        }
    }

    /** Workflows whose latency limits no plan keeps: one alone, or several together. */
    record LatencyLimitOutOfReach(List<String> workflows, double limitSeconds, double bestSeconds, boolean proven)
            implements InfeasibleReason {
        public LatencyLimitOutOfReach {
            workflows = List.copyOf(workflows);
        }

        @Override
        public String reason() {
            return "latencyLimitOutOfReach";
        }

        @Override
        public Optional<String> workflow() {
            return workflows.size() == 1 ? Optional.of(workflows.get(0)) : Optional.empty();
        }

        @Override
        public SortedMap<String, Double> quantities() {
            return workflows.size() == 1
                    ? new TreeMap<>(Map.of("limitSeconds", (double) limitSeconds, "bestSeconds", (double) bestSeconds))
                    : new TreeMap<>();
        }

        @Override
        public String message() {
            String sure = proven ? "" : " (as far as was searched)";
            return workflows.size() == 1
                    ? "Workflow (" + workflows.get(0) + ") is to stay within " + Shown.plain(limitSeconds)
                            + " s, but the best it can have at these targets is " + Shown.plain(bestSeconds) + " s"
                            + sure + ". Raise the limit, lower the targets, or add GPUs."
                    : "Each of the workflows " + workflows + " can keep its latency limit, but not all of them on the"
                            + " same GPUs" + sure + ". Raise a limit, lower the targets, or add GPUs.";
        }
    }
}
