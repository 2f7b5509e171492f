package dev.scepsy.planner.problem;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Source;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.topology.HostNeed;
import dev.scepsy.planner.topology.HostResource;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Occupied;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;

/**
 * The rules of a legal plan (contract, section 11), all of them: every used model has its replicas, every replica takes
 * different GPUs of one domain and a share the node has, no GPU holds more compute or memory than it has, and no node's
 * engines need more processors or host memory than it gives. Sums are exact: ten times 0.1 fill a GPU.
 */
final class PlanRules {

    private final PlanningProblem problem;
    private final Plan plan;
    private final Source source;
    private final List<Problem> broken = new ArrayList<>();
    private final Map<String, LlmAllocation> allocations = new HashMap<>();
    private final Map<String, Node> nodes = new HashMap<>();

    PlanRules(PlanningProblem problem, Plan plan, Source source) {
        this.problem = problem;
        this.plan = plan;
        this.source = source;
        plan.allocations().forEach(allocation -> allocations.put(allocation.model(), allocation));
        problem.cluster().nodes().forEach(node -> nodes.put(node.name(), node));
    }

    List<Problem> broken() {
        everyUsedModelIsServed();
        for (int i = 0; i < plan.allocations().size(); i++) {
            allocation(plan.allocations().get(i), "allocations[" + i + "]");
        }
        // A plan without placements speaks of sizes only.
        if (!plan.placements().isEmpty()) {
            for (int i = 0; i < plan.placements().size(); i++) {
                placement(plan.placements().get(i), "placements[" + i + "]");
            }
            everyReplicaIsPlaced();
            noGpuIsOverfull();
            noNodeIsOverfull();
        }
        return broken;
    }

    private void everyUsedModelIsServed() {
        for (ServedModel model : problem.usedModels()) {
            if (!allocations.containsKey(model.name())) {
                breaks(
                        "allocations",
                        "Model (" + model.name() + ") is called by a workflow and has no allocation. It needs"
                                + " at least " + model.minReplicas() + " replica(s).");
            }
        }
    }

    private void allocation(LlmAllocation allocation, String path) {
        Optional<ServedModel> model = problem.model(allocation.model());
        if (model.isEmpty()) {
            breaks(
                    path + ".model",
                    "Model (" + allocation.model()
                            + ") is not described in the models file under this name. Describe it, or leave it out.");
            return;
        }
        if (model.get().external()) {
            breaks(path + ".model", "Model (" + allocation.model() + ") is external and takes no GPUs. Leave it out.");
            return;
        }
        if (!problem.usedModels().contains(model.get())) {
            breaks(
                    path + ".model",
                    "No workflow calls model (" + allocation.model() + "), so it gets nothing. Leave it out.");
        }
        replicas(allocation, model.get(), path);
        List<Node> ofType = problem.cluster().nodes().stream()
                .filter(node -> node.gpu().name().equals(allocation.gpu()))
                .toList();
        if (ofType.isEmpty()) {
            breaks(
                    path + ".gpu",
                    "The gpu (" + allocation.gpu() + ") of model (" + allocation.model()
                            + ") is in no node of the cluster.");
            return;
        }
        if (ofType.stream().noneMatch(node -> node.domainSize() >= allocation.tensorParallel())) {
            breaks(
                    path + ".tensorParallel",
                    "The tensorParallel (" + allocation.tensorParallel() + ") of model ("
                            + allocation.model() + ") is wider than any domain of " + allocation.gpu() + " ("
                            + ofType.stream().mapToInt(Node::domainSize).max().orElse(0) + " GPUs).");
        } else if (ofType.stream()
                .noneMatch(node -> node.domainSize() >= allocation.tensorParallel()
                        && Hosting.allows(node, allocation.tensorParallel(), allocation.gpuFraction()))) {
            breaks(path + ".gpuFraction", shareRule(allocation) + " any node with " + allocation.gpu() + ".");
        }
        double memoryGiB = ofType.get(0).gpu().memoryGiB();
        if (allocation.memoryGiBPerGpu() > memoryGiB) {
            breaks(
                    path + ".memoryGiBPerGpu",
                    "The memoryGiBPerGpu (" + allocation.memoryGiBPerGpu() + ") of model (" + allocation.model()
                            + ") exceeds the " + memoryGiB + " GiB that " + allocation.gpu() + " has.");
        }
    }

    private void replicas(LlmAllocation allocation, ServedModel model, String path) {
        if (allocation.replicas() < model.minReplicas()) {
            breaks(
                    path + ".replicas",
                    "The replicas (" + allocation.replicas() + ") of model (" + allocation.model()
                            + ") are below its minReplicas (" + model.minReplicas() + ").");
        }
        if (model.maxReplicas().isPresent()
                && allocation.replicas() > model.maxReplicas().getAsInt()) {
            breaks(
                    path + ".replicas",
                    "The replicas (" + allocation.replicas() + ") of model (" + allocation.model()
                            + ") exceed its maxReplicas (" + model.maxReplicas().getAsInt() + ").");
        }
    }

    private void placement(ReplicaPlacement placement, String path) {
        LlmAllocation allocation = allocations.get(placement.model());
        if (allocation == null) {
            breaks(path + ".model", "Model (" + placement.model() + ") is placed and has no allocation.");
            return;
        }
        if (placement.replica() >= allocation.replicas()) {
            breaks(
                    path + ".replica",
                    "The replica (" + placement.replica() + ") of model (" + placement.model()
                            + ") must be below its replicas (" + allocation.replicas() + "): they are counted from 0.");
        }
        if (placement.gpus().size() != allocation.tensorParallel()) {
            breaks(
                    path + ".gpus",
                    "The " + placement.gpus().size() + " gpus of replica " + placement.replica()
                            + " of model (" + placement.model() + ") must be as many as its tensorParallel ("
                            + allocation.tensorParallel() + ").");
        }
        Node node = nodes.get(placement.node());
        if (node == null) {
            breaks(path + ".node", "The node (" + placement.node() + ") is not in the cluster.");
            return;
        }
        if (!node.gpu().name().equals(allocation.gpu())) {
            breaks(
                    path + ".node",
                    "The node (" + node.name() + ") has " + node.gpu().name() + ", but model (" + placement.model()
                            + ") is allocated " + allocation.gpu() + ". All replicas share one GPU type.");
        }
        if (!Hosting.allows(node, allocation.tensorParallel(), allocation.gpuFraction())) {
            breaks(path + ".node", shareRule(allocation) + " node (" + node.name() + ").");
        }
        gpus(placement, node, path);
    }

    private void gpus(ReplicaPlacement placement, Node node, String path) {
        Set<Integer> domains = new HashSet<>();
        for (int gpu : placement.gpus()) {
            if (gpu < 0 || gpu >= node.gpus()) {
                breaks(
                        path + ".gpus",
                        "The GPU (" + gpu + ") does not exist on node (" + node.name() + "), which has GPUs 0 to "
                                + (node.gpus() - 1) + ".");
            } else {
                domains.add(gpu / node.domainSize());
            }
        }
        if (domains.size() > 1) {
            breaks(
                    path + ".gpus",
                    "The gpus " + placement.gpus() + " of replica " + placement.replica() + " of model ("
                            + placement.model() + ") lie in different domains of node (" + node.name()
                            + "), whose domainSize is "
                            + node.domainSize() + ".");
        }
        if (new HashSet<>(placement.gpus()).size() < placement.gpus().size()) {
            breaks(
                    path + ".gpus",
                    "The gpus " + placement.gpus() + " of replica " + placement.replica() + " must be different ones.");
        }
    }

    private void everyReplicaIsPlaced() {
        Map<String, Set<Integer>> placed = new HashMap<>();
        plan.placements()
                .forEach(placement -> placed.computeIfAbsent(placement.model(), model -> new HashSet<>())
                        .add(placement.replica()));
        for (LlmAllocation allocation : plan.allocations()) {
            Set<Integer> replicas = placed.getOrDefault(allocation.model(), Set.of());
            for (int replica = 0; replica < allocation.replicas(); replica++) {
                if (!replicas.contains(replica)) {
                    breaks(
                            "placements",
                            "Replica " + replica + " of model (" + allocation.model() + ") is not placed.");
                }
            }
        }
    }

    private void noGpuIsOverfull() {
        Map<String, Map<Integer, Use>> uses = new TreeMap<>();
        for (ReplicaPlacement placement : plan.placements()) {
            LlmAllocation allocation = allocations.get(placement.model());
            if (allocation != null && nodes.containsKey(placement.node())) {
                for (int gpu : placement.gpus()) {
                    uses.computeIfAbsent(placement.node(), node -> new TreeMap<>())
                            .merge(gpu, Use.of(allocation), Use::plus);
                }
            }
        }
        Set<String> held = new HashSet<>();
        for (Node node : problem.cluster().nodes()) {
            Map<Integer, Use> used = uses.getOrDefault(node.name(), new TreeMap<>());
            for (Occupied part : node.occupied()) {
                if (used.computeIfPresent(part.gpu(), (gpu, use) -> use.plus(Use.of(part))) != null) {
                    held.add(node.name() + "/" + part.gpu());
                }
            }
        }
        uses.forEach((name, gpus) -> gpus.forEach((gpu, use) -> {
            Node node = nodes.get(name);
            if (node == null) {
                return;
            }
            if (use.numerator().compareTo(use.denominator()) > 0) {
                breaks(
                        "placements",
                        "The fractions on GPU " + gpu + " of node (" + name + ") sum to "
                                + use.numerator().doubleValue()
                                        / use.denominator().doubleValue() + ", more than 1" + beside(held, node, gpu)
                                + ".");
            }
            if (use.memoryGiB().compareTo(BigDecimal.valueOf(node.gpu().memoryGiB())) > 0) {
                breaks(
                        "placements",
                        "The memory on GPU " + gpu + " of node (" + name + ") sums to "
                                + use.memoryGiB().stripTrailingZeros().toPlainString() + " GiB, more than its "
                                + node.gpu().memoryGiB() + beside(held, node, gpu) + ".");
            }
        }));
    }

    private void noNodeIsOverfull() {
        for (Node node : problem.cluster().nodes()) {
            List<HostNeed> needs = plan.placements().stream()
                    .filter(placement -> placement.node().equals(node.name()))
                    .flatMap(placement -> need(placement).stream())
                    .toList();
            for (HostResource resource : HostResource.values()) {
                BigDecimal needed = needs.stream()
                        .map(need -> BigDecimal.valueOf(need.of(resource)))
                        .reduce(BigDecimal.ZERO, BigDecimal::add);
                OptionalDouble given = node.host().of(resource);
                if (given.isPresent() && needed.compareTo(BigDecimal.valueOf(given.getAsDouble())) > 0) {
                    breaks(
                            "placements",
                            "The " + resource.words() + " of node (" + node.name() + "): " + needs.size()
                                    + " engine(s) need "
                                    + needed.stripTrailingZeros().toPlainString() + " "
                                    + resource.unit() + ", and its " + resource.nodeKey() + " gives "
                                    + given.getAsDouble() + ". Raise it, lower " + resource.modelKey()
                                    + " of the models, or put engines elsewhere.");
                }
            }
        }
    }

    private Optional<HostNeed> need(ReplicaPlacement placement) {
        return Optional.ofNullable(allocations.get(placement.model()))
                .flatMap(allocation -> problem.model(allocation.model())
                        .map(model -> problem.hostNeed(model, allocation.tensorParallel())));
    }

    private static String beside(Set<String> held, Node node, int gpu) {
        return held.contains(node.name() + "/" + gpu)
                ? ", with what the cluster file's reserved and foreign entries hold of it"
                : "";
    }

    /** Exact sums on one GPU. */
    private record Use(BigInteger numerator, BigInteger denominator, BigDecimal memoryGiB) {

        static Use of(LlmAllocation allocation) {
            return new Use(
                    BigInteger.valueOf(allocation.gpuFraction().numerator()),
                    BigInteger.valueOf(allocation.gpuFraction().denominator()),
                    BigDecimal.valueOf(allocation.memoryGiBPerGpu()));
        }

        static Use of(Occupied part) {
            return new Use(
                    BigInteger.valueOf(part.gpuFraction().numerator()),
                    BigInteger.valueOf(part.gpuFraction().denominator()),
                    BigDecimal.valueOf(part.memoryGiB()));
        }

        Use plus(Use other) {
            return new Use(
                    numerator.multiply(other.denominator).add(other.numerator.multiply(denominator)),
                    denominator.multiply(other.denominator),
                    memoryGiB.add(other.memoryGiB));
        }
    }

    private static String shareRule(LlmAllocation allocation) {
        return "The gpuFraction (" + allocation.gpuFraction() + ")"
                + (allocation.tensorParallel() > 1 && !allocation.gpuFraction().isWhole()
                        ? " together with tensorParallel " + allocation.tensorParallel()
                        : "")
                + " of model (" + allocation.model() + ") is not what the sharing allows on";
    }

    private void breaks(String path, String message) {
        broken.add(source.problem(path, message));
    }
}
