package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.ClusterAccess;
import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.file.Hidden;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Which API server; {@code @Mixin} of the verbs that may read a Kubernetes cluster. */
final class ServerOptions {

    @Option(
            names = "--server",
            paramLabel = "URL",
            converter = ServerUrl.class,
            description = "Address of an API server that needs no credentials: kubectl proxy, an emulated cluster.")
    private @Nullable URI server;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "Kubeconfig file (default: KUBECONFIG, else ~/.kube/config).")
    private @Nullable Path kubeconfig;

    @Option(
            names = "--context",
            paramLabel = "NAME",
            description = "Context of the kubeconfig (default: its current context).")
    private @Nullable String context;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    /** From a written address; picocli names the option where it is none. */
    static final class ServerUrl implements ITypeConverter<URI> {
        @Override
        public URI convert(String written) {
            try {
                URI url = new URI(written);
                boolean web = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
                if (web
                        && url.getHost() != null
                        && url.getRawUserInfo() == null
                        && url.getPort() != 0
                        && url.getPort() <= 65_535) {
                    return url;
                }
            } catch (URISyntaxException e) {
                // told below, together with addresses of something else
            }
            throw new TypeConversionException("The address (" + Hidden.passwords(written)
                    + ") must be like http://127.0.0.1:8001, with a host and without user and password:"
                    + " credentials are for a --kubeconfig.");
        }
    }

    /**
     * A client of it.
     *
     * @param namespace empty: the context's
     * @throws CommandLine.ParameterException if what the kubeconfig names cannot be used, such as a damaged certificate
     */
    ClusterClient open(String namespace) {
        if (kubeconfig != null && !Files.isRegularFile(kubeconfig)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--kubeconfig: There is no such file (" + kubeconfig + ").");
        }
        try {
            return ClusterClient.of(
                    new ClusterAccess(
                            Optional.ofNullable(server), Optional.ofNullable(kubeconfig), Optional.ofNullable(context)),
                    namespace);
        } catch (ClusterAccess.UnusableException unusable) {
            throw new CommandLine.ParameterException(spec.commandLine(), String.valueOf(unusable.getMessage()));
        }
    }
}
