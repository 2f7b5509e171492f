package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.planner.cli.PackagedCli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bad input to {@code scepsy plan} as packaged: everything in one run, with file, line and remedy, and nothing written. */
class PlanBadInputIT {

    private static final List<String> WRONG_FILES = List.of(
            "cluster.yaml:4:65: racks[0].nodes[0].domainSize: The domainSize (8) of node (node-1) must not exceed its"
                    + " gpus (4). Use 4 or less, or leave it out.",
            "cluster.yaml:5:16: racks[0].nodes[1].name: The node (node-1) is described twice, first at"
                    + " racks[0].nodes[0]. Give each its own name.",
            "cluster.yaml:6:29: racks[0].nodes[2].gpu: The gpu (H100-SXM-80G) is not in the catalogue.",
            "models.yaml:2:74: models[0].maxReplicas: The maxReplicas (2) of model (planner) must not be below its"
                    + " minReplicas (4).",
            "models.yaml:3:67: models[1].tensorParallel: The tensorParallel [16] of model (generator) is wider than any"
                    + " domain of H100-SXM-80G, H100-SXM-80GB (4 GPUs). Allow 4 or less, or leave the tensorParallel"
                    + " out.",
            "models.yaml:4:12: models[2].name: The name (planner) is already given at models[0].name.",
            "workflows.json:5:15: workflows[0].models[2].model: Workflow (rag) calls model (ghost), which the models"
                    + " file does not describe. Describe it there",
            "workflows.json:6:3: workflows[1]: The key (targetPerSecond) is missing. Write the executions per second to"
                    + " sustain, or null and give --target chat=RATE.",
            "workflows.json:8:40: workflows[2].targetPerSecond: Workflow (later) has no targetPerSecond. Write one, or"
                    + " give --target later=RATE.");

    @TempDir
    Path folder;

    @Test
    void everythingThatIsWrongIsSaidInOneRun() throws Exception {
        wrongFiles();

        Run run = plan("--target", "nobody=2");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines()).hasSize(WRONG_FILES.size() + 2);
        assertThat(run.err())
                .contains(WRONG_FILES)
                .contains("Maybe H100-SXM-80GB is meant.")
                .contains("or mark it external: true if it is an API.")
                .contains("There is no workflow (nobody) to give a target. Its workflows are [rag, chat, later].")
                .endsWith((WRONG_FILES.size() + 1) + " problems found.\n");
        assertNothingWritten();
    }

    @Test
    void wrongArgumentsDoNotHideWhatIsWrongInTheFilesNorTheOtherWayRound() throws Exception {
        wrongFiles();

        Run run = plan(
                "--json",
                "--target",
                "nobody=2",
                "--latency-limit",
                "who=3",
                "--max-utilisation",
                "2",
                "--quantile",
                "3",
                "--objective",
                "cost",
                "--work-limit",
                "0",
                "--form",
                "none",
                "--what-if",
                "luck*2",
                "--what-if",
                "without=x",
                "--current",
                "missing.json");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains(WRONG_FILES)
                .contains(
                        "There is no workflow (nobody)",
                        "There is no workflow [who]",
                        "--max-utilisation (2.0)",
                        "--quantile (3.0)",
                        "costPerHour of GPU types [H100-SXM-80GB, H100-SXM-80G]",
                        "--work-limit (0)",
                        "--form (none)",
                        "--what-if (luck*2)",
                        "--what-if (without=x)",
                        "missing.json");
        JsonNode problems = new ObjectMapper().readTree(run.out()).get("problems");
        assertThat(problems).hasSize(WRONG_FILES.size() + 10);
        assertThat(problems).anySatisfy(problem -> {
            assertThat(problem.get("file").asText()).isEqualTo("models.yaml");
            assertThat(problem.get("path").asText()).isEqualTo("models[1].tensorParallel");
            assertThat(problem.get("line").asInt()).isEqualTo(3);
        });
        assertNothingWritten();
    }

    /** A well stated problem without a solution is not malformed; the line that leaves it without is named all the same. */
    @Test
    void aRestrictionThatNoDomainHoldsIsInfeasibleByItself() throws Exception {
        write("cluster.yaml", "racks: [{name: r, nodes: [{name: n, gpu: H100-SXM-80GB, gpus: 4}]}]");
        write("models.yaml", "models:\n  - {name: generator, architecture: Llama-3.1-8B, tensorParallel: [8, 16]}\n");
        write("workflows.json", """
                {"workflows": [{"name": "w", "targetPerSecond": 1, "models": [{"model": "generator",
                  "callsPerExecution": 1, "inputTokens": {"mean": 600}, "outputTokens": {"mean": 150}}]}]}
                """);

        Run run = plan();

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.err())
                .contains(
                        "warning: models.yaml:2:67: models[0].tensorParallel: The tensorParallel [8, 16] of model"
                                + " (generator) is wider than any domain of H100-SXM-80GB (4 GPUs). Allow 4 or less",
                        "no node takes tensorParallel 8");
        assertThat(run.out()).contains("noUsableProfile", "Leave out the tensorParallel of model (generator).");
    }

    @Test
    void sharesInGroupsAreRefusedWhereTheMechanismCannotDoThem() throws Exception {
        wrongFiles();
        write("models.yaml", "models: [{name: planner}]");
        write("workflows.json", """
                {"workflows": [{"name": "w", "targetPerSecond": 1, "models": [{"model": "planner", "callsPerExecution": 1}]}]}
                """);
        write("cluster.yaml", """
                racks:
                  - name: r
                    nodes:
                      - {name: a, gpu: H100-SXM-80GB, gpus: 4, sharing: {mode: hami, tensorParallel: true}}
                      - {name: b, gpu: H100-SXM-80GB, gpus: 4, sharing: {mode: kai, tensorParallel: true}}
                      - {name: c, gpu: H100-SXM-80GB, gpus: 4, sharing: {mode: time-slicing, tensorParallel: true}}
                      - {name: d, gpu: H100-SXM-80GB, gpus: 4, sharing: {mode: mps, replicas: 2, tensorParallel: true}}
                      - {name: e, gpu: H100-SXM-80GB, gpus: 4, sharing: {mode: dra, replicas: 2}}
                      - {name: f, gpu: H100-SXM-80GB, gpus: 4, sharing: {mode: mps, replicas: 2, step: 0.5}}
                      - {name: g, gpu: H100-SXM-80GB, gpus: 4, sharing: {mode: mps, tensorParallel: true}}
                      - {name: h, gpu: H100-SXM-80GB, gpus: 4, sharing: {mode: dra, tensorParallel: true}}
                """);

        Run run = plan();

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err())
                .contains(
                        "cluster.yaml:4:",
                        "nodes[0].sharing.tensorParallel: Tensor parallelism on HAMi shares is known to hang",
                        "nodes[1].sharing.tensorParallel: KAI gives a pod parts of one GPU only",
                        "nodes[2].sharing.tensorParallel: Time slices of two GPUs do not run at the same time",
                        "nodes[3].sharing.tensorParallel: The device plugin may deal two parts of the same GPU",
                        "so tensorParallel on shares is refused. Leave it out, or share with mode mps and a step",
                        "nodes[4].sharing.replicas: The replicas (2) are known to the device plugin's mps and",
                        "nodes[5].sharing.step: Give either step or replicas")
                .doesNotContain("nodes[6]", "nodes[7]")
                .endsWith("6 problems found.\n");
        assertNothingWritten();
    }

    private void wrongFiles() throws IOException {
        write("cluster.yaml", """
                racks:
                  - name: rack-1
                    nodes:
                      - {name: node-1, gpu: H100-SXM-80GB, gpus: 4, domainSize: 8}
                      - {name: node-1, gpu: H100-SXM-80GB, gpus: 4}
                      - {name: node-3, gpu: H100-SXM-80G, gpus: 4}
                """);
        write("models.yaml", """
                models:
                  - {name: planner, architecture: Qwen3-8B, minReplicas: 4, maxReplicas: 2}
                  - {name: generator, architecture: Llama-3.1-8B, tensorParallel: [16]}
                  - {name: planner, architecture: Qwen3-8B}
                """);
        write("workflows.json", """
                {"workflows": [
                  {"name": "rag", "targetPerSecond": 1.0, "models": [
                    {"model": "planner", "callsPerExecution": 1, "inputTokens": {"mean": 600}, "outputTokens": {"mean": 9}},
                    {"model": "generator", "callsPerExecution": 1, "inputTokens": {"mean": 60}, "outputTokens": {"mean": 9}},
                    {"model": "ghost", "callsPerExecution": 1}]},
                  {"name": "chat", "models": [
                    {"model": "generator", "callsPerExecution": 1}]},
                  {"name": "later", "targetPerSecond": null, "models": [
                    {"model": "generator", "callsPerExecution": 1}]}]}
                """);
    }

    private void assertNothingWritten() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("cluster.yaml", "models.yaml", "workflows.json", "stderr");
        }
    }

    private Run plan(String... more) throws Exception {
        return new PackagedCli(folder).on("plan", more);
    }

    private void write(String name, String text) throws IOException {
        new PackagedCli(folder).write(name, text);
    }
}
