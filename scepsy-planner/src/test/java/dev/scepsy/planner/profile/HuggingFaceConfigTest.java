package dev.scepsy.planner.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** The parameter counts are those published with the weights, as the catalogue has them. */
class HuggingFaceConfigTest {

    private static Map<String, Object> config(String type, Object... namesAndValues) {
        Map<String, Object> config = new HashMap<>();
        config.put("model_type", type);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            config.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return config;
    }

    private static Map<String, Object> shape(
            String type, int layers, int hidden, int heads, int kvHeads, int vocabulary, Object... more) {
        Map<String, Object> config = config(type, more);
        config.put("num_hidden_layers", layers);
        config.put("hidden_size", hidden);
        config.put("num_attention_heads", heads);
        config.put("num_key_value_heads", kvHeads);
        config.put("vocab_size", vocabulary);
        return config;
    }

    private static ModelArchitecture known(Map<String, ?> config) {
        return ((ArchitectureResult.Known) HuggingFaceConfig.read("given", config)).architecture();
    }

    private static void equalsCatalogue(Map<String, ?> config, String key, double relative) {
        ModelArchitecture read = known(config);
        ModelArchitecture expected = Catalogue.builtIn().architecture(key).orElseThrow();
        assertThat((double) read.totalParameters())
                .as("total parameters of %s", key)
                .isCloseTo(expected.totalParameters(), within(relative * expected.totalParameters()));
        assertThat((double) read.activeParameters())
                .as("active parameters of %s", key)
                .isCloseTo(expected.activeParameters(), within(relative * expected.activeParameters()));
        assertThat(read.kvElementsPerTokenPerLayer()).isEqualTo(expected.kvElementsPerTokenPerLayer());
        assertThat(read.headSize()).isEqualTo(expected.headSize());
        assertThat(read.slidingWindow()).isEqualTo(expected.slidingWindow());
        assertThat(read.slidingWindowLayers()).isEqualTo(expected.slidingWindowLayers());
        assertThat(read.latentAttention()).isEqualTo(expected.latentAttention());
        assertThat(read.kind()).isEqualTo(expected.kind());
    }

    @Test
    void readsDenseModelsWithGroupedQueries() {
        equalsCatalogue(shape("llama", 32, 4096, 32, 8, 128256, "intermediate_size", 14336), "Llama-3.1-8B", 0);
        equalsCatalogue(
                shape(
                        "qwen2",
                        28,
                        3584,
                        28,
                        4,
                        152064,
                        "intermediate_size",
                        18944,
                        "sliding_window",
                        131072,
                        "use_sliding_window",
                        false),
                "Qwen2.5-7B",
                0);
    }

    @Test
    void readsTiedEmbeddingsAndAnExplicitHeadSize() {
        equalsCatalogue(
                shape(
                        "qwen3",
                        28,
                        1024,
                        16,
                        8,
                        151936,
                        "intermediate_size",
                        3072,
                        "head_dim",
                        128,
                        "tie_word_embeddings",
                        true),
                "Qwen3-0.6B",
                0);
    }

    @Test
    void readsMixturesOfExperts() {
        equalsCatalogue(
                shape(
                        "qwen3_moe",
                        48,
                        2048,
                        32,
                        4,
                        151936,
                        "head_dim",
                        128,
                        "num_experts",
                        128,
                        "num_experts_per_tok",
                        8,
                        "moe_intermediate_size",
                        768,
                        "intermediate_size",
                        6144,
                        "mlp_only_layers",
                        List.of()),
                "Qwen3-30B-A3B",
                0);
    }

    @Test
    void readsSlidingWindows() {
        List<String> layers = Collections.nCopies(12, List.of("sliding_attention", "full_attention")).stream()
                .flatMap(List::stream)
                .toList();
        equalsCatalogue(
                shape(
                        "gpt_oss",
                        24,
                        2880,
                        64,
                        8,
                        201088,
                        "head_dim",
                        64,
                        "num_local_experts",
                        32,
                        "num_experts_per_tok",
                        4,
                        "intermediate_size",
                        2880,
                        "sliding_window",
                        128,
                        "layer_types",
                        layers,
                        "attention_bias",
                        true),
                "gpt-oss-20b",
                0.001);
    }

    @Test
    void readsLatentAttentionInsideAMultimodalConfig() {
        Map<String, Object> text = shape(
                "deepseek_v3",
                61,
                7168,
                128,
                128,
                129280,
                "q_lora_rank",
                1536,
                "kv_lora_rank",
                512,
                "qk_nope_head_dim",
                128,
                "qk_rope_head_dim",
                64,
                "v_head_dim",
                128,
                "n_routed_experts",
                256,
                "num_experts_per_tok",
                8,
                "moe_intermediate_size",
                2048,
                "n_shared_experts",
                1,
                "first_k_dense_replace",
                3,
                "intermediate_size",
                18432,
                "topk_method",
                "noaux_tc");
        equalsCatalogue(config("multimodal", "text_config", text), "DeepSeek-R1", 0.0001);
    }

    @Test
    void readsEncoders() {
        equalsCatalogue(
                shape(
                        "xlm-roberta",
                        24,
                        1024,
                        16,
                        16,
                        250002,
                        "intermediate_size",
                        4096,
                        "max_position_embeddings",
                        8194,
                        "type_vocab_size",
                        1),
                "bge-m3",
                0);
    }

    /** As vLLM derives the longest request of the same files. */
    @Test
    void theContextCountsRopeScalingUnlessThePositionsAlreadyDo() {
        assertThat(context(32768, Map.of("type", "yarn", "factor", 4.0, "original_max_position_embeddings", 32768)))
                .hasValue(131072);
        // DeepSeek-V3 writes the stretched positions and the original ones
        assertThat(context(163840, Map.of("type", "yarn", "factor", 40, "original_max_position_embeddings", 4096)))
                .hasValue(163840);
        assertThat(context(
                        131072, Map.of("rope_type", "llama3", "factor", 8.0, "original_max_position_embeddings", 8192)))
                .hasValue(131072);
        assertThat(context(4096, Map.of("type", "linear", "factor", 2.0))).hasValue(8192);
        assertThat(context(4096, Map.of("type", "linear", "factor", "2"))).hasValue(4096);
    }

    private static OptionalInt context(int positions, Map<String, ?> scaling) {
        return known(config(
                        "llama",
                        "num_hidden_layers",
                        2,
                        "hidden_size",
                        512,
                        "intermediate_size",
                        1024,
                        "num_attention_heads",
                        8,
                        "vocab_size",
                        32000,
                        "max_position_embeddings",
                        positions,
                        "rope_scaling",
                        scaling))
                .contextTokens();
    }

    @Test
    void readsOlderDecodersWithoutGateOrUnderOtherNames() {
        // published counts: 124.4e6, 6.922e9
        ModelArchitecture gpt2 = known(
                config("gpt2", "n_layer", 12, "n_embd", 768, "n_head", 12, "vocab_size", 50257, "n_positions", 1024));
        assertThat((double) gpt2.totalParameters()).isCloseTo(124.4e6, within(0.01 * 124.4e6));
        assertThat(gpt2.contextTokens()).hasValue(1024);
        ModelArchitecture falcon = known(config(
                "falcon",
                "num_hidden_layers",
                32,
                "hidden_size",
                4544,
                "num_attention_heads",
                71,
                "vocab_size",
                65024,
                "multi_query",
                true));
        assertThat((double) falcon.totalParameters()).isCloseTo(6.922e9, within(0.01 * 6.922e9));
        assertThat(falcon.kvHeads()).isEqualTo(1);
    }

    @Test
    void readsExpertsInEverySecondLayer() {
        // Llama 4 Maverick without its eyes: 400.7e9, 17.2e9 of them per token
        Map<String, Object> text = shape(
                "llama4_text",
                48,
                5120,
                40,
                8,
                202048,
                "head_dim",
                128,
                "intermediate_size",
                8192,
                "intermediate_size_mlp",
                16384,
                "num_local_experts",
                128,
                "num_experts_per_tok",
                1,
                "interleave_moe_layer_step",
                2);
        ModelArchitecture maverick = known(config("llama4", "text_config", text));
        assertThat((double) maverick.totalParameters()).isCloseTo(400.7e9, within(0.005 * 400.7e9));
        assertThat(maverick.denseLayers()).isEqualTo(24);
        assertThat((double) maverick.activeParameters()).isCloseTo(17.2e9, within(0.02 * 17.2e9));
    }

    @Test
    void namesEveryMissingFieldAtOnce() {
        assertThat(HuggingFaceConfig.read("x", config("llama", "hidden_size", 64)))
                .isInstanceOfSatisfying(
                        ArchitectureResult.Unknown.class,
                        unknown -> assertThat(unknown.problems())
                                .hasSize(3)
                                .anyMatch(problem -> problem.contains("num_hidden_layers"))
                                .anyMatch(problem -> problem.contains("vocab_size")));
    }

    @Test
    void refusesWhatIsNoTransformer() {
        assertThat(HuggingFaceConfig.read("x", shape("mamba2", 4, 64, 4, 4, 100)))
                .isInstanceOfSatisfying(
                        ArchitectureResult.Unknown.class,
                        unknown -> assertThat(unknown.problems())
                                .singleElement()
                                .asString()
                                .contains("not a transformer", "measured profiles"));
    }
}
