package dev.scepsy.samples.cluster.real;

import dev.scepsy.planner.cluster.ClusterAccess;
import dev.scepsy.samples.cluster.ClusterUnderTest;
import dev.scepsy.samples.cluster.Engines;
import dev.scepsy.samples.cluster.TestClusters;
import dev.scepsy.samples.cluster.api.ApiFault;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.resource.v1.ResourceClaim;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Assumptions;

/**
 * A real control plane with nodes and kubelets that a test stands in for. Pushes have the rights of samples/kubernetes/role.yaml and
 * no others. One at a time; closing it takes everything out again that a test put in, and keeps the control plane for the next.
 */
public final class RealCluster implements ClusterUnderTest {

    private static final Path ROLE = Path.of(System.getProperty("scepsy.root"), "samples/kubernetes/role.yaml");
    private static final Duration CLEAN = Duration.ofSeconds(120);

    /** One for all tests of a JVM: it takes half a minute to start. */
    private static final class Shared {
        static final ControlPlane PLANE = ControlPlane.start();
        static final KubernetesClient CLIENT = PLANE.client();
        static final EnginesStandIn ENGINES = EnginesStandIn.start();
        static final NodesOfATest NODES = new NodesOfATest(CLIENT, TestClusters.cluster());
        static final KubeletStandIn KUBELETS = new KubeletStandIn(CLIENT, NODES, ENGINES);

        static {
            NODES.createClasses();
            System.out.println("Real Kubernetes " + PLANE.version() + ", logs in " + PLANE.folder());
        }

        private Shared() {}
    }

    private RealCluster() {}

    /** An empty one; tests that ask for it are {@link OnRealKubernetes}. */
    public static RealCluster start() {
        RealCluster cluster = new RealCluster();
        cluster.clean();
        Shared.NODES.create();
        cluster.grant("default");
        Engines.await("the nodes are ready", Shared.NODES::areReady);
        return cluster;
    }

    static void notRun(String why) {
        String line = "NOT RUN: " + why;
        System.out.println(line);
        Assumptions.abort(line);
    }

    /** The server's own words for its version. */
    public String version() {
        return Shared.PLANE.version();
    }

    /** Kills the API server and starts it again. */
    public void restartApiServer() {
        try {
            Shared.PLANE.restartApiServer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the pod's gauges say from now on. */
    public void setRequests(String pod, int count) {
        Shared.ENGINES.setRequests(pod, count);
    }

    @Override
    public ClusterAccess access(String namespace) {
        return new ClusterAccess(Optional.empty(), Optional.of(kubeconfig(namespace)), Optional.empty());
    }

    @Override
    public List<String> arguments() {
        return List.of("--kubeconfig", kubeconfig("default").toString());
    }

    /** A kubeconfig for {@code token}. */
    public Path kubeconfigFor(String name, String token) {
        try {
            return Shared.PLANE.kubeconfig(name, token, "default");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path kubeconfig(String namespace) {
        if (kubernetes().namespaces().withName(namespace).get() == null) {
            return Shared.PLANE.folder().resolve("admin.kubeconfig");
        }
        grant(namespace);
        TokenRequest asked = new TokenRequestBuilder()
                .withNewSpec()
                .withExpirationSeconds(3600L)
                .endSpec()
                .build();
        TokenRequest given = kubernetes()
                .serviceAccounts()
                .inNamespace(namespace)
                .withName("scepsy")
                .tokenRequest(asked);
        return kubeconfigFor(namespace + ".kubeconfig", given.getStatus().getToken());
    }

    /** A client with the rights of a push in {@code default}; the caller closes it. */
    public KubernetesClient pusher() {
        return new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(kubeconfig("default").toFile()))
                .build();
    }

    /** The published role, as its page says: with the namespace changed. */
    public void grant(String namespace) {
        try {
            String role = Files.readString(ROLE)
                    .replace("namespace: models", "namespace: " + namespace)
                    .replace("scepsy-hardware", "scepsy-hardware-" + namespace);
            for (HasMetadata object : kubernetes()
                    .load(new ByteArrayInputStream(role.getBytes(StandardCharsets.UTF_8)))
                    .items()) {
                kubernetes().resource(object).forceConflicts().serverSideApply();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public KubernetesClient kubernetes() {
        return Shared.CLIENT;
    }

    @Override
    public Breaking faults() {
        return new Breaking() {
            @Override
            public void neverReady(String... models) {
                Shared.KUBELETS.neverReady(List.of(models));
            }

            @Override
            public void failingImages(String... parts) {
                Shared.KUBELETS.failingImages(List.of(parts));
            }

            @Override
            public void metricNames(String dialect) {
                Shared.ENGINES.dialect(dialect);
            }

            @Override
            public void api(ApiFault fault, Predicate<String> which, int count) {
                notRun("a real API server gives no wrong answers on demand (" + fault + ")");
            }

            @Override
            public void stuck(String namespace, String pod, boolean stuck) {
                Shared.KUBELETS.stuck(namespace, pod, stuck);
            }

            @Override
            public void nodeDown(String node) {
                Shared.KUBELETS.nodeDown(node);
            }
        };
    }

    @Override
    public String openAiBaseUrl() {
        notRun("no engine runs behind a real API server without nodes");
        return "";
    }

    @Override
    public boolean tellsGpus() {
        return false;
    }

    private void clean() {
        KubernetesClient client = kubernetes();
        Shared.KUBELETS.reset();
        Shared.ENGINES.reset();
        client.namespaces().list().getItems().stream()
                .map(namespace -> namespace.getMetadata().getName())
                .filter(name -> !name.equals("default") && !name.startsWith("kube-"))
                .forEach(name -> client.namespaces().withName(name).delete());
        client.apps().deployments().inNamespace("default").delete();
        client.apps().replicaSets().inNamespace("default").delete();
        client.pods().inNamespace("default").withGracePeriod(0).delete();
        client.resources(ResourceClaim.class).inNamespace("default").delete();
        client.policy().v1().podDisruptionBudget().inNamespace("default").delete();
        client.resourceQuotas().inNamespace("default").delete();
        client.leases().inNamespace("default").delete();
        client.configMaps().inNamespace("default").withName("scepsy-plan").delete();
        client.services()
                .inNamespace("default")
                .withLabel("app.kubernetes.io/managed-by")
                .delete();
        long deadline = System.nanoTime() + CLEAN.toNanos();
        while (!isClean() && System.nanoTime() < deadline) {
            java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
        }
        Shared.NODES.delete();
    }

    private boolean isClean() {
        KubernetesClient client = kubernetes();
        boolean namespaces = client.namespaces().list().getItems().stream()
                .map(namespace -> namespace.getMetadata().getName())
                .allMatch(name -> name.equals("default") || name.startsWith("kube-"));
        return namespaces
                && client.apps()
                        .deployments()
                        .inAnyNamespace()
                        .list()
                        .getItems()
                        .isEmpty()
                && client.apps()
                        .replicaSets()
                        .inAnyNamespace()
                        .list()
                        .getItems()
                        .isEmpty()
                && client.pods().inAnyNamespace().list().getItems().isEmpty()
                && client.resources(ResourceClaim.class)
                        .inAnyNamespace()
                        .list()
                        .getItems()
                        .isEmpty();
    }

    @Override
    public void close() {
        clean();
    }
}
