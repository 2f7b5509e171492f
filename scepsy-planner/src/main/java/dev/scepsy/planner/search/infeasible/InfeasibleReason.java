package dev.scepsy.planner.search.infeasible;

import dev.scepsy.planner.topology.HostResource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

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
                    + (long) Math.max(1, Math.ceil(requiredGpus - availableGpus - InfeasibleConstants.GPU_ROUNDING))
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

    /**
     * Models that the GPUs would hold, but not the processors or the memory of the nodes.
     *
     * @param models the smallest set of models that stand in each other's way; one: it alone is too much
     * @param shortages resources of which even the least that is needed exceeds what all nodes give; empty: the sums fit, no
     *     arrangement does
     * @param proven whether there is no arrangement for sure
     */
    record HostTooSmall(List<String> models, List<Shortage> shortages, boolean proven) implements InfeasibleReason {

        /**
         * One resource.
         *
         * @param engines how many engines need that much
         * @param nodes those that give it, in the order of the cluster
         */
        record Shortage(HostResource resource, long engines, double needed, double given, List<String> nodes) {

            Shortage {
                nodes = List.copyOf(nodes);
            }

            private String sentence(List<String> models) {
                String where = nodes.size() == 1
                        ? "node " + nodes.get(0)
                        : nodes.size() <= InfeasibleConstants.MOST_NAMED
                                ? "nodes " + nodes
                                : "the " + nodes.size() + " nodes";
                return capital(resource.words()) + " of " + where + ": " + engines + " engine"
                        + (engines == 1 ? "" : "s") + " of " + models + " need at least " + Shown.plain(needed) + " "
                        + resource.unit() + ", and " + (nodes.size() == 1 ? "it gives " : "they give ")
                        + Shown.plain(given) + ". Raise " + resource.nodeKey() + ", lower " + resource.modelKey()
                        + ", allow larger fractions or tensor parallelism that takes fewer engines, or lower the"
                        + " targets.";
            }
        }

        public HostTooSmall {
            models = List.copyOf(models);
            shortages = List.copyOf(shortages);
        }

        private static String capital(String words) {
            return Character.toUpperCase(words.charAt(0)) + words.substring(1);
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
        public SortedMap<String, Double> quantities() {
            SortedMap<String, Double> quantities = new TreeMap<>();
            for (Shortage shortage : shortages) {
                String key = capital(shortage.resource().nodeKey());
                quantities.put("required" + key, shortage.needed());
                quantities.put("available" + key, shortage.given());
            }
            return quantities;
        }

        @Override
        public String message() {
            if (!shortages.isEmpty()) {
                return shortages.stream()
                        .map(shortage -> shortage.sentence(models))
                        .collect(Collectors.joining(" "));
            }
            return "The GPUs would hold models " + models + ", but no arrangement "
                    + (proven ? "" : "that was found within the work limit ")
                    + "also keeps every node's engines within its processors and host memory. Raise cpuCores or"
                    + " hostMemoryGiB of the nodes, lower engineCpuCores or engineHostMemoryGiB of the models, allow"
                    + " larger fractions or tensor parallelism that takes fewer engines, or lower the targets.";
        }
    }

    /** A workflow whose latency limit no plan keeps, though nothing else counted; {@code proven} where the search ended. */
    record LatencyLimitOutOfReach(String limited, double limitSeconds, double bestSeconds, boolean proven)
            implements InfeasibleReason {

        private static final String REASON = "latencyLimitOutOfReach";

        @Override
        public String reason() {
            return REASON;
        }

        @Override
        public Optional<String> workflow() {
            return Optional.of(limited);
        }

        @Override
        public SortedMap<String, Double> quantities() {
            return new TreeMap<>(Map.of("limitSeconds", (double) limitSeconds, "bestSeconds", (double) bestSeconds));
        }

        @Override
        public String message() {
            return "Workflow (" + limited + ") is to stay within " + Shown.plain(limitSeconds)
                    + " s, but the best it can have at these targets is " + Shown.plain(bestSeconds) + " s"
                    + sure(proven) + ". Raise the limit, lower the targets, or add GPUs.";
        }

        private static String sure(boolean proven) {
            return proven ? "" : " (as far as was searched)";
        }
    }

    /** Workflows each of which can keep its latency limit, but not all of them together. */
    record LatencyLimitsTogether(List<String> workflows, boolean proven) implements InfeasibleReason {
        public LatencyLimitsTogether {
            workflows = List.copyOf(workflows);
        }

        @Override
        public String reason() {
            return LatencyLimitOutOfReach.REASON;
        }

        @Override
        public Optional<String> workflow() {
            return workflows.size() == 1 ? Optional.of(workflows.get(0)) : Optional.empty();
        }

        @Override
        public SortedMap<String, Double> quantities() {
            return new TreeMap<>();
        }

        @Override
        public String message() {
            return (workflows.size() == 1
                            ? "Workflow (" + workflows.get(0)
                                    + ") cannot keep its latency limit beside what the others need"
                            : "Each of the workflows " + workflows
                                    + " can keep its latency limit, but not all of them on the same GPUs")
                    + LatencyLimitOutOfReach.sure(proven) + ". Raise a limit, lower the targets, or add GPUs.";
        }
    }
}
