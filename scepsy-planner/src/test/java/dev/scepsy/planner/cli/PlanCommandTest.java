package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
    void countsOfMoreThanTenThousandAreWrittenInFull() {
        StringBuilder nodes = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            nodes.append("{name: n").append(i).append(", gpu: G, gpus: 1024, domainSize: 8, memoryGiB: 80},");
        }
        write("cluster.yaml", "racks: [{name: r, nodes: [" + nodes + "]}]");
        write("models.yaml", "models: [{name: a, minReplicas: 1447}]");
        write("profiles.yaml", """
            profiles: [{model: a, gpu: G, tensorParallel: 8, curve: [{requestsPerSecond: 1, meanLatencySeconds: 1}]}]
            """);
        write("workflows.json", """
            {"workflows": [{"name": "w", "targetPerSecond": 2, "models": [{"model": "a", "callsPerExecution": 1}]}]}
            """);

        assertThat(plan().out()).contains("on 11576 of 12288 GPUs").doesNotContain("11580", "12290");
    }

    @Test
    void whatNodesLimitBesideTheirGpusIsHeldAndShown() throws IOException {
        CommandLineRun free = plan();
        String before = Files.readString(folder.resolve("plan.json"));
        limit("cpuCores: 12, hostMemoryGiB: 64");
        CommandLineRun limited = plan();

        assertThat(limited.exitCode()).as(limited.err()).isZero();
        assertThat(limited.err()).doesNotContain("do not count");
        // a: 2 + t cores for each engine, b: 3
        assertThat(limited.out()).contains("of 12 cores", "of 64 GiB of host memory");
        assertThat(free.out()).doesNotContain("cores");
        assertThat(CommandLineRun.of(
                                "predict",
                                "--cluster",
                                folder.resolve("cluster.yaml"),
                                "--models",
                                folder.resolve("models.yaml"),
                                "--profiles",
                                folder.resolve("profiles.yaml"),
                                "--workflows",
                                folder.resolve("workflows.json"),
                                "--plan",
                                folder.resolve("plan.json"))
                        .exitCode())
                .isZero();
        Files.writeString(folder.resolve("plan.json"), before);
        limit("cpuCores: 3");
        CommandLineRun judged = CommandLineRun.of(
                "predict",
                "--cluster",
                folder.resolve("cluster.yaml"),
                "--models",
                folder.resolve("models.yaml"),
                "--profiles",
                folder.resolve("profiles.yaml"),
                "--workflows",
                folder.resolve("workflows.json"),
                "--plan",
                folder.resolve("plan.json"));
        assertThat(judged.exitCode()).isEqualTo(2);
        assertThat(judged.err()).contains("The processors of node (n", "cores, and its cpuCores gives 3.0");
    }

    @Test
    void nodesThatGiveTooLittleAreNamedWithWhatIsMissing() throws IOException {
        limit("cpuCores: 3");
        CommandLineRun run = plan();

        assertThat(run.exitCode()).isEqualTo(3);
        assertThat(run.out())
                .contains(
                        "unplaceable: Processors of nodes [n1, n2]: 2 engines of [a, b] need at least 7 cores, and they"
                                + " give 6.")
                .contains("Raise cpuCores of the nodes to ");
        JsonNode reason = new ObjectMapper()
                .readTree(Files.readString(folder.resolve("plan.json")))
                .path("infeasible")
                .path(0);
        assertThat(reason.path("reason").asText()).isEqualTo("unplaceable");
        assertThat(reason.path("requiredCpuCores").asDouble()).isEqualTo(7);
        assertThat(reason.path("availableCpuCores").asDouble()).isEqualTo(6);

        write("models.yaml", "models: [{name: a, engineCpuCores: 1}, {name: b, engineCpuCores: 0.5}]");
        assertThat(plan().exitCode()).isZero();
    }

    private void limit(String keys) {
        write("cluster.yaml", """
            racks:
              - name: r
                nodes:
                  - {name: n1, gpu: G, gpus: 4, memoryGiB: 80, sharing: {mode: mps, step: 0.5}, KEYS}
                  - {name: n2, gpu: G, gpus: 4, memoryGiB: 80, sharing: {mode: mps, step: 0.5}, KEYS}
            """.replace("KEYS", keys));
    }

    @Test
    void mpsServesNoMoreThanFortyEightProcessesOnAGpu() {
        write("cluster.yaml", """
            racks: [{name: r, nodes: [{name: n1, gpu: G, gpus: 1, memoryGiB: 80, sharing: {mode: mps, step: 0.01}}]}]
            """);
        write("models.yaml", "models: [{name: a}, {name: b, minReplicas: 40}]");
        write("profiles.yaml", """
            profiles:
              - {model: a, gpu: G, gpuFraction: 0.1, curve: [{requestsPerSecond: 9, meanLatencySeconds: 1}]}
              - {model: b, gpu: G, gpuFraction: 0.01, curve: [{requestsPerSecond: 9, meanLatencySeconds: 0.5}]}
              - {model: b, gpu: G, gpuFraction: 0.02, curve: [{requestsPerSecond: 9, meanLatencySeconds: 0.5}]}
            """);
        assertThat(plan().exitCode()).isEqualTo(3);

        write("profiles.yaml", """
            profiles:
              - {model: a, gpu: G, gpuFraction: 0.1, curve: [{requestsPerSecond: 9, meanLatencySeconds: 1}]}
              - {model: b, gpu: G, gpuFraction: 0.03, curve: [{requestsPerSecond: 9, meanLatencySeconds: 0.5}]}
            """);
        write("models.yaml", "models: [{name: a}, {name: b, minReplicas: 30}]");
        assertThat(plan().out())
                .contains("Engines that share a GPU by MPS share its faults: a fatal fault of one ends all that are on"
                        + " that GPU.");

        write("cluster.yaml", """
            racks: [{name: r, nodes: [{name: n1, gpu: G, gpus: 1, memoryGiB: 80, sharing: {mode: mps, replicas: 49}}]}]
            """);
        CommandLineRun tooMany = plan();
        assertThat(tooMany.exitCode()).isEqualTo(2);
        assertThat(tooMany.err()).contains("sharing.replicas", "(49) exceed the 48 processes that MPS serves");
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

    @Test
    void thePlanThatServesIsMovedAsLittleAsTheOptimumAllows() throws IOException {
        assertThat(plan().exitCode()).isZero();
        Path current = folder.resolve("current.json");
        Files.copy(folder.resolve("plan.json"), current);
        String before = Files.readString(current);

        CommandLineRun same = plan("--current", current.toString());
        assertThat(same.out())
                .contains("Movement from the current plan, replicas: 4 stay, 0 start anew (no placement of this plan");
        assertThat(folder.resolve("plan.json")).hasContent(before);

        // another node fills up: what stood there has to leave, nothing else moves
        write("cluster.yaml", """
            racks:
              - name: r
                nodes:
                  - {name: n0, gpu: G, gpus: 4, memoryGiB: 80, sharing: {mode: mps, step: 0.5}}
                  - {name: n1, gpu: G, gpus: 4, memoryGiB: 80, sharing: {mode: mps, step: 0.5}}
                  - {name: n2, gpu: G, gpus: 4, memoryGiB: 80, sharing: {mode: mps, step: 0.5}, reserved: [0, 1, 2, 3]}
            """);
        CommandLineRun moved = plan("--current", current.toString(), "--json");
        assertThat(moved.exitCode()).as(moved.err()).isZero();
        JsonNode movement = new ObjectMapper().readTree(moved.out()).at("/placement/movement");
        assertThat(movement.get("least").asBoolean()).isTrue();
        assertThat(movement.get("kept").asInt()).isEqualTo(2);
        assertThat(movement.get("changed").asInt()).isEqualTo(2);
        assertThat(Files.readString(folder.resolve("plan.json"))).doesNotContain("\"n2\"");
    }

    @Test
    void aCurrentPlanThatCannotBeReadIsReportedWithTheRest() {
        write("models.yaml", "models: [{name: a, minReplicas: 0}, {name: b}]");
        write("current.json", "{\"allocations\": [{\"model\": \"a\"}]}");
        CommandLineRun run = plan("--current", folder.resolve("current.json").toString());

        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains("models.yaml:1:", "current.json:1:");
    }

    @Test
    void saysWhatTheClusterIsLeftWithAndWhatOneFailingNodeLeaves() throws IOException {
        CommandLineRun text = plan();
        JsonNode placement = new ObjectMapper().readTree(plan("--json").out()).get("placement");

        assertThat(text.out())
                .contains(
                        "before: 8 free GPUs, largest free group 4 (room for 4 x t=2, 2 x t=4)",
                        "after:  1 free GPUs, largest free group 1, 0.5 GPUs in pieces of 1 begun ones",
                        "Node failures (N-1)",
                        "n2 (loses 1 a, 1 b): w falls to 0/s (b); a new plan fits");
        assertThat(placement.at("/before/groups/1/count").asInt()).isEqualTo(2);
        assertThat(placement.at("/nMinus1/0/holds").asBoolean()).isTrue();
        assertThat(placement.at("/nMinus1/0/workflows/0/throughputPerSecond").asDouble())
                .isEqualTo(3);
        assertThat(placement.at("/nMinus1/1/workflows/0/keepsTarget").asBoolean())
                .isFalse();
    }

    @Test
    void thePlanStatesWhatHoldsEveryFraction() throws IOException {
        assertThat(plan().exitCode()).isZero();
        JsonNode sharing = new ObjectMapper()
                .readTree(Files.readString(folder.resolve("plan.json")))
                .get("sharing");
        assertThat(sharing).hasSize(1);
        assertThat(sharing.at("/0/model").asText()).isEqualTo("b");
        assertThat(sharing.at("/0/nodes/0").asText()).isEqualTo("n2");
        assertThat(sharing.at("/0/computeEnforced").asBoolean()).isTrue();

        write("cluster.yaml", Files.readString(folder.resolve("cluster.yaml")).replace("mps", "kai"));
        assertThat(plan("--json").out()).contains("\"computeEnforced\": false", "KAI keeps books only");
        write(
                "cluster.yaml",
                Files.readString(folder.resolve("cluster.yaml"))
                        .replace("mode: kai", "mode: kai, tensorParallel: true"));
        assertThat(plan().exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(plan().err()).contains("cluster.yaml:4:", "cluster.yaml:5:", "refused");
    }

    @Test
    void whereThereIsNoPlanItSaysWhatWouldHelpEachPlannedAgain() throws IOException {
        write("models.yaml", "models: [{name: a, tensorParallel: [2]}, {name: b, maxReplicas: 1}]");
        write("cluster.yaml", """
            racks:
              - name: r
                nodes:
                  - {name: n1, gpu: G, gpus: 4, memoryGiB: 80, domainSize: 1, sharing: {mode: mps, step: 0.5}, reserved: [3]}
            """);
        CommandLineRun run = plan();

        assertThat(run.exitCode()).isEqualTo(ExitCode.INFEASIBLE);
        assertThat(run.out()).contains("noUsableProfile", "Leave out the tensorParallel of model (a).");
        assertThat(run.out()).doesNotContain("Add 1 G");

        write("models.yaml", "models: [{name: a}, {name: b, maxReplicas: 1}]");
        CommandLineRun loaded = plan("--target", "w=5");
        assertThat(loaded.exitCode()).isEqualTo(ExitCode.INFEASIBLE);
        JsonNode written = new ObjectMapper().readTree(Files.readString(folder.resolve("plan.json")));
        assertThat(written.get("remedies"))
                .isNotEmpty()
                .allSatisfy(remedy -> assertThat(remedy.get("message").asText()).isNotBlank());
        assertThat(loaded.out()).contains("What would help, each by itself (planned again)");
        assertThat(written.at("/infeasible/0/reason").asText()).isEqualTo("throughputOutOfReach");
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
