package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.ClusterAccess;
import dev.scepsy.planner.cluster.ClusterClient;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which Kubernetes cluster; {@code @Mixin} of the verbs that talk to one. */
final class Connection {

    @Option(
            names = "--server",
            paramLabel = "URL",
            description = "API server, spoken to without credentials (kubectl proxy, an emulated cluster).")
    private @Nullable URI server;

    @Option(names = "--kubeconfig", paramLabel = "FILE", description = "Instead of KUBECONFIG and ~/.kube/config.")
    private @Nullable Path kubeconfig;

    @Option(names = "--context", description = "Context of the kubeconfig; default: its current one.")
    private @Nullable String context;

    @Option(
            names = {"--namespace", "-n"},
            defaultValue = "default",
            description = "Namespace of all objects (default: ${DEFAULT-VALUE}).")
    private String namespace = "default";

    String namespace() {
        return namespace;
    }

    ClusterClient open() {
        return ClusterClient.of(
                new ClusterAccess(
                        Optional.ofNullable(server), Optional.ofNullable(kubeconfig), Optional.ofNullable(context)),
                namespace);
    }
}
