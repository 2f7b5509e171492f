package dev.scepsy.planner.search;

import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.AllocationProblem.Candidate;
import dev.scepsy.planner.search.choice.AllocationProblem.ModelOptions;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.HostNeed;
import dev.scepsy.planner.topology.HostRoom;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;

/** Puts limits on the processors and the memory of a generated problem's nodes, and needs on its models. */
final class HostLimits {

    private final Random random;

    private HostLimits(long seed) {
        this.random = new Random(seed);
    }

    /** Two nodes in three are limited, in one resource or in both, to what two to six small engines need. */
    static AllocationProblem on(AllocationProblem problem, long seed) {
        HostLimits limits = new HostLimits(seed);
        List<ModelOptions> models =
                problem.models().stream().map(limits::needing).toList();
        List<Rack> racks = problem.cluster().racks().stream()
                .map(rack -> new Rack(
                        rack.name(), rack.nodes().stream().map(limits::limited).toList()))
                .toList();
        return problem.withModels(models).withCluster(new Cluster(racks));
    }

    private ModelOptions needing(ModelOptions model) {
        OptionalDouble cores = random.nextBoolean() ? OptionalDouble.empty() : OptionalDouble.of(tenths(1, 60));
        OptionalDouble memory = random.nextBoolean() ? OptionalDouble.empty() : OptionalDouble.of(tenths(1, 200));
        return new ModelOptions(
                model.name(),
                model.minReplicas(),
                model.maxReplicas(),
                model.candidates().stream()
                        .map(candidate -> new Candidate(
                                candidate.gpu(),
                                candidate.tensorParallel(),
                                candidate.gpuFraction(),
                                candidate.profile(),
                                HostNeed.of(cores, memory, candidate.tensorParallel())))
                        .toList());
    }

    private Node limited(Node node) {
        OptionalDouble cores = random.nextInt(3) == 0 ? OptionalDouble.empty() : OptionalDouble.of(tenths(20, 200));
        OptionalDouble memory = random.nextInt(3) == 0 ? OptionalDouble.empty() : OptionalDouble.of(tenths(60, 500));
        return node.withHost(new HostRoom(cores, memory));
    }

    private double tenths(int from, int to) {
        return (from + random.nextInt(to - from)) / 10.0;
    }
}
