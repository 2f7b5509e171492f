package dev.scepsy.planner.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.profile.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers that no system has are refused with the range they must lie in. */
class SensibleNumbersTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "memoryGiB: 81559, memoryBandwidthGBps: 3350, bf16Tflops: 989",
                "memoryGiB: 80, memoryBandwidthGBps: 3.35, bf16Tflops: 989",
                "memoryGiB: 80, memoryBandwidthGBps: 3350, bf16Tflops: 989000",
                "memoryGiB: 0.08, memoryBandwidthGBps: 3350, bf16Tflops: 989",
                "memoryGiB: '80', memoryBandwidthGBps: 3350, bf16Tflops: 989"
            })
    void factsOfAGpuInAnotherUnitAreRefused(String facts) throws IOException {
        Path file = Files.writeString(
                folder.resolve("cluster.yaml"),
                "gpuTypes: [{name: My-GPU, " + facts
                        + "}]\nracks: [{name: r, nodes: [{name: n, gpu: My-GPU, gpus: 1}]}]\n");
        assertThat(problems(ClusterFile.read(file, Catalogue.builtIn())))
                .containsAnyOf("must lie in [", "must be a number.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"callsPerExecution\": 1, \"sequentialCalls\": 10",
                "\"callsPerExecution\": 1e308",
                "\"callsPerExecution\": 9223372036854775808",
                "\"callsPerExecution\": -1",
                "\"callsPerExecution\": \"4\"",
                "\"callsPerExecution\": [4]",
                "\"callsPerExecution\": 1, \"parallelism\": 0.5",
                "\"callsPerExecution\": 1, \"executionShare\": 1.5",
                "\"callsPerExecution\": 1, \"inputTokens\": {\"mean\": -5}"
            })
    void statisticsThatCannotBeAreRefused(String statistics) throws IOException {
        Path file = Files.writeString(
                folder.resolve("workflows.json"),
                "{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": 1, \"models\": [{\"model\": \"m\", "
                        + statistics + "}]}]}");
        assertThat(problems(WorkflowsFile.read(file))).contains(" must ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"endToEndSeconds\": {\"mean\": 6, \"p50\": 9, \"p95\": 5}, \"models\": []",
                "\"endToEndSeconds\": {\"mean\": 6, \"p95\": 9, \"p99\": 5}, \"models\": []",
                "\"endToEndSeconds\": {\"mean\": 6, \"p50\": 9, \"p99\": 5}, \"models\": []",
                "\"models\": [{\"model\": \"a\", \"callsPerExecution\": 1, \"executionShare\": 0.6},"
                        + " {\"model\": \"b\", \"callsPerExecution\": 1, \"executionShare\": 0.5}]"
            })
    void percentilesThatFallAndSharesAboveOneAreRefused(String statistics) throws IOException {
        Path file = Files.writeString(
                folder.resolve("workflows.json"),
                "{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": 1, " + statistics + "}]}");
        assertThat(problems(WorkflowsFile.read(file))).contains(" must ");
    }

    @Test
    void percentilesOfAProfileThatFallAreRefused() throws IOException {
        Path file = Files.writeString(
                folder.resolve("profiles.yaml"),
                "profiles: [{model: m, gpu: G, curve: [{requestsPerSecond: 1, meanLatencySeconds: 1,"
                        + " p95LatencySeconds: 3, p99LatencySeconds: 2}]}]\n");
        assertThat(problems(ProfilesFile.read(file))).contains("p99LatencySeconds (2.0) must be at least");
    }

    @Test
    void aNumberOfAMegabyteIsNotEchoedWhole() throws IOException {
        Path file = Files.writeString(
                folder.resolve("workflows.json"),
                "{\"workflows\": [{\"name\": \"w\", \"targetPerSecond\": " + "9".repeat(1 << 20)
                        + ", \"models\": []}]}");
        assertThat(problems(WorkflowsFile.read(file))).contains("9...").hasSizeLessThan(1_000);
    }

    private static String problems(Reading<?> reading) {
        return reading.whyMalformed().stream().map(Problem::toString).collect(Collectors.joining("\n"));
    }
}
