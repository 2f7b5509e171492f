package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.cli.ScepsyCommand;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script of {@code scepsy render --platform shell}, run on this machine: {@code vllm} in PATH is the emulated one, which takes what
 * vLLM's parser takes and starts as processes of the host do. What stands in for NVIDIA's MPS daemon only notes whether it runs.
 */
@EnabledOnOs(OS.LINUX)
class ShellPlatformIT {

    private static final String MPS = """
            #!/bin/sh
            up="${0%/*}/mps-is-up"
            if [ "${1-}" = -d ]; then
              touch "$up"
              exit 0
            fi
            read -r line
            [ -f "$up" ] || exit 1
            [ "$line" != quit ] || rm "$up"
            """;

    @TempDir
    Path folder;

    private int port;

    private record Ended(int code, String text) {
        int at(String part) {
            assertThat(text).contains(part);
            return text.indexOf(part);
        }
    }

    @BeforeEach
    void aHostWithTwoGpus() throws IOException {
        port = threePortsInARow();
        Files.writeString(folder.resolve("cluster.yaml"), """
                racks:
                  - name: rack-1
                    nodes:
                      - {name: node-1, gpu: A100-SXM-80GB, gpus: 2, sharing: {mode: mps, step: 0.1}}
                """);
        Files.writeString(folder.resolve("models.yaml"), """
                models:
                  - {name: generator, architecture: Llama-3.1-8B, maxModelLength: 8192, aliases: [writer]}
                  - {name: embedder, architecture: bge-m3}
                """);
        Files.createDirectories(folder.resolve("bin"));
        program("nvidia-cuda-mps-control", MPS);
        program("vllm", "#!/bin/sh\nexec " + Path.of("bin/vllm").toAbsolutePath() + " \"$@\"\n");
        // two embedders, which measure the card's memory when they start, on one GPU; a generator on the other
        render("first", "embedder 0.2 0 0, generator 0.5 1");
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        script("first", "stop", Map.of("SCEPSY_DRAIN_SECONDS", "0"));
    }

    private void program(String name, String text) throws IOException {
        Path file = folder.resolve("bin").resolve(name);
        Files.writeString(file, text);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private static int threePortsInARow() throws IOException {
        for (int attempt = 0; attempt < 100; attempt++) {
            try (ServerSocket first = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    ServerSocket ignored =
                            new ServerSocket(first.getLocalPort() + 1, 1, InetAddress.getLoopbackAddress());
                    ServerSocket third =
                            new ServerSocket(first.getLocalPort() + 2, 1, InetAddress.getLoopbackAddress())) {
                return third.getLocalPort() - 2;
            } catch (IOException | IllegalArgumentException taken) {
                // the next one
            }
        }
        throw new IOException("no three free ports in a row");
    }

    /** A plan written as {@code model fraction gpu...}. */
    private void render(String name, String plan) throws IOException {
        List<String> allocations = new ArrayList<>();
        List<String> placements = new ArrayList<>();
        for (String line : plan.split(", ")) {
            String[] words = line.split(" ");
            double fraction = Double.parseDouble(words[1]);
            allocations.add(
                    "{\"model\": \"%s\", \"gpu\": \"A100-SXM-80GB\", \"gpuFraction\": %s, \"tensorParallel\": 1, \"replicas\": %d, \"memoryGiBPerGpu\": %s}"
                            .formatted(words[0], fraction, words.length - 2, fraction * 78));
            for (int i = 2; i < words.length; i++) {
                placements.add("{\"model\": \"%s\", \"replica\": %d, \"node\": \"node-1\", \"gpus\": [%s]}"
                        .formatted(words[0], i - 2, words[i]));
            }
        }
        Files.writeString(
                folder.resolve(name + ".json"),
                "{\"allocations\": [" + String.join(",", allocations) + "], \"placements\": ["
                        + String.join(",", placements) + "]}");
        assertThat(ScepsyCommand.run(
                        "render",
                        "--platform",
                        "shell",
                        "--cluster",
                        folder.resolve("cluster.yaml").toString(),
                        "--models",
                        folder.resolve("models.yaml").toString(),
                        "--plan",
                        folder.resolve(name + ".json").toString(),
                        "--out",
                        folder.resolve(name).toString()))
                .isZero();
        Path script = folder.resolve(name).resolve("node-1.sh");
        assertThat(Files.isExecutable(script)).isTrue();
        // ports of this test's own choosing, whoever else runs engines on this machine
        String text = Files.readString(script);
        for (int i = 0; i < 3; i++) {
            text = text.replace("--port " + (8000 + i), "--port " + (port + i))
                    .replace("=" + (8000 + i), "=" + (port + i));
        }
        Files.writeString(script, text);
    }

    private Process begin(String plan, String verb, Path out, Map<String, String> more, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of("./" + plan + "/node-1.sh", verb));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        Map<String, String> environment = builder.environment();
        environment.put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
        environment.put("SCEPSY_STATE", folder.resolve("state").toString());
        environment.put(
                "SCEPSY_EMULATED_CLUSTER", folder.resolve("cluster.yaml").toString());
        environment.put("SCEPSY_EMULATED_MODELS", folder.resolve("models.yaml").toString());
        environment.put("SCEPSY_EMULATED_NODE", "node-1");
        environment.put("SCEPSY_EMULATED_GPUS", folder.resolve("gpus").toString());
        environment.put("SCEPSY_EMULATED_START_SECONDS", "3");
        environment.put("SCEPSY_EMULATED_TIME_SCALE", "10");
        environment.put("SCEPSY_EMULATED_CLASSPATH", classPath());
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.putAll(more);
        return builder.start();
    }

    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(part -> Path.of(part).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    private Ended script(String plan, String verb, Map<String, String> more) throws Exception {
        Path out = folder.resolve("out-" + verb);
        Process process = begin(plan, verb, out, more);
        assertThat(process.waitFor(180, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), Files.readString(out));
    }

    private Ended script(String plan, String verb) throws Exception {
        return script(plan, verb, Map.of());
    }

    private String chat(String model, int at) throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + at + "/v1/chat/completions"))
                                .header("Content-Type", "application/json")
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                "{\"model\": \"" + model
                                                        + "\", \"max_tokens\": 5, \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() + " " + answer.body();
    }

    @Test
    void aPlanIsStartedInOrderServedChangedAndStopped() throws Exception {
        Ended started = script("first", "start");
        assertThat(started.code).as(started.text).isZero();
        assertThat(started.at("embedder-0 is ready")).isLessThan(started.at("embedder-1 starts"));
        assertThat(started.at("generator-0 starts")).isLessThan(started.at("embedder-0 is ready"));
        assertThat(folder.resolve("bin/mps-is-up")).exists();

        Ended status = script("first", "status");
        assertThat(status.code).as(status.text).isZero();
        assertThat(status.text.lines().filter(line -> line.endsWith("ready"))).hasSize(3);
        assertThat(chat("writer", port + 2)).startsWith("200 ");

        Ended again = script("first", "start");
        assertThat(again.code).isZero();
        assertThat(again.text).as("idempotent").doesNotContain(" starts ");

        render("second", "embedder 0.2 0, generator 0.6 1");
        assertThat(script("second", "status").text)
                .contains("embedder-1               runs and is not in the plan")
                .containsPattern("generator-0 .* of another plan");
        Ended changed = script("second", "start");
        assertThat(changed.code).as(changed.text).isZero();
        assertThat(changed.text)
                .contains("embedder-1 is stopped", "generator-0 is stopped", "generator-0 starts")
                .doesNotContain("embedder-0 starts");
        assertThat(script("second", "status").code).isZero();
        assertThat(chat("generator", port + 1)).startsWith("200 ");

        Ended stopped = script("second", "stop");
        assertThat(stopped.code).as(stopped.text).isZero();
        assertThat(folder.resolve("bin/mps-is-up")).doesNotExist();
        assertThat(script("second", "status").code).isEqualTo(1);
        try (Stream<Path> left = Files.list(folder.resolve("gpus"))) {
            assertThat(left.map(Path::getFileName).map(Path::toString)).containsExactly("lock");
        }
    }

    @Test
    void anEngineThatEndsIsToldWithItsLogAndTheOthersStay() throws Exception {
        Path script = folder.resolve("first/node-1.sh");
        Files.writeString(script, Files.readString(script).replace("--gpu-memory-utilization", "--gpu-memory-use"));
        Ended ended = script("first", "start");
        assertThat(ended.code).isEqualTo(1);
        assertThat(ended.text)
                .contains("unrecognized arguments: --gpu-memory-use", "-0 has ended; the end of its log stands above");
        assertThat(script("first", "status").text).contains("stopped");
    }

    @Test
    void withoutTheOrderTheSecondEngineOnAGpuWouldEnd() throws Exception {
        Process first = begin("first", "run", folder.resolve("out-a"), slow(), "embedder-0");
        Process second = begin("first", "run", folder.resolve("out-b"), slow(), "embedder-1");
        try {
            Process ended = (Process)
                    CompletableFuture.anyOf(first.onExit(), second.onExit()).get(60, TimeUnit.SECONDS);
            assertThat(ended.exitValue()).isEqualTo(1);
            assertThat(Files.readString(folder.resolve(ended.equals(first) ? "out-a" : "out-b")))
                    .contains("Error in memory profiling");
        } finally {
            first.destroyForcibly();
            second.destroyForcibly();
        }
    }

    private static Map<String, String> slow() {
        return Map.of("SCEPSY_EMULATED_START_SECONDS", "600");
    }

    @Test
    void aMissingProgramIsSaidBeforeAnythingChanges() throws Exception {
        Files.delete(folder.resolve("bin/vllm"));
        Ended ended = script("first", "start", Map.of("PATH", folder.resolve("bin") + ":/usr/bin:/bin"));
        assertThat(ended.code).isEqualTo(1);
        assertThat(ended.text).contains("vllm is not in PATH; nothing was changed.");
    }
}
