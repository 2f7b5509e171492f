package dev.scepsy.planner.cluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * How to reach the Kubernetes API. With nothing given: {@code KUBECONFIG}, {@code ~/.kube/config}, or the pod's service
 * account, as kubectl does. Immutable.
 *
 * @param server API server; wins over everything else and is spoken to without credentials
 * @param kubeconfig file to read instead of the default
 * @param context context of the kubeconfig; empty: its current one
 */
public record ClusterAccess(Optional<URI> server, Optional<Path> kubeconfig, Optional<String> context) {

    /** What the kubeconfig or the settings of Java name for it cannot be used. */
    public static final class UnusableException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private UnusableException(RuntimeException failure) {
            super(
                    "The kubeconfig or its credentials cannot be used ("
                            + why(failure)
                            + "): check its client-certificate, client-key and certificate-authority, and the key and trust stores"
                            + " that Java is told of.",
                    failure);
        }

        /** The innermost reason that is words; nothing of the credentials themselves. */
        private static String why(Throwable failure) {
            Throwable innermost = failure;
            while (innermost.getCause() != null) {
                innermost = innermost.getCause();
            }
            String said = String.valueOf(innermost.getMessage());
            boolean says = innermost instanceof GeneralSecurityException || innermost instanceof IOException;
            return says && !(failure instanceof YamlEngineException)
                    ? said.replaceAll("^java\\S*: ", "")
                    : failure instanceof YamlEngineException ? "it is no YAML" : "no certificate or key could be read";
        }
    }

    private static final int CONNECT_MILLIS = 5_000;
    private static final int REQUEST_MILLIS = 30_000;

    /** An API server that asks for no credentials, such as {@code kubectl proxy} or an emulated one. */
    public static ClusterAccess server(URI server) {
        return new ClusterAccess(Optional.of(server), Optional.empty(), Optional.empty());
    }

    /** The API server's address, for messages. */
    String address() {
        return config().getMasterUrl();
    }

    /** Why the server may not know who calls, sentences; empty where nothing speaks for it. */
    List<String> whyUnknown(InstantSource clock) {
        List<String> why = new ArrayList<>();
        if (server.isPresent()) {
            return List.of("It is spoken to without credentials (--server).");
        }
        CredentialPlugin.of(kubeconfig, context)
                .flatMap(CredentialPlugin::trouble)
                .ifPresent(why::add);
        TokenExpiry.of(token(config()))
                .filter(expiry -> expiry.isBefore(clock.instant()))
                .ifPresent(expiry -> why.add("The token has expired at " + expiry + "; log in again."));
        return why;
    }

    /** Given as an option, or read off a kubeconfig, a plugin or a service account. */
    private static @Nullable String token(Config config) {
        String given = config.getOauthToken();
        return given == null || given.isBlank() ? config.getAutoOAuthToken() : given;
    }

    /** {@code sentence} without the token or password that the server was sent and may repeat. */
    String hidden(String sentence) {
        Config config = config();
        String user = String.valueOf(config.getUsername());
        String password = String.valueOf(config.getPassword());
        String basic = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        return Stream.of(config.getOauthToken(), config.getAutoOAuthToken(), config.getPassword(), basic)
                .filter(secret -> secret != null && !secret.isBlank())
                .reduce(sentence, (text, secret) -> text.replace(secret, "..."));
    }

    /** @param warnings hears what the server warns of */
    KubernetesClient open(ServerWarnings warnings) {
        // The library looks its parts up through the thread's loader, which inside an agent is the application's.
        Thread thread = Thread.currentThread();
        ClassLoader callers = thread.getContextClassLoader();
        thread.setContextClassLoader(ClusterAccess.class.getClassLoader());
        try {
            Config config = config();
            Optional<ClientKey> key = ClientKey.of(config);
            if (key.isPresent()) {
                config = new ConfigBuilder(config)
                        .withClientKeyData(null)
                        .withClientKeyFile(null)
                        .withClientCertData(null)
                        .withClientCertFile(null)
                        .build();
            }
            return new KubernetesClientBuilder()
                    .withConfig(config)
                    .withHttpClientFactory(new JdkHttpClientFactory())
                    .withHttpClientBuilderConsumer(builder -> {
                        builder.addOrReplaceInterceptor("scepsy-answer-limit", new AnswerLimit())
                                .addOrReplaceInterceptor("scepsy-warnings", warnings);
                        key.ifPresent(client -> builder.sslContext(client.keys(), client.trusted()));
                    })
                    .withKubernetesSerialization(Manifests.TEXT)
                    .build();
        } catch (KubernetesClientException | YamlEngineException failure) {
            throw new UnusableException(failure);
        } finally {
            thread.setContextClassLoader(callers);
        }
    }

    private Config config() {
        Config found;
        if (server.isPresent()) {
            found = new ConfigBuilder(Config.empty())
                    .withMasterUrl(server.get().toString())
                    .build();
        } else if (kubeconfig.isPresent()) {
            found = Config.fromKubeconfig(context.orElse(null), kubeconfig.get().toFile());
        } else {
            found = Config.autoConfigure(context.orElse(null));
        }
        // Retries are this package's own: it knows which calls may be repeated and for how long.
        return new ConfigBuilder(found)
                // over HTTP/2 a server that refuses credentials closes the connection before its answer is read
                .withHttp2Disable(true)
                .withConnectionTimeout(CONNECT_MILLIS)
                .withRequestTimeout(Math.min(REQUEST_MILLIS, 1000 * AnswerLimit.seconds()))
                .withRequestRetryBackoffLimit(0)
                .build();
    }
}
