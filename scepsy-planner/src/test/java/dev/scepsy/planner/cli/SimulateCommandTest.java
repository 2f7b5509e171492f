package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulateCommandTest {

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void writeFiles() throws IOException {
        Files.writeString(folder.resolve("cluster.yaml"), """
            racks:
              - name: r
                nodes:
                  - {name: n, gpu: H100-SXM-80GB, gpus: 2}
            """);
        Files.writeString(folder.resolve("models.yaml"), """
            models:
              - {name: engine, architecture: Llama-3.1-8B, weightPrecision: bf16}
              - {name: curve}
            """);
        Files.writeString(folder.resolve("profiles.yaml"), """
            profiles:
              - model: curve
                gpu: H100-SXM-80GB
                tensorParallel: 1
                gpuFraction: 1.0
                saturationRequestsPerSecond: 6.0
                curve:
                  - {requestsPerSecond: 0.5, meanLatencySeconds: 1.2}
                  - {requestsPerSecond: 5.5, meanLatencySeconds: 2.9}
            """);
        Files.writeString(folder.resolve("workflows.json"), """
            {"workflows": [{"name": "w", "targetPerSecond": 2, "otherSeconds": 0.3, "models": [
              {"model": "engine", "callsPerExecution": 2, "inputTokens": {"mean": 500, "p99": 900},
               "outputTokens": {"mean": 50, "p99": 120}},
              {"model": "curve", "callsPerExecution": 1}]}]}
            """);
        Files.writeString(folder.resolve("plan.json"), """
            {"objectiveSeconds": 1, "lowerBoundSeconds": 1, "optimalityGap": 0,
             "allocations": [
              {"model": "curve", "gpu": "H100-SXM-80GB", "gpuFraction": 1.0, "tensorParallel": 1, "replicas": 1,
               "memoryGiBPerGpu": 80.0},
              {"model": "engine", "gpu": "H100-SXM-80GB", "gpuFraction": 1.0, "tensorParallel": 1, "replicas": 1,
               "memoryGiBPerGpu": 80.0}],
             "placements": [
              {"model": "curve", "replica": 0, "node": "n", "gpus": [0]},
              {"model": "engine", "replica": 0, "node": "n", "gpus": [1]}],
             "predictions": [], "gpusUsed": 2.0, "largestFreeGroup": 0}
            """);
    }

    private int run(String... more) {
        out.getBuffer().setLength(0);
        String[] fixed = {
            "simulate",
            "--cluster",
            path("cluster.yaml"),
            "--models",
            path("models.yaml"),
            "--profiles",
            path("profiles.yaml"),
            "--plan",
            path("plan.json")
        };
        String[] all = Arrays.copyOf(fixed, fixed.length + more.length);
        System.arraycopy(more, 0, all, fixed.length, more.length);
        return ScepsyCommand.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(all);
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    @Test
    void printsLatenciesThroughputAndUtilisation() {
        assertThat(run("--workflows", path("workflows.json"), "--duration", "200"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("p99", "busy %", "engine", "curve");
    }

    @Test
    void sameSeedGivesTheSameBytes() {
        String[] options = {"--workflows", path("workflows.json"), "--duration", "200", "--seed", "5", "--json"};
        assertThat(run(options)).isZero();
        String first = out.toString();
        assertThat(first).contains("\"seed\": 5", "\"utilisation\"", "\"latencySecondsInterval95\"");
        assertThat(run(options)).isZero();
        assertThat(out.toString()).isEqualTo(first);
    }

    @Test
    void needsExactlyOneSourceOfExecutions() {
        assertThat(run()).isEqualTo(2);
        assertThat(run("--workflows", path("workflows.json"), "--traces", "x")).isEqualTo(2);
    }

    @Test
    void refusesAbsurdDurationsAndUnknownRouting() {
        assertThat(run("--workflows", path("workflows.json"), "--duration", "0"))
                .isEqualTo(2);
        assertThat(run("--workflows", path("workflows.json"), "--routing", "random"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--duration (0.0)").contains("--routing (random)");
    }

    @Test
    void connectionsAreDrawnAndShown() {
        String[] options = {
            "--workflows", path("workflows.json"), "--duration", "60", "--routing", "connections=7,last-used"
        };
        assertThat(run(options)).as(err.toString()).isZero();
        assertThat(out.toString()).contains("calls over 7 connections on its replica; other seeds draw others");
        assertThat(run(Stream.concat(Stream.of(options), Stream.of("--json")).toArray(String[]::new)))
                .isZero();
        assertThat(out.toString()).contains("\"routing\": \"connections=7,last-used\"", "\"replicaConnections\": [7]");
        for (String wrong : List.of("connections=0", "connections=many", "connections=", "connections=10001")) {
            assertThat(run("--workflows", path("workflows.json"), "--routing", wrong))
                    .isEqualTo(2);
            assertThat(err.toString())
                    .contains("The --routing (" + wrong + ") must say a whole number of connections from 1 to 10000");
        }
    }

    @Test
    void refusesWhatContradictsItselfAllAtOnce() {
        assertThat(run(
                        "--workflows",
                        path("workflows.json"),
                        "--clients",
                        "w=3",
                        "--target",
                        "w=2",
                        "--rate-scale",
                        "0",
                        "--think-time",
                        "-1",
                        "--prefix-cache",
                        "always"))
                .isEqualTo(2);
        assertThat(err.toString())
                .contains(
                        "--target and --clients",
                        "--rate-scale (0.0)",
                        "--think-time (-1.0)",
                        "--prefix-cache (always)");
        assertThat(run("--workflows", path("workflows.json"), "--clients", "x=3"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("There is no workflow (x)");
    }

    @Test
    void refusesFailuresThatCannotBe() {
        assertThat(run(
                        "--workflows",
                        path("workflows.json"),
                        "--mtbf",
                        "0",
                        "--restart-time",
                        "0",
                        "--lost-calls",
                        "forget",
                        "--failure",
                        "engine#1@5+3"))
                .isEqualTo(2);
        assertThat(err.toString())
                .contains("--mtbf (0.0)", "--restart-time (0.0)", "--lost-calls (forget)", "curve#0, engine#0, n");
    }

    @Test
    void anAutoscalerMakesReplicasWhereCardsAreFreeAndEveryExecutionIsWritten() throws IOException {
        Files.writeString(
                folder.resolve("cluster.yaml"),
                Files.readString(folder.resolve("cluster.yaml")).replace("gpus: 2", "gpus: 4"));
        String[] options = {
            "--workflows",
            path("workflows.json"),
            "--duration",
            "300",
            "--baseline",
            "hpa:requests=1",
            "--start-time",
            "10",
            "--slowdown",
            "engine#0@100+50x2",
            "--executions",
            path("executions.json")
        };
        assertThat(run(options)).as(err.toString()).isZero();
        String first = Files.readString(folder.resolve("executions.json"));
        assertThat(first).contains("\"startedSeconds\"", "\"latencySeconds\"", "\"wanted\": 5");
        assertThat(run(options)).isZero();
        assertThat(Files.readString(folder.resolve("executions.json"))).isEqualTo(first);
    }

    @Test
    void refusesBaselinesAndSlowdownsThatCannotBe() {
        assertThat(run(
                        "--workflows",
                        path("workflows.json"),
                        "--baseline",
                        "hpa:requests=0",
                        "--baseline-max",
                        "0",
                        "--start-time",
                        "-1",
                        "--load-rate",
                        "0",
                        "--routing",
                        "connections=3",
                        "--slowdown",
                        "engine#1@5x2",
                        "--slowdown",
                        "engine#0@5x0.5"))
                .isEqualTo(2);
        assertThat(err.toString())
                .contains(
                        "--baseline (hpa:requests=0)",
                        "--baseline-max (0)",
                        "--start-time (-1.0)",
                        "--load-rate (0.0)",
                        "another --routing than connections=3",
                        "--slowdown (engine#1@5x2) names no replica of the plan. There are: curve#0, engine#0",
                        "--slowdown (engine#0@5x0.5) must read");
    }

    @Test
    void saysWhatFailedAndHowLong() {
        assertThat(run(
                        "--workflows",
                        path("workflows.json"),
                        "--duration",
                        "200",
                        "--failure",
                        "n@60+30",
                        "--routing",
                        "power-of-two"))
                .as(err.toString())
                .isZero();
        assertThat(out.toString()).contains("model engine: 1 failure, replicas up 83.33 % of the time");
    }
}
