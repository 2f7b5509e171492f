package dev.scepsy.planner.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.X509KeyManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kubeconfigs as people have them, and servers that do not know who calls. */
class ClusterAccessTest {

    @TempDir
    private Path folder;

    private HttpServer server;
    private volatile int code = 401;
    private volatile String body =
            "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"Unauthorized\",\"reason\":\"Unauthorized\",\"code\":401}";

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] text = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(code, text.length == 0 ? -1 : text.length);
            exchange.getResponseBody().write(text);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private Path kubeconfig(String user, String context) throws IOException {
        return Files.writeString(folder.resolve("kubeconfig.yaml"), """
                apiVersion: v1
                kind: Config
                current-context: c
                clusters:
                  - {name: k, cluster: {server: "http://127.0.0.1:%d"}}
                users:
                  - {name: me, user: %s}
                contexts:
                  - {name: c, context: {cluster: k, user: me%s}}
                """.formatted(
                        server.getAddress().getPort(), user, context));
    }

    private static ClusterAccess access(Path kubeconfig) {
        return new ClusterAccess(Optional.empty(), Optional.of(kubeconfig), Optional.empty());
    }

    @Test
    void theContextsNamespaceIsTakenAsKubectlDoes() throws Exception {
        try (ClusterClient client = ClusterClient.of(access(kubeconfig("{token: t}", ", namespace: ctx")), "")) {
            assertThat(client.namespace()).isEqualTo("ctx");
        }
        try (ClusterClient client = ClusterClient.of(access(kubeconfig("{token: t}", ", namespace: ctx")), "given")) {
            assertThat(client.namespace()).isEqualTo("given");
        }
        try (ClusterClient client = ClusterClient.of(access(kubeconfig("{token: t}", "")), "")) {
            assertThat(client.namespace()).isEqualTo("default");
        }
    }

    @Test
    void aRefusedTokenIsToldInTheServersWordsAndSaysWhenItExpired() throws Exception {
        String claims = Base64.getUrlEncoder().encodeToString("{\"exp\": 1700000000}".getBytes(StandardCharsets.UTF_8));
        try (ClusterClient client =
                ClusterClient.of(access(kubeconfig("{token: h." + claims + ".s}", "")), "default")) {
            assertThatThrownBy(client::read)
                    .isInstanceOf(ClusterUnreachableException.class)
                    .hasMessageContaining("refused: Unauthorized (HTTP 401)")
                    .hasMessageContaining("The token has expired at 2023-11-14T22:13:20Z")
                    .hasMessageNotContaining(claims);
        }
    }

    @Test
    void aCredentialPluginThatFailsIsQuoted() throws Exception {
        String exec =
                "{exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, interactiveMode: Never, args: [-c, \"echo run: aws sso login >&2; exit 3\"]}}";
        try (ClusterClient client = ClusterClient.of(access(kubeconfig(exec, "")), "default")) {
            assertThatThrownBy(client::read)
                    .isInstanceOf(ClusterUnreachableException.class)
                    .hasMessageContaining("user (me), sh, ended with 3: run: aws sso login");
        }
    }

    @Test
    void aCredentialPluginThatIsMissingIsNamedWithItsHint() throws Exception {
        String exec =
                "{exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin, interactiveMode: Never, installHint: Install it from here.}}";
        try (ClusterClient client = ClusterClient.of(access(kubeconfig(exec, "")), "default")) {
            assertThatThrownBy(client::read)
                    .isInstanceOf(ClusterUnreachableException.class)
                    .hasMessageContaining("no-such-plugin, cannot be run")
                    .hasMessageContaining("Install it from here.");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{}", "\"text\""})
    void anAnswerThatNoKubernetesApiGivesIsOneSentence(String answer) throws Exception {
        code = 200;
        body = answer;
        try (ClusterClient client = ClusterClient.of(access(kubeconfig("{token: t}", "")), "default")) {
            assertThatThrownBy(client::read)
                    .isInstanceOf(ClusterUnreachableException.class)
                    .hasMessageContaining("no Kubernetes API");
            PushOutcome outcome = client.apply(
                    Intent.empty(
                            Plans.cluster(1, 1, new dev.scepsy.planner.topology.Sharing.Exclusive()),
                            ServingOptions.DEFAULT),
                    ApplyOptions.DEFAULT,
                    event -> {});
            assertThat(outcome).isInstanceOf(PushOutcome.Refused.class);
            assertThat(((PushOutcome.Refused) outcome).reasons())
                    .singleElement()
                    .asString()
                    .contains("no Kubernetes API");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ec", "rsa"})
    void keysInPkcs8AreReadWhateverTheirAlgorithm(String algorithm) throws Exception {
        Path key = folder.resolve("key.pem");
        Path certificate = folder.resolve("cert.pem");
        List<String> generate = algorithm.equals("ec")
                ? List.of("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
                : List.of("openssl", "req", "-x509", "-newkey", "rsa:2048");
        List<String> command = new java.util.ArrayList<>(generate);
        command.addAll(List.of(
                "-nodes", "-subj", "/CN=me", "-days", "2", "-keyout", key.toString(), "-out", certificate.toString()));
        assumeTrue(runs(command), "NOT RUN: needs openssl");
        assertThat(Files.readString(key)).contains("BEGIN PRIVATE KEY");
        Config config = new ConfigBuilder(Config.empty())
                .withClientKeyFile(key.toString())
                .withClientCertFile(certificate.toString())
                .build();

        ClientKey read = ClientKey.of(config).orElseThrow();

        X509KeyManager manager = (X509KeyManager) read.keys()[0];
        assertThat(manager.getPrivateKey("client").getAlgorithm()).isEqualToIgnoringCase(algorithm);
        assertThat(manager.getCertificateChain("client")).hasSize(1);
        // and a whole client opens with it
        Path kubeconfig = kubeconfig("{client-key: key.pem, client-certificate: cert.pem}", "");
        try (ClusterClient client = ClusterClient.of(access(kubeconfig), "default")) {
            assertThatThrownBy(client::read).hasMessageContaining("Unauthorized");
        }
    }

    private static boolean runs(List<String> command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException none) {
            return false;
        }
    }
}
