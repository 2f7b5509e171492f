package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.ClusterHardware;
import dev.scepsy.planner.cluster.ClusterUnreachableException;
import dev.scepsy.planner.cluster.GpuNode;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.profile.Catalogue;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ITypeConverter;

/**
 * What {@code --cluster} names: a file, or {@code kubernetes:} (the context's namespace) and {@code kubernetes:NAMESPACE},
 * the hardware as the cluster has it now, in the words that {@code scepsy init} writes.
 */
final class ClusterSource {

    static final String KUBERNETES = "kubernetes:";

    private ClusterSource() {}

    /** From what is written after {@code --cluster}; picocli names the option where it is neither. */
    static final class Written implements ITypeConverter<String> {
        @Override
        public String convert(String written) {
            return written.startsWith(KUBERNETES)
                    ? written
                    : ScepsyCommand.path(written).toString();
        }
    }

    /** @param server where the server of {@code kubernetes:} is */
    static Reading<ClusterFile.Described> read(String cluster, ServerOptions server, Catalogue catalogue) {
        if (!cluster.startsWith(KUBERNETES)) {
            try {
                return ClusterFile.read(Path.of(cluster), catalogue);
            } catch (InvalidPathException e) {
                return malformed("--cluster", "The value (" + cluster + ") is no path of a file.");
            }
        }
        String namespace = cluster.substring(KUBERNETES.length());
        if (!namespace.isEmpty() && !Connection.isNamespace(namespace)) {
            return malformed(
                    cluster, "The namespace (" + namespace + ") must be of lower-case letters, digits and '-'.");
        }
        ClusterHardware hardware;
        try (ClusterClient client = server.open(namespace)) {
            hardware = client.hardware();
        } catch (ClusterUnreachableException unreachable) {
            return malformed(cluster, String.valueOf(unreachable.getMessage()));
        }
        List<Problem> told = new ArrayList<>();
        hardware.notes().forEach(note -> told.add(problem(cluster, note)));
        List<GpuNode> known = hardware.nodes().stream()
                .filter(node -> node.product().isPresent())
                .toList();
        hardware.nodes().stream()
                .filter(node -> node.product().isEmpty())
                .forEach(node -> told.add(problem(
                        cluster,
                        "Node " + node.name()
                                + " is left out: no label says what its GPUs are (nvidia.com/gpu.product)."
                                + " Install GPU Feature Discovery, or describe the node in a cluster file.")));
        for (GpuNode node : known) {
            if (!ClusterSkeleton.open(node)) {
                told.add(problem(
                        cluster, "Node " + node.name() + " is left out: " + String.join("; ", node.obstacles()) + "."));
            } else {
                node.doubts()
                        .forEach(doubt -> told.add(problem(
                                cluster,
                                "Node " + node.name() + ": " + doubt + " (podTemplate), unless the cluster adds it.")));
                node.use()
                        .notes()
                        .forEach(note -> told.add(problem(cluster, "Node " + node.name() + ": " + note + ".")));
            }
        }
        if (known.stream().noneMatch(ClusterSkeleton::open)) {
            told.add(problem(cluster, "No node of the cluster takes engines now, so there is nothing to plan on."));
            return new Reading.Malformed<>(told, List.of());
        }
        Reading<ClusterFile.Described> read =
                ClusterFile.parse(cluster, ClusterSkeleton.of(known, catalogue), catalogue);
        if (!(read instanceof Reading.Legal<ClusterFile.Described> legal)) {
            return read;
        }
        told.addAll(legal.warnings());
        return new Reading.Legal<>(legal.value(), legal.source(), told);
    }

    private static Reading<ClusterFile.Described> malformed(String cluster, String why) {
        return new Reading.Malformed<>(List.of(problem(cluster, why)), List.of());
    }

    private static Problem problem(String cluster, String sentence) {
        return new Problem(cluster, "", 0, 0, sentence);
    }
}
