package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.ClusterClient;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which Kubernetes cluster, and which namespace of it; {@code @Mixin} of the verbs that talk to one. */
final class Connection {

    @Mixin
    private ServerOptions server = new ServerOptions();

    @Option(
            names = {"--namespace", "-n"},
            paramLabel = "NAME",
            converter = NamespaceName.class,
            description = "Namespace of all objects (default: the context's namespace, else default).")
    private String namespace = "";

    /** From a written namespace; picocli names the option where it is none. */
    static final class NamespaceName implements ITypeConverter<String> {
        @Override
        public String convert(String written) {
            if (isNamespace(written)) {
                return written;
            }
            throw new TypeConversionException(
                    "The namespace (" + written
                            + ") must be of lower-case letters, digits and '-', at most 63, with a letter or digit at both ends.");
        }
    }

    static boolean isNamespace(String written) {
        return written.matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    }

    /** As given, else the context's; asks no server. */
    String namespace() {
        try (ClusterClient client = open()) {
            return client.namespace();
        }
    }

    ServerOptions server() {
        return server;
    }

    ClusterClient open() {
        return server.open(namespace);
    }
}
