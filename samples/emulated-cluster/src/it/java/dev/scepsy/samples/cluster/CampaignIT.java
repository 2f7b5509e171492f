package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.MeasuredProfile;
import dev.scepsy.planner.file.ProfilesFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.profile.Beside;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.samples.cluster.control.Startup;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code scepsy profile --campaign} as a process against an emulated cluster whose cards are slower than the planner's files say:
 * 30 % less bandwidth, 25 % less arithmetic.
 */
class CampaignIT {

    private static final String NODES =
            "racks: [{name: r, nodes: [{name: node-1, gpu: CARD, gpus: 2, sharing: {mode: mps, step: 0.5}}]}]\n";

    private static final String TRIALS = "scepsy.dev/trial";

    @TempDir
    private Path folder;

    private EmulatedCluster cluster;
    private KubernetesClient client;

    @BeforeEach
    void start() throws IOException {
        write(
                "cluster.yaml",
                NODES + "gpuTypes: [{name: CARD, memoryGiB: 24, memoryBandwidthGBps: 700, bf16Tflops: 120}]\n");
        Path hidden = write(
                "hidden.yaml",
                NODES + "gpuTypes: [{name: CARD, memoryGiB: 24, memoryBandwidthGBps: 490, bf16Tflops: 90}]\n");
        write(
                "models.yaml",
                "models: [{name: generator, architecture: Qwen3-1.7B, tensorParallel: [1]}, {name: critic, architecture:"
                        + " Qwen3-0.6B, tensorParallel: [1]}]\n");
        write("workflows.json", """
                {"workflows": [{"name": "draft", "targetPerSecond": 2, "models": [
                  {"model": "generator", "callsPerExecution": 2, "inputTokens": {"mean": 60}, "outputTokens": {"mean": 6}},
                  {"model": "critic", "callsPerExecution": 1, "inputTokens": {"mean": 60}, "outputTokens": {"mean": 3}}]}]}
                """);
        ClusterFile.Described described =
                ClusterFile.read(hidden, Catalogue.builtIn()).legalValue().orElseThrow();
        cluster = EmulatedCluster.start(EmulatedClusterConfig.builder(described.cluster())
                .gpuFacts(described.facts())
                .model(TestClusters.model("generator", "Qwen3-1.7B"))
                .model(TestClusters.model("critic", "Qwen3-0.6B"))
                .startup(new Startup(0.2, 20e9))
                .build());
        client = Engines.client(cluster);
    }

    @AfterEach
    void stop() {
        client.close();
        cluster.close();
    }

    @Test
    void aKilledCampaignGoesOnMeasuresNothingTwiceAndLeavesNothingBehind() throws Exception {
        Deployment theirs = othersCampaign();

        Process killed = campaign("--stop-loss", "0");
        await("the first engine", () -> !trials().isEmpty());
        String first = trials().get(0).getMetadata().getName();
        await(
                "the second engine",
                () -> trials().stream()
                        .anyMatch(trial -> !trial.getMetadata().getName().equals(first)));
        killed.destroyForcibly();
        assertThat(killed.waitFor(20, TimeUnit.SECONDS)).isTrue();
        List<MeasuredProfile> before = profiles();
        assertThat(before).hasSize(1).allMatch(profile -> profile.beside().equals(Optional.of(Beside.ALONE)));
        assertThat(trials()).hasSize(1);

        String said = run(campaign("--stop-loss", "0", "--max-measurements", "1"), 0);
        assertThat(said)
                .contains("a stopped run of this campaign left behind were removed")
                .contains("The --max-measurements are made")
                .containsPattern("It stays the best in \\d+ % of the draws and is expected to lose [0-9.]+ %");
        assertThat(trials()).isEmpty();
        List<MeasuredProfile> second = profiles();
        assertThat(second).hasSize(2);
        assertThat(second.subList(0, 1))
                .extracting(MeasuredProfile::measured)
                .isEqualTo(before.stream().map(MeasuredProfile::measured).toList());
        assertThat(second.stream().map(MeasuredProfile::key).distinct()).hasSize(second.size());

        Process asked = campaign("--stop-loss", "0");
        await("the third engine", () -> !trials().isEmpty());
        // not Process.destroy, which closes what it has printed
        asked.toHandle().destroy();
        assertThat(run(asked, 5)).contains("Stopped midway; the engine was removed, none is left behind");
        assertThat(trials()).isEmpty();

        assertThat(client.apps()
                        .deployments()
                        .inNamespace("default")
                        .withName(theirs.getMetadata().getName())
                        .get())
                .isNotNull();
        assertThat(client.services().inNamespace("default").list().getItems()).isEmpty();

        // both plans judged by what the cards really are
        run(scepsy("plan", "--cluster", "cluster.yaml", "--profiles", "profiles.yaml", "--out", "after.json"), 0);
        run(scepsy("plan", "--cluster", "hidden.yaml", "--out", "best.json"), 0);
        double after = trueSeconds("after.json");
        double best = trueSeconds("best.json");
        System.out.printf(
                Locale.ROOT,
                "after %d of 4 measurements: %.4f s, with all known: %.4f s%n",
                second.size(),
                after,
                best);
        assertThat(after).isLessThanOrEqualTo(1.02 * best);
    }

    @Test
    void anEngineThatNeverGetsReadyIsRecordedAndTheCampaignGoesOn() throws Exception {
        cluster.faults().neverReady("generator");

        String said = run(campaign("--stop-loss", "0", "--load-seconds", "4", "--max-measurements", "2"), 0);

        assertThat(said)
                .containsPattern(
                        "generator on CARD( at 0.5)? could not be measured: It did not become ready within 4 s")
                .containsPattern("combinations are measured, [12] failed");
        assertThat(said.split("\\.\\.\\. starting ", -1)).hasSizeGreaterThanOrEqualTo(3);
        assertThat(trials()).isEmpty();
    }

    @Test
    void anEndpointThatServesAnotherModelIsRefusedBeforeAnythingIsMeasured() throws Exception {
        Engines.serve(client, "critic", "0.5", 1);
        write(
                "endpoints.yaml",
                "endpoints: [{model: generator, gpu: CARD, gpuFraction: 0.5, url: \"" + address("critic") + "\"}]\n");

        String said = run(campaign("--endpoints", "endpoints.yaml"), 2);

        assertThat(said)
                .contains("endpoints.yaml:1")
                .contains("endpoints[0].url")
                .contains("serves critic, not generator");
        assertThat(folder.resolve("profiles.yaml")).doesNotExist();
    }

    @Test
    void aClusterThatCannotBeReachedIsRefusedWithWhatToCheck() throws Exception {
        String said = run(campaign("http://127.0.0.1:9"), 4);
        assertThat(said).contains("cannot be reached", "Nothing was measured.");
    }

    private Deployment othersCampaign() {
        return client.resource(new DeploymentBuilder(Engines.deployment("theirs", "critic", "0.5", 0))
                        .editMetadata()
                        .addToLabels("scepsy.dev/campaign", "another")
                        .endMetadata()
                        .build())
                .inNamespace("default")
                .serverSideApply();
    }

    private List<Deployment> trials() {
        return client.apps()
                .deployments()
                .inNamespace("default")
                .withLabel(TRIALS)
                .list()
                .getItems();
    }

    private String address(String model) {
        return "http://127.0.0.1:"
                + client.pods().inNamespace("default").list().getItems().stream()
                        .filter(pod -> pod.getMetadata().getName().startsWith(model))
                        .findFirst()
                        .orElseThrow()
                        .getMetadata()
                        .getAnnotations()
                        .get("scepsy.dev/emulated-port");
    }

    private List<MeasuredProfile> profiles() {
        Reading<List<MeasuredProfile>> reading = ProfilesFile.read(folder.resolve("profiles.yaml"));
        return reading.legalValue().orElseThrow(() -> new AssertionError(reading.whyMalformed()));
    }

    private double trueSeconds(String plan) throws Exception {
        String said = run(scepsy("predict", "--cluster", "hidden.yaml", "--plan", plan, "--json"), 0);
        Matcher seconds = Pattern.compile("\"latencySeconds\": ([0-9.]+)").matcher(said);
        assertThat(seconds.find()).as(said).isTrue();
        return Double.parseDouble(seconds.group(1));
    }

    private Process campaign(String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "profile",
                "--campaign",
                "--cluster",
                "cluster.yaml",
                "--server",
                more.length == 1 ? more[0] : cluster.apiServerUrl(),
                "--requests",
                "12",
                "--window-seconds",
                "0.5",
                "--resolution",
                "1",
                "--max-rate",
                "20"));
        for (String argument : more.length == 1 ? new String[0] : more) {
            arguments.add(argument);
        }
        return scepsy(arguments.toArray(String[]::new));
    }

    private Process scepsy(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                Path.of(System.getProperty("scepsy.root"), "scepsy-planner/target/scepsy-cli.jar")
                        .toString()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--models", "models.yaml", "--workflows", "workflows.json"));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
    }

    private static String run(Process process, int expectedCode) throws Exception {
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isEqualTo(expectedCode);
        return output;
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(240);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waiting for " + what).isLessThan(deadline);
            LockSupport.parkNanos(20_000_000);
        }
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }
}
