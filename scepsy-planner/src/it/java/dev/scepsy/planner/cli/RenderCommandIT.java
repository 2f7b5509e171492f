package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verbs that write manifests and talk to a cluster, as the packaged command line runs them without one. */
class RenderCommandIT {

    @TempDir
    private Path folder;

    private record Ended(int code, String out, String err) {}

    private Ended scepsy(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                Path.of("target/scepsy-cli.jar").toAbsolutePath().toString()));
        command.addAll(List.of(arguments));
        Path out = folder.resolve("stdout");
        Path err = folder.resolve("stderr");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
    }

    @BeforeEach
    void writeFiles() throws IOException {
        write("cluster.yaml", """
                racks:
                  - name: rack-1
                    nodes:
                      - {name: node-1, gpu: A100-SXM-80GB, gpus: 2, sharing: {mode: mps}}
                """);
        write("models.yaml", """
                models:
                  - {name: critic, architecture: Qwen3-8B, servedFrom: Qwen/Qwen3-8B, maxModelLength: 8192}
                """);
        write("plan.json", """
                {"allocations": [{"model": "critic", "gpu": "A100-SXM-80GB", "gpuFraction": 0.5, "tensorParallel": 1,
                                  "replicas": 1, "memoryGiBPerGpu": 40.0}],
                 "placements": [{"model": "critic", "replica": 0, "node": "node-1", "gpus": [1]}]}
                """);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text, StandardCharsets.UTF_8);
    }

    private static String[] with(String verb, String... more) {
        return Stream.concat(
                        Stream.of(verb, "--cluster", "cluster.yaml", "--models", "models.yaml", "--plan", "plan.json"),
                        Stream.of(more))
                .toArray(String[]::new);
    }

    @Test
    void manifestsGoToStandardOutputAndEnforcementToStandardError() throws Exception {
        Ended ended = scepsy(with("render", "--platform", "kubernetes"));
        assertThat(ended.code).isZero();
        assertThat(ended.out).contains("kind: \"Service\"", "kind: \"Deployment\"", "CUDA_VISIBLE_DEVICES");
        assertThat(ended.err).contains("node-1 f=0.5: placement=gpu");
    }

    @Test
    void withAFolderEveryObjectIsAFile() throws Exception {
        assertThat(scepsy(with("render", "--out", "manifests")).code).isZero();
        try (Stream<Path> files = Files.list(folder.resolve("manifests"))) {
            assertThat(files.map(file -> file.getFileName().toString()).sorted().toList())
                    .hasSize(2)
                    .allMatch(name -> name.endsWith(".yaml"));
        }
    }

    @Test
    void aClusterThatCannotBeReachedIsRefusedBeforeAnyChange() throws Exception {
        int closedPort;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closedPort = socket.getLocalPort();
        }
        String server = "http://127.0.0.1:" + closedPort;
        for (String[] arguments :
                List.of(with("apply", "--server", server), new String[] {"rollback", "--server", server}, new String[] {
                    "status", "--server", server
                })) {
            Ended ended = scepsy(arguments);
            assertThat(ended.code).as(arguments[0]).isEqualTo(ExitCode.REFUSED);
            assertThat(ended.err).contains(server).contains("cannot be reached");
        }
    }

    @Test
    void aPlanThatDoesNotMatchItsFilesIsBadInputWithItsPlace() throws Exception {
        write("models.yaml", "models:\n  - {name: other, architecture: Qwen3-8B}\n");
        Ended ended = scepsy(with("render"));
        assertThat(ended.code).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(ended.err).contains("plan.json").contains("critic");
    }

    @Test
    void whatModelsWantOfTheirPodsIsMergedOrRefusedWithEveryReason() throws Exception {
        write("models.yaml", """
                podTemplate: {spec: {priorityClassName: serving}}
                models:
                  - name: critic
                    architecture: Qwen3-8B
                    engineArguments: [--seed, "7"]
                    podTemplate: {spec: {containers: [{name: engine, env: [{name: A, value: b}]}]}}
                """);
        Ended merged = scepsy(with("render"));
        assertThat(merged.err).doesNotContain("models.yaml");
        assertThat(merged.out)
                .contains("priorityClassName: \"serving\"", "name: \"A\"", "- \"--seed\"", "- \"Qwen/Qwen3-8B\"");

        write("models.yaml", """
                podTemplate: {spec: {nodeName: n}}
                models:
                  - name: critic
                    architecture: Qwen3-8B
                    podTemplate: {spec: {tolerate: []}}
                """);
        Ended refused = scepsy(with("render"));
        assertThat(refused.code).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(refused.err)
                .contains("models.yaml:1:", "podTemplate.spec.nodeName", "the plan owns it")
                .contains("models.yaml:5:", "models[0].podTemplate.spec.tolerate", "no such field");

        write("models.yaml", """
                models:
                  - {name: critic, architecture: Qwen3-8B, engineArguments: [--tensor_parallel_size=4, --max-model-len, "9"]}
                """);
        Ended owned = scepsy(with("render"));
        assertThat(owned.code).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(owned.err)
                .contains("must not hold --tensor_parallel_size: the plan says it")
                .contains("must not hold --max-model-len: use maxModelLength");
    }

    @Test
    void anEngineThatTakesAllThatIsFreeIsWarnedOfOnPartsOfCards() throws Exception {
        write(
                "models.yaml",
                "models:\n  - {name: critic, architecture: Qwen3-8B, engine: trtllm, image: 'trtllm:1.2'}\n");
        Ended ended = scepsy(with("render"));
        assertThat(ended.code).isZero();
        assertThat(ended.err).contains("planned on parts of cards", "gpuFractions: [1]");
        assertThat(ended.out).contains("trtllm-serve", "--kv_cache_free_gpu_memory_fraction");
    }

    @Test
    void anImageWithoutATagIsBadInputWithItsPlace() throws Exception {
        write("models.yaml", """
                models:
                  - {name: critic, architecture: Qwen3-8B, servedFrom: Qwen/Qwen3-8B, image: vllm/vllm-openai}
                """);
        Ended ended = scepsy(with("render", "--image", "registry.example.com:5000/vllm"));
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err())
                .contains("models.yaml:2:", "models[0].image: The image (vllm/vllm-openai) must have a tag or a digest")
                .contains("--image: The image (registry.example.com:5000/vllm) must have a tag or a digest");

        write("models.yaml", """
                models:
                  - {name: critic, architecture: Qwen3-8B, servedFrom: Qwen/Qwen3-8B, image: "vllm/vllm-openai:latest"}
                """);
        ended = scepsy(with("render"));
        assertThat(ended.code()).isZero();
        assertThat(ended.err()).contains("models[0].image: The image (vllm/vllm-openai:latest) is another one");
    }

    @Test
    void aModelWithoutARepositoryIsWarnedAbout() throws Exception {
        Files.writeString(folder.resolve("config.json"), """
                {"model_type": "qwen3", "num_hidden_layers": 36, "hidden_size": 4096, "num_attention_heads": 32, "num_key_value_heads": 8,
                 "head_dim": 128, "intermediate_size": 12288, "vocab_size": 151936, "tie_word_embeddings": false}
                """);
        write("models.yaml", "models:\n  - {name: critic, config: config.json}\n");
        Ended ended = scepsy(with("render"));
        assertThat(ended.code).isZero();
        assertThat(ended.err).contains("load (critic), which is no repository", "servedFrom");
        assertThat(ended.out)
                .as("its own shape says what is left for the cache")
                .contains("--kv-cache-memory-bytes");
    }
}
