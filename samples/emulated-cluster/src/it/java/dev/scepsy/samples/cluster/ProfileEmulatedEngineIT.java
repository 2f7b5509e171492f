package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.file.MeasuredProfile;
import dev.scepsy.planner.file.ProfilesFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineProfiles;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.profile.MeasuredPoint;
import dev.scepsy.planner.profile.ProfileResult;
import dev.scepsy.planner.profile.ServedModel;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code scepsy profile} as a process against an emulated vLLM over HTTP, whose true curve is known: the engine model's. The
 * emulated clock runs ten times as fast as the real one.
 */
class ProfileEmulatedEngineIT {

    private static final double TIME_SCALE = 10;
    private static final int MAX_NUM_SEQS = 8;
    private static final int INPUT_TOKENS = 512;
    private static final int OUTPUT_TOKENS = 96;

    @TempDir
    private Path folder;

    private EmulatedCluster cluster;

    @BeforeEach
    void start() {
        cluster = EmulatedCluster.start(
                TestClusters.config().timeScale(TIME_SCALE).build());
        try (KubernetesClient client = Engines.client(cluster)) {
            Engines.serve(client, "generator", smallBatches(Engines.deployment("generator", "generator", "1.0", 1)));
            Engines.serve(client, "embedder", "0.5", 1);
        }
    }

    private static Deployment smallBatches(Deployment deployment) {
        return new DeploymentBuilder(deployment)
                .editSpec()
                .editTemplate()
                .editSpec()
                .editFirstContainer()
                .addToArgs("--max-num-seqs", Integer.toString(MAX_NUM_SEQS))
                .endContainer()
                .endSpec()
                .endTemplate()
                .endSpec()
                .build();
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void theKneeIsWhereTheEngineModelSaysAndAKilledRunGoesOn() throws Exception {
        Process killed = profile("generator");
        awaitPoints(2);
        killed.destroyForcibly();
        assertThat(killed.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(folder.resolve("profiles.yaml")).doesNotExist();
        String state = Files.readString(state());
        int before = state.split("\"verdict\"", -1).length - 1;

        String said = run(profile("generator"), 0);

        assertThat(said).contains(before + " points are from an earlier run", "generator on A100-SXM-80GB sustains");
        assertThat(state()).doesNotExist();
        MeasuredProfile measured = profiles().get(0);
        assertThat(state)
                .contains(
                        "\"requests\": " + measured.measured().get(0).requests().orElseThrow());
        assertThat(measured.load().inputTokens().orElseThrow()).isBetween(0.95 * INPUT_TOKENS, 1.05 * INPUT_TOKENS);
        assertThat(measured.load().outputTokens()).hasValue(OUTPUT_TOKENS);

        LatencyProfile predicted = predicted();
        if (said.contains("short of CPU")) {
            System.out.println(
                    "NOT RUN: the knee against the engine model, because this machine had too little CPU: " + said);
            return;
        }
        double saturation = measured.saturationRequestsPerSecond().orElseThrow() / TIME_SCALE;
        assertThat(saturation / predicted.saturationRequestsPerSecond())
                .as("measured over predicted saturation; %s", said)
                .isBetween(0.75, 1.25);
        List<Double> ratios = new ArrayList<>();
        for (MeasuredPoint point : measured.measured()) {
            ratios.add(point.meanLatencySeconds()
                    * TIME_SCALE
                    / predicted.meanLatencySeconds(point.requestsPerSecond() / TIME_SCALE));
            assertThat(point.meanFirstTokenSeconds()).isPresent();
            assertThat(point.meanPerTokenSeconds()).isPresent();
        }
        Collections.sort(ratios);
        assertThat(ratios.get(ratios.size() / 2))
                .as("median of measured over predicted latency; %s", said)
                .isBetween(0.8, 1.25);
        System.out.printf(
                "saturation measured %.3f, predicted %.3f requests/s; latency ratios %s%n",
                saturation, predicted.saturationRequestsPerSecond(), ratios);
    }

    @Test
    void anEmbedderIsMeasuredByWhatItReads() throws Exception {
        String said = run(
                scepsy(
                        "profile",
                        "--endpoint",
                        cluster.gatewayUrl(),
                        "--model",
                        "embedder",
                        "--gpu",
                        "A100-SXM-80GB",
                        "--gpu-fraction",
                        "0.5",
                        "--api",
                        "EMBEDDINGS",
                        "--input-tokens",
                        "200",
                        "--window-seconds",
                        "0.3",
                        "--requests",
                        "20",
                        "--max-rate",
                        "40"),
                0);

        MeasuredProfile measured = profiles().get(0);
        assertThat(measured.load().outputTokens()).hasValue(0);
        assertThat(measured.measured().get(0).meanPerTokenSeconds()).isEmpty();
        if (said.contains("short of CPU")) {
            System.out.println(
                    "NOT RUN: the embedder's highest rate, because this machine had too little CPU: " + said);
            return;
        }
        assertThat(measured.saturationIsLowerBound()).as(said).isTrue();
        assertThat(measured.saturationRequestsPerSecond()).hasValue(40);
        assertThat(said).contains("never overloaded");
    }

    private Process profile(String model) throws IOException {
        return scepsy(
                "profile",
                "--endpoint",
                cluster.gatewayUrl(),
                "--model",
                model,
                "--gpu",
                "A100-SXM-80GB",
                "--engine",
                "vllm",
                "--input-tokens",
                Integer.toString(INPUT_TOKENS),
                "--output-tokens",
                Integer.toString(OUTPUT_TOKENS),
                "--window-seconds",
                "1",
                "--requests",
                "60",
                "--resolution",
                "0.2");
    }

    private Process scepsy(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-jar",
                Path.of(System.getProperty("scepsy.root"), "scepsy-planner/target/scepsy-cli.jar")
                        .toString()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("said.txt").toFile())
                .start();
    }

    private String run(Process process, int expectedCode) throws IOException, InterruptedException {
        assertThat(process.waitFor(200, TimeUnit.SECONDS)).isTrue();
        String said = Files.readString(folder.resolve("said.txt"), StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as(said).isEqualTo(expectedCode);
        return said;
    }

    private Path state() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".state.json"))
                    .findFirst()
                    .orElse(folder.resolve("no-state-yet"));
        }
    }

    private void awaitPoints(int count) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        int measured = 0;
        while (measured < count) {
            assertThat(System.nanoTime())
                    .as("%d points were measured in time", measured)
                    .isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            try {
                Path state = state();
                measured = Files.exists(state) ? Files.readString(state).split("\"verdict\"", -1).length - 1 : 0;
            } catch (IOException renamedMeanwhile) {
                measured = 0;
            }
        }
    }

    private List<MeasuredProfile> profiles() {
        Reading<List<MeasuredProfile>> reading = ProfilesFile.read(folder.resolve("profiles.yaml"));
        assertThat(reading.whyMalformed()).isEmpty();
        return reading.legalValue().orElseThrow();
    }

    private static LatencyProfile predicted() {
        Catalogue catalogue = Catalogue.builtIn();
        ServedModel model = ServedModel.named("generator").toBuilder()
                .architecture("Llama-3.1-8B")
                .maxNumSeqs(MAX_NUM_SEQS)
                .build();
        ProfileResult result = EngineProfiles.builtIn()
                .profile(
                        model,
                        catalogue.architecture("Llama-3.1-8B").orElseThrow(),
                        catalogue.gpu("A100-SXM-80GB").orElseThrow(),
                        1,
                        GpuFraction.whole(),
                        INPUT_TOKENS,
                        OUTPUT_TOKENS);
        return ((ProfileResult.Modelled) result).profile();
    }
}
