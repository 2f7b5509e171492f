package dev.scepsy.planner.checkpoint;

import static dev.scepsy.planner.checkpoint.Configs.config;
import static dev.scepsy.planner.checkpoint.Configs.known;
import static dev.scepsy.planner.checkpoint.Configs.shape;
import static dev.scepsy.planner.checkpoint.Configs.unknown;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.Precision;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Layers that cache little or nothing, computed by hand. */
class HybridLayersTest {

    /** Nemotron-3-Nano: 23 state-space layers, 23 of experts without a gate, 6 of attention. */
    private static Map<String, Object> nano() {
        return shape(
                "nemotron_h",
                52,
                2688,
                32,
                2,
                131072,
                "hybrid_override_pattern",
                "MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME",
                "intermediate_size",
                1856,
                "moe_intermediate_size",
                1856,
                "moe_shared_expert_intermediate_size",
                3712,
                "n_routed_experts",
                128,
                "n_shared_experts",
                1,
                "num_experts_per_tok",
                6,
                "head_dim",
                128,
                "mamba_num_heads",
                64,
                "mamba_head_dim",
                64,
                "n_groups",
                8,
                "ssm_state_size",
                128);
    }

    @Test
    void stateSpaceLayersHaveAStateAndNoCache() {
        ModelArchitecture model = known(nano());
        double experts = 23 * (128 * 2.0 * 2688 * 1856 + 2.0 * 2688 * 3712 + 2688 * 128.0);
        double mamba = 23 * (2688.0 * (2 * 4096 + 2 * 8 * 128 + 64) + 4096.0 * 2688);
        double attention = 6 * (2 * 2688.0 * 4096 + 2 * 2688.0 * 256);
        double embeddings = 2 * 131072.0 * 2688;
        assertThat((double) model.totalParameters())
                .isCloseTo(experts + mamba + attention + embeddings, within(0.001 * 31.58e9));
        assertThat(model.kvBytesPerToken(1, Precision.BF16)).isEqualTo(6 * 2 * 2 * 128 * 2);
        // the state in 32 bit, and three tokens before each convolution of 4096 + 2 * 8 * 128 channels in 16 bit
        assertThat(model.stateBytesPerSequence(1)).isEqualTo(23 * (4096.0 * 128 * 4 + 6144 * 3 * 2));
        assertThat(model.stateBytesPerSequence(4)).isEqualTo(model.stateBytesPerSequence(1) / 4);
        // two key/value heads: from t = 2 on the cache of a GPU shrinks no more
        assertThat(model.kvBytesPerToken(2, Precision.BF16)).isEqualTo(3072);
        assertThat(model.kvBytesPerToken(8, Precision.BF16)).isEqualTo(3072);
        assertThat(model.layers()).isEqualTo(52);
        assertThat(model.fullAttentionLayers()).isEqualTo(6);
    }

    @Test
    void aPatternThatDoesNotFitTheLayersIsRefused() {
        Map<String, Object> shorter = nano();
        shorter.put("hybrid_override_pattern", "MEX");
        assertThat(unknown(shorter))
                .anyMatch(problem -> problem.contains("3 entries for 52 layers"))
                .anyMatch(problem -> problem.contains("entry (\"X\")"));
    }

    @Test
    void linearAttentionLayersOfQwenKeepAStateOfTheirValueHeads() {
        List<String> layers = Collections.nCopies(
                        16, List.of("linear_attention", "linear_attention", "linear_attention", "full_attention"))
                .stream()
                .flatMap(List::stream)
                .toList();
        Map<String, Object> text = shape(
                "qwen3_5_text",
                64,
                5120,
                24,
                4,
                248320,
                "head_dim",
                256,
                "intermediate_size",
                17408,
                "layer_types",
                layers,
                "attn_output_gate",
                true,
                "linear_num_key_heads",
                16,
                "linear_num_value_heads",
                48);
        ModelArchitecture model = known(config("qwen3_5", "text_config", text, "tie_word_embeddings", false));
        assertThat(model.kvBytesPerToken(1, Precision.BF16)).isEqualTo(65_536);
        assertThat(model.stateBytesPerSequence(1)).isEqualTo(48 * (48 * 128 * 128 * 4.0 + (2 * 2048 + 6144) * 3 * 2));
        assertThat((double) model.totalParameters()).isCloseTo(26.9e9, within(0.001 * 26.9e9));
    }

    @Test
    void windowsWithoutAListFollowTheFamilyAndNeverAllLayers() {
        // Gemma 3 as published: neither heads' width, nor vocabulary, nor pattern
        Map<String, Object> text = config(
                "gemma3_text",
                "hidden_size",
                3840,
                "intermediate_size",
                15360,
                "num_attention_heads",
                16,
                "num_hidden_layers",
                48,
                "num_key_value_heads",
                8,
                "sliding_window",
                1024);
        ModelArchitecture gemma = known(config("gemma3", "text_config", text));
        assertThat(gemma.kvBytes(131_072, 1, Precision.BF16)).isEqualTo((8.0 * 131_072 + 40 * 1024) * 8192);
        assertThat(gemma.tiedEmbeddings()).isTrue();
        assertThat((double) gemma.totalParameters()).isCloseTo(11.77e9, within(0.001 * 11.77e9));

        assertThat(unknown(shape("nobodys", 4, 64, 4, 4, 100, "intermediate_size", 128, "sliding_window", 32)))
                .singleElement()
                .asString()
                .contains("sliding_window (32)", "layer_types", "\"use_sliding_window\": false");
        ModelArchitecture unused = known(shape(
                "nobodys",
                4,
                64,
                4,
                4,
                100,
                "intermediate_size",
                128,
                "sliding_window",
                32,
                "use_sliding_window",
                false));
        assertThat(unused.slidingWindow()).isEmpty();
    }

    @Test
    void windowedLayersMayHaveHeadsOfTheirOwn() {
        List<Integer> pattern = Collections.nCopies(48, 1);
        List<Integer> withFull = new ArrayList<>(pattern);
        List.of(0, 5, 11, 17, 23, 29, 35, 41, 47).forEach(layer -> withFull.set(layer, 0));
        ModelArchitecture mimo = known(shape(
                "mimo_v2_flash",
                48,
                4096,
                64,
                4,
                152576,
                "head_dim",
                192,
                "v_head_dim",
                128,
                "swa_num_attention_heads",
                64,
                "swa_num_key_value_heads",
                8,
                "swa_head_dim",
                192,
                "swa_v_head_dim",
                128,
                "sliding_window",
                128,
                "intermediate_size",
                16384,
                "hybrid_layer_pattern",
                withFull));
        assertThat(mimo.kvBytes(131_072, 1, Precision.BF16))
                .isEqualTo(9.0 * 4 * 320 * 2 * 131_072 + 39.0 * 8 * 320 * 2 * 128);
        // from four GPUs on the full layers' heads are copied, the windowed ones' from eight
        assertThat(mimo.fullCacheElementsPerToken(8)).isEqualTo(9.0 * 320);
        assertThat(mimo.windowedCacheElementsPerToken(4)).isEqualTo(39.0 * 2 * 320);
    }

    @Test
    void latentsIndexersAndRoutersAreWholeOnEveryGpu() {
        Map<String, Object> json = shape(
                "deepseek_v32",
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
                "index_n_heads",
                64,
                "index_head_dim",
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
                18432);
        ModelArchitecture model = known(json);
        // 8-bit keys of the indexer with a 4-byte scale, beside the latent
        assertThat(model.kvBytesPerToken(8, Precision.BF16)).isEqualTo(61 * (576 * 2 + 132));
        assertThat(model.kvBytesPerToken(8, Precision.FP8)).isEqualTo(61 * (576 + 132));
        double down = 61 * 7168.0 * (1536 + 512 + 64);
        double index = 61 * (1536.0 * 64 * 128 + 7168 * (128 + 64));
        double router = 58 * 7168.0 * 256;
        double whole = 2 * (down + index + router);
        assertThat(model.weightBytesPerGpu(Precision.BF16, 8))
                .isCloseTo(2.0 * model.totalParameters() / 8 + whole * 7 / 8, within(1.0));
        assertThat(model.weightBytesPerGpu(Precision.BF16, 1)).isEqualTo(model.weightBytes(Precision.BF16));
    }

    @Test
    void keyAndValueHeadsBeyondOnePerGpuAreCopied() {
        ModelArchitecture model =
                known(shape("llama", 2, 1024, 16, 4, 1000, "intermediate_size", 4096, "tie_word_embeddings", false));
        double keysAndValues = 2 * (2.0 * 1024 * 4 * 64) * 2;
        double all = model.weightBytes(Precision.BF16);
        assertThat(model.weightBytesPerGpu(Precision.BF16, 4)).isEqualTo(all / 4);
        // eight GPUs hold eight heads where there are four
        assertThat(model.weightBytesPerGpu(Precision.BF16, 8)).isCloseTo((all + keysAndValues) / 8, within(1.0));
    }
}
