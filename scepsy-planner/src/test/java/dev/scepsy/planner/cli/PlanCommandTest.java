package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scepsy plan} from files to plan and report. */
class PlanCommandTest {

    @TempDir
    Path folder;

    @BeforeEach
    void twoModelsOnTwoNodes() {
        write("cluster.yaml", """
            racks:
              - name: r
                nodes:
                  - {name: n1, gpu: G, gpus: 4, memoryGiB: 80, sharing: {mode: mps, step: 0.5}}
                  - {name: n2, gpu: G, gpus: 4, memoryGiB: 80, sharing: {mode: mps, step: 0.5}}
            """);
        write("models.yaml", "models: [{name: a}, {name: b}]");
        write("profiles.yaml", """
            profiles:
              - {model: a, gpu: G, curve: [{requestsPerSecond: 1, meanLatencySeconds: 1}, {requestsPerSecond: 5, meanLatencySeconds: 3}]}
              - {model: a, gpu: G, tensorParallel: 2, curve: [{requestsPerSecond: 1, meanLatencySeconds: 0.6}, {requestsPerSecond: 9, meanLatencySeconds: 2}]}
              - {model: b, gpu: G, gpuFraction: 0.5, curve: [{requestsPerSecond: 4, meanLatencySeconds: 0.5}]}
            """);
        write("workflows.json", """
            {"workflows": [{"name": "w", "targetPerSecond": 2, "otherSeconds": 0.25, "models": [
                {"model": "a", "callsPerExecution": 3, "parallelism": 1.5, "sequentialCalls": 2.5},
                {"model": "b", "callsPerExecution": 1}]}]}
            """);
    }

    @Test
    void thePublishedFormPlansByCallsOverParallelismAndNothingElse() {
        String measured = plan("--json").out();
        CommandLineRun published = plan("--json", "--form", "published");

        assertThat(published.exitCode()).as(published.err()).isZero();
        assertThat(measured).contains("\"fixedSeconds\": 0.25");
        assertThat(published.out()).contains("\"fixedSeconds\": 0.0");
        assertThat(plan("--form", "mine").err()).contains("(mine)", "critical-path or published");
    }

    @Test
    void everyWhatIfIsAnsweredWithItsDifference() {
        CommandLineRun run = plan(
                "--what-if",
                "load*2",
                "--what-if",
                "gpus+8",
                "--what-if",
                "gpus+2:G",
                "--what-if",
                "without=b",
                "--what-if",
                "tensorParallel(a)=1");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains(
                        "What if load*2:",
                        "What if gpus+8:",
                        "What if gpus+2:G:",
                        "What if without=b:",
                        "b: 1 x t=1 f=0.5 on G -> nothing",
                        "What if tensorParallel(a)=1:",
                        "a: 3 x t=2 f=1 on G -> 6 x t=1 f=1 on G");
    }

    @Test
    void nonsenseIsNotPlanned() {
        for (String nonsense : List.of(
                "luck*2",
                "load*0",
                "load*-1",
                "gpus+0",
                "gpus+8:Q",
                "without=nobody",
                "tensorParallel(a)=0",
                "tensorParallel(c)=2")) {
            CommandLineRun run = plan("--what-if", nonsense);

            assertThat(run.exitCode()).as(nonsense).isEqualTo(ExitCode.BAD_INPUT);
            assertThat(run.err()).contains("(" + nonsense + ")");
            assertThat(folder.resolve("plan.json")).doesNotExist();
        }
        assertThat(plan("--what-if", "load*2", "--what-if", "load*2").err()).contains("twice");
    }

    private CommandLineRun plan(String... more) {
        List<Object> arguments = new ArrayList<>(List.of("plan"));
        for (String name : List.of("cluster", "models", "profiles")) {
            arguments.addAll(List.of("--" + name, folder.resolve(name + ".yaml")));
        }
        arguments.addAll(
                List.of("--workflows", folder.resolve("workflows.json"), "--out", folder.resolve("plan.json")));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray());
    }

    private void write(String name, String text) {
        try {
            Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
