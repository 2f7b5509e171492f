package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing is planned on guesses: what is wrong in any file is reported with all the rest, with its line and a remedy. */
class BadInputTest {

    @TempDir
    Path folder;

    @BeforeEach
    void aSoundProblem() throws IOException {
        write("cluster.yaml", """
            racks:
              - name: r
                nodes:
                  - {name: n1, gpu: H100-SXM-80GB, gpus: 4}
            """);
        write("models.yaml", """
            models:
              - {name: a, architecture: Qwen3-8B}
              - {name: c, architecture: Qwen3-8B}
            """);
        write("workflows.json", """
            {"workflows": [
              {"name": "w", "targetPerSecond": 1, "models": [
                {"model": "a", "callsPerExecution": 1, "inputTokens": {"mean": 100}, "outputTokens": {"mean": 10}}]}]}
            """);
    }

    @Test
    void everythingWrongInAllFilesIsReportedAtOnce() throws IOException {
        write("cluster.yaml", """
            racks:
              - name: r
                nodes:
                  - {name: n1, gpu: H100-SXM-81GB, gpus: 4}
                  - {name: n1, gpu: H100-SXM-80GB, gpus: 4, domainSize: 8}
            """);
        write("models.yaml", """
            models:
              - {name: a, architecture: Qwen3-8B, minReplicas: 4, maxReplicas: 2}
              - {name: a, architecture: Qwen3-8B}
            """);
        write("workflows.json", """
            {"workflows": [
              {"name": "w", "targetPerSecond": 1, "models": [{"model": "a", "callsPerExecution": 1}]},
              {"name": "w", "targetPerSecond": 1, "models": [{"model": "b", "callsPerExecution": 1}]},
              {"name": "v", "targetPerSecond": null, "models": [{"model": "a", "callsPerExecution": 1}]}]}
            """);

        assertThat(errors("--target", "nobody=3"))
                .satisfiesExactlyInAnyOrder(
                        // unknown GPU
                        line -> assertThat(line)
                                .contains("cluster.yaml:4:", "H100-SXM-81GB", "Maybe H100-SXM-80GB is meant"),
                        // duplicate node
                        line -> assertThat(line).contains("cluster.yaml:5:", "(n1) is described twice", "own name"),
                        // domain larger than its node
                        line -> assertThat(line).contains("cluster.yaml:5:", "domainSize (8)", "must not exceed"),
                        // contradictory restrictions
                        line -> assertThat(line).contains("models.yaml:2:", "maxReplicas (2)", "minReplicas (4)"),
                        // duplicate model
                        line -> assertThat(line).contains("models.yaml:3:", "(a) is already given"),
                        // duplicate workflow
                        line -> assertThat(line).contains("workflows.json:3:", "(w) is already given", "Keep one"),
                        // model used but not described
                        line -> assertThat(line)
                                .contains("workflows.json:3:", "model (b)", "Describe it there", "external: true"),
                        // workflow without target
                        line -> assertThat(line)
                                .contains("workflows.json:4:", "(v) has no targetPerSecond", "--target"),
                        // target of a workflow that does not exist
                        line -> assertThat(line).contains("workflows.json", "no workflow (nobody)", "[w, w, v]"));
        assertThat(folder.resolve("plan.json")).doesNotExist();
    }

    @Test
    void duplicateRacksAndGpuTypesAreReported() throws IOException {
        write("cluster.yaml", """
            gpuTypes:
              - {name: G, memoryGiB: 40}
              - {name: G, memoryGiB: 48}
            racks:
              - {name: r, nodes: [{name: n1, gpu: H100-SXM-80GB, gpus: 4}]}
              - {name: r, nodes: [{name: n2, gpu: G, gpus: 4}]}
            """);

        assertThat(errors())
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line).contains("cluster.yaml:3:", "(G) is described twice"),
                        line -> assertThat(line).contains("cluster.yaml:6:", "rack (r)"));
    }

    @Test
    void aTensorParallelThatTheEngineNeverStartsWithIsBadInput() throws IOException {
        write("models.yaml", """
            models:
              - {name: a, architecture: Qwen3-8B, tensorParallel: [3]}
            """);

        assertThat(errors())
                .singleElement()
                .asString()
                .contains("models.yaml:2:", "tensorParallel 3 does not divide the 32 attention heads of Qwen3-8B")
                .contains("It starts with 1, 2, 4, 8, 16, 32.");
    }

    @Test
    void aNameThatCouldNotBeReadIsNotHeldAgainstOtherFiles() throws IOException {
        write("models.yaml", "models: [{architecture: Qwen3-8B}]");

        assertThat(errors()).singleElement().asString().contains("models.yaml:1:", "(name) is missing");
    }

    private List<String> errors(String... more) {
        CommandLineRun run = plan(more);
        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        return run.err()
                .lines()
                .filter(line -> !line.endsWith("found."))
                .map(line -> line.replace(folder + "/", ""))
                .toList();
    }

    private CommandLineRun plan(String... more) {
        List<Object> arguments = new ArrayList<>(List.of(
                "plan",
                "--cluster",
                folder.resolve("cluster.yaml"),
                "--models",
                folder.resolve("models.yaml"),
                "--workflows",
                folder.resolve("workflows.json"),
                "--out",
                folder.resolve("plan.json")));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray());
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }
}
