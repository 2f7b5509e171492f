package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code scepsy apply}, {@code status} and {@code rollback} as processes against an emulated cluster. */
class PushFromTheCommandLineIT {

    private static final String GUESS =
            "generator 0.5 node-1:0 node-1:1, critic 0.5 node-1:0 node-2:0, embedder 0.5 node-1:1";
    private static final String BETTER =
            "generator 0.7 node-1:0 node-1:1 node-2:0, critic 0.3 node-1:0, embedder 0.5 node-2:1";

    @TempDir
    Path folder;

    private ClusterUnderTest cluster;

    @BeforeEach
    void start() throws IOException {
        cluster = startCluster();
        Files.writeString(folder.resolve("cluster.yaml"), """
                racks:
                  - name: rack-1
                    nodes:
                      - {name: node-1, gpu: A100-SXM-80GB, gpus: 2, sharing: {mode: mps}}
                      - {name: node-2, gpu: A100-SXM-80GB, gpus: 2, sharing: {mode: mps}}
                """);
        Files.writeString(folder.resolve("models.yaml"), """
                router: {kind: none}
                models:
                  - {name: generator, architecture: Llama-3.1-8B}
                  - {name: critic, architecture: Qwen2.5-7B}
                  - {name: embedder, architecture: bge-m3}
                """);
        Files.writeString(folder.resolve("guess.json"), plan(GUESS));
        Files.writeString(folder.resolve("better.json"), plan(BETTER));
    }

    /** The same tests run against others. */
    ClusterUnderTest startCluster() {
        return new EmulatedUnderTest();
    }

    @AfterEach
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private static String plan(String text) {
        List<String> allocations = new ArrayList<>();
        List<String> placements = new ArrayList<>();
        for (String line : text.split(", ")) {
            String[] words = line.split(" ");
            allocations.add(
                    "{\"model\": \"%s\", \"gpu\": \"A100-SXM-80GB\", \"gpuFraction\": %s, \"tensorParallel\": 1, \"replicas\": %d, \"memoryGiBPerGpu\": %s}"
                            .formatted(words[0], words[1], words.length - 2, Double.parseDouble(words[1]) * 80));
            for (int replica = 0; replica + 2 < words.length; replica++) {
                String[] place = words[replica + 2].split(":");
                placements.add("{\"model\": \"%s\", \"replica\": %d, \"node\": \"%s\", \"gpus\": [%s]}"
                        .formatted(words[0], replica, place[0], place[1]));
            }
        }
        return "{\"allocations\": [" + String.join(",\n", allocations) + "],\n\"placements\": ["
                + String.join(",\n", placements) + "]}\n";
    }

    ProcessBuilder scepsy(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                Path.of(System.getProperty("scepsy.root"), "scepsy-planner/target/scepsy-cli.jar")
                        .toString()));
        command.addAll(List.of(arguments));
        command.addAll(cluster.arguments());
        return new ProcessBuilder(command).directory(folder.toFile());
    }

    private ProcessBuilder apply(String plan, String... more) {
        return scepsy(Stream.concat(
                        Stream.of(
                                "apply",
                                "--cluster",
                                "cluster.yaml",
                                "--models",
                                "models.yaml",
                                "--plan",
                                plan,
                                "--yes",
                                "--endpoint-seconds",
                                "0.2",
                                "--lease-seconds",
                                "3"),
                        Stream.of(more))
                .toArray(String[]::new));
    }

    static String run(ProcessBuilder command, int expectedCode) throws IOException, InterruptedException {
        Process process = command.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isEqualTo(expectedCode);
        return output;
    }

    /** Starts a push and returns when it prints a line that {@code seen} accepts. */
    private static Process runUntil(ProcessBuilder command, Predicate<String> seen) throws IOException {
        Process process = command.redirectErrorStream(true).start();
        var lines = process.inputReader();
        String line = lines.readLine();
        while (line != null && !seen.test(line)) {
            line = lines.readLine();
        }
        assertThat(line).isNotNull();
        return process;
    }

    @Test
    void aDryRunPrintsManifestsAndStepsAndChangesNothing() throws Exception {
        String output = run(apply("guess.json", "--dry-run"), 0);
        assertThat(output).contains("kind: \"Deployment\"").contains("[1/5] start");
        assertThat(run(scepsy("status"), 0)).contains("Plan none");
    }

    @Test
    void aDryRunSaysHowLongEveryStepAndTheWholeTake() throws Exception {
        assertThat(run(apply("guess.json", "--dry-run"), 0))
                .containsPattern("\\[1/5] start critic .*; about \\d+ min( \\d+ s)?, assumed: 14.2 GiB downloaded")
                .containsPattern("Expected to take \\d+ min( \\d+ s)?, until 20\\d\\d-.*Z; times are assumed");
        assertThat(run(apply("guess.json", "--dry-run", "--json"), 0))
                .containsPattern("\"expectedSeconds\": \\d+")
                .containsPattern("\"expectedEnd\": \"20\\d\\d-.*Z\"")
                .contains("\"expectedBy\": \"assumed\"", "\"expectedWhy\": \"14.2 GiB downloaded");
    }

    @Test
    void applyStatusAndRollbackTellTheirStory() throws Exception {
        assertThat(run(apply("guess.json"), 0)).contains("[1/5] start").contains("is served: 5 steps done, 5 pods.");
        assertThat(run(apply("better.json"), 0)).contains("stop").contains("room for");
        assertThat(run(scepsy("status", "--exit-code"), 0)).contains("Everything is as planned.");
        assertThat(run(scepsy("rollback", "--yes", "--endpoint-seconds", "0.2"), 0))
                .contains("is served");
        String status = run(scepsy("status", "--json"), 0);
        assertThat(status).contains("\"asPlanned\": true").contains("\"lastPush\": \"applied\"");
    }

    @Test
    void aCampaignTakesTheClusterAsItIs() throws Exception {
        Files.writeString(folder.resolve("workflows.json"), """
                {"workflows": [{"name": "draft", "targetPerSecond": 0.5, "models": [
                  {"model": "generator", "callsPerExecution": 1, "inputTokens": {"mean": 60}, "outputTokens": {"mean": 6}},
                  {"model": "critic", "callsPerExecution": 1, "inputTokens": {"mean": 60}, "outputTokens": {"mean": 3}},
                  {"model": "embedder", "callsPerExecution": 1, "inputTokens": {"mean": 60}, "outputTokens": {"mean": 0}}]}]}
                """);
        String said = run(
                scepsy(
                        "profile",
                        "--campaign",
                        "--cluster",
                        "kubernetes:",
                        "--models",
                        "models.yaml",
                        "--workflows",
                        "workflows.json",
                        "--max-measurements",
                        "0",
                        "--out",
                        "profiles.yaml"),
                0);
        assertThat(said).contains("The --max-measurements are made", "A100-SXM-80GB");
    }

    /** The places of this plan are none that a policy would choose, so whoever keeps them read them off the cluster. */
    @Test
    void whatRunsIsWrittenAsAPlanAndTheNextPlanMovesNoneOfIt() throws Exception {
        assertThat(run(scepsy("status", "--plan-out", "current.json"), 4)).contains("No engine runs here");
        assertThat(folder.resolve("current.json")).doesNotExist();
        Files.writeString(
                folder.resolve("odd.json"), plan("generator 1.0 node-2:1, critic 0.5 node-1:1, embedder 0.1 node-2:0"));
        run(apply("odd.json"), 0);

        assertThat(run(scepsy("status", "--plan-out", "current.json"), 0))
                .contains("Everything is as planned.")
                .contains("What runs is written to current.json.");

        String current = Files.readString(folder.resolve("current.json"));
        assertThat(current.replaceAll("\\s+", ""))
                .contains("{\"model\":\"critic\",\"replica\":0,\"node\":\"node-1\",\"gpus\":[1]}")
                .contains("{\"model\":\"embedder\",\"replica\":0,\"node\":\"node-2\",\"gpus\":[0]}")
                .contains("{\"model\":\"generator\",\"replica\":0,\"node\":\"node-2\",\"gpus\":[1]}")
                .doesNotContain("objectiveSeconds");
        // what was written is the same plan: nothing is left to do
        assertThat(run(apply("current.json", "--dry-run"), 0)).doesNotContain("[1/");
        assertThat(run(planned("--current", "current.json"), 0))
                .contains("3 stay, 0 start anew (no placement of this plan moves fewer)");
        assertThat(Files.readString(folder.resolve("plan.json")).replaceAll("\\s+", ""))
                .contains("\"model\":\"critic\",\"replica\":0,\"node\":\"node-1\",\"gpus\":[1]")
                .contains("\"model\":\"generator\",\"replica\":0,\"node\":\"node-2\",\"gpus\":[1]");
    }

    /** Plans for exactly the shapes of the plan above. */
    private ProcessBuilder planned(String... more) throws IOException {
        Files.writeString(folder.resolve("sized.yaml"), """
                models:
                  - {name: generator, architecture: Llama-3.1-8B, gpuFractions: [1], tensorParallel: [1], maxReplicas: 1}
                  - {name: critic, architecture: Qwen2.5-7B, gpuFractions: [0.5], maxReplicas: 1}
                  - {name: embedder, architecture: bge-m3, gpuFractions: [0.1], maxReplicas: 1}
                """);
        Files.writeString(folder.resolve("workflows.json"), """
                {"workflows": [{"name": "w", "targetPerSecond": 0.1, "models": [
                  {"model": "generator", "callsPerExecution": 1, "inputTokens": {"mean": 300}, "outputTokens": {"mean": 50}},
                  {"model": "critic", "callsPerExecution": 1, "inputTokens": {"mean": 300}, "outputTokens": {"mean": 50}},
                  {"model": "embedder", "callsPerExecution": 1, "inputTokens": {"mean": 60}, "outputTokens": {"mean": 0}}]}]}
                """);
        List<String> command = new ArrayList<>(scepsy("plan").command());
        command.removeAll(cluster.arguments());
        command.addAll(List.of("--cluster", "cluster.yaml", "--models", "sized.yaml", "--workflows", "workflows.json"));
        command.addAll(List.of(more));
        return new ProcessBuilder(command).directory(folder.toFile());
    }

    /** Leases last longer than the test: the next command goes on at once only where the push gave its lease back. */
    @ParameterizedTest
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "signals with names are POSIX")
    @CsvSource({"INT, rollback", "TERM, apply"})
    void aPushThatIsToldToEndSaysWhatItDidAndTheNextGoesOnOrBack(String signal, String next) throws Exception {
        run(apply("guess.json"), 0);
        Process push = runUntil(signalled(withLongLease(apply("better.json"))), line -> line.startsWith("[2/"));
        send(signal, push);
        assertThat(push.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(push.exitValue()).isEqualTo(5);
        assertThat(push.inputReader().lines().collect(Collectors.joining("\n")))
                .contains("Stopped midway")
                .contains("Left: ")
                .doesNotContain("\tat ", "Exception");
        assertThat(run(scepsy("status"), 0)).contains("last push: stopped").contains("Unfinished: step");
        run(next.equals("apply") ? apply("better.json") : scepsy("rollback", "--yes", "--endpoint-seconds", "0.2"), 0);
        assertThat(run(scepsy("status"), 0)).contains("Everything is as planned.");
    }

    private static ProcessBuilder withLongLease(ProcessBuilder command) {
        command.command().set(command.command().indexOf("--lease-seconds") + 1, "600");
        return command;
    }

    /** Under {@code env}, which undoes that a shell lets its background jobs ignore Ctrl-C. */
    private static ProcessBuilder signalled(ProcessBuilder command) {
        List<String> words = new ArrayList<>(List.of("env", "--default-signal=INT"));
        words.addAll(command.command());
        return command.command(words);
    }

    private static void send(String signal, Process process) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                        .start()
                        .waitFor())
                .isZero();
    }

    @Test
    void aPushThatIsKilledLeavesARecordAndAnotherGoesOnOnceItsLeaseRanOut() throws Exception {
        run(apply("guess.json"), 0);
        Process push = runUntil(apply("better.json"), line -> line.startsWith("[3/"));
        push.destroyForcibly(); // SIGKILL
        assertThat(push.waitFor(120, TimeUnit.SECONDS)).isTrue();
        assertThat(run(scepsy("status", "--exit-code"), 7))
                .contains("last push: applying")
                .contains("Unfinished: step");

        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(240);
        Process again;
        do {
            again = apply("better.json").redirectErrorStream(true).start();
            again.getInputStream().readAllBytes();
            again.waitFor();
        } while (again.exitValue() == 4 && System.nanoTime() < deadline);
        assertThat(again.exitValue()).isZero();
        assertThat(run(scepsy("status"), 0)).contains("Everything is as planned.");
    }
}
