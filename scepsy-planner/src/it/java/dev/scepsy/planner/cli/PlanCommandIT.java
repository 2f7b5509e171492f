package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.cli.PackagedCli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scepsy plan} as packaged: the same bytes twice, its report, what-ifs, JSON. */
class PlanCommandIT {

    @TempDir
    Path folder;

    @BeforeEach
    void threeModelsOnTwoNodes() throws IOException {
        write("cluster.yaml", """
                racks:
                  - name: rack-1
                    nodes:
                      - {name: node-1, gpu: A100-SXM-80GB, gpus: 2, sharing: {mode: mps, step: 0.1}}
                      - {name: node-2, gpu: A100-SXM-80GB, gpus: 2, sharing: {mode: mps, step: 0.1}}
                """);
        write("models.yaml", """
                models:
                  - {name: planner, architecture: Qwen3-8B, maxModelLength: 8192}
                  - {name: generator, architecture: Llama-3.1-8B, maxModelLength: 8192}
                  - {name: embedder, architecture: bge-m3}
                """);
        write("workflows.json", """
                {"workflows": [{"name": "rag", "targetPerSecond": 1.0, "otherSeconds": 0.3, "models": [
                  {"model": "planner", "callsPerExecution": 1.2, "inputTokens": {"mean": 600}, "outputTokens": {"mean": 150}},
                  {"model": "generator", "callsPerExecution": 3.4, "parallelism": 2.2, "inputTokens": {"mean": 1200}, "outputTokens": {"mean": 250}},
                  {"model": "embedder", "callsPerExecution": 3, "inputTokens": {"mean": 60}, "outputTokens": {"mean": 0}}]}]}
                """);
    }

    @Test
    void twoRunsWriteTheSameBytesAndTheReportSaysWhy() throws Exception {
        Run first = plan("--out", "first.json", "--what-if", "load*2", "--what-if", "without=embedder");
        Run second = plan("--out", "second.json");

        assertThat(first.exitCode()).as(first.err()).isZero();
        assertThat(second.exitCode()).isZero();
        assertThat(Files.readString(folder.resolve("first.json")))
                .isEqualTo(Files.readString(folder.resolve("second.json")))
                .contains("\"optimalityGap\": 0.0");
        assertThat(first.out())
                .contains(
                        "proven optimal",
                        "Allocations",
                        "Placement",
                        "Workflows",
                        "one more A100-SXM-80GB",
                        "equal split",
                        "How GPU shares are enforced",
                        "MPS thread percentage",
                        "What if load*2",
                        "What if without=embedder",
                        "-> nothing");
    }

    @Test
    void jsonGivesTheExplanationToPrograms() throws Exception {
        Run run = plan("--json", "--what-if", "gpus+2");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).startsWith("{").contains("\"contributions\"", "\"comparedWith\"", "\"gpus+2\"");
    }

    @Test
    void refinementSimulatesNeighboursAndIsNeverWorseInSimulation() throws Exception {
        Run run = plan("--refine", "4", "--out", "first.json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("Simulated 4 plans");
        assertThat(Files.readString(folder.resolve("first.json"))).contains("\"simulated\"", "\"p95Seconds\"");
        assertThat(plan("--refine", "4", "--out", "second.json").exitCode()).isZero();
        assertThat(Files.readString(folder.resolve("second.json")))
                .isEqualTo(Files.readString(folder.resolve("first.json")));
    }

    @Test
    void besideACurrentPlanNothingMovesAndTheBytesStayTheSame() throws Exception {
        assertThat(plan("--out", "current.json").exitCode()).isZero();
        Run again = plan("--current", "current.json", "--out", "next.json", "--n-minus-1", "--form", "critical-path");

        assertThat(again.exitCode()).as(again.err()).isZero();
        assertThat(again.out()).contains(" stay, 0 start anew (no placement", "Node failures (N-1)");
        assertThat(Files.readString(folder.resolve("next.json")))
                .isEqualTo(Files.readString(folder.resolve("current.json")));
    }

    @Test
    void aWhatIfThatMeansNothingIsBadInput() throws Exception {
        assertThat(plan("--what-if", "luck*2").exitCode()).isEqualTo(2);
        assertThat(plan("--what-if", "without=nobody").err()).contains("(without=nobody)", "planner");
        assertThat(plan("--max-utilisation", "1.5").exitCode()).isEqualTo(2);
    }

    private Run plan(String... more) throws Exception {
        return new PackagedCli(folder).on("plan", more);
    }

    private void write(String name, String text) throws IOException {
        new PackagedCli(folder).write(name, text);
    }
}
