package dev.scepsy.planner.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.GpuFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
    @CsvSource(delimiter = '|', textBlock = """
            memoryGiB: 81559, memoryBandwidthGBps: 3350, bf16Tflops: 989 | (81559) must lie in [1, 2048]. 81559 looks like MiB: 79.6 GiB.
            memoryGiB: 85899345920, memoryBandwidthGBps: 3350, bf16Tflops: 989 | 85899345920 looks like bytes: 80 GiB.
            memoryGiB: 0.08, memoryBandwidthGBps: 3350, bf16Tflops: 989 | 0.08 looks like TiB: 81.9 GiB.
            memoryGiB: 80, memoryBandwidthGBps: 3.35, bf16Tflops: 989 | (3.35) must lie in [50, 50000]. 3.35 looks like TB/s: 3350 GB/s.
            memoryGiB: 80, memoryBandwidthGBps: 3350000, bf16Tflops: 989 | 3350000 looks like MB/s: 3350 GB/s.
            memoryGiB: 80, memoryBandwidthGBps: 3350, bf16Tflops: 989000 | (989000) must lie in [1, 100000]. 989000 looks like Gflops: 989 Tflops.
            memoryGiB: 80, memoryBandwidthGBps: 3350, bf16Tflops: 0.989 | 0.989 looks like Pflops: 989 Tflops.
            memoryGiB: 80, memoryBandwidthGBps: 3350, bf16Tflops: 989, nvlinkOneWayGBps: 450000 | 450000 looks like MB/s: 450 GB/s.
            memoryGiB: 80, memoryBandwidthGBps: 3350, bf16Tflops: 989, pcieOneWayGBps: 64000 | 64000 looks like MB/s: 64 GB/s.
            memoryGiB: 80, memoryBandwidthGBps: 3350, bf16Tflops: 989, interNodeGBps: 50000000000 | 50000000000 looks like bytes/s: 50 GB/s.
            memoryGiB: 80, memoryBandwidthGBps: 3350, bf16Tflops: 989, computeCapability: 90 | 90 looks like a number without its point: 9 as CUDA counts.
            memoryGiB: 80, costPerHour: 1e12 | must lie in (0, 10000000].
            """)
    void theSuspectedUnitIsSaid(String facts, String said) throws IOException {
        Path file = Files.writeString(
                folder.resolve("cluster.yaml"),
                "gpuTypes: [{name: My-GPU, " + facts
                        + "}]\nracks: [{name: r, nodes: [{name: n, gpu: My-GPU, gpus: 1}]}]\n");
        assertThat(problems(ClusterFile.read(file, Catalogue.builtIn()))).contains(said);
    }

    @Test
    void memoryOfANodeInMebibytesIsSaidToo() throws IOException {
        Path file = Files.writeString(
                folder.resolve("cluster.yaml"),
                "racks: [{name: r, nodes: [{name: n, gpu: Mine, gpus: 1, memoryGiB: 24564}]}]\n");
        assertThat(problems(ClusterFile.read(file, Catalogue.builtIn())))
                .contains(
                        "cluster.yaml:1:",
                        "racks[0].nodes[0].memoryGiB: The memoryGiB (24564) must lie in [1, 2048]."
                                + " 24564 looks like MiB: 24 GiB.");
    }

    @Test
    void latenciesOfMoreThanADayAreTakenForMilliseconds() throws IOException {
        Path file = Files.writeString(
                folder.resolve("profiles.yaml"),
                "profiles: [{model: m, gpu: G, curve: [{requestsPerSecond: 1, meanLatencySeconds: 120000}]}]\n");
        assertThat(problems(ProfilesFile.read(file)))
                .contains(
                        "The meanLatencySeconds (120000) must lie in (0, 86400]. 120000 looks like milliseconds: 120 s.");
    }

    @Test
    void everyCardOfTheCatalogueLiesWithinTheRanges() {
        for (GpuFacts gpu : Catalogue.builtIn().gpus()) {
            assertThat(Units.MEMORY_GIB.contains(gpu.memoryGiB()))
                    .as(gpu.name())
                    .isTrue();
            assertThat(Units.BANDWIDTH_GBPS.contains(gpu.memoryBandwidthGBps()))
                    .as(gpu.name())
                    .isTrue();
            assertThat(Units.TFLOPS.contains(gpu.bf16Tflops())).as(gpu.name()).isTrue();
            assertThat(Units.NVLINK_GBPS.contains(gpu.nvlinkOneWayGBps().orElse(450)))
                    .as(gpu.name())
                    .isTrue();
            assertThat(Units.PCIE_GBPS.contains(gpu.pcieOneWayGBps()))
                    .as(gpu.name())
                    .isTrue();
            assertThat(Units.NETWORK_GBPS.contains(gpu.interNodeGBps()))
                    .as(gpu.name())
                    .isTrue();
            assertThat(Units.COMPUTE_CAPABILITY.contains(gpu.computeCapability()))
                    .as(gpu.name())
                    .isTrue();
        }
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
