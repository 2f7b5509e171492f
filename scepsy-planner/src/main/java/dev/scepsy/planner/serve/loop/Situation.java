package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.planning.PinnedShape;
import dev.scepsy.planner.problem.ProblemAssembly;
import dev.scepsy.planner.serve.journal.Suspect;
import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.serve.loop.ClusterPort.Served;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Node;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * All that a search starts from, at one moment. Immutable.
 *
 * @param triggers why now
 * @param described what plans may fill: without suspect GPUs
 * @param asItIs with them, and with engines that are slow there at their measured speed ({@link SuspectGpus})
 * @param suspects GPUs that are left out of {@code described}
 * @param statistics with targets
 * @param served what runs on nodes that are there; empty where nothing does
 * @param basePlanId of the cluster's record; empty: none
 * @param previousPlanId likewise, of the plan before
 * @param notes what was found on the way, sentences
 */
record Situation(
        List<Trigger> triggers,
        ProblemAssembly described,
        ProblemAssembly asItIs,
        List<Suspect> suspects,
        Reading.Legal<ModelsFile.Described> models,
        Cluster hardware,
        WorkflowShares statistics,
        Targets targets,
        Optional<Served> served,
        Optional<String> basePlanId,
        Optional<String> previousPlanId,
        List<PinnedShape> pins,
        Duration horizon,
        List<String> notes) {

    Situation {
        triggers = List.copyOf(triggers);
        suspects = List.copyOf(suspects);
        pins = List.copyOf(pins);
        notes = List.copyOf(notes);
    }

    /** What is left of {@code served} on the nodes of {@code hardware}: engines of nodes that are gone serve nobody. */
    static Optional<Served> alive(Served served, Cluster hardware) {
        Set<String> nodes =
                new HashSet<>(hardware.nodes().stream().map(Node::name).toList());
        return only(served, place -> nodes.contains(place.node()));
    }

    /** The replicas of {@code served} at places that {@code there} takes; empty where none is. */
    static Optional<Served> only(Served served, Predicate<ReplicaPlacement> there) {
        Map<String, Integer> left = new HashMap<>();
        List<ReplicaPlacement> placements = new ArrayList<>();
        for (ReplicaPlacement placement : served.placements()) {
            if (there.test(placement)) {
                int replica = left.merge(placement.model(), 1, Integer::sum) - 1;
                placements.add(new ReplicaPlacement(placement.model(), replica, placement.node(), placement.gpus()));
            }
        }
        List<LlmAllocation> allocations = new ArrayList<>();
        for (LlmAllocation allocation : served.allocations()) {
            int replicas = left.getOrDefault(allocation.model(), 0);
            if (replicas > 0) {
                allocations.add(new LlmAllocation(
                        allocation.model(),
                        allocation.gpu(),
                        allocation.gpuFraction(),
                        allocation.tensorParallel(),
                        replicas,
                        allocation.memoryGiBPerGpu()));
            }
        }
        return allocations.isEmpty() ? Optional.empty() : Optional.of(new Served(allocations, placements));
    }

    /** Engines by model, of those that are there. */
    Map<String, Integer> engines() {
        Map<String, Integer> engines = new HashMap<>();
        served.ifPresent(
                now -> now.allocations().forEach(allocation -> engines.put(allocation.model(), allocation.replicas())));
        return engines;
    }
}
