package dev.scepsy.planner.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.checkpoint.HuggingFaceConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which tensor-parallel degrees engines start with: cases worked out by hand, and what reports say of them. */
class TensorParallelRulesTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            # 28 heads, 4 KV heads, width 18944 = 2^9 x 37, vocabulary 152064 = 2^9 x 3^3 x 11: 7 divides the heads alone
            Qwen2.5-7B     | bf16 | 1 2 4
            # 14 heads, 2 KV heads
            Qwen2.5-0.5B   | bf16 | 1 2
            # 40 heads, 8 KV heads: 5, 10, 20 and 40 neither divide 8 nor are multiples of it, or do not divide 13824
            Qwen2.5-14B    | bf16 | 1 2 4 8
            Llama-3.1-70B  | bf16 | 1 2 4 8 16 32 64
            # 28672 / 128 = 224 groups; 64 heads of 128: 64 groups
            Llama-3.1-70B  | int4 | 1 2 4 8 16 32
            # width 11008 = 86 groups of 128: 2 x 43
            Llama-2-7B     | int4 | 1 2
            # 14 heads of 64 = 7 groups of 128
            Qwen2.5-0.5B   | int4 | 1
            # experts of 1536 = 12 blocks of 128: 12 mod 8 = 4
            MiniMax-M2.5   | fp8  | 1 2 4
            MiniMax-M2.5   | fp4  | 1 2 4 8 16 24 48
            Qwen3-235B-A22B| fp8  | 1 2 4
            Qwen3-30B-A3B  | fp8  | 1 2
            Qwen3-30B-A3B  | bf16 | 1 2 4 8 16 32
            # one latent, whatever t; 2048 / 128 = 16 blocks
            DeepSeek-R1    | fp8  | 1 2 4 8 16
            # groups of 32 in the published checkpoint
            Kimi-K2.5      | int4 | 1 2 4 8 16 32 64
            # engines pad MXFP4
            gpt-oss-120b   | fp4  | 1 2 4 8 16 32 64
            # an encoder: 16 heads, 4096 wide, vocabulary 250002 padded to 250048 = 64 x 3907
            bge-m3         | bf16 | 1 2 4 8 16
            """)
    void theseDegreesAndNoOthersStartUnderVllm(String model, String precision, String degrees) {
        assertThat(rules(model, "vllm", precision).degrees(64)).containsExactlyElementsOf(numbers(degrees));
    }

    @Test
    void theGroupsOfAwqForbidTwoGpusForSeventyTwoBillionParameters() {
        TensorParallelRules awq = rules(qwen72("awq"), "vllm", "int4");

        assertThat(awq.degrees(8)).containsExactly(1);
        assertThat(awq.whyNot(2))
                .hasValue("tensorParallel 2 cuts the 231 groups of 128 int4 weights in the feed-forward width (29568)"
                        + " of qwen72");
        assertThat(rules(qwen72("none"), "vllm", "bf16").degrees(8)).containsExactly(1, 2, 4, 8);
    }

    @Test
    void phi4StartsOnTwoGpusAndWithoutThePaddedVocabularyOnTen() {
        ModelArchitecture phi4 = configured(Map.of(
                "model_type", "phi3",
                "hidden_size", 5120,
                "intermediate_size", 17920,
                "num_attention_heads", 40,
                "num_key_value_heads", 10,
                "num_hidden_layers", 40,
                "vocab_size", 100352));

        assertThat(rules(phi4, "vllm", "bf16").degrees(40)).containsExactly(1, 2);
        assertThat(rules(phi4, "sglang", "bf16").degrees(40)).containsExactly(1, 2);
        // TensorRT-LLM pads the vocabulary to t; 4 and 8 still fit the 10 KV heads in no way
        assertThat(rules(phi4, "trtllm", "bf16").degrees(40)).containsExactly(1, 2, 5, 10, 20, 40);
        assertThat(rules(phi4, "vllm", "bf16").whyNot(4))
                .hasValue("the 10 KV heads of phi4 can neither be split evenly over nor copied evenly to 4 GPUs");
    }

    @Test
    void everyBrokenRuleIsNamed() {
        assertThat(rules("Qwen2.5-7B", "vllm", "bf16").whyNot(7))
                .hasValue(
                        "the 4 KV heads of Qwen2.5-7B can neither be split evenly over nor copied evenly to 7 GPUs;"
                                + " tensorParallel 7 does not divide the feed-forward width (18944) of Qwen2.5-7B;"
                                + " tensorParallel 7 does not divide the 152064 entries of the padded vocabulary of Qwen2.5-7B");
    }

    @Test
    void headsAndGroupsOfLayersThatKeepAStateAreCutToo() {
        Map<String, Object> hybrid = decoder("nemotron_h", 32, 2, 1856);
        hybrid.put("mamba_num_heads", 64);
        hybrid.put("n_groups", 8);
        hybrid.put("mamba_head_dim", 64);
        hybrid.put("ssm_state_size", 128);
        hybrid.put("hybrid_override_pattern", "M-*-".repeat(6));
        Map<String, Object> linear = decoder("qwen3_next", 16, 2, 5120);
        linear.put("linear_num_key_heads", 16);
        linear.put("linear_num_value_heads", 12);
        linear.put("linear_key_head_dim", 128);
        linear.put("linear_value_head_dim", 128);

        assertThat(rules(configured(hybrid), "vllm", "bf16").degrees(32)).containsExactly(1, 2, 4, 8);
        assertThat(rules(configured(hybrid), "vllm", "bf16").whyNot(16))
                .hasValue(
                        "tensorParallel 16 does not divide the 8 heads or groups of the layers that keep a state of phi4");
        assertThat(rules(configured(linear), "vllm", "bf16").degrees(16)).containsExactly(1, 2, 4);
        hybrid.put("n_groups", 1);
        assertThat(rules(configured(hybrid), "vllm", "bf16").degrees(32)).containsExactly(1, 2, 4, 8, 16, 32);
    }

    @Test
    void groupsAreReadFromEveryKindOfQuantisationConfig() {
        assertThat(WeightGroups.configured(Map.of("quant_method", "gptq", "bits", 4, "group_size", 64)))
                .hasValue(new WeightGroups(Precision.INT4, 64));
        assertThat(WeightGroups.configured(Map.of("quant_method", "fp8", "weight_block_size", List.of(128, 128))))
                .hasValue(new WeightGroups(Precision.FP8, 128));
        assertThat(WeightGroups.configured(Map.of(
                        "quant_method",
                        "compressed-tensors",
                        "config_groups",
                        Map.of("group_0", Map.of("weights", Map.of("num_bits", 4, "type", "int", "group_size", 32))))))
                .hasValue(new WeightGroups(Precision.INT4, 32));
        assertThat(WeightGroups.configured(Map.of("quant_method", "mxfp4", "group_size", 32)))
                .isEmpty();
        assertThat(WeightGroups.configured(Map.of("quant_method", "fp8"))).isEmpty();
        assertThat(WeightGroups.configured(Map.of("quant_method", "gptq", "bits", 4, "group_size", -1)))
                .isEmpty();
        assertThat(WeightGroups.configured("awq")).isEmpty();
    }

    /** For all of the catalogue: one GPU starts, and what starts cuts heads and KV heads evenly. */
    @Test
    void whateverStartsCutsEverythingEvenly() {
        for (ModelArchitecture model : Catalogue.builtIn().architectures()) {
            for (Precision precision : Precision.values()) {
                TensorParallelRules rules = TensorParallelRules.of(model, "vllm", precision);
                assertThat(rules.starts(1)).as(model.name()).isTrue();
                for (int degree : rules.degrees(128)) {
                    int kv = model.latentAttention() ? 1 : model.kvHeads();
                    assertThat(model.attentionHeads() % degree).isZero();
                    assertThat(kv % degree == 0 || degree % kv == 0).isTrue();
                    assertThat(model.expertIntermediateSize() % degree).isZero();
                    assertThat(rules.whyNot(degree)).isEmpty();
                }
                assertThat(IntStream.rangeClosed(1, 128)
                                .filter(degree -> rules.whyNot(degree).isEmpty()))
                        .containsExactlyElementsOf(rules.degrees(128));
            }
        }
    }

    private static TensorParallelRules rules(String model, String engine, String precision) {
        return rules(Catalogue.builtIn().architecture(model).orElseThrow(), engine, precision);
    }

    private static TensorParallelRules rules(ModelArchitecture model, String engine, String precision) {
        return TensorParallelRules.of(model, engine, Precision.of(precision).orElseThrow());
    }

    private static ModelArchitecture qwen72(String method) {
        Map<String, Object> config = new HashMap<>(Map.of(
                "model_type", "qwen2",
                "hidden_size", 8192,
                "intermediate_size", 29568,
                "num_attention_heads", 64,
                "num_key_value_heads", 8,
                "num_hidden_layers", 80,
                "vocab_size", 152064));
        if (!method.equals("none")) {
            config.put("quantization_config", Map.of("quant_method", method, "bits", 4, "group_size", 128));
        }
        return ((ArchitectureResult.Known) HuggingFaceConfig.read("qwen72", config)).architecture();
    }

    private static Map<String, Object> decoder(String type, int heads, int kvHeads, int width) {
        return new HashMap<>(Map.of(
                "model_type",
                type,
                "hidden_size",
                2048,
                "intermediate_size",
                width,
                "num_attention_heads",
                heads,
                "num_key_value_heads",
                kvHeads,
                "num_hidden_layers",
                24,
                "vocab_size",
                131072));
    }

    private static ModelArchitecture configured(Map<String, Object> config) {
        return ((ArchitectureResult.Known) HuggingFaceConfig.read("phi4", config)).architecture();
    }

    private static List<Integer> numbers(String text) {
        return List.of(text.strip().split(" ")).stream().map(Integer::valueOf).toList();
    }
}
