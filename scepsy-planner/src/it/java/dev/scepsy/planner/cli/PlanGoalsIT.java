package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.cli.PackagedCli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code scepsy plan} as packaged makes best, and within which limits. One workflow calls one model once, so every plan is
 * worked out by hand; replicas are filled to 85 %:
 *
 * <pre>
 *  shape         takes/s  call s  GPUs  per hour   at 3/s
 *  Big   t=2      12.75     0.6      2         6   one
 *  Big   t=1       8.5      1.0      1         3   one; two of them take 17/s, the most that fits
 *  Big   f=0.5     3.4      2.0    0.5       1.5   one
 *  Small t=1       3.4      5.0      1         1   one
 * </pre>
 */
class PlanGoalsIT {

    @TempDir
    Path folder;

    @BeforeEach
    void oneModelFourShapes() throws IOException {
        write("cluster.yaml", """
                gpuTypes:
                  - {name: Big, memoryGiB: 80, costPerHour: 3}
                  - {name: Small, memoryGiB: 80, costPerHour: 1}
                racks:
                  - name: r
                    nodes:
                      - {name: big, gpu: Big, gpus: 2, sharing: {mode: mps, step: 0.5}}
                      - {name: small, gpu: Small, gpus: 1}
                """);
        write("models.yaml", "models: [{name: m}]");
        write("profiles.yaml", """
                profiles:
                  - {model: m, gpu: Big, tensorParallel: 2, curve: [{requestsPerSecond: 15, meanLatencySeconds: 0.6}]}
                  - {model: m, gpu: Big, curve: [{requestsPerSecond: 10, meanLatencySeconds: 1}]}
                  - {model: m, gpu: Big, gpuFraction: 0.5, curve: [{requestsPerSecond: 4, meanLatencySeconds: 2}]}
                  - {model: m, gpu: Small, curve: [{requestsPerSecond: 4, meanLatencySeconds: 5}]}
                """);
        workflow("");
    }

    @Test
    void everyObjectiveTakesAnotherPlanAndSaysWhatItReaches() throws Exception {
        assertPlan(plan(), "Big", 1, 2, 1, 1.1);
        assertThat(read("plan.json").has("goal")).isFalse();

        Run throughput = plan("--objective", "throughput");
        assertPlan(throughput, "Big", 1, 1, 2, 1.5);
        assertGoal("throughput", 17.0 / 3);
        assertThat(read("plan.json").at("/predictions/0/targetPerSecond").asDouble())
                .isCloseTo(17, within(1e-6));
        assertThat(throughput.out()).contains("Highest throughput: all targets times 5.667 (proven).");

        Run gpus = plan("--objective", "gpus");
        assertPlan(gpus, "Big", 0.5, 1, 1, 2.5);
        assertGoal("gpus", 0.5);
        assertThat(gpus.out()).contains("Fewest GPUs: 0.5 (proven).");

        Run cost = plan("--objective", "cost");
        assertPlan(cost, "Small", 1, 1, 1, 5.5);
        assertGoal("cost", 1);
        assertThat(cost.out()).contains("Least cost: 1 per hour (proven).");
    }

    @Test
    void costWithoutPricesAndAnUnknownObjectiveAreBadInput() throws Exception {
        write("cluster.yaml", "racks: [{name: r, nodes: [{name: big, gpu: Big, gpus: 2, memoryGiB: 80}]}]");

        Run unpriced = plan("--objective", "cost");
        assertThat(unpriced.exitCode()).isEqualTo(2);
        assertThat(unpriced.err()).contains("costPerHour of GPU types [Big]", "gpuTypes");
        Run unknown = plan("--objective", "beauty");
        assertThat(unknown.exitCode()).isEqualTo(2);
        assertThat(unknown.err()).contains("(beauty)", "latency, throughput, gpus or cost");
        assertThat(folder.resolve("plan.json")).doesNotExist();
    }

    @Test
    void aLatencyLimitHoldsUnderEveryObjectiveAndIsInclusive() throws Exception {
        workflow("\"latencyLimitSeconds\": 1.5,");

        assertPlan(plan("--objective", "gpus"), "Big", 1, 1, 1, 1.5);
        assertPlan(plan("--objective", "cost"), "Big", 1, 1, 1, 1.5);
        assertPlan(plan("--objective", "throughput"), "Big", 1, 1, 2, 1.5);
        // the option replaces what the file says, in both directions
        assertPlan(plan("--objective", "gpus", "--latency-limit", "w=1.49"), "Big", 1, 2, 1, 1.1);
        assertPlan(plan("--objective", "throughput", "--latency-limit", "w=1.49"), "Big", 1, 2, 1, 1.1);
        assertGoal("throughput", 12.75 / 3);
        assertPlan(plan("--objective", "gpus", "--latency-limit", "w=2.5"), "Big", 0.5, 1, 1, 2.5);
    }

    @Test
    void aLatencyLimitOutOfReachIsInfeasibleAndNamesTheLeastThereIs() throws Exception {
        workflow("\"latencyLimitSeconds\": 1.0999,");

        Run run = plan();

        assertThat(run.exitCode()).as(run.err()).isEqualTo(3);
        JsonNode reason = read("plan.json").at("/infeasible/0");
        assertThat(reason.get("reason").asText()).isEqualTo("latencyLimitOutOfReach");
        assertThat(reason.get("workflow").asText()).isEqualTo("w");
        assertThat(reason.get("message").asText()).contains("1.0999", "1.1 s");
        assertThat(run.out()).contains("latencyLimitOutOfReach");
        assertThat(plan("--latency-limit", "w=1.1").exitCode()).isZero();
        assertThat(plan("--latency-limit", "nobody=1").exitCode()).isEqualTo(2);
    }

    /** Of a split normal 90 % are 1.2816 / 1.9600 = 0.65386 of the way from the mean to the 97.5 % end. */
    @Test
    void aQuantilePlansForMoreCallsThanTheMean() throws Exception {
        write("workflows.json", """
                {"workflows": [{"name": "w", "targetPerSecond": 3, "otherSeconds": 0.5, "models": [
                  {"model": "m", "callsPerExecution": 1,
                   "interval95": {"callsPerExecution": [0.8, 1.5], "sequentialCalls": [0.9, 1.2]}}]},
                 {"name": "rare", "targetPerSecond": 0, "weight": 0, "models": [{"model": "m", "callsPerExecution": 1}]}]}
                """);
        assertPlan(plan("--objective", "gpus"), "Big", 0.5, 1, 1, 2.5);

        // 3.98 calls/s are more than half a GPU takes; one GPU, then the least latency
        Run sure = plan("--objective", "gpus", "--quantile", "0.9");
        assertPlan(sure, "Big", 1, 1, 1, 0.5 + 1 + 0.2 * 0.653865);
        assertThat(read("plan.json").get("quantile").asDouble()).isEqualTo(0.9);
        assertThat(sure.out())
                .contains("90 % quantile of calls and sequential calls", "planned for the mean: m of rare.");

        assertPlan(plan("--objective", "gpus", "--quantile", "0.1"), "Big", 0.5, 1, 1, 0.5 + 2 * (1 - 0.1 * 0.653865));
        assertThat(plan("--quantile", "1").exitCode()).isEqualTo(2);
    }

    private void assertPlan(Run run, String gpu, double f, int t, int r, double seconds) throws IOException {
        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode plan = read("plan.json");
        JsonNode allocation = plan.at("/allocations/0");
        assertThat(List.of(
                        allocation.get("gpu").asText(),
                        allocation.get("gpuFraction").asDouble(),
                        allocation.get("tensorParallel").asInt(),
                        allocation.get("replicas").asInt()))
                .isEqualTo(List.of(gpu, f, t, r));
        assertThat(plan.get("placements")).hasSize(r);
        assertThat(plan.get("gpusUsed").asDouble()).isEqualTo(f * t * r);
        assertThat(plan.get("objectiveSeconds").asDouble()).isCloseTo(seconds, within(1e-5));
        assertThat(plan.get("lowerBoundSeconds").asDouble()).isCloseTo(seconds, within(1e-5));
        assertThat(plan.at("/predictions/0/latencySeconds").asDouble()).isCloseTo(seconds, within(1e-5));
    }

    private void assertGoal(String objective, double value) throws IOException {
        JsonNode goal = read("plan.json").get("goal");
        assertThat(goal.get("objective").asText()).isEqualTo(objective);
        assertThat(goal.get("value").asDouble()).isCloseTo(value, within(1e-7));
        assertThat(goal.get("bound").asDouble()).isCloseTo(value, within(1e-6));
        assertThat(goal.get("gap").asDouble()).isZero();
    }

    private void workflow(String more) throws IOException {
        write(
                "workflows.json",
                "{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": 3, \"otherSeconds\": 0.5, " + more
                        + "\"models\": [{\"model\": \"m\", \"callsPerExecution\": 1}]}]}");
    }

    private Run plan(String... more) throws Exception {
        Files.deleteIfExists(folder.resolve("plan.json"));
        return new PackagedCli(folder).onMeasured("plan", more);
    }

    private JsonNode read(String name) throws IOException {
        return new PackagedCli(folder).json(name);
    }

    private void write(String name, String text) throws IOException {
        new PackagedCli(folder).write(name, text);
    }
}
