package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.serving.ClusterSkeleton;
import dev.scepsy.planner.topology.HostRoom;
import dev.scepsy.planner.topology.Node;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code init} and {@code plan --cluster kubernetes:} see what engines can get of a cluster, and the same. */
class ClustersAsTheyAreTest {

    @TempDir
    private Path folder;

    private HttpServer server;
    private boolean mayListAllPods = true;

    private static final List<String> NODES = List.of(
            node("full", 8, "", "", ""),
            node("down", 0, "", "", ""),
            node("part", 6, "", "", ", \"nvidia.com/mig-1g.10gb\": \"14\""),
            node("held", 8, "", "", ""),
            node("cordoned", 8, "\"unschedulable\": true", "", ""),
            node(
                    "tainted",
                    8,
                    "\"taints\": [{\"key\": \"pool\", \"value\": \"gpu\", \"effect\": \"NoSchedule\"}]",
                    "",
                    ""),
            node("lost", 8, "", "Kubelet stopped posting node status.", ""),
            "{\"metadata\": {\"name\": \"amd\", \"labels\": {\"amd.com/gpu.product-name\": \"AMD_Instinct_MI300X_OAM\"}},"
                    + " \"status\": {\"capacity\": {\"amd.com/gpu\": \"8\"}}}");

    private static String node(String name, int allocatable, String spec, String notReady, String capacity) {
        return """
                {"metadata": {"name": "%s", "labels": {"nvidia.com/gpu.count": "8", "scepsy.dev/rack": "r",
                  "nvidia.com/gpu.product": "NVIDIA-H100-80GB-HBM3", "nvidia.com/gpu.memory": "81559"}},
                 "spec": {%s},
                 "status": {"capacity": {"nvidia.com/gpu": "8"%s}, "allocatable": {"nvidia.com/gpu": "%d", "cpu": "95500m", "memory": "1048576000Ki"},
                   "conditions": [{"type": "Ready", "status": "%s", "message": "%s"}]}}
                """.formatted(name, spec, capacity, allocatable, notReady.isEmpty() ? "True" : "Unknown", notReady);
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String path = exchange.getRequestURI().getPath();
            boolean forbidden = path.equals("/api/v1/pods") && !mayListAllPods;
            String text = path.equals("/api/v1/nodes")
                    ? "{\"kind\": \"NodeList\", \"apiVersion\": \"v1\", \"metadata\": {}, \"items\": ["
                            + String.join(",", NODES) + "]}"
                    : forbidden
                            ? "{\"kind\": \"Status\", \"apiVersion\": \"v1\", \"status\": \"Failure\", \"code\": 403, \"reason\": \"Forbidden\","
                                    + " \"message\": \"pods is forbidden: User \\\"me\\\" cannot list resource \\\"pods\\\" at the cluster scope\"}"
                            : "{\"kind\": \"PodList\", \"apiVersion\": \"v1\", \"metadata\": {}, \"items\": [{\"metadata\": {\"name\": \"job\", \"namespace\": \"training\"},"
                                    + " \"spec\": {\"nodeName\": \"held\", \"containers\": [{\"resources\": {\"limits\": {\"nvidia.com/gpu\": \"8\", \"cpu\": \"10250m\"}, \"requests\": {\"memory\": \"100Gi\"}}}]}}]}";
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(forbidden ? 403 : 200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    // F9, B6
    @Test
    void initWritesWhatCanBeUsedAndSaysWhatCannot() throws IOException {
        CommandLineRun run = CommandLineRun.of("init", "--kubernetes", "--server", url(), "--folder", folder);

        assertThat(run.exitCode()).as(run.err()).isZero();
        Path file = folder.resolve("cluster.yaml");
        Map<String, Node> nodes =
                ClusterFile.read(file, Catalogue.builtIn()).legalValue().orElseThrow().cluster().nodes().stream()
                        .collect(Collectors.toMap(Node::name, Function.identity()));
        assertThat(nodes).containsOnlyKeys("full", "part", "held");
        assertThat(nodes.get("full").usableGpus(0)).isEqualTo(8);
        assertThat(nodes.get("full").gpu().memoryGiB()).as("81559 MiB").isEqualTo(79.64);
        assertThat(nodes.get("part").usableGpus(0)).isEqualTo(6);
        assertThat(nodes.get("held").usableGpus(0)).isZero();
        assertThat(nodes.get("full").host()).isEqualTo(new HostRoom(OptionalDouble.of(95.5), OptionalDouble.of(1000)));
        assertThat(nodes.get("held").host())
                .as("less what a pod of others requests; its limit where it requests nothing")
                .isEqualTo(new HostRoom(OptionalDouble.of(85.25), OptionalDouble.of(900)));
        assertThat(Files.readString(file))
                .contains("# - {name: \"down\"")
                .contains("none of its 8 GPUs is allocatable")
                .contains("cut into MIG slices {nvidia.com/mig-1g.10gb=14}")
                .contains("held by others: training/job")
                .contains("it is cordoned (kubectl uncordon cordoned)")
                .contains("{key: pool, operator: Equal, value: \"gpu\", effect: NoSchedule}")
                .contains("Kubelet stopped posting node status.");
        assertThat(run.err())
                .contains("warning: Node down is left out")
                .contains("Node amd has 8 AMD GPUs (amd.com/gpu, AMD_Instinct_MI300X_OAM): left out");
        assertThat(run.out()).contains("3 nodes, 4 more as comments");
    }

    @Test
    void withoutTheRightToListPodsEverywhereThatIsSaid() {
        mayListAllPods = false;
        CommandLineRun run = CommandLineRun.of("init", "--kubernetes", "--server", url(), "--folder", folder);

        assertThat(run.exitCode()).isZero();
        assertThat(run.err())
                .contains("GPUs, processors and memory that pods of other namespaces hold were not looked at")
                .contains("cannot list resource \"pods\" at the cluster scope (HTTP 403)");
    }

    @Test
    void aPlanMayBeMadeForTheClusterAsItIs() throws IOException {
        Path models = Files.writeString(folder.resolve("models.yaml"), """
                models:
                  - {name: chat, architecture: Llama-3.1-8B, minReplicas: 14, tensorParallel: [1]}
                """);
        Path workflows = Files.writeString(folder.resolve("workflows.json"), """
                {"workflows": [{"name": "w", "targetPerSecond": 0.1, "models": [
                  {"model": "chat", "callsPerExecution": 1, "inputTokens": {"mean": 300}, "outputTokens": {"mean": 50}}]}]}
                """);
        Path out = folder.resolve("plan.json");

        CommandLineRun run = CommandLineRun.of(
                "plan",
                "--cluster",
                "kubernetes:",
                "--server",
                url(),
                "--models",
                models,
                "--workflows",
                workflows,
                "--out",
                out);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).contains("kubernetes:: Node tainted is left out");
        assertThat(Files.readString(out))
                .as("14 GPUs can be used")
                .contains("\"full\"")
                .contains("\"part\"")
                .doesNotContain("\"held\"")
                .doesNotContain("\"tainted\"")
                .doesNotContain("\"down\"");
        Files.writeString(models, Files.readString(models).replace("minReplicas: 14", "minReplicas: 15"));
        assertThat(CommandLineRun.of(
                                "plan",
                                "--cluster",
                                "kubernetes:llm",
                                "--server",
                                url(),
                                "--models",
                                models,
                                "--workflows",
                                workflows,
                                "--out",
                                out)
                        .exitCode())
                .as("and no fifteenth")
                .isEqualTo(ExitCode.INFEASIBLE);
    }

    @Test
    void aClusterThatCannotBeReadIsBadInputWithItsReason() throws IOException {
        Path models = Files.writeString(folder.resolve("models.yaml"), "models: []\n");
        CommandLineRun run = CommandLineRun.of(
                "plan",
                "--cluster",
                "kubernetes:",
                "--server",
                "http://127.0.0.1:9",
                "--models",
                models,
                "--workflows",
                models);

        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains("kubernetes:: The API server http://127.0.0.1:9/ cannot be reached");
    }

    @ParameterizedTest
    @CsvSource({
        "Tesla-T4, T4-16GB",
        "NVIDIA-A10G, A10G-24GB",
        "NVIDIA-H100-NVL, H100-NVL-94GB",
        "NVIDIA-H200-NVL, H200-NVL-141GB",
        "NVIDIA-GH200-480GB, GH200-96GB",
        "NVIDIA-GB200, GB200-186GB",
        "NVIDIA-H20, H20-96GB",
        "NVIDIA-A10G-SHARED, A10G-24GB"
    })
    void productsAreKnownByTheNamesThatDiscoveryWrites(String product, String key) {
        assertThat(ClusterSkeleton.of(
                        List.of(new dev.scepsy.planner.cluster.GpuNode(
                                "n",
                                java.util.Optional.empty(),
                                java.util.Optional.of(product),
                                1,
                                java.util.OptionalInt.empty(),
                                java.util.OptionalDouble.of(15),
                                java.util.Optional.empty(),
                                java.util.OptionalInt.empty())),
                        Catalogue.builtIn()))
                .contains("gpu: \"" + key + "\"");
    }
}
