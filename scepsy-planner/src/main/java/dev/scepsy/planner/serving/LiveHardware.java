package dev.scepsy.planner.serving;

import dev.scepsy.planner.cluster.ClusterHardware;
import dev.scepsy.planner.cluster.GpuNode;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.profile.Catalogue;
import java.util.ArrayList;
import java.util.List;

/** The hardware as a Kubernetes cluster has it now, in the words of {@code cluster.yaml}. */
public final class LiveHardware {

    private LiveHardware() {}

    /**
     * Nodes that take engines now; of the others a warning says why they are left out.
     *
     * @param name what the description is called in problems, such as {@code kubernetes:}
     * @return malformed where no node takes engines
     */
    public static Reading<ClusterFile.Described> read(String name, ClusterHardware hardware, Catalogue catalogue) {
        List<Problem> told = new ArrayList<>();
        hardware.notes().forEach(note -> told.add(problem(name, note)));
        List<GpuNode> known = hardware.nodes().stream()
                .filter(node -> node.product().isPresent())
                .toList();
        hardware.nodes().stream()
                .filter(node -> node.product().isEmpty())
                .forEach(node -> told.add(problem(
                        name,
                        "Node " + node.name()
                                + " is left out: no label says what its GPUs are (nvidia.com/gpu.product)."
                                + " Install GPU Feature Discovery, or describe the node in a cluster file.")));
        for (GpuNode node : known) {
            if (!ClusterSkeleton.open(node)) {
                told.add(problem(
                        name, "Node " + node.name() + " is left out: " + String.join("; ", node.obstacles()) + "."));
            } else {
                node.doubts()
                        .forEach(doubt -> told.add(problem(
                                name,
                                "Node " + node.name() + ": " + doubt + " (podTemplate), unless the cluster adds it.")));
                node.use().notes().forEach(note -> told.add(problem(name, "Node " + node.name() + ": " + note + ".")));
            }
        }
        if (known.stream().noneMatch(ClusterSkeleton::open)) {
            told.add(problem(name, "No node of the cluster takes engines now, so there is nothing to plan on."));
            return new Reading.Malformed<>(told, List.of());
        }
        Reading<ClusterFile.Described> read = ClusterFile.parse(name, ClusterSkeleton.of(known, catalogue), catalogue);
        if (!(read instanceof Reading.Legal<ClusterFile.Described> legal)) {
            return read;
        }
        told.addAll(legal.warnings());
        return new Reading.Legal<>(legal.value(), legal.source(), told);
    }

    private static Problem problem(String name, String sentence) {
        return new Problem(name, "", 0, 0, sentence);
    }
}
