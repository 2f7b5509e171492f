package dev.scepsy.planner.profile;

import dev.scepsy.planner.profile.ModelArchitecture.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * An architecture from a Hugging Face {@code config.json}: dense and mixture-of-experts decoders with multi-head,
 * grouped-query, windowed or latent attention, and BERT-like encoders. The parameter count is recomputed from the shape.
 * What is not a transformer, or lacks a field, is refused with every problem named.
 */
public final class HuggingFaceConfig {

    private static final Set<String> ENCODERS = Set.of(
            "bert",
            "roberta",
            "xlm-roberta",
            "camembert",
            "distilbert",
            "electra",
            "mpnet",
            "nomic_bert",
            "modernbert");

    /** Two matrices in the feed-forward block, not three: no gate. */
    private static final Set<String> UNGATED = Set.of(
            "gpt2", "gpt_neox", "gptj", "gpt_bigcode", "codegen", "opt", "bloom", "falcon", "mpt", "phi", "starcoder2");

    /** Kinds of rope scaling whose factor max_position_embeddings already holds. */
    private static final Set<String> COUNTED_IN_POSITIONS =
            Set.of("su", "longrope", "llama3", "default", "mrope", "proportional");

    private static final Set<String> NOT_TRANSFORMERS =
            Set.of("mamba", "mamba2", "falcon_mamba", "jamba", "bamba", "zamba", "zamba2", "rwkv", "rwkv5", "xlstm");

    private final Map<String, ?> config;
    private final String type;
    private final List<String> problems = new ArrayList<>();

    private HuggingFaceConfig(Map<String, ?> config) {
        this.config = config;
        this.type = config.get("model_type") instanceof String text ? text.toLowerCase(Locale.ROOT) : "";
    }

    /**
     * The architecture that {@code json} describes.
     *
     * @param name what messages and plans shall call it
     * @param json the file's object: strings, numbers, booleans, lists and maps
     */
    public static ArchitectureResult read(String name, Map<String, ?> json) {
        Map<String, ?> language = json.get("text_config") instanceof Map<?, ?> nested ? stringKeys(nested) : json;
        HuggingFaceConfig config = new HuggingFaceConfig(language);
        ModelArchitecture architecture = config.architecture(name);
        architecture = architecture.withShardedSizes(ShardedSizes.of(
                config.feedForward(architecture),
                (int) config.sharedWidth(architecture.expertIntermediateSize()),
                language,
                json));
        return config.problems.isEmpty()
                ? new ArchitectureResult.Known(architecture)
                : new ArchitectureResult.Unknown(config.problems);
    }

    private static Map<String, ?> stringKeys(Map<?, ?> map) {
        Map<String, Object> copy = new HashMap<>();
        map.forEach((key, value) -> {
            if (value != null) {
                copy.put(String.valueOf(key), value);
            }
        });
        return copy;
    }

    private ModelArchitecture architecture(String name) {
        if (NOT_TRANSFORMERS.contains(type)) {
            problems.add("The model_type (" + type + ") is not a transformer; its cost is not modelled. Give measured"
                    + " profiles instead.");
        }
        if (Boolean.TRUE.equals(config.get("is_encoder_decoder"))) {
            problems.add("Encoder-decoder models (is_encoder_decoder: true) are not modelled. Give measured profiles"
                    + " instead.");
        }
        int layers = required("num_hidden_layers", "n_layer", "num_layers", "n_layers");
        int hidden = required("hidden_size", "n_embd", "d_model", "dim");
        int heads = required("num_attention_heads", "n_head", "n_heads");
        int vocabulary = required("vocab_size");
        if (!problems.isEmpty()) {
            return placeholder(name);
        }
        return ENCODERS.contains(type)
                ? encoder(name, layers, hidden, heads, vocabulary)
                : decoder(name, layers, hidden, heads, vocabulary);
    }

    private ModelArchitecture encoder(String name, int layers, int hidden, int heads, int vocabulary) {
        long intermediate = firstOf("intermediate_size", "hidden_dim").orElse(4 * hidden);
        long attention = 4L * (hidden * (long) hidden + hidden);
        long feedForward = 2L * hidden * intermediate + intermediate + hidden;
        long norms = 4L * hidden;
        long embeddings =
                hidden * ((long) vocabulary + count("max_position_embeddings", 512) + count("type_vocab_size", 2) + 2);
        long pooler = hidden * (long) hidden + hidden;
        long total = embeddings + layers * (attention + feedForward + norms) + pooler;
        return new ModelArchitecture(
                name,
                Kind.ENCODER,
                layers,
                hidden,
                heads,
                heads,
                hidden / heads,
                vocabulary,
                total,
                total,
                0,
                0,
                0,
                0,
                OptionalInt.empty(),
                0,
                0,
                false,
                true,
                optional("max_position_embeddings"),
                ShardedSizes.UNKNOWN);
    }

    private ModelArchitecture decoder(String name, int layers, int hidden, int heads, int vocabulary) {
        boolean latent = config.containsKey("kv_lora_rank");
        int kvHeads = kvHeads(heads);
        int feedForward = feedForwardWidth(hidden);
        int headSize = latent
                ? count("qk_nope_head_dim", 128) + count("qk_rope_head_dim", 64)
                : count("head_dim", hidden / heads);
        int kvElements = latent ? count("kv_lora_rank", 512) + count("qk_rope_head_dim", 64) : 2 * kvHeads * headSize;
        int experts = count("num_local_experts", count("num_experts", count("n_routed_experts", 0)));
        int chosen = count("num_experts_per_tok", count("num_experts_per_token", 0));
        int expertWidth = count("moe_intermediate_size", experts > 0 ? count("intermediate_size", 0) : 0);
        int denseLayers = experts > 0 ? denseLayers(layers) : 0;
        // older decoders tie without saying so
        boolean tied = config.get("tie_word_embeddings") instanceof Boolean said ? said : UNGATED.contains(type);
        if (experts > 0 && (chosen < 1 || chosen > experts || expertWidth < 1)) {
            problems.add("A mixture-of-experts model needs num_experts_per_tok in [1, " + experts
                    + "] and moe_intermediate_size above 0.");
            return placeholder(name);
        }
        if (experts == 0 && feedForward < 1) {
            problems.add("The field intermediate_size is missing.");
            return placeholder(name);
        }
        long attention = latent ? latentAttention(hidden, heads) : attention(hidden, heads, kvHeads, headSize);
        long expert = 3L * hidden * expertWidth + (type.equals("gpt_oss") ? 2L * expertWidth + hidden : 0);
        long shared = 3L * hidden * sharedWidth(expertWidth);
        long router = experts == 0 ? 0 : (long) hidden * experts + routerBias(experts);
        long dense = (UNGATED.contains(type) ? 2L : 3L) * hidden * feedForward;
        int moeLayers = experts > 0 ? layers - denseLayers : 0;
        long common = layers * (attention + 2L * hidden)
                + moeLayers * (shared + router)
                + (long) (layers - moeLayers) * dense
                + hidden;
        long embeddings = (long) vocabulary * hidden * (tied ? 1 : 2);
        long total = embeddings + common + moeLayers * expert * experts;
        long active = embeddings + common + moeLayers * expert * chosen;
        OptionalInt window = windowedLayers(layers) > 0 ? optional("sliding_window") : OptionalInt.empty();
        return new ModelArchitecture(
                name,
                experts > 0 ? Kind.MOE : Kind.DENSE,
                layers,
                hidden,
                heads,
                latent ? heads : kvHeads,
                headSize,
                vocabulary,
                total,
                active,
                experts,
                chosen,
                expertWidth,
                denseLayers,
                window,
                window.isPresent() ? windowedLayers(layers) : 0,
                kvElements,
                latent,
                tied,
                contextTokens(),
                ShardedSizes.UNKNOWN);
    }

    /**
     * As vLLM derives it ({@code config/model.py}, get_and_verify_max_len): the positions, or with YaRN the original ones, times
     * the factor of rope scaling, unless the positions already count it (llama3, longrope, su, mrope); {@code model_max_length} may
     * be longer.
     */
    private OptionalInt contextTokens() {
        OptionalInt positions = firstOf("max_position_embeddings", "n_positions", "max_sequence_length", "seq_length");
        double context = positions.orElse(0);
        if (positions.isPresent() && config.get("rope_scaling") instanceof Map<?, ?> scaling) {
            Object said = scaling.containsKey("rope_type") ? scaling.get("rope_type") : scaling.get("type");
            String kind = String.valueOf(said);
            if (scaling.get("factor") instanceof Number factor && !COUNTED_IN_POSITIONS.contains(kind)) {
                if (kind.equals("yarn") && scaling.get("original_max_position_embeddings") instanceof Number original) {
                    context = original.doubleValue();
                }
                context *= Math.max(1, factor.doubleValue());
            }
        }
        context = Math.max(context, optional("model_max_length").orElse(0));
        return context >= 1 ? OptionalInt.of((int) Math.min(context, Integer.MAX_VALUE)) : OptionalInt.empty();
    }

    private int kvHeads(int heads) {
        if (Boolean.TRUE.equals(config.get("multi_query"))
                && !Boolean.TRUE.equals(config.get("new_decoder_architecture"))) {
            return 1;
        }
        return firstOf("num_key_value_heads", "num_kv_heads", "n_head_kv").orElse(heads);
    }

    private int feedForwardWidth(int hidden) {
        return firstOf("intermediate_size_mlp", "intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size")
                .orElse(UNGATED.contains(type) ? 4 * hidden : 0);
    }

    private int feedForward(ModelArchitecture architecture) {
        int hidden = architecture.hiddenSize();
        return architecture.isEncoder()
                ? firstOf("intermediate_size", "hidden_dim").orElse(4 * hidden)
                : feedForwardWidth(hidden);
    }

    private OptionalInt firstOf(String... names) {
        for (String name : names) {
            if (config.get(name) instanceof Number number && number.intValue() > 0) {
                return OptionalInt.of(number.intValue());
            }
        }
        return OptionalInt.empty();
    }

    private long attention(int hidden, int heads, int kvHeads, int headSize) {
        long query = (long) heads * headSize;
        long keyAndValue = 2L * kvHeads * headSize;
        boolean inputBias = type.startsWith("qwen2") || Boolean.TRUE.equals(config.get("attention_bias"));
        boolean outputBias = !type.startsWith("qwen2") && Boolean.TRUE.equals(config.get("attention_bias"));
        return hidden * (2 * query + keyAndValue)
                + (inputBias ? query + keyAndValue : 0)
                + (outputBias ? hidden : 0)
                + (type.startsWith("qwen3") ? 2L * headSize : 0)
                + (type.equals("gpt_oss") ? heads : 0);
    }

    private long latentAttention(int hidden, int heads) {
        long queryHead = count("qk_nope_head_dim", 128) + count("qk_rope_head_dim", 64);
        long queryRank = count("q_lora_rank", 0);
        long query = queryRank > 0
                ? hidden * queryRank + queryRank + queryRank * heads * queryHead
                : (long) hidden * heads * queryHead;
        long latentRank = count("kv_lora_rank", 512);
        long valueHead = count("v_head_dim", 128);
        long down = hidden * (latentRank + count("qk_rope_head_dim", 64)) + latentRank;
        long up = latentRank * heads * (count("qk_nope_head_dim", 128) + valueHead);
        return query + down + up + heads * valueHead * hidden;
    }

    private long sharedWidth(int expertWidth) {
        int shared = type.equals("llama4_text") ? 1 : count("n_shared_experts", 0);
        return count("shared_expert_intermediate_size", shared * expertWidth);
    }

    private long routerBias(int experts) {
        boolean biased = type.equals("gpt_oss")
                || "noaux_tc".equals(config.get("topk_method"))
                || Boolean.TRUE.equals(config.get("use_routing_bias"));
        return biased ? experts : 0;
    }

    private int denseLayers(int layers) {
        int first = count("first_k_dense_replace", 0);
        int listed = config.get("mlp_only_layers") instanceof List<?> list ? list.size() : 0;
        // experts in every n-th layer only
        int every = firstOf("moe_layer_freq", "decoder_sparse_step", "interleave_moe_layer_step")
                .orElse(1);
        int between = (layers - first) - (layers - first) / every;
        return Math.min(layers - 1, Math.max(first + between, listed));
    }

    private int windowedLayers(int layers) {
        if (Boolean.FALSE.equals(config.get("use_sliding_window")) || count("sliding_window", 0) == 0) {
            return 0;
        }
        if (config.get("layer_types") instanceof List<?> types) {
            return (int) types.stream().filter("sliding_attention"::equals).count();
        }
        int pattern = count("sliding_window_pattern", type.equals("gemma2") ? 2 : 0);
        return pattern > 0 ? layers - layers / pattern : layers;
    }

    private int required(String... names) {
        for (String name : names) {
            if (config.get(name) instanceof Number number && number.intValue() > 0) {
                return number.intValue();
            }
        }
        problems.add("The field " + String.join(" (or ", names) + ")".repeat(names.length - 1)
                + " is missing or not a number above 0.");
        return 1;
    }

    private int count(String name, int otherwise) {
        return config.get(name) instanceof Number number ? number.intValue() : otherwise;
    }

    private OptionalInt optional(String name) {
        return config.get(name) instanceof Number number ? OptionalInt.of(number.intValue()) : OptionalInt.empty();
    }

    /** Stands in while problems are collected; never handed out. */
    private static ModelArchitecture placeholder(String name) {
        return new ModelArchitecture(
                name,
                Kind.DENSE,
                1,
                1,
                1,
                1,
                1,
                1,
                1,
                1,
                0,
                0,
                0,
                0,
                OptionalInt.empty(),
                0,
                0,
                false,
                false,
                OptionalInt.empty(),
                ShardedSizes.UNKNOWN);
    }
}
