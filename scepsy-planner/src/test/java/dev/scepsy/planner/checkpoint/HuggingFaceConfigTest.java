package dev.scepsy.planner.checkpoint;

import static dev.scepsy.planner.checkpoint.Configs.config;
import static dev.scepsy.planner.checkpoint.Configs.known;
import static dev.scepsy.planner.checkpoint.Configs.shape;
import static dev.scepsy.planner.checkpoint.Configs.unknown;
import static dev.scepsy.planner.checkpoint.Configs.warnings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.profile.ArchitectureResult;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.Precision;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** The parameter counts are those published with the weights, as the catalogue has them. */
class HuggingFaceConfigTest {

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

    private static Map<String, Object> llama(Object... more) {
        Map<String, Object> config = shape("llama", 4, 2048, 32, 8, 1000, "intermediate_size", 4096);
        config.putAll(config("llama", more));
        return config;
    }

    @Test
    void keysOfTheWrongTypeOrOutOfRangeAreNamedAllAtOnce() {
        assertThat(unknown(llama(
                        "num_key_value_heads",
                        "4",
                        "head_dim",
                        1e30,
                        "tie_word_embeddings",
                        "yes",
                        "intermediate_size",
                        2.5,
                        "max_position_embeddings",
                        -4)))
                .anyMatch(problem -> problem.contains("num_key_value_heads (\"4\") must be a whole number")
                        && problem.contains("Write 4 without quotes"))
                .anyMatch(problem -> problem.contains("head_dim (1.0E30)"))
                .anyMatch(problem -> problem.contains("tie_word_embeddings (\"yes\") must be true or false"))
                .anyMatch(problem -> problem.contains("intermediate_size (2.5)"))
                .anyMatch(problem -> problem.contains("max_position_embeddings (-4)"))
                .hasSize(5);
        assertThat(unknown(llama("num_key_value_heads", List.of(4, 4))))
                .singleElement()
                .asString()
                .contains("num_key_value_heads ([4, 4])");
        assertThat(unknown(llama("vocab_size", 1e30, "num_hidden_layers", 1e9)))
                .hasSize(2)
                .anyMatch(problem -> problem.contains("num_hidden_layers (1000000000)"));
    }

    @Test
    void countsThatContradictEachOtherAreRefused() {
        assertThat(unknown(llama("num_key_value_heads", 64)))
                .singleElement()
                .asString()
                .contains("num_key_value_heads (64) must divide the num_attention_heads (32)");
        assertThat(unknown(llama("num_key_value_heads", 7))).hasSize(1);
        assertThat(unknown(llama("num_local_experts", 8, "num_experts_per_tok", 9, "moe_intermediate_size", 512)))
                .singleElement()
                .asString()
                .contains("num_experts_per_tok (9) must not exceed the experts (8)");
        assertThat(unknown(llama("num_experts", 8, "num_experts_per_tok", 2.7)))
                .singleElement()
                .asString()
                .contains("num_experts_per_tok (2.7)");
        assertThat(unknown(llama(
                        "hidden_size",
                        200_000,
                        "intermediate_size",
                        4_000_000,
                        "num_experts",
                        65_000,
                        "num_experts_per_tok",
                        2)))
                .singleElement()
                .asString()
                .contains("10^15");
    }

    @Test
    void unknownFamiliesAreAnsweredOnlyIfNothingOfTheirShapeIsUnread() {
        Map<String, Object> plain = shape("brand_new", 4, 2048, 32, 8, 1000, "intermediate_size", 4096);
        assertThat(warnings(plain)).singleElement().asString().contains("brand_new", "plain decoder");
        plain.put("flux_rank", 64);
        assertThat(unknown(plain)).singleElement().asString().contains("brand_new", "flux_rank", "measured profiles");
    }

    @Test
    void fieldsThatChangeTheShapeUnreadAreRefused() {
        assertThat(unknown(llama("routed_expert_hidden_size", 3584)))
                .singleElement()
                .asString()
                .contains("routed_expert_hidden_size (3584)");
        assertThat(unknown(llama("layer_types", Collections.nCopies(4, "compressed_attention"))))
                .allMatch(problem -> problem.contains("compressed_attention") && problem.contains("full_attention"));
    }

    @Test
    void languageModelsAreFoundUnderTheNamesThatFilesUse() {
        for (String name : List.of("text_config", "llm_config", "language_config")) {
            assertThat(known(config("wrapper", name, llama())).layers()).isEqualTo(4);
        }
        Map<String, Object> thinker = config("omni_thinker", "text_config", llama());
        assertThat(known(config("omni", "thinker_config", thinker)).layers()).isEqualTo(4);
        assertThat(unknown(config("wrapper", "brain_config", llama())))
                .anyMatch(problem -> problem.contains("brain_config") && problem.contains("text_config"));
    }

    @Test
    void tiesFollowTheFamilyWhereTheFileIsSilent() {
        assertThat(known(shape("gemma2", 42, 3584, 16, 8, 256000, "head_dim", 256, "intermediate_size", 14336))
                        .totalParameters())
                .isEqualTo(9_241_705_984L);
        assertThat(known(shape("llama", 4, 2048, 32, 8, 1000, "intermediate_size", 4096))
                        .tiedEmbeddings())
                .isFalse();
    }

    @Test
    void groupsOfMultipleQueriesAreReadFromOlderFiles() {
        ModelArchitecture chatglm = known(config(
                "chatglm",
                "num_layers",
                28,
                "hidden_size",
                4096,
                "num_attention_heads",
                32,
                "ffn_hidden_size",
                13696,
                "padded_vocab_size",
                65024,
                "multi_query_attention",
                true,
                "multi_query_group_num",
                2));
        assertThat(chatglm.kvBytesPerToken(1, Precision.BF16)).isEqualTo(28_672);
    }
}
