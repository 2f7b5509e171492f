package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.planner.cli.PackagedCli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Changes, and limits on the search, of {@code scepsy plan} as packaged. One node of eight GPUs, replicas filled to 85 %:
 *
 * <pre>
 *  big    t=4  3.4/s  2 s      small  t=1  3.4/s  1 s
 *  big    t=8   17/s  1 s      small  t=4   17/s  0.4 s
 * </pre>
 *
 * At 3/s, with 0.25 s beside the calls: big t=4 and small t=4, 2.65 s on 8 GPUs.
 */
class PlanWhatIfIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    @BeforeEach
    void twoModelsOnOneNode() throws IOException {
        write("cluster.yaml", "racks: [{name: r, nodes: [{name: n, gpu: G, gpus: 8, memoryGiB: 80}]}]");
        write("models.yaml", "models: [{name: big}, {name: small}]");
        write("profiles.yaml", """
                profiles:
                  - {model: big, gpu: G, tensorParallel: 4, curve: [{requestsPerSecond: 4, meanLatencySeconds: 2}]}
                  - {model: big, gpu: G, tensorParallel: 8, curve: [{requestsPerSecond: 20, meanLatencySeconds: 1}]}
                  - {model: small, gpu: G, curve: [{requestsPerSecond: 4, meanLatencySeconds: 1}]}
                  - {model: small, gpu: G, tensorParallel: 4, curve: [{requestsPerSecond: 20, meanLatencySeconds: 0.4}]}
                """);
        write("workflows.json", """
                {"workflows": [{"name": "w", "targetPerSecond": 3, "otherSeconds": 0.25, "models": [
                  {"model": "big", "callsPerExecution": 1}, {"model": "small", "callsPerExecution": 1}]}]}
                """);
    }

    private static final List<String> CHANGES = List.of(
            "--what-if", "load*2",
            "--what-if", "load*0.5",
            "--what-if", "gpus+8",
            "--what-if", "gpus+4:G",
            "--what-if", "without=small",
            "--what-if", "tensorParallel(small)=1",
            "--what-if", "tensorParallel(small)=4",
            "--what-if", "tensorParallel(big)=8");

    @Test
    void everyChangeIsPlannedAgainAndItsDifferenceIsPrinted() throws Exception {
        Run run = plan(CHANGES);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("""

                What if load*2: no plan
                  The models need at least 10 GPUs of compute together, and the cluster has 8. Add 2 or more GPUs, or lower\
                 the targets. Models [big, small] alone need more than the cluster has.

                What if load*0.5: 2.65 s instead of 2.65 s, 8 GPUs instead of 8

                What if gpus+8: 1.65 s instead of 2.65 s, 12 GPUs instead of 8
                  big: 1 x t=4 f=1 on G -> 1 x t=8 f=1 on G

                What if gpus+4:G: 1.65 s instead of 2.65 s, 12 GPUs instead of 8
                  big: 1 x t=4 f=1 on G -> 1 x t=8 f=1 on G

                What if without=small: 1.25 s instead of 2.65 s, 8 GPUs instead of 8
                  big: 1 x t=4 f=1 on G -> 1 x t=8 f=1 on G
                  small: 1 x t=4 f=1 on G -> nothing

                What if tensorParallel(small)=1: 3.25 s instead of 2.65 s, 5 GPUs instead of 8
                  small: 1 x t=4 f=1 on G -> 1 x t=1 f=1 on G

                What if tensorParallel(small)=4: 2.65 s instead of 2.65 s, 8 GPUs instead of 8

                What if tensorParallel(big)=8: no plan
                  The models need at least 9 GPUs of compute together\
                """);
        assertThat(json("plan.json").get("objectiveSeconds").asDouble()).isCloseTo(2.65, within(1e-9));
    }

    @Test
    void programsGetTheSameAnswers() throws Exception {
        List<String> arguments = new ArrayList<>(CHANGES);
        arguments.add("--json");
        Run run = plan(arguments);

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode answers = JSON.readTree(run.out()).get("whatIf");
        assertThat(answers.findValuesAsText("change"))
                .containsExactly(
                        "load*2",
                        "load*0.5",
                        "gpus+8",
                        "gpus+4:G",
                        "without=small",
                        "tensorParallel(small)=1",
                        "tensorParallel(small)=4",
                        "tensorParallel(big)=8");
        assertAnswer(answers.get(1), 2.65, 8, "big 4x1", "small 4x1");
        assertAnswer(answers.get(2), 1.65, 12, "big 8x1", "small 4x1");
        assertAnswer(answers.get(3), 1.65, 12, "big 8x1", "small 4x1");
        assertAnswer(answers.get(4), 1.25, 8, "big 8x1");
        assertAnswer(answers.get(5), 3.25, 5, "big 4x1", "small 1x1");
        assertAnswer(answers.get(6), 2.65, 8, "big 4x1", "small 4x1");
        // one big replica takes 3.4 of the 6/s
        assertThat(answers.at("/0/infeasible/0/reason").asText()).isEqualTo("notEnoughCompute");
        assertThat(answers.at("/0/highestCommonScale").asDouble()).isCloseTo(3.4 / 6, within(1e-6));
        assertThat(answers.at("/7/infeasible/0/reason").asText()).isEqualTo("notEnoughCompute");
    }

    private static void assertAnswer(JsonNode answer, double seconds, double gpus, String... allocations) {
        assertThat(answer.get("objectiveSeconds").asDouble()).isCloseTo(seconds, within(1e-9));
        assertThat(answer.get("gpusUsed").asDouble()).isEqualTo(gpus);
        List<String> got = new ArrayList<>();
        answer.get("allocations")
                .forEach(allocation -> got.add(allocation.get("model").asText() + " " + allocation.get("tensorParallel")
                        + "x" + allocation.get("replicas")));
        assertThat(got).containsExactly(allocations);
    }

    @Test
    void whereWorkOrTimeEndsThePlanComesWithBoundAndGap() throws Exception {
        fiveModelsOnTwoNodes();
        double best = objective(plan(List.of("--out", "best.json")), "best.json");
        assertThat(json("best.json").get("optimalityGap").asDouble()).isZero();

        double last = Double.POSITIVE_INFINITY;
        for (String work : List.of("1", "10", "100")) {
            Run run = plan(List.of("--work-limit", work, "--out", "w.json"));
            double reached = objective(run, "w.json");
            assertThat(reached).isBetween(best, last);
            assertBracketed(run, "w.json", best);
            last = reached;
        }
        Run once = plan(List.of("--work-limit", "1", "--out", "w1.json"));
        assertThat(json("w1.json").get("optimalityGap").asDouble()).isPositive();
        assertThat(once.out())
                .contains("% above the optimum)")
                .doesNotContain("proven optimal", "most 0 %", "most 0.0 %");
        plan(List.of("--work-limit", "1", "--out", "w2.json"));
        assertThat(folder.resolve("w2.json")).hasSameBinaryContentAs(folder.resolve("w1.json"));

        // so little that the clock has run out before the search begins: a plan all the same
        Run hurried = plan(List.of("--time-limit", "0.000001", "--out", "t.json"));
        objective(hurried, "t.json");
        assertBracketed(hurried, "t.json", best);
        // and so much that it ends by itself: then nothing differs from a search without limit
        plan(List.of("--time-limit", "1000", "--out", "t.json"));
        assertThat(folder.resolve("t.json")).hasSameBinaryContentAs(folder.resolve("best.json"));
    }

    @Test
    void twoRunsPrintAndWriteTheSameBytes() throws Exception {
        for (List<String> options : List.of(
                List.<String>of(),
                List.of("--json"),
                List.of("--objective", "throughput"),
                List.of("--objective", "gpus", "--quantile", "0.9", "--what-if", "load*0.5"))) {
            Run first = plan(options);
            byte[] written = Files.readAllBytes(folder.resolve("plan.json"));
            Run second = plan(options);
            assertThat(first.exitCode()).as(first.err()).isZero();
            assertThat(second.out()).isEqualTo(first.out());
            assertThat(folder.resolve("plan.json")).hasBinaryContent(written);
        }
        // no plan is written the same way
        Run first = plan(List.of("--target", "w=100"));
        byte[] written = Files.readAllBytes(folder.resolve("plan.json"));
        assertThat(plan(List.of("--target", "w=100")).out()).isEqualTo(first.out());
        assertThat(folder.resolve("plan.json")).hasBinaryContent(written);
    }

    private void assertBracketed(Run run, String file, double best) throws IOException {
        JsonNode plan = json(file);
        double objective = plan.get("objectiveSeconds").asDouble();
        double bound = plan.get("lowerBoundSeconds").asDouble();
        assertThat(bound).isLessThanOrEqualTo(best * (1 + 1e-9));
        assertThat(plan.get("optimalityGap").asDouble())
                .isCloseTo((objective - bound) / objective, within(1e-9))
                .isBetween(0.0, 0.1);
        assertThat(run.out()).contains("on ", "Placement");
    }

    private double objective(Run run, String file) throws IOException {
        assertThat(run.exitCode()).as(run.err()).isZero();
        return json(file).get("objectiveSeconds").asDouble();
    }

    private void fiveModelsOnTwoNodes() throws IOException {
        write("profiles.yaml", "profiles: []");
        write("cluster.yaml", """
                racks:
                  - name: r
                    nodes:
                      - {name: n1, gpu: H100-SXM-80GB, gpus: 8, sharing: {mode: mps, step: 0.1}}
                      - {name: n2, gpu: H100-SXM-80GB, gpus: 8, sharing: {mode: mps, step: 0.1}}
                """);
        write("models.yaml", """
                models:
                  - {name: planner, architecture: Qwen3-32B, maxModelLength: 16384}
                  - {name: generator, architecture: Llama-3.1-70B, maxModelLength: 16384}
                  - {name: critic, architecture: Llama-3.1-8B, maxModelLength: 16384}
                  - {name: rewriter, architecture: Qwen3-8B, maxModelLength: 16384}
                  - {name: embedder, architecture: bge-m3}
                """);
        write("workflows.json", """
                {"workflows": [{"name": "w", "targetPerSecond": 1.2, "models": [
                  {"model": "planner", "callsPerExecution": 1.4, "inputTokens": {"mean": 900}, "outputTokens": {"mean": 220}},
                  {"model": "generator", "callsPerExecution": 2.6, "inputTokens": {"mean": 1800}, "outputTokens": {"mean": 380}},
                  {"model": "critic", "callsPerExecution": 8, "inputTokens": {"mean": 1200}, "outputTokens": {"mean": 120}},
                  {"model": "rewriter", "callsPerExecution": 1.2, "inputTokens": {"mean": 700}, "outputTokens": {"mean": 160}},
                  {"model": "embedder", "callsPerExecution": 4, "inputTokens": {"mean": 80}, "outputTokens": {"mean": 0}}]}]}
                """);
    }

    private Run plan(List<String> more) throws Exception {
        return new PackagedCli(folder).onMeasured("plan", more.toArray(String[]::new));
    }

    private JsonNode json(String name) throws IOException {
        return new PackagedCli(folder).json(name);
    }

    private void write(String name, String text) throws IOException {
        new PackagedCli(folder).write(name, text);
    }
}
