package dev.scepsy.planner.search;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.AllocationProblem.Candidate;
import dev.scepsy.planner.search.choice.AllocationProblem.ModelOptions;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/** Small problems written by hand. */
final class Problems {

    static final String GPU = "A";
    static final double GIB = 80;

    private Problems() {}

    static Node node(String name, int gpus, Sharing sharing) {
        return new Node(name, new GpuType(GPU, GIB), gpus, gpus, sharing);
    }

    static Node node(String name, int gpus, int domainSize, Sharing sharing) {
        return new Node(name, new GpuType(GPU, GIB), gpus, domainSize, sharing);
    }

    static Sharing tenths() {
        return new Sharing.Grid(Sharing.Mode.MPS, GpuFraction.of(0.1), false);
    }

    static Cluster cluster(Node... nodes) {
        return new Cluster(List.of(new Rack("rack", List.of(nodes))));
    }

    static Candidate candidate(int tensorParallel, double fraction, LatencyProfile profile) {
        return new Candidate(GPU, tensorParallel, GpuFraction.of(fraction), profile);
    }

    static ModelOptions model(String name, Candidate... candidates) {
        return new ModelOptions(name, 1, OptionalInt.empty(), List.of(candidates));
    }

    static WorkflowDemand workflow(String name, double target, double weight, double other, ModelCalls... calls) {
        return new WorkflowDemand(name, target, weight, other, 0, List.of(calls));
    }

    static ModelCalls calls(String model, double n) {
        return new ModelCalls(model, n, n);
    }

    static AllocationProblem problem(Cluster cluster, List<ModelOptions> models, WorkflowDemand... workflows) {
        return new AllocationProblem(cluster, models, Arrays.asList(workflows), 1);
    }

    static SearchResult solve(AllocationProblem problem) {
        return Search.plan(problem, Placement::on);
    }

    static SearchResult.Found found(AllocationProblem problem) {
        return (SearchResult.Found) solve(problem);
    }

    static SearchResult.Infeasible infeasible(AllocationProblem problem) {
        return (SearchResult.Infeasible) solve(problem);
    }

    /** Such as {@code generator 2 x t=1 f=0.5}. */
    static List<String> shapes(SearchResult.Found found) {
        return found.plan().allocations().stream().map(Problems::shape).toList();
    }

    private static String shape(LlmAllocation allocation) {
        return allocation.model() + " " + allocation.replicas() + " x t=" + allocation.tensorParallel() + " f="
                + allocation.gpuFraction();
    }
}
