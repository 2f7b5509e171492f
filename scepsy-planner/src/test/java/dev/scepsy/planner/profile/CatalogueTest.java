package dev.scepsy.planner.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CatalogueTest {

    private final Catalogue catalogue = Catalogue.builtIn();

    @Test
    void knowsTheFactsOfOneCardAndOneModel() {
        GpuFacts h100 = catalogue.gpu("H100-SXM-80GB").orElseThrow();
        assertThat(h100.memoryBandwidthGBps()).isEqualTo(3350);
        assertThat(h100.fp4Tflops()).isEmpty();
        assertThat(h100.flopsPerSecond(Precision.FP4)).isEqualTo(989e12);
        ModelArchitecture qwen = catalogue.architecture("Qwen3-32B").orElseThrow();
        assertThat(qwen.layers()).isEqualTo(64);
        assertThat(qwen.kvBytesPerToken(1, Precision.BF16)).isEqualTo(2048 * 2 * 64);
        assertThat(catalogue.gpu("H1000")).isEmpty();
    }

    @Test
    void keysAndValuesEqualTheMeasuredDataFolders() throws IOException {
        assertEqualRows("gpus.csv", "gpus.tsv");
        assertEqualRows("models.csv", "models.tsv");
    }

    @Test
    void cardsOfRealClustersAreKnownByTheirDataSheets() {
        assertThat(List.of(
                        "T4-16GB",
                        "A10G-24GB",
                        "H100-NVL-94GB",
                        "H200-NVL-141GB",
                        "GH200-96GB",
                        "GB200-186GB",
                        "H20-96GB",
                        "MI300X-192GB"))
                .allSatisfy(name -> {
                    GpuFacts facts = catalogue.gpu(name).orElseThrow();
                    assertThat(facts.source()).containsIgnoringCase("data").containsIgnoringCase("sheet");
                    // the size in the name is the data sheet's
                    assertThat(name).endsWith("-" + (int) facts.memoryGiB() + "GB");
                });
        assertThat(catalogue.gpu("H20-96GB").orElseThrow().flopsPerSecond(Precision.BF16))
                .isEqualTo(148e12);
        assertThat(catalogue.gpu("T4-16GB").orElseThrow().fp8Tflops()).isEmpty();
    }

    private static void assertEqualRows(String shared, String own) throws IOException {
        Path file = Path.of(System.getProperty("scepsy.shared", "../../shared"), "data", shared);
        assumeTrue(Files.exists(file), "needs " + file);
        List<String> lines = Files.readAllLines(file);
        String[] header = lines.get(0).split(",");
        List<FactTable.Row> rows = FactTable.onClassPath(own).rows();
        // own rows come after the measured folder's
        assertThat(rows).hasSizeGreaterThanOrEqualTo(lines.size() - 1);
        for (int i = 0; i < lines.size() - 1; i++) {
            List<String> cells = cells(lines.get(i + 1));
            for (int column = 0; column < header.length; column++) {
                assertThat(rows.get(i).text(header[column]))
                        .as("%s of row %d", header[column], i)
                        .isEqualTo(cells.get(column));
            }
        }
    }

    /** Cells of a CSV line whose quoted cells hold no quotes. */
    private static List<String> cells(String line) {
        List<String> cells = new ArrayList<>();
        String[] byQuote = line.split("\"", -1);
        StringBuilder cell = new StringBuilder();
        for (int part = 0; part < byQuote.length; part++) {
            if (part % 2 == 1) {
                cell.append(byQuote[part]);
                continue;
            }
            String[] byComma = byQuote[part].split(",", -1);
            cell.append(byComma[0]);
            for (int i = 1; i < byComma.length; i++) {
                cells.add(cell.toString());
                cell = new StringBuilder(byComma[i]);
            }
        }
        cells.add(cell.toString());
        return cells;
    }

    @Test
    void derivedSizesAreThoseOfTheArchitecture() {
        ModelArchitecture gptOss = catalogue.architecture("gpt-oss-120b").orElseThrow();
        // per token: a routed share of 4/128, everything resident, one head; the card says 5.7e9 with both embeddings
        double perToken = gptOss.blockParametersPerToken() + 2.0 * gptOss.embeddingParameters();
        assertThat(perToken).isCloseTo(gptOss.activeParameters(), within(0.02 * gptOss.activeParameters()));
        assertThat(gptOss.expertShareTouched(1)).isCloseTo(4.0 / 128, within(1e-12));
        // 18 layers see the whole request, 18 the window
        assertThat(gptOss.kvBytes(1000, 1, Precision.BF16)).isEqualTo(1024 * 2 * (18 * 1000.0 + 18 * 128.0));
        ModelArchitecture kimi = catalogue.architecture("Kimi-K2.5").orElseThrow();
        assertThat(kimi.kvElementsPerTokenPerLayer(8)).isEqualTo(576);
        ModelArchitecture llama = catalogue.architecture("Llama-3.1-70B").orElseThrow();
        assertThat(llama.kvElementsPerTokenPerLayer(16)).isEqualTo(256);
        assertThat(llama.weightBytes(Precision.BF16)).isEqualTo(2.0 * llama.totalParameters());
    }
}
