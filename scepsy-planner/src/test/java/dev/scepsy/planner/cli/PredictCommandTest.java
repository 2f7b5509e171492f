package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scepsy predict} from files to JSON. */
class PredictCommandTest {

    @TempDir
    Path folder;

    @BeforeEach
    void aSmallProblem() {
        write(
                "cluster.yaml",
                "racks: [{name: r, nodes: [{name: n, gpu: G, gpus: 4, memoryGiB: 80, sharing: {mode: mps}}]}]");
        write("models.yaml", "models: [{name: a}, {name: b}, {name: api, external: true}]");
        write("profiles.yaml", """
                profiles:
                  - {model: a, gpu: G, curve: [{requestsPerSecond: 1, meanLatencySeconds: 1}, {requestsPerSecond: 5, meanLatencySeconds: 3}]}
                  - {model: b, gpu: G, gpuFraction: 0.5, curve: [{requestsPerSecond: 4, meanLatencySeconds: 0.5}]}
                """);
        write("workflows.json", """
                {"workflows": [
                  {"name": "w", "targetPerSecond": 2, "otherSeconds": 0.25, "models": [
                    {"model": "a", "callsPerExecution": 3, "sequentialCalls": 2},
                    {"model": "b", "callsPerExecution": 1},
                    {"model": "api", "callsPerExecution": 2, "parallelism": 2, "meanCallSeconds": 4}]},
                  {"name": "v", "targetPerSecond": null, "models": [{"model": "b", "callsPerExecution": 2}]}]}
                """);
        plan(2, 1);
    }

    @Test
    void predictsEveryWorkflowInTheOrderOfTheFile() throws IOException {
        CommandLineRun run = predict("--target", "v=1");

        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        JsonNode predictions = new ObjectMapper().readTree(run.out()).get("predictions");
        assertThat(predictions).hasSize(2);
        JsonNode w = predictions.get(0);
        // a: 6/s on two replicas, 3/s each: 2 s; b: 2 + 2 = 4/s, its saturation: 0.5 s; api: 4 s once
        assertThat(w.get("workflow").asText()).isEqualTo("w");
        assertThat(w.get("latencySeconds").asDouble()).isCloseTo(0.25 + 2 * 2 + 0.5 + 4, within(1e-12));
        // a leaves 10/3, b leaves (4 - 2)/1
        assertThat(w.get("maxThroughputPerSecond").asDouble()).isEqualTo(2);
        assertThat(w.get("bottleneck").asText()).isEqualTo("b");
        assertThat(w.has("overloaded")).isFalse();
        assertThat(predictions.get(1).get("maxThroughputPerSecond").asDouble()).isEqualTo(1);
    }

    @Test
    void anOverloadedWorkflowHasNoLatencyAndTheVerbSucceeds() throws IOException {
        CommandLineRun run = predict("--target", "v=1.5");

        assertThat(run.exitCode()).isEqualTo(ExitCode.DONE);
        JsonNode w = new ObjectMapper().readTree(run.out()).get("predictions").get(0);
        assertThat(w.get("latencySeconds").isNull()).isTrue();
        assertThat(w.get("overloaded").asBoolean()).isTrue();
    }

    @Test
    void theUtilisationLimitCountsForThroughput() throws IOException {
        JsonNode predictions = new ObjectMapper()
                .readTree(
                        predict("--target", "v=0", "--max-utilisation", "0.75").out())
                .get("predictions");

        assertThat(predictions.get(0).get("maxThroughputPerSecond").asDouble()).isEqualTo(2.5);
        assertThat(predictions.get(0).get("bottleneck").asText()).isEqualTo("a");
    }

    @Test
    void thePublishedFormLeavesOutWhatItDoesNotKnow() throws IOException {
        JsonNode predictions = new ObjectMapper()
                .readTree(predict("--target", "v=0", "--form", "published").out())
                .get("predictions");

        assertThat(predictions.get(0).get("latencySeconds").asDouble()).isCloseTo(3 * 2 + 0.5 + 4, within(1e-12));
    }

    @Test
    void writesToAFileInstead() throws IOException {
        Path out = Files.createDirectory(folder.resolve("deep")).resolve("predictions.json");

        CommandLineRun run = predict("--target", "v=1", "--out", out.toString());

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isEmpty();
        assertThat(Files.readString(out)).isEqualTo(predict("--target", "v=1").out());
        try (var files = Files.list(out.getParent())) {
            assertThat(files).containsExactly(out);
        }
    }

    @Test
    void aWorkflowWithoutTargetIsBadInput() {
        assertThat(predict().exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(predict().err()).contains("workflows.json:6:", "--target v=RATE");
    }

    @Test
    void aPlanThatBreaksRulesIsBadInputWithItsLine() {
        plan(5, 1);
        CommandLineRun run = predict("--target", "v=1");

        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains("plan.json:", "GPU 3", "fractions");
    }

    @Test
    void aShapeWithoutProfileIsBadInput() {
        write(
                "plan.json",
                "{\"allocations\": [{\"model\": \"a\", \"gpu\": \"G\", \"gpuFraction\": 0.5, \"tensorParallel\": 1,"
                        + " \"replicas\": 1, \"memoryGiBPerGpu\": 40}, {\"model\": \"b\", \"gpu\": \"G\","
                        + " \"gpuFraction\": 0.5, \"tensorParallel\": 1, \"replicas\": 1, \"memoryGiBPerGpu\": 40}]}");
        CommandLineRun run = predict("--target", "v=1");

        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains("allocations[0]", "no profile on G with tensorParallel 1 and gpuFraction 0.5");
    }

    @Test
    void thePlanOfAnInfeasibleProblemIsBadInput() {
        write("plan.json", "{\"infeasible\": [], \"highestCommonScale\": null}");

        assertThat(predict("--target", "v=1").err()).contains("no plan exists");
        assertThat(predict("--target", "v=1").exitCode()).isEqualTo(ExitCode.BAD_INPUT);
    }

    @Test
    void problemsAreAlsoJson() throws IOException {
        JsonNode problems = new ObjectMapper().readTree(predict("--json").out()).get("problems");

        assertThat(problems.get(0).get("line").asInt()).isEqualTo(6);
        assertThat(problems.get(0).get("path").asText()).isEqualTo("workflows[1].targetPerSecond");
    }

    @Test
    void absurdOptionsAreBadInput() {
        assertThat(predict("--target", "v=-1").exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(predict("--target", "v=NaN").exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(predict("--target", "v").exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(predict("--target", "v=1", "--max-utilisation", "0").exitCode())
                .isEqualTo(ExitCode.BAD_INPUT);
        assertThat(predict("--target", "v=1", "--form", "mine").exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(predict("--target", "v=1", "--out", folder.toString()).exitCode())
                .isEqualTo(ExitCode.BAD_INPUT);
    }

    private CommandLineRun predict(String... more) {
        List<Object> arguments = new ArrayList<>(List.of("predict"));
        for (String name : List.of("cluster", "models", "profiles")) {
            arguments.addAll(List.of("--" + name, folder.resolve(name + ".yaml")));
        }
        arguments.addAll(
                List.of("--workflows", folder.resolve("workflows.json"), "--plan", folder.resolve("plan.json")));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray());
    }

    /** Replicas of a on whole GPUs from GPU 0 on, wrapping into GPU 3; replicas of b on halves of GPU 3. */
    private void plan(int replicasOfA, int replicasOfB) {
        StringBuilder placements = new StringBuilder();
        for (int replica = 0; replica < replicasOfA; replica++) {
            placements
                    .append("{\"model\": \"a\", \"replica\": ")
                    .append(replica)
                    .append(", \"node\": \"n\", \"gpus\": [")
                    .append(Math.min(3, replica))
                    .append("]},\n");
        }
        for (int replica = 0; replica < replicasOfB; replica++) {
            placements
                    .append(replica == 0 ? "" : ",\n")
                    .append("{\"model\": \"b\", \"replica\": ")
                    .append(replica)
                    .append(", \"node\": \"n\", \"gpus\": [3]}");
        }
        write(
                "plan.json",
                "{\"allocations\": [{\"model\": \"a\", \"gpu\": \"G\", \"gpuFraction\": 1, \"tensorParallel\": 1, \"replicas\": "
                        + replicasOfA + ", \"memoryGiBPerGpu\": 80},\n"
                        + "{\"model\": \"b\", \"gpu\": \"G\", \"gpuFraction\": 0.5, \"tensorParallel\": 1, \"replicas\": "
                        + replicasOfB + ", \"memoryGiBPerGpu\": 40}],\n\"placements\": [" + placements + "]}");
    }

    private void write(String name, String text) {
        try {
            Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
