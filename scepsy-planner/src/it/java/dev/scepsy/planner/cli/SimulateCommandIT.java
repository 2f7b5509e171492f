package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scepsy simulate} as packaged: same bytes, open and closed loop, replay, failures, and what it refuses. */
class SimulateCommandIT {

    private static final Path JAR = Path.of("target/scepsy-cli.jar").toAbsolutePath();

    @TempDir
    Path folder;

    @BeforeEach
    void oneModelOnTwoGpus() throws IOException {
        write("cluster.yaml", """
            racks:
              - {name: r, nodes: [{name: n1, gpu: H100-SXM-80GB, gpus: 1}, {name: n2, gpu: H100-SXM-80GB, gpus: 1}]}
            """);
        write("models.yaml", "models: [{name: writer, architecture: Llama-3.1-8B, maxModelLength: 8192}]");
        write("plan.json", """
            {"objectiveSeconds": 1, "lowerBoundSeconds": 1, "optimalityGap": 0,
             "allocations": [{"model": "writer", "gpu": "H100-SXM-80GB", "gpuFraction": 1.0, "tensorParallel": 1,
               "replicas": 2, "memoryGiBPerGpu": 80.0}],
             "placements": [{"model": "writer", "replica": 0, "node": "n1", "gpus": [0]},
                            {"model": "writer", "replica": 1, "node": "n2", "gpus": [0]}],
             "predictions": [], "gpusUsed": 2.0, "largestFreeGroup": 0}
            """);
        write("workflows.json", """
            {"workflows": [{"name": "chat", "targetPerSecond": 2, "otherSeconds": 0.2, "models": [
              {"model": "writer", "callsPerExecution": 2, "inputTokens": {"mean": 500, "p99": 900},
               "outputTokens": {"mean": 100, "p99": 300}}]}]}
            """);
        write("traces.jsonl", String.join("\n", executions(20)));
    }

    @Test
    void theSameSeedGivesTheSameBytesAndAnotherSeedOthers() throws Exception {
        String[] options = {"--workflows", "workflows.json", "--duration", "120", "--mtbf", "60", "--restart-time", "5"
        };
        Run first = simulate(with(options, "--json", "--seed", "7", "--out", "first.json"));
        Run second = simulate(with(options, "--json", "--seed", "7", "--out", "second.json"));
        Run other = simulate(with(options, "--json", "--seed", "8"));

        assertThat(first.exitCode()).as(first.err()).isZero();
        assertThat(second.out()).isEqualTo(first.out());
        assertThat(Files.readAllBytes(folder.resolve("second.json")))
                .isEqualTo(Files.readAllBytes(folder.resolve("first.json")));
        assertThat(other.out()).isNotEqualTo(first.out());
        JsonNode model = json(first).get("models").get(0);
        assertThat(model.get("failures").asInt()).isPositive();
        assertThat(model.get("availability").asDouble()).isBetween(0.5, 0.999);
    }

    @Test
    void theTextSaysLatenciesQueuesUtilisationAndWhetherItConverged() throws Exception {
        Run run = simulate("--workflows", "workflows.json", "--duration", "300");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("p99 s (95 %)", "queue s", "queued", "first token s", "busy %", "preempted")
                .containsPattern("workflow chat: [0-9]+ executions, mean known to [0-9.]+ %: converged");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void callsLongerThanTheEngineTakesAreRefusedAndCountedExactlyWhereTheyWereRecorded() throws Exception {
        write("models.yaml", "models: [{name: writer, architecture: Llama-3.1-8B, maxModelLength: 8192}]");
        Run impossible = simulateOf(
                "{\"mean\": 9000}", "--workflows", "workflows.json", "--duration", "120", "--out", "out.json");

        assertThat(impossible.exitCode()).isEqualTo(2);
        assertThat(impossible.err())
                .contains(
                        "workflows.json:2:",
                        "has 9000 + 100 tokens of prompt and answer, which is above its" + " maxModelLength (8192)");
        assertThat(Files.exists(folder.resolve("out.json"))).isFalse();

        Run estimated = simulateOf(
                "{\"mean\": 500, \"p99\": 50000}", "--workflows", "workflows.json", "--json", "--duration", "600");

        assertThat(estimated.exitCode()).as(estimated.err()).isZero();
        assertThat(estimated.err()).contains("of the calls of workflow (chat) to model (writer) are longer than its");
        JsonNode writer = json(estimated).get("models").get(0);
        assertThat(writer.get("refusedCalls").asDouble() / writer.get("calls").asDouble())
                .isBetween(0.001, 0.05);

        write("models.yaml", "models: [{name: writer, architecture: Llama-3.1-8B, maxModelLength: 400}]");
        Run recorded = simulate("--traces", "traces.jsonl", "--json", "--duration", "60");

        assertThat(recorded.err())
                .contains(
                        "traces.jsonl: 20 of 40 recorded calls to model (writer), 50.0 %, are longer than its engines")
                .doesNotContain("About");
        JsonNode replayed = json(recorded).get("models").get(0);
        assertThat(replayed.get("refusedCalls").asDouble()
                        / replayed.get("calls").asDouble())
                .isCloseTo(0.5, within(0.05));
    }

    private Run simulateOf(String inputTokens, String... options) throws Exception {
        write("workflows.json", """
            {"workflows": [{"name": "chat", "targetPerSecond": 2, "otherSeconds": 0.2, "models": [
              {"model": "writer", "callsPerExecution": 2, "inputTokens": %s, "outputTokens": {"mean": 100}}]}]}
            """.formatted(inputTokens));
        return simulate(options);
    }

    @Test
    void aClosedLoopKeepsLittlesLaw() throws Exception {
        JsonNode workflow = json(simulate(
                        "--workflows",
                        "workflows.json",
                        "--json",
                        "--duration",
                        "600",
                        "--clients",
                        "chat=12",
                        "--think-time",
                        "3"))
                .get("workflows")
                .get(0);

        assertThat(workflow.get("targetPerSecond").isNull()).isTrue();
        double latency = workflow.get("latencySeconds").get("mean").asDouble();
        assertThat(workflow.get("throughputPerSecond").asDouble() * (latency + 3))
                .isCloseTo(12, within(0.6));
    }

    @Test
    void recordedArrivalsReplayEveryExecutionOnceAndScaled() throws Exception {
        JsonNode asRecorded =
                json(simulate("--traces", "traces.jsonl", "--json", "--arrivals", "recorded", "--warm-up", "0"));
        JsonNode twiceAsFast = json(simulate(
                "--traces", "traces.jsonl", "--json", "--arrivals", "recorded", "--warm-up", "0", "--rate-scale", "2"));

        assertThat(asRecorded.get("workflows").get(0).get("completed").asInt()).isEqualTo(20);
        // twenty executions of five seconds, one every three seconds
        assertThat(asRecorded.get("durationSeconds").asDouble()).isCloseTo(19 * 3 + 5, within(1e-6));
        assertThat(twiceAsFast.get("durationSeconds").asDouble()).isCloseTo((19 * 3 + 5) / 2.0, within(1e-6));
        // a tool of one second, and gaps of half a second before and behind
        assertThat(asRecorded
                        .get("workflows")
                        .get(0)
                        .get("latencySeconds")
                        .get("mean")
                        .asDouble())
                .isBetween(2.0, 5.0);
        assertThat(asRecorded.get("models").get(0).get("calls").asInt()).isEqualTo(40);
    }

    @Test
    void conversationsFindTheirBeginningWhereAskedTo() throws Exception {
        String[] options = {"--traces", "traces.jsonl", "--json", "--duration", "200"};
        JsonNode rate = json(simulate(options)).get("models").get(0);
        JsonNode talks = json(simulate(with(options, "--prefix-cache", "conversations")))
                .get("models")
                .get(0);

        assertThat(rate.get("prefixHitRate").asDouble()).isZero();
        // the second prompt of 400 tokens begins with the first one's 200 and 100; the router sends half of them
        // elsewhere
        assertThat(talks.get("prefixHitRate").asDouble()).isBetween(0.1, 0.5);
    }

    @Test
    void aNodeThatFailsForAWhileSlowsButLosesNothing() throws Exception {
        String[] options = {"--workflows", "workflows.json", "--json", "--duration", "200", "--target", "chat=8"};
        JsonNode whole = json(simulate(options));
        JsonNode failing = json(simulate(with(options, "--failure", "n1@50+60")));
        JsonNode failed = json(simulate(with(options, "--failure", "writer#0@50+60", "--lost-calls", "fail")));

        assertThat(failing.get("workflows").get(0).get("failed").asInt()).isZero();
        assertThat(failing.get("workflows").get(0).get("unfinished").asInt()).isZero();
        assertThat(mean(failing)).isGreaterThan(mean(whole));
        assertThat(failing.get("models").get(0).get("availability").asDouble()).isCloseTo(1 - 60 / 360.0, within(1e-6));
        assertThat(failing.get("models").get(0).get("resentCalls").asInt()).isPositive();
        assertThat(failed.get("workflows").get(0).get("failed").asInt()).isPositive();
    }

    @Test
    void everythingAbsurdIsRefusedAtOnceWithWhatWouldDo() throws Exception {
        Run options = simulate(
                "--workflows",
                "workflows.json",
                "--duration",
                "-5",
                "--routing",
                "luck",
                "--arrivals",
                "recorded",
                "--clients",
                "chat=0");
        assertThat(options.exitCode()).isEqualTo(2);
        assertThat(options.err())
                .contains(
                        "--duration (-5.0)",
                        "--routing (luck)",
                        "need --traces",
                        "--clients (chat=0)",
                        "4 problems found");

        Run rates = simulate("--workflows", "workflows.json", "--target", "chat=900000", "--duration", "1000000");
        assertThat(rates.exitCode()).isEqualTo(2);
        assertThat(rates.err()).contains("Use a shorter --duration or lower rates");

        Run failures = simulate("--workflows", "workflows.json", "--failure", "writer#2@10", "--failure", "soon");
        assertThat(failures.exitCode()).isEqualTo(2);
        assertThat(failures.err())
                .contains("There are: writer#0, writer#1, n1, n2", "WHAT@AT+LASTS", "2 problems found");
    }

    private static double mean(JsonNode report) {
        return report.get("workflows").get(0).get("latencySeconds").get("mean").asDouble();
    }

    /** One every three seconds: an agent that asks, uses a tool for a second, and asks again with all that was said. */
    private static List<String> executions(int count) {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long start = 1_700_000_000_000_000_000L + i * 3_000_000_000L;
            String spans = String.join(
                    ",",
                    span(
                            i,
                            1,
                            0,
                            "invoke_workflow chat",
                            start,
                            0,
                            5,
                            attribute("gen_ai.operation.name", "invoke_workflow"),
                            attribute("gen_ai.workflow.name", "chat")),
                    span(
                            i,
                            2,
                            1,
                            "invoke_agent writer",
                            start,
                            0.5,
                            4.5,
                            attribute("gen_ai.operation.name", "invoke_agent"),
                            attribute("gen_ai.agent.name", "writer")),
                    call(i, 3, start, 0.5, 1.5, 200, 100),
                    span(
                            i,
                            4,
                            2,
                            "execute_tool search",
                            start,
                            1.5,
                            2.5,
                            attribute("gen_ai.operation.name", "execute_tool")),
                    call(i, 5, start, 2.5, 4.5, 400, 50));
            lines.add("{\"resourceSpans\":[{\"resource\":{},\"scopeSpans\":[{\"spans\":[" + spans + "]}]}]}");
        }
        return lines;
    }

    private static String call(int execution, int id, long start, double from, double to, int input, int output) {
        return span(
                execution,
                id,
                2,
                "chat writer",
                start,
                from,
                to,
                attribute("gen_ai.operation.name", "chat"),
                attribute("gen_ai.request.model", "writer"),
                number("gen_ai.usage.input_tokens", input),
                number("gen_ai.usage.output_tokens", output));
    }

    private static String span(
            int execution, int id, int parent, String name, long start, double from, double to, String... attributes) {
        return String.format(
                "{\"traceId\":\"%032x\",\"spanId\":\"%016x\",%s\"name\":\"%s\",\"kind\":%d,\"startTimeUnixNano\":\"%d\","
                        + "\"endTimeUnixNano\":\"%d\",\"attributes\":[%s]}",
                execution + 1,
                execution * 16 + id,
                parent == 0 ? "" : String.format("\"parentSpanId\":\"%016x\",", execution * 16 + parent),
                name,
                name.startsWith("chat") ? 3 : 1,
                start + (long) (from * 1e9),
                start + (long) (to * 1e9),
                String.join(",", attributes));
    }

    private static String attribute(String key, String value) {
        return "{\"key\":\"" + key + "\",\"value\":{\"stringValue\":\"" + value + "\"}}";
    }

    private static String number(String key, long value) {
        return "{\"key\":\"" + key + "\",\"value\":{\"intValue\":\"" + value + "\"}}";
    }

    private static String[] with(String[] options, String... more) {
        String[] all = Arrays.copyOf(options, options.length + more.length);
        System.arraycopy(more, 0, all, options.length, more.length);
        return all;
    }

    private record Run(int exitCode, String out, String err) {}

    private static JsonNode json(Run run) throws IOException {
        assertThat(run.exitCode()).as(run.err()).isZero();
        return new ObjectMapper().readTree(run.out());
    }

    private Run simulate(String... more) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-jar",
                JAR.toString(),
                "simulate",
                "--cluster",
                "cluster.yaml",
                "--models",
                "models.yaml",
                "--plan",
                "plan.json"));
        command.addAll(List.of(more));
        Path err = folder.resolve("stderr");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectError(err.toFile())
                .start();
        process.getOutputStream().close();
        try (InputStream out = process.getInputStream()) {
            String text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
            return new Run(process.exitValue(), text, Files.readString(err));
        } finally {
            process.destroyForcibly();
        }
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }
}
