package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.planner.cli.PackagedCli.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Where {@code scepsy plan} as packaged puts replicas: beside a plan that serves, beside others, and what a failing node leaves.
 * The profiles leave every model one shape, so allocations are known and only places are chosen.
 */
class PlanPlacementIT {

    @TempDir
    Path folder;

    @BeforeEach
    void profiles() throws IOException {
        write("profiles.yaml", """
                profiles:
                  - {model: wide, gpu: G, tensorParallel: 2, curve: [{requestsPerSecond: 10, meanLatencySeconds: 1}]}
                  - {model: one, gpu: G, curve: [{requestsPerSecond: 4, meanLatencySeconds: 1}]}
                  - {model: half, gpu: G, gpuFraction: 0.5, curve: [{requestsPerSecond: 4, meanLatencySeconds: 1}]}
                """);
        cluster("{mode: mps, step: 0.5}", "", "");
    }

    /** Both GPUs of one node are wanted: of two replicas that stand on two nodes one has to move, the other must not. */
    @Test
    void besideAServingPlanTheFewestReplicasMove() throws Exception {
        asks("{name: wide}, {name: one, minReplicas: 2, maxReplicas: 2}", "wide", "one");
        write("serving.json", """
                {"allocations": [{"model": "one", "gpu": "G", "replicas": 2, "memoryGiBPerGpu": 80}],
                 "placements": [{"model": "one", "replica": 0, "node": "n1", "gpus": [1]},
                                {"model": "one", "replica": 1, "node": "n2", "gpus": [1]}]}
                """);

        Run run = plan("--current", "serving.json", "--json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        JsonNode movement = new ObjectMapper().readTree(run.out()).at("/placement/movement");
        assertThat(movement.get("kept").asInt()).isEqualTo(1);
        assertThat(movement.get("changed").asInt()).isEqualTo(2);
        assertThat(movement.get("least").asBoolean()).isTrue();
        assertThat(movement.at("/models/0/model").asText()).isEqualTo("one");
        assertThat(movement.at("/models/0/moved").asInt()).isEqualTo(1);
        assertThat(movement.at("/models/1/started").asInt()).isEqualTo(1);
        List<String> ones = placed("one");
        assertThat(ones).hasSize(2).containsAnyOf("n1[1]", "n2[1]");
        String kept = ones.contains("n1[1]") ? "n1" : "n2";
        assertThat(ones).containsExactlyInAnyOrder(kept + "[1]", kept + "[0]");
        assertThat(placed("wide")).containsExactly(kept.equals("n1") ? "n2[0, 1]" : "n1[0, 1]");
    }

    /** An odd place that no policy would choose is kept as it is. */
    @Test
    void whatCanStayStaysWhereverItStands() throws Exception {
        asks("{name: one}, {name: half}", "one", "half");
        write("serving.json", """
                {"allocations": [{"model": "one", "gpu": "G", "replicas": 1, "memoryGiBPerGpu": 80},
                                 {"model": "half", "gpu": "G", "gpuFraction": 0.5, "replicas": 1, "memoryGiBPerGpu": 40}],
                 "placements": [{"model": "one", "replica": 0, "node": "n2", "gpus": [1]},
                                {"model": "half", "replica": 0, "node": "n1", "gpus": [1]}]}
                """);

        Run run = plan("--current", "serving.json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out())
                .contains("2 stay, 0 start anew (no placement of this plan moves fewer)")
                .contains("before: 2 free GPUs, largest free group 1, 0.5 GPUs in pieces of 1 begun ones");
        assertThat(placed("one")).containsExactly("n2[1]");
        assertThat(placed("half")).containsExactly("n1[1]");
    }

    /** Free are n1's GPU 1, half of n2's GPU 0, and n2's GPU 1 but for the memory: exactly what is asked. */
    @Test
    void whatIsReservedOrForeignIsNeverUsed() throws Exception {
        cluster(
                "{mode: mps, step: 0.5}",
                ", reserved: [0]",
                ", foreign: [{gpu: 0, gpuFraction: 0.5, memoryGiB: 40}, {gpu: 1, gpuFraction: 0.5, memoryGiB: 41}]");
        asks("{name: one}, {name: half}", "one", "half");

        Run run = plan();

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("on 1.5 of 2 GPUs.");
        assertThat(placed("one")).containsExactly("n1[1]");
        assertThat(placed("half")).containsExactly("n2[0]");

        // one more half would only fit into the half whose memory is gone
        asks("{name: one}, {name: half, minReplicas: 2}", "one", "half");
        Run more = plan();
        assertThat(more.exitCode()).as(more.out()).isEqualTo(3);
        assertThat(more.out()).contains("Free the 2 GPUs that the cluster file gives as reserved or foreign");
        // and a plan that stands where others are is refused
        write("trespassing.json", """
                {"allocations": [{"model": "one", "gpu": "G", "replicas": 1, "memoryGiBPerGpu": 80},
                                 {"model": "half", "gpu": "G", "gpuFraction": 0.5, "replicas": 2, "memoryGiBPerGpu": 40}],
                 "placements": [{"model": "one", "replica": 0, "node": "n1", "gpus": [0]},
                                {"model": "half", "replica": 0, "node": "n2", "gpus": [0]},
                                {"model": "half", "replica": 1, "node": "n2", "gpus": [1]}]}
                """);
        Run judged = scepsy("predict", "--plan", "trespassing.json");
        assertThat(judged.exitCode()).isEqualTo(2);
        assertThat(judged.err())
                .contains("The fractions on GPU 0 of node (n1) sum to 2.0")
                .contains("The memory on GPU 1 of node (n2) sums to 81 GiB")
                .endsWith("3 problems found.\n");
    }

    /**
     * A replica takes 4/s, 3.4/s are planned. Two models at 3/s and 1.5/s: of "one" two replicas stand on two nodes and one is
     * enough; "wide" stands on one node and is gone with it, and then no node holds a new one beside the others.
     */
    @Test
    void theReportSaysWhatOneFailingNodeLeaves() throws Exception {
        write("cluster.yaml", """
                racks:
                  - name: r
                    nodes:
                      - {name: n1, gpu: G, gpus: 3, memoryGiB: 80}
                      - {name: n2, gpu: G, gpus: 1, memoryGiB: 80}
                """);
        write("models.yaml", "models: [{name: wide}, {name: one, minReplicas: 2}]");
        write("workflows.json", """
                {"workflows": [
                  {"name": "a", "targetPerSecond": 3, "models": [{"model": "one", "callsPerExecution": 1}]},
                  {"name": "b", "targetPerSecond": 1.5, "models": [{"model": "wide", "callsPerExecution": 2}]}]}
                """);

        Run text = plan();
        Run json = plan("--json");

        assertThat(text.exitCode()).as(text.err()).isZero();
        assertThat(text.out())
                .contains(
                        "Node failures (N-1): 1 of 2 leave all targets met; after 0 a new plan would meet them",
                        "n1 (loses 1 one, 1 wide): a holds, up to 4/s (one); b falls to 0/s (wide); no new plan fits",
                        "n2 (loses 1 one): a holds, up to 4/s (one); b holds, up to 5/s (wide); no new plan fits");
        JsonNode failures = new ObjectMapper().readTree(json.out()).at("/placement/nMinus1");
        assertThat(failures).hasSize(2);
        assertThat(failures.at("/0/holds").asBoolean()).isFalse();
        assertThat(failures.at("/0/replan").asText()).isEqualTo("impossible");
        assertThat(failures.at("/0/workflows/0/keepsTarget").asBoolean()).isTrue();
        assertThat(failures.at("/0/workflows/1/keepsTarget").asBoolean()).isFalse();
        assertThat(failures.at("/0/workflows/1/throughputPerSecond").asDouble()).isZero();
        assertThat(failures.at("/1/holds").asBoolean()).isTrue();
        assertThat(failures.at("/1/workflows/1/throughputPerSecond").asDouble()).isEqualTo(5);
    }

    @Test
    void everyFractionComesWithWhatHoldsIt() throws Exception {
        asks("{name: one}, {name: half}", "one", "half");
        assertThat(shareUnder("{mode: mps, step: 0.5}").toString())
                .isEqualTo("{\"model\":\"half\",\"gpuFraction\":0.5,\"nodes\":[\"n1\"],\"computeEnforced\":true,"
                        + "\"memoryEnforced\":true,\"compute\":\"MPS thread percentage 50 %: a ceiling, not a"
                        + " reservation\",\"memory\":\"engine setting and MPS memory limit\",\"note\":\"memory bandwidth"
                        + " and L2 cache are not partitioned\"}");
        JsonNode kai = shareUnder("{mode: kai, step: 0.5}");
        assertThat(kai.get("computeEnforced").asBoolean()).isFalse();
        assertThat(kai.get("memoryEnforced").asBoolean()).isFalse();
        assertThat(shareUnder("{mode: hami, step: 0.5}").get("compute").asText())
                .startsWith("HAMi core limit 50 %");
        assertThat(shareUnder("{mode: dra, step: 0.5}").get("compute").asText()).contains("shared resource claim");

        asks("{name: half}", "half");
        JsonNode slices = shareUnder("{mode: time-slicing, replicas: 2}");
        assertThat(slices.get("compute").asText()).isEqualTo("nothing: equal time slices");
        assertThat(slices.get("computeEnforced").asBoolean()).isFalse();
        JsonNode parts = shareUnder("{mode: mps, replicas: 2}");
        assertThat(parts.get("compute").asText()).isEqualTo("MPS through the device plugin, equal parts");
        assertThat(parts.get("computeEnforced").asBoolean()).isTrue();
    }

    /** The only fraction of the plan, the same in the report, in {@code --json} and in the plan. */
    private JsonNode shareUnder(String sharing) throws Exception {
        cluster(sharing, "", "");
        Run text = plan();
        assertThat(text.exitCode()).as(text.err() + text.out()).isZero();
        JsonNode shares = new PackagedCli(folder).json("plan.json").get("sharing");
        assertThat(shares).hasSize(1);
        assertThat(text.out())
                .contains("How GPU shares are enforced\n  half: compute: "
                        + shares.get(0).get("compute").asText() + "; memory: "
                        + shares.get(0).get("memory").asText());
        assertThat(new ObjectMapper().readTree(plan("--json").out()).get("sharing"))
                .isEqualTo(shares);
        return shares.get(0);
    }

    private List<String> placed(String model) throws IOException {
        List<String> places = new ArrayList<>();
        for (JsonNode placement : new PackagedCli(folder).json("plan.json").get("placements")) {
            if (placement.get("model").asText().equals(model)) {
                places.add(placement.get("node").asText()
                        + placement.get("gpus").toString().replace(",", ", "));
            }
        }
        return places;
    }

    private void cluster(String sharing, String first, String second) throws IOException {
        write(
                "cluster.yaml",
                "racks:\n  - name: r\n    nodes:\n      - {name: n1, gpu: G, gpus: 2, memoryGiB: 80, sharing: "
                        + sharing
                        + first + "}\n      - {name: n2, gpu: G, gpus: 2, memoryGiB: 80, sharing: " + sharing + second
                        + "}\n");
    }

    private void asks(String models, String... called) throws IOException {
        write("models.yaml", "models: [" + models + "]");
        List<String> calls = new ArrayList<>();
        for (String model : called) {
            calls.add("{\"model\": \"" + model + "\", \"callsPerExecution\": 1}");
        }
        write(
                "workflows.json",
                "{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": 3, \"models\": [" + String.join(", ", calls)
                        + "]}]}");
    }

    private Run plan(String... more) throws Exception {
        return scepsy("plan", more);
    }

    private Run scepsy(String verb, String... more) throws Exception {
        return new PackagedCli(folder).onMeasured(verb, more);
    }

    private void write(String name, String text) throws IOException {
        new PackagedCli(folder).write(name, text);
    }
}
