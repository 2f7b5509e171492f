package dev.scepsy.planner.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.GpuFacts;
import dev.scepsy.planner.profile.Precision;
import dev.scepsy.planner.topology.HostRoom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody measured of a card stands before what ships. */
class OwnKernelTimesTest {

    @TempDir
    Path folder;

    private Reading<ClusterFile.Described> read(String gpuType, String node) throws IOException {
        Path file = Files.writeString(
                folder.resolve("cluster.yaml"),
                "gpuTypes: [" + gpuType + "]\nracks: [{name: r, nodes: [{name: n, gpus: 1, " + node + "}]}]\n");
        return ClusterFile.read(file, Catalogue.builtIn());
    }

    private static double step(GpuFacts gpu) {
        EngineSetup setup =
                EngineSetup.of(Catalogue.builtIn().architecture("Llama-3.1-8B").orElseThrow(), gpu, Precision.BF16, 1);
        return new EngineModel(setup, EngineCoefficients.builtIn()).stepSeconds(1, 31, 31, 2000, 2e6, 2e6, 1, 1);
    }

    private void surfaces(String card, String ratio) throws IOException {
        Files.writeString(
                folder.resolve("own.tsv"),
                card + "\tcard\t9.0 3350000.0 9.89E8 450000.0 nvlink\n" + card + "\tgemm\tbfloat16\t\t"
                        + String.join(" ", Collections.nCopies(200, ratio)) + "\n");
    }

    @Test
    void aTableOfOnesOwnReplacesTheOneThatShipsAndTheOthersStay() throws IOException {
        GpuFacts shipped = Catalogue.builtIn().gpu("H100-SXM-80GB").orElseThrow();
        surfaces("H100-SXM-80GB", "3");
        GpuFacts slow = read("{name: H100-SXM-80GB, kernelSurfaces: own.tsv}", "gpu: H100-SXM-80GB")
                .legalValue()
                .orElseThrow()
                .facts()
                .get("H100-SXM-80GB");
        surfaces("H100-SXM-80GB", "6");
        GpuFacts slower = read("{name: H100-SXM-80GB, kernelSurfaces: own.tsv}", "gpu: H100-SXM-80GB")
                .legalValue()
                .orElseThrow()
                .facts()
                .get("H100-SXM-80GB");

        assertThat(step(slow)).isGreaterThan(1.5 * step(shipped));
        // only the products doubled; attention, launches and the engine's own time stay
        assertThat(step(slower) / step(slow)).isBetween(1.6, 2.0);
        assertThat(slow.borrowedKernels()).isEmpty();
    }

    @Test
    void aCardOfOnesOwnWithTablesBorrowsNothingButWhatTheyLack() throws IOException {
        surfaces("mine", "2");
        GpuFacts mine = read(
                        "{name: mine, memoryGiB: 80, memoryBandwidthGBps: 3350, bf16Tflops: 989, computeCapability: 9.0,"
                                + " kernelSurfaces: own.tsv}",
                        "gpu: mine")
                .legalValue()
                .orElseThrow()
                .facts()
                .get("mine");

        assertThat(mine.borrowedKernels()).isEmpty();
        assertThat(step(mine)).isPositive();
    }

    @Test
    void filesThatAreNoneOrOfAnotherCardAreSaid() throws IOException {
        surfaces("L4-24GB", "2");
        assertThat(read("{name: H100-SXM-80GB, kernelSurfaces: own.tsv}", "gpu: H100-SXM-80GB")
                        .whyMalformed())
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.path()).isEqualTo("gpuTypes[0].kernelSurfaces");
                    assertThat(problem.toString()).contains("L4-24GB", "none of H100-SXM-80GB");
                });
        Files.writeString(folder.resolve("own.tsv"), "H100-SXM-80GB\tcard\tnonsense\n");
        assertThat(read("{name: H100-SXM-80GB, kernelSurfaces: own.tsv}", "gpu: H100-SXM-80GB")
                        .whyMalformed())
                .singleElement()
                .asString()
                .contains("own.tsv", "Line 1 is not one of kernel surfaces");
        assertThat(read("{name: H100-SXM-80GB, kernelSurfaces: gone.tsv}", "gpu: H100-SXM-80GB")
                        .whyMalformed())
                .singleElement()
                .asString()
                .contains("There is no file");
    }

    @Test
    void whatEnginesMayUseOfANodeBesideItsCardsIsRead() throws IOException {
        Reading<ClusterFile.Described> read =
                read("{name: H100-SXM-80GB, costPerHour: 2}", "gpu: H100-SXM-80GB, cpuCores: 64, hostMemoryGiB: 512");
        assertThat(read.warnings()).isEmpty();
        assertThat(read.legalValue().orElseThrow().cluster().nodes().get(0).host())
                .isEqualTo(new HostRoom(OptionalDouble.of(64), OptionalDouble.of(512)));
        assertThat(read("{name: H100-SXM-80GB, costPerHour: 2}", "gpu: H100-SXM-80GB, cpuCores: -1")
                        .whyMalformed())
                .singleElement()
                .asString()
                .contains("cpuCores", "-1");
    }

    @Test
    void aNodeSaysWhatItsCardsReport() throws IOException {
        ClusterFile.Described real = read(
                        "{name: H100-SXM-80GB, costPerHour: 2}", "gpu: H100-SXM-80GB, memoryGiB: 79.65")
                .legalValue()
                .orElseThrow();
        assertThat(real.cluster().nodes().get(0).gpu().memoryGiB()).isEqualTo(79.65);
        assertThat(real.cluster().nodes().get(0).gpu().costPerHour()).hasValue(2);
        assertThat(real.facts().get("H100-SXM-80GB").memoryGiB()).isCloseTo(79.65, within(1e-12));

        for (String wrong : List.of("71.9", "80.5")) {
            assertThat(read("{name: H100-SXM-80GB, costPerHour: 2}", "gpu: H100-SXM-80GB, memoryGiB: " + wrong)
                            .whyMalformed())
                    .singleElement()
                    .asString()
                    .contains("memoryGiB (" + wrong, "at most 10 % below the catalogue's 80");
        }
        Path two = Files.writeString(
                folder.resolve("two.yaml"),
                "racks: [{name: r, nodes: [{name: a, gpus: 1, gpu: L4-24GB, memoryGiB: 22.5}, {name: b, gpus: 1, gpu: L4-24GB}]}]");
        assertThat(ClusterFile.read(two, Catalogue.builtIn()).whyMalformed())
                .singleElement()
                .asString()
                .contains("24.0 GiB here and 22.5 GiB on another node");
    }
}
