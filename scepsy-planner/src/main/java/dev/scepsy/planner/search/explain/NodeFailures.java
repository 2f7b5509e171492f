package dev.scepsy.planner.search.explain;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.AllocationProblem.ModelOptions;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.Load;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.search.choice.SearchLimits;
import dev.scepsy.planner.search.solver.Feasibility;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Kinds;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What still holds of a plan when any one node fails (N-1): the replicas that survive take all requests, up to the
 * saturation of their profiles, because in an emergency headroom is what one lives on. Pure.
 */
public final class NodeFailures {

    private final AllocationProblem problem;
    private final Placeability.Factory placement;
    private final Plan plan;
    private final Map<String, BigDecimal> saturations = new HashMap<>();
    private final Map<String, BigDecimal> loads = new HashMap<>();

    private NodeFailures(AllocationProblem problem, Plan plan, Placeability.Factory placement) {
        this.problem = problem;
        this.plan = plan;
        this.placement = placement;
        for (LlmAllocation allocation : plan.allocations()) {
            saturations.put(allocation.model(), saturation(allocation));
            loads.put(
                    allocation.model(), Load.of(problem, allocation.model(), 1).requestsPerSecond());
        }
    }

    /**
     * One node's failure.
     *
     * @param node its name
     * @param lostReplicas how many of each model stood there, in name order
     * @param workflows one per workflow, in the problem's order
     * @param replan whether the other nodes hold a plan for all targets
     */
    public record Failure(String node, Map<String, Integer> lostReplicas, List<Surviving> workflows, Replan replan) {
        public Failure {
            lostReplicas = java.util.Collections.unmodifiableMap(new TreeMap<>(lostReplicas));
            workflows = List.copyOf(workflows);
        }

        /** Whether every workflow still sustains its target. */
        public boolean holds() {
            return workflows.stream().allMatch(Surviving::keepsTarget);
        }
    }

    /** Whether there would be a plan without the node. */
    public enum Replan {
        FITS,
        IMPOSSIBLE,
        /** None was found within the work, and none was proven not to exist. */
        UNKNOWN
    }

    /**
     * What is left of one workflow.
     *
     * @param keepsTarget whether the survivors of all its models take all of their load
     * @param throughputPerSecond the most it can run at, the others at their targets, at least 0; infinite where nothing
     *     limits it
     * @param bottleneck the model that sets it; empty when none does
     */
    public record Surviving(
            String workflow, boolean keepsTarget, double throughputPerSecond, Optional<String> bottleneck) {}

    /**
     * One failure per node that holds a replica, in the cluster's order.
     *
     * @param plan a plan of {@code problem}, with placements
     */
    public static List<Failure> of(AllocationProblem problem, Plan plan, Placeability.Factory placement) {
        return new NodeFailures(problem, plan, placement).run();
    }

    private List<Failure> run() {
        Map<String, Map<String, Integer>> lost = new HashMap<>();
        for (ReplicaPlacement at : plan.placements()) {
            lost.computeIfAbsent(at.node(), node -> new TreeMap<>()).merge(at.model(), 1, Integer::sum);
        }
        List<Failure> failures = new ArrayList<>();
        List<Node> nodes = problem.cluster().nodes();
        // nodes that differ in name only are asked about once
        Kinds<Node> kinds = Kinds.of(nodes.stream().map(node -> node.named("")).toList());
        Map<Integer, Replan> replans = new HashMap<>();
        for (int at = 0; at < nodes.size(); at++) {
            Node node = nodes.get(at);
            Map<String, Integer> here = lost.get(node.name());
            if (here != null) {
                Replan replan = replans.computeIfAbsent(kinds.kindOf(at), kind -> fitsWithout(node));
                failures.add(new Failure(node.name(), here, survivors(here), replan));
            }
        }
        return List.copyOf(failures);
    }

    private BigDecimal saturation(LlmAllocation allocation) {
        return problem.models().stream()
                .filter(model -> model.name().equals(allocation.model()))
                .map(ModelOptions::candidates)
                .flatMap(List::stream)
                .filter(candidate -> candidate.shape().isOf(allocation))
                .findFirst()
                .map(candidate -> BigDecimal.valueOf(candidate.profile().saturationRequestsPerSecond()))
                .orElseThrow(() -> new IllegalArgumentException(
                        "The plan's allocation of model (" + allocation.model() + ") has no profile in the problem."));
    }

    private List<Surviving> survivors(Map<String, Integer> lost) {
        Map<String, BigDecimal> capacities = new HashMap<>();
        for (LlmAllocation allocation : plan.allocations()) {
            int left = allocation.replicas() - lost.getOrDefault(allocation.model(), 0);
            capacities.put(
                    allocation.model(),
                    saturations
                            .getOrDefault(allocation.model(), BigDecimal.ZERO)
                            .multiply(BigDecimal.valueOf(left)));
        }
        return problem.workflows().stream()
                .map(workflow -> surviving(workflow, capacities))
                .toList();
    }

    private Surviving surviving(WorkflowDemand workflow, Map<String, BigDecimal> capacities) {
        boolean keeps = true;
        double most = Double.POSITIVE_INFINITY;
        Optional<String> bottleneck = Optional.empty();
        for (ModelCalls calls : workflow.calls()) {
            BigDecimal capacity = capacities.get(calls.model());
            if (capacity == null || !Load.uses(calls)) {
                continue;
            }
            BigDecimal load = loads.getOrDefault(calls.model(), BigDecimal.ZERO);
            keeps &= capacity.signum() > 0 && load.compareTo(capacity) <= 0;
            BigDecimal each = BigDecimal.valueOf(calls.callsPerExecution());
            BigDecimal ofOthers = load.subtract(each.multiply(BigDecimal.valueOf(workflow.targetPerSecond())));
            double rate = capacity.signum() == 0
                    ? 0
                    : each.signum() == 0
                            ? Double.POSITIVE_INFINITY
                            : Math.max(
                                    0,
                                    capacity.subtract(ofOthers)
                                            .divide(each, MathContext.DECIMAL64)
                                            .doubleValue());
            if (rate < most) {
                most = rate;
                bottleneck = Optional.of(calls.model());
            }
        }
        return new Surviving(workflow.name(), keeps, most, bottleneck);
    }

    private Replan fitsWithout(Node failed) {
        List<Rack> racks = problem.cluster().racks().stream()
                .map(rack -> new Rack(
                        rack.name(),
                        rack.nodes().stream()
                                .filter(node -> !node.equals(failed))
                                .toList()))
                .filter(rack -> !rack.nodes().isEmpty())
                .toList();
        if (racks.isEmpty()) {
            return Replan.IMPOSSIBLE;
        }
        ChoiceSpace space = ChoiceSpace.of(problem.withCluster(new Cluster(racks)), 1);
        Feasibility.Answer answer = Feasibility.of(
                space,
                placement.on(space.problem().cluster(), space.placementShapes()),
                ExplainConstants.FAILURE_NODES,
                SearchLimits.Stop.NEVER);
        return answer.holds() ? Replan.FITS : answer.decided() ? Replan.IMPOSSIBLE : Replan.UNKNOWN;
    }
}
