package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.ClusterHardware;
import dev.scepsy.planner.cluster.ClusterUnreachableException;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.serving.LiveHardware;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
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
        return LiveHardware.read(cluster, hardware, catalogue);
    }

    private static Reading<ClusterFile.Described> malformed(String cluster, String why) {
        return new Reading.Malformed<>(List.of(problem(cluster, why)), List.of());
    }

    private static Problem problem(String cluster, String sentence) {
        return new Problem(cluster, "", 0, 0, sentence);
    }
}
