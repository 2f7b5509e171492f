package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code scepsy engine} on published files: what fits, how many clients run at once, and in which format the weights are. */
class PublishedConfigsAtWorkTest {

    private static final Path PUBLISHED = Path.of("src/test/resources/dev/scepsy/planner/checkpoint/published");

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String model, String gpu, int input, int output, int clients, String... more) {
        List<String> arguments = new ArrayList<>(List.of("--model", model, "--gpu", gpu));
        arguments.addAll(List.of("--input-tokens", String.valueOf(input), "--output-tokens", String.valueOf(output)));
        arguments.addAll(List.of("--concurrency", String.valueOf(clients)));
        arguments.addAll(List.of(more));
        out.getBuffer().setLength(0);
        return new CommandLine(new EngineCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments.toArray(String[]::new));
    }

    private static String published(String file) {
        return PUBLISHED.resolve(file).toString();
    }

    /** The cells of the one answer. */
    private String[] answer() {
        return out.toString().split("\n")[1].split(",", -1);
    }

    private String reason() {
        String[] cells = answer();
        return cells[cells.length - 1];
    }

    @Test
    void aHybridOfExpertsAndStateSpaceFitsTheCardItFits() {
        assertThat(run(published("nvidia--NVIDIA-Nemotron-3-Nano-30B-A3B-BF16.json"), "H100-SXM-80GB", 1000, 200, 8))
                .isZero();
        assertThat(reason()).isEmpty();
    }

    @Test
    void cacheAndStateTogetherLimitTheClientsOfALinearAttentionModel() {
        // (85.9 - 54.7 - 3.5) GB / (32,250 tokens of 65,536 bytes + 48 states of 48 heads of 128 x 128 numbers)
        assertThat(run(published("Qwen--Qwen3.5-27B.json"), "H100-SXM-80GB", 32_000, 500, 32))
                .isZero();
        assertThat(reason()).isEqualTo("12 of 32 clients run at once and the rest wait");
    }

    @Test
    void windowsOfAFamilyWithoutAStatedPatternLeaveRoomForTwo() {
        assertThat(run(
                        published("google--gemma-3-12b-it.json"),
                        "A10-24GB",
                        100_000,
                        500,
                        16,
                        "--weight-precision",
                        "fp8"))
                .isZero();
        assertThat(reason()).contains("no kernel times of A10-24GB", "2 of 16 clients run at once");
    }

    @Test
    void tiedEmbeddingsAreHeldOnce() throws IOException {
        String published = Files.readString(PUBLISHED.resolve("google--gemma-2-9b.json"));
        Path said = Files.writeString(
                folder.resolve("said.json"), published.replaceFirst("\\{", "{\"tie_word_embeddings\": true, "));
        assertThat(run(published("google--gemma-2-9b.json"), "A10-24GB", 1000, 200, 8))
                .isZero();
        String[] silent = answer();
        assertThat(reason()).startsWith("no kernel times of A10-24GB").doesNotContain(";");
        assertThat(run(said.toString(), "A10-24GB", 1000, 200, 8)).isZero();
        assertThat(answer()[10]).isEqualTo(silent[10]);
    }

    @Test
    void theFileSaysInWhichFormatTheWeightsAre() {
        String deepSeek = published("deepseek-ai--DeepSeek-V3.json");
        assertThat(run(deepSeek, "H200-SXM-141GB", 1000, 200, 8, "--tensor-parallel", "8"))
                .isZero();
        assertThat(answer()[3]).isEqualTo("fp8");
        assertThat(reason()).isEmpty();
        assertThat(run(
                        deepSeek,
                        "H200-SXM-141GB",
                        1000,
                        200,
                        8,
                        "--tensor-parallel",
                        "8",
                        "--weight-precision",
                        "bf16"))
                .isEqualTo(2);
        assertThat(err.toString())
                .contains("weightPrecision (bf16) contradicts", "fp8-block", "Write fp8, leave it out");
        assertThat(run(published("Qwen--Qwen2.5-72B-Instruct-AWQ.json"), "H100-SXM-80GB", 1000, 200, 8))
                .isZero();
        assertThat(answer()[3]).isEqualTo("int4");
        assertThat(run("gpt-oss-120b", "H100-SXM-80GB", 1000, 200, 8)).isZero();
        assertThat(answer()[3]).isEqualTo("fp4");
        assertThat(reason()).isEmpty();
    }

    @Test
    void aHuggingFaceIdLeadsToItsKeyAndWarningsStandInTheReason() throws IOException {
        assertThat(run("Qwen/Qwen3-32B", "H100-SXM-80GB", 1000, 200, 8)).isEqualTo(2);
        assertThat(err.toString()).contains("Maybe Qwen3-32B is meant.");
        Path config = Files.writeString(folder.resolve("config.json"), """
            {"model_type": "brand_new", "num_hidden_layers": 16, "hidden_size": 2048, "num_attention_heads": 32,
             "num_key_value_heads": 8, "intermediate_size": 8192, "vocab_size": 128256}
            """);
        assertThat(run(config.toString(), "H100-SXM-80GB", 1000, 200, 8)).isZero();
        assertThat(out.toString()).contains("The model_type (brand_new) is not known");
    }
}
