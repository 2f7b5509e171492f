package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.serve.journal.Suspect;
import dev.scepsy.planner.share.WorkflowStatistics;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Occupied;
import dev.scepsy.planner.topology.Rack;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What suspicion means for planning: GPUs that plans leave out, and what engines that are still there are worth.
 *
 * <pre>
 * pace φ of a model with r engines, of which some take k_i times as long:   φ = (r − Σ (1 − 1/k_i)) / r
 * its latency at load λ, shared so that all are equally busy:               L(λ/(φ r)) / φ,     saturation φ μ
 * </pre>
 *
 * The same as if every execution made 1/φ times as many calls of it, which is how it is put to the planner. Behind a router that does not look at
 * loads a slow engine is worse than that.
 */
final class SuspectGpus {

    private SuspectGpus() {}

    /** {@code hardware} as plans may fill it. */
    static Reading<ClusterFile.Described> without(Reading<ClusterFile.Described> hardware, List<Suspect> suspects) {
        return !suspects.isEmpty() && hardware instanceof Reading.Legal<ClusterFile.Described> legal
                ? new Reading.Legal<>(
                        new ClusterFile.Described(
                                without(legal.value().cluster(), suspects),
                                legal.value().facts()),
                        legal.source(),
                        legal.warnings())
                : hardware;
    }

    static Cluster without(Cluster cluster, List<Suspect> suspects) {
        return new Cluster(cluster.racks().stream()
                .map(rack -> new Rack(
                        rack.name(),
                        rack.nodes().stream()
                                .map(node -> without(node, suspects))
                                .toList()))
                .toList());
    }

    private static Node without(Node node, List<Suspect> suspects) {
        List<Occupied> held = new ArrayList<>(node.occupied());
        for (int gpu = 0; gpu < node.gpus(); gpu++) {
            int number = gpu;
            if (isSuspect(node.name(), gpu, suspects)) {
                held.removeIf(part -> part.gpu() == number);
                held.add(Occupied.wholly(gpu, node.gpu()));
            }
        }
        return new Node(node.name(), node.gpu(), node.gpus(), node.domainSize(), node.sharing(), held, node.host());
    }

    private static boolean isSuspect(String node, int gpu, List<Suspect> suspects) {
        return suspects.stream().anyMatch(suspect -> suspect.isAbout(node, gpu));
    }

    /** GPUs of {@code cluster} that are suspect. */
    static int count(Cluster cluster, List<Suspect> suspects) {
        int count = 0;
        for (Node node : cluster.nodes()) {
            for (int gpu = 0; gpu < node.gpus(); gpu++) {
                count += isSuspect(node.name(), gpu, suspects) ? 1 : 0;
            }
        }
        return count;
    }

    /** What of {@code served} stands on other GPUs. */
    static Optional<ClusterPort.Served> elsewhere(ClusterPort.Served served, List<Suspect> suspects) {
        return Situation.only(
                served, place -> place.gpus().stream().noneMatch(gpu -> isSuspect(place.node(), gpu, suspects)));
    }

    /** φ by model as described; models at full pace are left out. */
    static Map<String, Double> paces(Optional<ClusterPort.Served> served, List<Suspect> suspects) {
        Map<String, Double> lost = new HashMap<>();
        List<ReplicaPlacement> places =
                served.map(ClusterPort.Served::placements).orElse(List.of());
        for (ReplicaPlacement place : places) {
            suspects.stream()
                    .filter(suspect -> suspect.model().equals(place.model())
                            && suspect.factor() > 1
                            && place.gpus().stream().anyMatch(gpu -> suspect.isAbout(place.node(), gpu)))
                    .mapToDouble(suspect -> 1 - 1 / suspect.factor())
                    .max()
                    .ifPresent(part -> lost.merge(place.model(), part, Double::sum));
        }
        Map<String, Double> paces = new HashMap<>();
        served.map(ClusterPort.Served::allocations).orElse(List.of()).forEach((LlmAllocation each) -> {
            @Nullable Double part = lost.get(each.model());
            if (part != null) {
                paces.put(each.model(), (each.replicas() - part) / each.replicas());
            }
        });
        return paces;
    }

    /**
     * {@code workflows} as if each call of a model at pace φ were 1/φ.
     *
     * @param described the name under which the model is described that calls carry
     */
    static List<WorkflowStatistics> slowed(
            List<WorkflowStatistics> workflows, Map<String, Double> paces, UnaryOperator<String> described) {
        return paces.isEmpty()
                ? workflows
                : workflows.stream()
                        .map(workflow -> workflow.with(workflow.models().stream()
                                .map(model -> model.times(1 / paces.getOrDefault(described.apply(model.model()), 1.0)))
                                .toList()))
                        .toList();
    }
}
