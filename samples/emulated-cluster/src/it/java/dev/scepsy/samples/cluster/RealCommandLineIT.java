package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.samples.cluster.real.OnRealKubernetes;
import dev.scepsy.samples.cluster.real.RealCluster;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** The tests of {@link PushFromTheCommandLineIT} against a real API server, and the verbs that only read one. */
@OnRealKubernetes
class RealCommandLineIT extends PushFromTheCommandLineIT {

    @Override
    ClusterUnderTest startCluster() {
        return RealCluster.start();
    }

    @Test
    void initAndPlanReadTheNodes() throws Exception {
        run(scepsy("init", "--kubernetes", "--folder", "fresh"), 0);
        assertThat(Files.readString(folder.resolve("fresh/cluster.yaml")))
                .contains("node-1", "node-2", "A100-SXM-80GB", "gpus: 2");

        Files.writeString(folder.resolve("one.yaml"), """
                models:
                  - {name: chat, architecture: Llama-3.1-8B, tensorParallel: [1], gpuFractions: [1], minReplicas: 4}
                """);
        Files.writeString(folder.resolve("workflows.json"), """
                {"workflows": [{"name": "w", "targetPerSecond": 0.1, "models": [
                  {"model": "chat", "callsPerExecution": 1, "inputTokens": {"mean": 300}, "outputTokens": {"mean": 50}}]}]}
                """);
        run(
                scepsy(
                        "plan",
                        "--cluster",
                        "kubernetes:",
                        "--models",
                        "one.yaml",
                        "--workflows",
                        "workflows.json",
                        "--out",
                        "read.json"),
                0);
        assertThat(Files.readString(folder.resolve("read.json"))).contains("node-1", "node-2");
    }
}
