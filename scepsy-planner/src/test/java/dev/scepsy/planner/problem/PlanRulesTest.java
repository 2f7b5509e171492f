package dev.scepsy.planner.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.file.PlanFile;
import dev.scepsy.planner.file.Reading;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every rule of a legal plan, kept and broken. */
class PlanRulesTest {

    @TempDir
    Path folder;

    @Test
    void aPlanThatKeepsAllRulesBreaksNone() {
        assertThat(broken(plan("0.5", 1, 3, 40, "[0]", "[0]", "[3]"))).isEmpty();
    }

    @Test
    void tenTenthsFillAGpuAndElevenDoNot() {
        String[] ten = {"[0]", "[0]", "[0]", "[0]", "[0]", "[0]", "[0]", "[0]", "[0]", "[0]"};
        assertThat(broken(plan("0.1", 1, 10, 8, ten))).isEmpty();
        assertThat(broken(plan("0.1", 1, 10, 8.1, ten)))
                .singleElement()
                .asString()
                .contains("GPU 0", "81 GiB", "80.0");
        String[] eleven = {"[0]", "[0]", "[0]", "[0]", "[0]", "[0]", "[0]", "[0]", "[0]", "[0]", "[0]"};
        assertThat(broken(plan("0.1", 1, 11, 7, eleven)))
                .singleElement()
                .asString()
                .contains("fractions", "1.1");
    }

    @Test
    void aUsedModelWithoutAllocationIsReported() {
        assertThat(broken("{\"allocations\": [{\"model\": \"idle\", \"gpu\": \"G\", \"gpuFraction\": 1,"
                        + " \"tensorParallel\": 1, \"replicas\": 1, \"memoryGiBPerGpu\": 10}]}"))
                .satisfiesExactly(
                        problem -> assertThat(problem).contains("(a)", "no allocation"),
                        problem -> assertThat(problem).contains("No workflow calls model (idle)"));
    }

    @Test
    void replicaCountsKeepTheModelsBounds() {
        assertThat(broken(plan("1", 1, 1, 40, "[0]")))
                .singleElement()
                .asString()
                .contains("minReplicas (2)");
        assertThat(broken(plan(
                        "0.1", 1, 13, 1, "[0]", "[0]", "[0]", "[0]", "[0]", "[0]", "[1]", "[1]", "[1]", "[1]", "[1]",
                        "[1]", "[1]")))
                .singleElement()
                .asString()
                .contains("maxReplicas (12)");
    }

    @Test
    void everyReplicaIsPlacedOnceOnGpusThatExist() {
        assertThat(broken(plan("1", 1, 3, 40, "[0]", "[1]")))
                .singleElement()
                .asString()
                .contains("Replica 2");
        assertThat(broken(plan("1", 1, 2, 40, "[0]", "[4]")))
                .singleElement()
                .asString()
                .contains("GPU (4)");
        assertThat(broken(plan("1", 1, 2, 40, "[0]", "[1]", "[2]")))
                .singleElement()
                .asString()
                .contains("replica (2)", "below its replicas (2)");
    }

    @Test
    void aReplicasGpusAreDifferentOnesOfOneDomain() {
        assertThat(broken(plan("1", 2, 2, 40, "[0, 1]", "[2, 3]"))).isEmpty();
        assertThat(broken(plan("1", 2, 2, 40, "[0, 2]", "[1, 3]")))
                .hasSize(2)
                .allMatch(problem -> problem.contains("different domains"));
        assertThat(broken(plan("1", 2, 2, 40, "[0, 1]", "[2]")))
                .singleElement()
                .asString()
                .contains("tensorParallel (2)");
        assertThat(broken(plan("1", 4, 2, 40, "[0, 1, 2, 3]", "[0, 1, 2, 3]")))
                .anyMatch(problem -> problem.contains("wider than any domain"));
    }

    @Test
    void fractionsLieOnTheGridAndStandAloneWithTensorParallelism() {
        assertThat(broken(plan("0.25", 1, 2, 10, "[0]", "[1]")))
                .anyMatch(problem -> problem.contains("gpuFraction (0.25)"));
        assertThat(broken(plan("0.5", 2, 2, 10, "[0, 1]", "[2, 3]")))
                .anyMatch(problem -> problem.contains("together with tensorParallel 2"));
    }

    @Test
    void unknownModelsNodesAndTypesAreReported() {
        assertThat(broken("{\"allocations\": [{\"model\": \"a\", \"gpu\": \"K\", \"gpuFraction\": 1,"
                        + " \"tensorParallel\": 1, \"replicas\": 2, \"memoryGiBPerGpu\": 10},"
                        + " {\"model\": \"api\", \"gpu\": \"G\", \"gpuFraction\": 1, \"tensorParallel\": 1,"
                        + " \"replicas\": 1, \"memoryGiBPerGpu\": 10}, {\"model\": \"who\", \"gpu\": \"G\","
                        + " \"gpuFraction\": 1, \"tensorParallel\": 1, \"replicas\": 1, \"memoryGiBPerGpu\": 10}],"
                        + " \"placements\": [{\"model\": \"b\", \"replica\": 0, \"node\": \"n\", \"gpus\": [0]},"
                        + " {\"model\": \"a\", \"replica\": 0, \"node\": \"m\", \"gpus\": [0]}]}"))
                .anyMatch(problem -> problem.contains("gpu (K)"))
                .anyMatch(problem -> problem.contains("(api) is external"))
                .anyMatch(problem -> problem.contains("(who) is not described"))
                .anyMatch(problem -> problem.contains("Model (b) is placed and has no allocation"))
                .anyMatch(problem -> problem.contains("node (m) is not in the cluster"));
    }

    @Test
    void aPlanWithoutPlacementsIsJudgedByItsSizesAlone() {
        assertThat(broken("{\"allocations\": [{\"model\": \"a\", \"gpu\": \"G\", \"gpuFraction\": 1,"
                        + " \"tensorParallel\": 1, \"replicas\": 2, \"memoryGiBPerGpu\": 10}]}"))
                .isEmpty();
    }

    @Test
    void whatOthersHoldOfAGpuIsNotThePlans() {
        String occupied = "domainSize: 2, sharing: {mode: mps}, reserved: [2],"
                + " foreign: [{gpu: 0, gpuFraction: 0.5, memoryGiB: 30}]";

        assertThat(brokenOn(occupied, plan("0.5", 1, 3, 40, "[0]", "[1]", "[1]")))
                .isEmpty();
        assertThat(brokenOn(occupied, plan("0.5", 1, 3, 40, "[0]", "[0]", "[3]")))
                .hasSize(2)
                .allMatch(problem -> problem.contains("GPU 0") && problem.contains("reserved and foreign"));
        assertThat(brokenOn(occupied, plan("0.1", 1, 2, 8, "[1]", "[2]")))
                .hasSize(2)
                .allMatch(problem -> problem.contains("GPU 2"));
    }

    private static String plan(
            String fraction, int tensorParallel, int replicas, double memoryGiB, String... gpusByReplica) {
        StringBuilder text = new StringBuilder(
                        "{\"allocations\": [{\"model\": \"a\", \"gpu\": \"G\", \"gpuFraction\": ")
                .append(fraction)
                .append(", \"tensorParallel\": ")
                .append(tensorParallel)
                .append(", \"replicas\": ")
                .append(replicas)
                .append(", \"memoryGiBPerGpu\": ")
                .append(memoryGiB)
                .append("}], \"placements\": [");
        for (int replica = 0; replica < gpusByReplica.length; replica++) {
            text.append(replica == 0 ? "" : ", ")
                    .append("{\"model\": \"a\", \"replica\": ")
                    .append(replica)
                    .append(", \"node\": \"n\", \"gpus\": ")
                    .append(gpusByReplica[replica])
                    .append('}');
        }
        return text.append("]}").toString();
    }

    private List<String> broken(String plan) {
        return brokenOn("domainSize: 2, sharing: {mode: mps}", plan);
    }

    private List<String> brokenOn(String node, String plan) {
        WrittenProblem written = new WrittenProblem(folder)
                .node(node)
                .models("models: [{name: a, minReplicas: 2, maxReplicas: 12}, {name: idle}, {name: api, external:"
                        + " true}]");
        if (!(PlanFile.read(written.write("plan.json", plan)) instanceof Reading.Legal<Plan> legal)) {
            throw new AssertionError(PlanFile.read(folder.resolve("plan.json")).whyMalformed());
        }
        return written.legal().brokenRules(legal.value(), legal.source()).stream()
                .map(problem -> problem.message())
                .toList();
    }
}
