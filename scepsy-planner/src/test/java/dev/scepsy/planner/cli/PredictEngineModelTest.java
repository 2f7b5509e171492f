package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scepsy predict} where the engine model speaks: bursts, replicas, neighbours and lengths. */
class PredictEngineModelTest {

    @TempDir
    Path folder;

    @BeforeEach
    void oneModel() throws IOException {
        write(
                "cluster.yaml",
                "racks: [{name: r, nodes: [{name: n, gpu: A100-SXM-80GB, gpus: 8, sharing: {mode: mps}}]}]");
        write("models.yaml", "models: [{name: m, architecture: Llama-3.1-8B}]");
        plan(1, 2);
    }

    @Test
    void burstsLengthenCallsAndCostNoThroughput() throws IOException {
        workflows(use("a", 4, 900, 200, ""));
        List<Prediction> alone = predict();
        workflows(use("a", 4, 900, 200, ", \"concurrentCalls\": 4"));
        List<Prediction> bursts = predict();

        assertThat(bursts.get(0).latencySeconds())
                .isGreaterThan(1.02 * alone.get(0).latencySeconds());
        assertThat(bursts.get(0).maxThroughput()).isEqualTo(alone.get(0).maxThroughput());
        assertThat(predict("--routing", "round-robin").get(0).latencySeconds())
                .isGreaterThanOrEqualTo(bursts.get(0).latencySeconds());
        assertThat(run("--routing", "random").exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run("--routing", "random").err())
                .contains("--routing", "The rule (random) must be least-requests, round-robin or connections=N.");
    }

    @Test
    void connectionsHaveAProbabilityOfOverloadAndCostThroughput() throws IOException {
        workflows(use("a", 4, 900, 200, ""));
        JsonNode even = entry();
        assertThat(even.get("routing").asText()).isEqualTo("least-requests");
        assertThat(even.has("overloadProbability")).isFalse();
        assertThat(entry("--routing", "least-loaded")).isEqualTo(even);

        JsonNode many = entry("--routing", "connections=2000");
        JsonNode few = entry("--routing", "connections=40");
        assertThat(many.get("routing").asText()).isEqualTo("connections=2000");
        assertThat(many.get("overloadProbability").asDouble()).isLessThan(1e-6);
        assertThat(many.get("latencySeconds").asDouble())
                .isCloseTo(even.get("latencySeconds").asDouble(), withinPercentage(3));
        assertThat(many.get("maxThroughputPerSecond").asDouble())
                .isLessThan(even.get("maxThroughputPerSecond").asDouble())
                .isGreaterThan(few.get("maxThroughputPerSecond").asDouble());
        assertThat(many.get("medianMaxThroughputPerSecond").asDouble())
                .isGreaterThan(many.get("maxThroughputPerSecond").asDouble());
        assertThat(many.get("latencyInterval95Seconds")).isEqualTo(even.get("latencyInterval95Seconds"));

        JsonNode tooFew = entry("--routing", "connections=1");
        assertThat(tooFew.get("overloaded").asBoolean()).isTrue();
        assertThat(tooFew.get("overloadProbability").asDouble()).isEqualTo(1);
    }

    @Test
    void noNumberOfConnectionsIsBadInputAndSoIsASearchByThem() throws IOException {
        workflows(use("a", 4, 900, 200, ""));
        for (String wrong : List.of("connections=0", "connections=many", "connections=-3", "connections=10001")) {
            CommandLineRun run = run("--routing", wrong);
            assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
            assertThat(run.err())
                    .contains(
                            "--routing",
                            "The rule (" + wrong + ") must say a whole number of connections from 1 to 10000");
        }
        assertThat(run("--routing", "connections=16,last-used").err())
                .contains("can be simulated only: leave ,last-used out, or use simulate.");
        CommandLineRun plan = CommandLineRun.of(
                "plan",
                "--cluster",
                folder.resolve("cluster.yaml"),
                "--models",
                folder.resolve("models.yaml"),
                "--workflows",
                folder.resolve("workflows.json"),
                "--out",
                folder.resolve("out.json"),
                "--routing",
                "connections=16");
        assertThat(plan.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(plan.err())
                .contains("The --routing (connections=16) is no rule to search by", "scepsy predict --plan");
    }

    private JsonNode entry(Object... more) throws IOException {
        CommandLineRun run = run(more);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        return new ObjectMapper().readTree(run.out()).get("predictions").get(0);
    }

    @Test
    void aMeasuredCurveIsUsedAsItIs() throws IOException {
        write(
                "profiles.yaml",
                "profiles: [{model: m, gpu: A100-SXM-80GB, curve: [{requestsPerSecond: 9, meanLatencySeconds: 1.5}]}]");
        workflows(use("a", 4, 900, 200, ", \"concurrentCalls\": 4, \"sequentialCalls\": 1"), use("b", 1, 900, 400, ""));

        List<Prediction> predictions = predict("--profiles", folder.resolve("profiles.yaml"));

        assertThat(predictions.get(0).latencySeconds()).isEqualTo(1.5);
        assertThat(predictions.get(1).latencySeconds()).isEqualTo(1.5);
    }

    @Test
    void aWorkflowOfLongerCallsIsChargedMoreOfAModelItShares() throws IOException {
        workflows(use("short", 1, 900, 100, ""), use("long", 1, 900, 400, ""));
        List<Prediction> predictions = predict();
        double ratio = predictions.get(1).latencySeconds() / predictions.get(0).latencySeconds();
        assertThat(ratio).isBetween(3.2, 4.0);

        workflows(use("one", 1, 900, 250, ""), use("other", 1, 900, 250, ""));
        List<Prediction> equal = predict();
        assertThat(equal.get(0).latencySeconds()).isEqualTo(equal.get(1).latencySeconds());
        // the mean call of both pairs is the same, so is what the two ask of the model together
        double mean = (predictions.get(0).latencySeconds() + predictions.get(1).latencySeconds()) / 2;
        assertThat(mean).isCloseTo(equal.get(0).latencySeconds(), within(0.01 * mean));
        // as published there is one latency per model
        List<Prediction> published = predict("--form", "published");
        assertThat(published.get(0).latencySeconds()).isEqualTo(published.get(1).latencySeconds());
    }

    @Test
    void anEngineOnHalfACardSlowsDownAsItsNeighboursGetBusy() throws IOException {
        workflows(use("a", 1, 900, 200, ""));
        plan(1, 1);
        double idle = predict("--target", "a=0.001").get(0).latencySeconds();
        double busy = predict("--target", "a=6").get(0).latencySeconds();
        plan(0.5, 1);
        double idleHalf = predict("--target", "a=0.001").get(0).latencySeconds();
        double busyHalf = predict("--target", "a=6").get(0).latencySeconds();

        assertThat(idleHalf / idle).isBetween(1.0, 1.15);
        assertThat(busyHalf / busy).isGreaterThan(1.3);
    }

    private record Prediction(double latencySeconds, double maxThroughput) {}

    private List<Prediction> predict(Object... more) throws IOException {
        CommandLineRun run = run(more);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.DONE);
        List<Prediction> predictions = new ArrayList<>();
        new ObjectMapper()
                .readTree(run.out())
                .get("predictions")
                .forEach(prediction -> predictions.add(new Prediction(
                        prediction.get("latencySeconds").asDouble(),
                        prediction.get("maxThroughputPerSecond").asDouble())));
        return predictions;
    }

    private CommandLineRun run(Object... more) {
        List<Object> arguments = new ArrayList<>(List.of("predict"));
        for (String name : List.of("cluster", "models")) {
            arguments.addAll(List.of("--" + name, folder.resolve(name + ".yaml")));
        }
        arguments.addAll(
                List.of("--workflows", folder.resolve("workflows.json"), "--plan", folder.resolve("plan.json")));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray());
    }

    private static String use(String workflow, double calls, int input, int output, String more) {
        return "{\"name\": \"" + workflow + "\", \"targetPerSecond\": 1, \"models\": [{\"model\": \"m\","
                + " \"callsPerExecution\": " + calls + ", \"inputTokens\": {\"mean\": " + input
                + "}, \"outputTokens\": {\"mean\": " + output + "}" + more + "}]}";
    }

    private void workflows(String... workflows) throws IOException {
        write("workflows.json", "{\"workflows\": [" + String.join(", ", workflows) + "]}");
    }

    private void plan(double fraction, int replicas) throws IOException {
        StringBuilder placements = new StringBuilder();
        for (int replica = 0; replica < replicas; replica++) {
            placements
                    .append(replica == 0 ? "" : ", ")
                    .append("{\"model\": \"m\", \"replica\": " + replica + ", \"node\": \"n\", \"gpus\": [" + replica)
                    .append("]}");
        }
        write(
                "plan.json",
                "{\"objectiveSeconds\": 0, \"lowerBoundSeconds\": 0, \"optimalityGap\": 0, \"allocations\":"
                        + " [{\"model\": \"m\", \"gpu\": \"A100-SXM-80GB\", \"gpuFraction\": " + fraction
                        + ", \"tensorParallel\": 1, \"replicas\": " + replicas + ", \"memoryGiBPerGpu\": "
                        + 80 * fraction + "}], \"placements\": [" + placements
                        + "], \"predictions\": [], \"gpusUsed\": " + fraction * replicas
                        + ", \"largestFreeGroup\": 0}");
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }
}
