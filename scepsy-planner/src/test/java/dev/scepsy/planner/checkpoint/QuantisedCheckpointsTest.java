package dev.scepsy.planner.checkpoint;

import static dev.scepsy.planner.checkpoint.Configs.known;
import static dev.scepsy.planner.checkpoint.Configs.shape;
import static dev.scepsy.planner.checkpoint.Configs.unknown;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.file.ArchitectureFile;
import dev.scepsy.planner.profile.ArchitectureResult;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.Precision;
import dev.scepsy.planner.profile.Quantisation.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How the weights are stored is read from the file, and is what the memory holds. */
class QuantisedCheckpointsTest {

    private static Map<String, Object> qwen72(Map<String, Object> quantisation) {
        return shape(
                "qwen2",
                80,
                8192,
                64,
                8,
                152064,
                "intermediate_size",
                29568,
                "tie_word_embeddings",
                false,
                "quantization_config",
                quantisation);
    }

    private static final double MATRICES = 80 * (2.0 * 8192 * 8192 + 2.0 * 8192 * 1024 + 3.0 * 8192 * 29568);

    private static void stores(Map<String, Object> quantisation, Kind kind, Precision precision, double bits) {
        ModelArchitecture model = known(qwen72(quantisation));
        assertThat(model.quantisation().orElseThrow().kinds()).containsExactly(kind);
        assertThat(model.publishedPrecision()).isEqualTo(precision);
        double unquantised = 2 * (model.totalParameters() - MATRICES);
        assertThat(model.weightBytes(precision)).isCloseTo(MATRICES * bits / 8 + unquantised, within(1e6));
    }

    @Test
    void everyFormatHasItsScales() {
        stores(
                Map.of("quant_method", "awq", "bits", 4, "group_size", 128, "zero_point", true),
                Kind.INT4_GROUP,
                Precision.INT4,
                4 + 20.0 / 128);
        stores(
                Map.of("quant_method", "gptq", "bits", 4, "group_size", 128, "sym", true),
                Kind.INT4_GROUP,
                Precision.INT4,
                4 + 16.0 / 128);
        stores(Map.of("quant_method", "gptq", "bits", 8, "group_size", 128), Kind.INT8, Precision.INT8, 8);
        stores(
                Map.of("quant_method", "fp8", "weight_block_size", List.of(128, 128)),
                Kind.FP8_BLOCK,
                Precision.FP8,
                8 + 32.0 / 16384);
        stores(Map.of("quant_method", "fp8", "activation_scheme", "static"), Kind.FP8_TENSOR, Precision.FP8, 8);
        stores(Map.of("quant_method", "fbgemm_fp8"), Kind.FP8_CHANNEL, Precision.FP8, 8);
        stores(
                Map.of("quant_method", "bitsandbytes", "load_in_4bit", true, "bnb_4bit_use_double_quant", true),
                Kind.NF4,
                Precision.INT4,
                4.127);
        stores(Map.of("quant_algo", "NVFP4", "ignore", List.of("lm_head")), Kind.NVFP4, Precision.FP4, 4.5);
        Map<String, Object> weights = Map.of("num_bits", 8, "type", "float", "strategy", "channel");
        Map<String, Object> group = Map.of("weights", weights, "targets", List.of("Linear"));
        stores(
                Map.of("quant_method", "compressed-tensors", "config_groups", Map.of("group_0", group)),
                Kind.FP8_CHANNEL,
                Precision.FP8,
                8);
    }

    @Test
    void modulesThatAreLeftAloneStayInSixteenBit() {
        double attention = 80 * (2.0 * 8192 * 8192 + 2.0 * 8192 * 1024);
        ModelArchitecture none = known(qwen72(
                Map.of("quant_method", "fp8", "modules_to_not_convert", List.of("re:.*self_attn.*", "lm_head"))));
        ModelArchitecture half = known(qwen72(Map.of(
                "quant_method",
                "fp8",
                "modules_to_not_convert",
                IntStream.range(0, 40)
                        .mapToObj(layer -> "model.layers." + layer + ".self_attn")
                        .toList())));
        ModelArchitecture all = known(qwen72(Map.of("quant_method", "fp8")));
        assertThat(none.weightBytes(Precision.FP8) - all.weightBytes(Precision.FP8))
                .isCloseTo(attention, within(1.0));
        assertThat(half.weightBytes(Precision.FP8) - all.weightBytes(Precision.FP8))
                .isCloseTo(attention / 2, within(1.0));
    }

    @Test
    void publishedSizesInBytesAreMet() {
        // total_size of the published model.safetensors.index.json, or the sum of the repository's files
        hasSize("openai--gpt-oss-120b.json", Precision.FP4, 65.2e9);
        hasSize("openai--gpt-oss-20b.json", Precision.FP4, 13.76e9);
        hasSize("Qwen--Qwen2.5-72B-Instruct-AWQ.json", Precision.INT4, 41.6e9);
        hasSize("moonshotai--Kimi-K2.5.json", Precision.INT4, 595e9);
    }

    private static void hasSize(String file, Precision precision, double bytes) {
        Path path = Path.of("src/test/resources/dev/scepsy/planner/checkpoint/published", file);
        ModelArchitecture model =
                ((ArchitectureResult.Known) ArchitectureFile.read(file, path.toAbsolutePath())).architecture();
        assertThat(model.publishedPrecision()).isEqualTo(precision);
        assertThat(model.weightBytes(precision)).as(file).isCloseTo(bytes, within(0.01 * bytes));
    }

    @Test
    void whatIsNotUnderstoodIsRefused() {
        assertThat(unknown(qwen72(Map.of("quant_method", "aqlm"))))
                .singleElement()
                .asString()
                .contains("aqlm", "weightPrecision");
        assertThat(unknown(qwen72(Map.of("quant_method", "gptq", "bits", 3))))
                .singleElement()
                .asString()
                .contains("3-bit");
        assertThat(unknown(qwen72(Map.of("quant_method", "awq", "bits", "four"))))
                .singleElement()
                .asString()
                .contains("quantization_config.bits (\"four\")");
    }

    @Test
    void theFileBesideItCountsAsItsQuantisation(@TempDir Path folder) throws IOException {
        Path config = Files.writeString(folder.resolve("config.json"), """
            {"model_type": "llama", "num_hidden_layers": 2, "hidden_size": 1024, "num_attention_heads": 8,
             "intermediate_size": 4096, "vocab_size": 1000}
            """);
        Files.writeString(folder.resolve("hf_quant_config.json"), """
            {"producer": {"name": "modelopt"}, "quantization": {"quant_algo": "FP8", "exclude_modules": ["lm_head"]}}
            """);
        ModelArchitecture model = ((ArchitectureResult.Known) ArchitectureFile.read("x", config)).architecture();
        assertThat(model.publishedPrecision()).isEqualTo(Precision.FP8);
    }
}
