package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.cli.PackagedCli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged command line as a user starts it: exit codes and streams of the verbs that only need files. */
class FilesVerbsIT {

    @TempDir
    Path folder;

    @BeforeEach
    void aSmallProblem() throws IOException {
        write("cluster.yaml", "racks: [{name: r, nodes: [{name: n, gpu: G, gpus: 2, memoryGiB: 80}]}]");
        write("models.yaml", "models: [{name: a}]");
        write(
                "profiles.yaml",
                "profiles: [{model: a, gpu: G, curve: [{requestsPerSecond: 4, meanLatencySeconds: 1.5}]}]");
        write(
                "workflows.json",
                "{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": 3, \"models\":"
                        + " [{\"model\": \"a\", \"callsPerExecution\": 2}]}]}");
    }

    @Test
    void aPlanIsMadeThenJudgedTheSame() throws Exception {
        assertThat(scepsy("plan", "--max-utilisation", "1").exitCode()).isZero();

        Run predicted = scepsy("predict", "--plan", "plan.json");

        assertThat(predicted.exitCode()).as(predicted.err()).isZero();
        assertThat(predicted.out()).contains("\"latencySeconds\": 3.0", "\"maxThroughputPerSecond\": 4.0", "\"a\"");
        assertThat(Files.readString(folder.resolve("plan.json"))).contains("\"maxThroughputPerSecond\": 4.0");
    }

    @Test
    void aPlanByTheEngineModelIsJudgedTheSame() throws Exception {
        write(
                "cluster.yaml",
                "racks: [{name: r, nodes: [{name: n, gpu: A100-SXM-80GB, gpus: 2, sharing: {mode: mps}}]}]");
        write("models.yaml", "models: [{name: a, architecture: Llama-3.1-8B}]");
        write("profiles.yaml", "profiles: []");
        write(
                "workflows.json",
                "{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": 1, \"models\": [{\"model\": \"a\","
                        + " \"callsPerExecution\": 4, \"concurrentCalls\": 2.5, \"inputTokens\": {\"mean\": 900},"
                        + " \"outputTokens\": {\"mean\": 150}}]}]}");
        Run planned = scepsy("plan");
        assertThat(planned.exitCode()).as(planned.err()).isZero();

        Run predicted = scepsy("predict", "--plan", "plan.json");

        String latency = predicted.out().replaceAll("(?s).*\"latencySeconds\": ([0-9.]+).*", "$1");
        assertThat(Files.readString(folder.resolve("plan.json"))).contains("\"latencySeconds\": " + latency);
    }

    @Test
    void aTargetOutOfReachIsInfeasible() throws Exception {
        Run run = scepsy("plan", "--target", "w=5");

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(Files.readString(folder.resolve("plan.json")))
                .contains("\"throughputOutOfReach\"", "highestCommonScale");
    }

    @Test
    void aModelWithoutUsableProfileIsInfeasibleNotMalformed() throws Exception {
        write(
                "profiles.yaml",
                "profiles: [{model: a, gpu: G, gpuFraction: 0.3, curve: [{requestsPerSecond: 4, meanLatencySeconds:"
                        + " 1}]}]");

        Run run = scepsy("plan");

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("warning: profiles.yaml:1:");
        assertThat(Files.readString(folder.resolve("plan.json"))).contains("\"noUsableProfile\"");
    }

    @Test
    void anArchitectureThatDoesNotFitSaysByHowMuchAndWhereItWould() throws Exception {
        write("cluster.yaml", "racks: [{name: r, nodes: [{name: n, gpu: L4-24GB, gpus: 2}]}]");
        write("models.yaml", "models: [{name: a, architecture: Llama-3.1-70B}]");
        write("profiles.yaml", "profiles: []");
        write(
                "workflows.json",
                "{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": 3, \"models\": [{\"model\": \"a\","
                        + " \"callsPerExecution\": 2, \"inputTokens\": {\"mean\": 100}, \"outputTokens\": {\"mean\":"
                        + " 10}}]}]}");

        Run run = scepsy("plan");

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err()).contains("Model (a) on L4-24GB", "GiB", "it fits with tensorParallel 8");
    }

    @Test
    void wrongFilesAreReportedTogetherWithTheirLines() throws Exception {
        write("cluster.yaml", "racks:\n  - name: r\n    nodes:\n      - {name: n, gpu: G, gpus: 0}\n");
        write("models.yaml", "models:\n  - name: a\n    minReplicas: none\n");

        Run run = scepsy("plan");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains("cluster.yaml:4:", "gpus (0)", "cluster.yaml:4:", "memoryGiB", "models.yaml:3:")
                .doesNotContain("Exception");
    }

    @Test
    void unknownVerbsOptionsAndMissingFilesAreBadInput() throws Exception {
        assertThat(run("conquer").exitCode()).isEqualTo(2);
        assertThat(run().exitCode()).isEqualTo(2);
        assertThat(scepsy("plan", "--nope").exitCode()).isEqualTo(2);
        Files.delete(folder.resolve("models.yaml"));
        assertThat(scepsy("plan").err()).contains("models.yaml: There is no such file.");
    }

    @Test
    void everyVerbHelps() throws Exception {
        Run overview = run("--help");
        assertThat(overview.exitCode()).isZero();
        for (String verb :
                List.of("shares", "engine", "predict", "plan", "render", "apply", "rollback", "status", "init")) {
            assertThat(overview.out()).contains("\n  " + verb);
        }
        assertThat(run("predict", "--help").out()).contains("Usage: scepsy predict");
    }

    @Test
    void initRefusesToOverwrite() throws Exception {
        assertThat(run("init").exitCode()).isEqualTo(2);
        assertThat(run("init", "--folder", "fresh").exitCode()).isZero();
        assertThat(folder.resolve("fresh/cluster.yaml")).exists();
    }

    /** A verb on the small problem's files. */
    private Run scepsy(String verb, String... more) throws Exception {
        return new PackagedCli(folder).onMeasured(verb, more);
    }

    private Run run(String... arguments) throws Exception {
        return new PackagedCli(folder).run(List.of(arguments));
    }

    private void write(String name, String text) throws IOException {
        new PackagedCli(folder).write(name, text);
    }
}
