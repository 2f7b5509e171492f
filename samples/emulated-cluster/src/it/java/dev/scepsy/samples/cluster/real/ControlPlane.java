package dev.scepsy.samples.cluster.real;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * etcd, kube-apiserver, kube-controller-manager and kube-scheduler as processes on loopback, with RBAC. Their logs are in
 * {@link #folder}. Not thread-safe.
 */
final class ControlPlane implements AutoCloseable {

    static final List<String> PROGRAMS = List.of("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler");

    private static final Duration START = Duration.ofMinutes(3);
    private static final String ADMIN = "admin-token-of-a-test";

    private final Path binaries;
    private final Path folder;
    private final List<Process> processes = new ArrayList<>();
    private final int etcdPort;
    private final int apiPort;
    private Process apiServer;

    private ControlPlane(Path binaries) throws IOException {
        this.binaries = binaries;
        this.folder = Files.createTempDirectory("scepsy-real-kubernetes");
        this.etcdPort = freePort();
        this.apiPort = freePort();
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "scepsy-control-plane-stop"));
        writeKey();
        Files.writeString(folder.resolve("tokens.csv"), ADMIN + ",admin,admin,\"system:masters\"\n");
        startEtcd();
        this.apiServer = startApiServer();
        awaitApiServer();
        kubeconfig("admin.kubeconfig", ADMIN, "default");
        startControllers();
        startScheduler();
    }

    /** Why none can be started here; empty where one can. */
    static Optional<String> missing() {
        String where = System.getenv("KUBEBUILDER_ASSETS");
        String how = "samples/kubernetes/build-control-plane.sh builds what is missing";
        if (where == null || where.isBlank()) {
            return Optional.of("KUBEBUILDER_ASSETS names no folder with a control plane; " + how);
        }
        List<String> absent = PROGRAMS.stream()
                .filter(program -> !Files.isExecutable(Path.of(where, program)))
                .toList();
        return absent.isEmpty()
                ? Optional.empty()
                : Optional.of("KUBEBUILDER_ASSETS (" + where + ") lacks " + String.join(", ", absent) + "; " + how);
    }

    /** @throws IllegalStateException if it does not answer within some minutes */
    static ControlPlane start() {
        try {
            return new ControlPlane(Path.of(System.getenv("KUBEBUILDER_ASSETS")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where logs, keys and kubeconfigs are. */
    Path folder() {
        return folder;
    }

    String version() {
        try (KubernetesClient client = client()) {
            return client.getKubernetesVersion().getGitVersion();
        }
    }

    /** A client that may do everything; the caller closes it. */
    KubernetesClient client() {
        Config config = Config.fromKubeconfig(folder.resolve("admin.kubeconfig").toFile());
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    /** Writes a kubeconfig with a token. */
    Path kubeconfig(String name, String token, String namespace) throws IOException {
        return Files.writeString(folder.resolve(name), """
                apiVersion: v1
                kind: Config
                current-context: it
                clusters:
                  - {name: it, cluster: {server: "https://127.0.0.1:%d", certificate-authority: "%s"}}
                users:
                  - {name: it, user: {token: "%s"}}
                contexts:
                  - {name: it, context: {cluster: it, user: it, namespace: %s}}
                """.formatted(
                        apiPort, folder.resolve("certificates/apiserver.crt"), token, namespace));
    }

    /** Kills the API server, as a crash would, and starts it again. */
    void restartApiServer() throws IOException {
        apiServer.destroyForcibly();
        await("the API server ends", () -> !apiServer.isAlive());
        apiServer = startApiServer();
        awaitApiServer();
    }

    private void startEtcd() throws IOException {
        String url = "http://127.0.0.1:" + etcdPort;
        String peers = "http://127.0.0.1:" + freePort();
        run(
                "etcd",
                "--data-dir=" + folder.resolve("etcd"),
                "--listen-client-urls=" + url,
                "--advertise-client-urls=" + url,
                "--listen-peer-urls=" + peers,
                "--initial-advertise-peer-urls=" + peers,
                "--initial-cluster=default=" + peers,
                "--unsafe-no-fsync");
    }

    private Process startApiServer() throws IOException {
        String key = folder.resolve("service-accounts.key").toString();
        return run(
                "kube-apiserver",
                "--etcd-servers=http://127.0.0.1:" + etcdPort,
                "--bind-address=127.0.0.1",
                "--secure-port=" + apiPort,
                "--cert-dir=" + folder.resolve("certificates"),
                "--endpoint-reconciler-type=none",
                "--service-cluster-ip-range=10.96.0.0/16",
                "--authorization-mode=RBAC",
                "--token-auth-file=" + folder.resolve("tokens.csv"),
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-key-file=" + key,
                "--service-account-signing-key-file=" + key,
                "--allow-privileged=true");
    }

    private void startControllers() throws IOException {
        run(
                "kube-controller-manager",
                "--kubeconfig=" + folder.resolve("admin.kubeconfig"),
                "--bind-address=127.0.0.1",
                "--secure-port=0",
                "--leader-elect=false",
                "--service-account-private-key-file=" + folder.resolve("service-accounts.key"),
                // a lost node is noticed in seconds
                "--node-monitor-period=1s",
                "--node-monitor-grace-period=6s");
    }

    private void startScheduler() throws IOException {
        run(
                "kube-scheduler",
                "--kubeconfig=" + folder.resolve("admin.kubeconfig"),
                "--bind-address=127.0.0.1",
                "--secure-port=0",
                "--leader-elect=false");
    }

    private Process run(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(binaries.resolve(program).toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve(program + ".log").toFile()))
                .start();
        processes.add(process);
        return process;
    }

    private void awaitApiServer() throws IOException {
        await("the API server has its certificate", () -> Files.exists(folder.resolve("certificates/apiserver.crt")));
        Path kubeconfig = kubeconfig("waiting.kubeconfig", ADMIN, "default");
        Config config = Config.fromKubeconfig(kubeconfig.toFile());
        config.setRequestRetryBackoffLimit(0);
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config).build()) {
            await("the API server is ready; see " + folder.resolve("kube-apiserver.log"), () -> {
                try {
                    return "ok".equals(client.raw("/readyz"))
                            && client.namespaces().withName("default").get() != null;
                } catch (KubernetesClientException notYet) {
                    return false;
                }
            });
        }
    }

    private void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + START.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("Not within " + START.toSeconds() + " s: " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }

    private void writeKey() throws IOException {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            byte[] key = generator.generateKeyPair().getPrivate().getEncoded();
            Files.writeString(
                    folder.resolve("service-accounts.key"),
                    "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(key)
                            + "\n-----END PRIVATE KEY-----\n");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Ends the processes; what they wrote stays for whoever looks into a failure. */
    @Override
    public void close() {
        for (Process process : processes) {
            process.destroyForcibly();
        }
    }
}
