package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.cli.PackagedCli.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No verb of the packaged command line plans, predicts or renders an engine that its engine refuses to start. */
class StartableDegreesIT {

    @TempDir
    Path folder;

    private PackagedCli cli = new PackagedCli(Path.of(""));

    @BeforeEach
    void sevenBillionParametersOnEightGpus() throws Exception {
        cli = new PackagedCli(folder);
        cli.write("cluster.yaml", "racks: [{name: r, nodes: [{name: n1, gpu: H100-SXM-80GB, gpus: 8}]}]");
        cli.write("models.yaml", "models: [{name: chat, architecture: Qwen2.5-7B, maxModelLength: 8192}]");
        cli.write("workflows.json", """
                {"workflows":[{"name":"w","targetPerSecond":0.5,"models":[{"model":"chat","callsPerExecution":1,
                  "inputTokens":{"mean":1000},"outputTokens":{"mean":500}}]}]}
                """);
    }

    @Test
    void thePlanOfSevenBillionParametersStarts() throws Exception {
        Run run = cli.on("plan", "--out", "plan.json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode allocation = cli.json("plan.json").path("allocations").get(0);
        assertThat(allocation.path("tensorParallel").asInt()).isIn(1, 2, 4);
        assertThat(render().exitCode()).isZero();
    }

    @Test
    void seventyTwoBillionParametersInGroupsAreNotSplitInTwo() throws Exception {
        cli.write("awq.json", """
                {"model_type": "qwen2", "hidden_size": 8192, "intermediate_size": 29568, "num_attention_heads": 64,
                 "num_key_value_heads": 8, "num_hidden_layers": 80, "vocab_size": 152064,
                 "quantization_config": {"quant_method": "awq", "bits": 4, "group_size": 128}}
                """);
        cli.write("cluster.yaml", "racks: [{name: r, nodes: [{name: n1, gpu: H100-SXM-80GB, gpus: 2}]}]");
        cli.write(
                "models.yaml", "models: [{name: chat, config: awq.json, weightPrecision: int4, maxModelLength: 8192}]");

        assertThat(cli.on("plan", "--out", "plan.json").exitCode()).isZero();
        assertThat(cli.json("plan.json")
                        .path("allocations")
                        .get(0)
                        .path("tensorParallel")
                        .asInt())
                .isOne();
    }

    @Test
    void aPlanThatWouldNotStartIsNeitherPredictedNorRenderedUnlessItWasMeasured() throws Exception {
        cli.write("plan.json", """
                {"allocations": [{"model": "chat", "gpu": "H100-SXM-80GB", "gpuFraction": 1.0, "tensorParallel": 7,
                   "replicas": 1, "memoryGiBPerGpu": 80.0}],
                 "placements": [{"model": "chat", "replica": 0, "node": "n1", "gpus": [0, 1, 2, 3, 4, 5, 6]}]}
                """);

        Run predicted = cli.on("predict", "--plan", "plan.json", "--out", "predicted.json");
        Run rendered = render("--out", "manifests");

        assertThat(predicted.exitCode()).isEqualTo(2);
        assertThat(predicted.err())
                .contains("plan.json:1:", "vllm does not start on 7 GPUs: the 4 KV heads of Qwen2.5-7B");
        assertThat(rendered.exitCode()).isEqualTo(2);
        assertThat(rendered.err())
                .contains("plan.json:1:", "allocations[0].tensorParallel: The tensorParallel (7) of model (chat)")
                .contains("It starts with 1, 2, 4.");
        assertThat(Files.exists(folder.resolve("predicted.json"))).isFalse();
        assertThat(Files.exists(folder.resolve("manifests"))).isFalse();

        cli.write("profiles.yaml", """
                profiles: [{model: chat, gpu: H100-SXM-80GB, tensorParallel: 7,
                            curve: [{requestsPerSecond: 4, meanLatencySeconds: 1}]}]
                """);

        assertThat(cli.onMeasured("predict", "--plan", "plan.json").err()).contains("The measurement is believed");
        assertThat(render("--profiles", "profiles.yaml").out()).contains("--tensor-parallel-size", "\"7\"");
    }

    @Test
    void theEngineVerbAnswersWithTheReason() throws Exception {
        cli.write("rows.csv", """
                model,gpu,engine,weightPrecision,tensorParallel,inputTokens,outputTokens,concurrency
                Qwen2.5-7B,H100-SXM-80GB,vllm,bf16,7,1000,500,8
                MiniMax-M2.5,H200-SXM-141GB,sglang,fp8,8,1000,500,8
                MiniMax-M2.5,H200-SXM-141GB,vllm,fp8,4,1000,500,8
                """);

        Run run = cli.run(List.of("engine", "--batch", "rows.csv"));

        assertThat(run.exitCode()).isZero();
        List<String> lines = run.out().lines().toList();
        assertThat(lines.get(1)).contains("500,8,,,the 4 KV heads of Qwen2.5-7B can neither be split evenly over");
        assertThat(lines.get(2))
                .contains("500,8,,,tensorParallel 8 cuts the 12 groups of 128 fp8 weights in the expert width (1536)");
        assertThat(lines.get(3)).doesNotContain("groups");
    }

    private Run render(String... more) throws Exception {
        List<String> arguments = new ArrayList<>(
                List.of("render", "--cluster", "cluster.yaml", "--models", "models.yaml", "--plan", "plan.json"));
        arguments.addAll(List.of(more));
        return cli.run(arguments);
    }
}
