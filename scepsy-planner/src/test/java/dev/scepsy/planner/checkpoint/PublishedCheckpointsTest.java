package dev.scepsy.planner.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.file.ArchitectureFile;
import dev.scepsy.planner.profile.ArchitectureResult;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.Precision;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every published file under {@code published} against true sizes that nobody took from the product; {@code published.tsv}
 * names the source of each. The table in {@code docs/accuracy.md} is written anew by running this test with {@code
 * -Dscepsy.rewrite=true}.
 */
class PublishedCheckpointsTest {

    private static final double ONE_PER_CENT = 0.01;
    private static final int LONG = 131_072;
    private static final String TITLE = "## Published checkpoints: product and true values";

    private record Truth(
            String model,
            String file,
            long parameters,
            long perToken,
            long atLong,
            long state,
            String counted,
            String from) {

        ModelArchitecture product() {
            ArchitectureResult result = ArchitectureFile.read(model, resource("published/" + file));
            assertThat(result).as(model).isInstanceOf(ArchitectureResult.Known.class);
            return ((ArchitectureResult.Known) result).architecture();
        }
    }

    private static Path resource(String name) {
        try {
            return Path.of(PublishedCheckpointsTest.class.getResource(name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Truth> truths() throws IOException {
        return Files.readAllLines(resource("published.tsv")).stream()
                .filter(line -> !line.startsWith("#") && !line.startsWith("model\t"))
                .map(line -> line.split("\t", -1))
                .map(cells -> new Truth(
                        cells[0],
                        cells[1],
                        Long.parseLong(cells[2]),
                        Long.parseLong(cells[3]),
                        Long.parseLong(cells[4]),
                        Long.parseLong(cells[5]),
                        cells[6],
                        cells[7]))
                .toList();
    }

    @TestFactory
    List<DynamicTest> sizesOfEveryPublishedFileAreTrueToOnePerCent() throws IOException {
        return truths().stream()
                .map(truth -> DynamicTest.dynamicTest(truth.model(), () -> {
                    ModelArchitecture product = truth.product();
                    isNear(product.totalParameters(), truth.parameters(), "parameters");
                    isNear(product.kvBytesPerToken(1, Precision.BF16), truth.perToken(), "cache per token");
                    isNear(product.kvBytes(LONG, 1, Precision.BF16), truth.atLong(), "cache at 131,072 tokens");
                    isNear(product.stateBytesPerSequence(1), truth.state(), "state per sequence");
                }))
                .toList();
    }

    private static void isNear(double product, double truth, String what) {
        assertThat(product).as(what).isCloseTo(truth, within(ONE_PER_CENT * truth));
    }

    @Test
    void atLeastSixtyFilesOfThirtyFamiliesAreCompared() throws IOException {
        List<Truth> truths = truths();
        assertThat(truths).hasSizeGreaterThanOrEqualTo(60);
        assertThat(truths.stream()
                        .map(truth -> truth.counted().replaceAll(".* (\\w+),.*", "$1"))
                        .distinct())
                .hasSizeGreaterThanOrEqualTo(30);
    }

    @Test
    void moreGpusEachHoldLessButNeverLessThanTheirShare() throws IOException {
        for (Truth truth : truths()) {
            ModelArchitecture product = truth.product();
            Precision precision = product.publishedPrecision();
            for (int degree = 2; degree <= 16; degree *= 2) {
                assertThat(product.weightBytesPerGpu(precision, degree))
                        .as("%s over %d", truth.model(), degree)
                        .isLessThan(product.weightBytesPerGpu(precision, degree / 2))
                        .isGreaterThanOrEqualTo(product.weightBytes(precision) / degree * (1 - 1e-12));
                assertThat(product.kvBytes(LONG, degree, Precision.BF16))
                        .as("%s over %d", truth.model(), degree)
                        .isLessThanOrEqualTo(product.kvBytes(LONG, degree / 2, Precision.BF16))
                        .isGreaterThanOrEqualTo(product.kvBytes(LONG, 1, Precision.BF16) / degree);
            }
            assertThat(product.kvBytes(2000, 1, Precision.BF16))
                    .isGreaterThanOrEqualTo(product.kvBytes(1000, 1, Precision.BF16));
            assertThat(product.activeParameters()).isBetween(1L, product.totalParameters());
        }
    }

    @Test
    void theTableInTheDocumentsIsWhatTheProductSays() throws IOException {
        Path page = root().resolve("docs/accuracy.md");
        String text = Files.readString(page);
        String table = table();
        int start = text.indexOf(TITLE);
        int next = start < 0 ? -1 : text.indexOf("\n## ", start + 1);
        String before = start < 0 ? text.stripTrailing() + "\n\n" : text.substring(0, start);
        String after = next < 0 ? "" : text.substring(next);
        String rewritten = before + table + after;
        if (Boolean.getBoolean("scepsy.rewrite")) {
            Files.writeString(page, rewritten);
        }
        assertThat(Files.readString(page))
                .as("docs/accuracy.md; run PublishedCheckpointsTest with -Dscepsy.rewrite=true")
                .isEqualTo(rewritten);
    }

    private static String table() throws IOException {
        StringBuilder table = new StringBuilder(TITLE + "\n\n" + """
            `./mvnw -pl scepsy-planner test -Dtest=PublishedCheckpointsTest` reads each of these `config.json` files and compares
            with true values that are not the product's: parameters counted in the modelling code of transformers 5.24, built from
            the same file without memory (or a published count, or by hand; `published.tsv` beside the test says which, and where
            the file is from), layers by kind as the library's configuration classes resolve them, state as vLLM's shape
            calculator has it. Parameters without prediction heads, with vision towers; cache of one sequence in 16 bit on one
            GPU; all must agree to 1 %, most agree to the last digit.

            | Checkpoint | Parameters: product | true | Cache per token, bytes: product | true | at 131,072 tokens, MB: product | true | State, MB: product | true |
            |---|---|---|---|---|---|---|---|---|
            """);
        for (Truth truth : truths()) {
            ModelArchitecture product = truth.product();
            table.append(String.format(
                    Locale.ROOT,
                    "| %s | %,d | %,d | %,.0f | %,d | %,.1f | %,.1f | %,.2f | %,.2f |%n",
                    truth.model(),
                    product.totalParameters(),
                    truth.parameters(),
                    product.kvBytesPerToken(1, Precision.BF16),
                    truth.perToken(),
                    product.kvBytes(LONG, 1, Precision.BF16) / 1e6,
                    truth.atLong() / 1e6,
                    product.stateBytesPerSequence(1) / 1e6,
                    truth.state() / 1e6));
        }
        return table.toString();
    }

    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        Path parent = here.getParent();
        return Files.isDirectory(here.resolve("docs")) || parent == null ? here : parent;
    }
}
