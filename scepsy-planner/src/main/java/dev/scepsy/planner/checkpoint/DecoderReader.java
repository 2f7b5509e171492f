package dev.scepsy.planner.checkpoint;

import dev.scepsy.planner.profile.FeedForward;
import dev.scepsy.planner.profile.LayerGroup;
import dev.scepsy.planner.profile.TokenMixer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** The layers of a decoder, from its keys: each as its plan says, with the widths, biases and norms of its family. */
final class DecoderReader {

    private final ConfigKeys keys;
    private final Family family;
    private final int layers;
    private final int hidden;
    private final int heads;

    DecoderReader(ConfigKeys keys, Family family, int layers, int hidden, int heads) {
        this.keys = keys;
        this.family = family;
        this.layers = layers;
        this.hidden = hidden;
        this.heads = heads;
    }

    /** Layers that are alike counted together, in the order of their first. */
    List<LayerGroup> groups() {
        int experts = keys.whole(0, 1 << 16, "num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts")
                .orElse(0);
        if (experts > 0 && !keys.flag("enable_moe_block", true)) {
            experts = 0;
        }
        LayerPlan plan = LayerPlan.of(keys, family, layers, experts > 0);
        Blocks blocks = new Blocks(keys, family, hidden, experts);
        Map<LayerGroup, Integer> counts = new LinkedHashMap<>();
        for (int layer = 0; layer < plan.kinds().size() && keys.problems().isEmpty(); layer++) {
            counts.merge(layer(plan, layer, blocks), 1, Integer::sum);
        }
        return counts.entrySet().stream()
                .map(group -> group.getKey().times(group.getValue()))
                .toList();
    }

    private LayerGroup layer(LayerPlan plan, int layer, Blocks blocks) {
        LayerKind kind = plan.kinds().get(layer);
        FeedForward block = blocks.of(plan.blocks().get(layer), layer);
        List<TokenMixer> mixers = new ArrayList<>();
        long small = (long) family.norms() * hidden + blocks.smallParameters(block);
        Recurrences recurrences = new Recurrences(keys, hidden);
        switch (kind) {
            case FULL, WINDOWED, FULL_AND_MAMBA2 -> {
                boolean shared = layer >= layers - keys.whole("num_kv_shared_layers", 0, 0);
                TokenMixer.Attention attention = attention(kind == LayerKind.WINDOWED, plan.window(), shared);
                mixers.add(attention);
                small += smallParameters(attention);
                if (kind == LayerKind.FULL_AND_MAMBA2) {
                    mixers.add(recurrences.of(kind));
                }
            }
            case LATENT -> {
                TokenMixer.Latent latent = latent(layer);
                mixers.add(latent);
                small += latent.queryRank()
                        + latent.latentSize()
                        + (latent.indexHeads() > 0 ? 2L * latent.indexSize() : 0);
            }
            case NOTHING -> {}
            default -> mixers.add(recurrences.of(kind));
        }
        return new LayerGroup(1, mixers, block, small);
    }

    private TokenMixer.Attention attention(boolean windowed, OptionalInt window, boolean shared) {
        String prefix = windowed && keys.has("swa_num_key_value_heads") ? "swa_" : "";
        boolean global = !windowed && keys.has("global_head_dim");
        int queryHeads = prefix.isEmpty() ? heads : keys.heads(prefix + "num_attention_heads", 1, heads);
        int kvHeads = kvHeads(prefix, global, queryHeads);
        int headSize = global
                ? keys.requiredUpTo(ConfigKeys.MOST_HEADS, "global_head_dim")
                : keys.whole(1, ConfigKeys.MOST_HEADS, prefix + "head_dim", "attention_head_dim", "kv_channels")
                        .orElseGet(this::impliedHeadSize);
        int valueSize =
                keys.whole(1, ConfigKeys.MOST_HEADS, prefix + "v_head_dim").orElse(headSize);
        boolean keysAreValues = global && keys.flag("attention_k_eq_v", false);
        return new TokenMixer.Attention(
                queryHeads,
                kvHeads,
                headSize,
                valueSize,
                windowed ? window : OptionalInt.empty(),
                !shared,
                !keysAreValues,
                keys.flag("attn_output_gate", family.type().equals("qwen3_next")),
                family.queryKeyNorm().equals("full"));
    }

    private int impliedHeadSize() {
        if (hidden % heads != 0) {
            keys.problem("The hidden_size (" + hidden + ") is no multiple of the heads (" + heads
                    + ") and the file has no head_dim: take the published file.");
        }
        return Math.max(1, hidden / heads);
    }

    private int kvHeads(String prefix, boolean global, int queryHeads) {
        if (keys.flag("multi_query", false) && !keys.flag("new_decoder_architecture", false)) {
            return 1;
        }
        if (keys.flag("multi_query_attention", false)) {
            return keys.requiredUpTo(ConfigKeys.MOST_HEADS, "multi_query_group_num");
        }
        String name = global && keys.has("num_global_key_value_heads")
                ? "num_global_key_value_heads"
                : prefix + "num_key_value_heads";
        int before = keys.problems().size();
        OptionalInt found = keys.whole(1, ConfigKeys.MOST_HEADS, name, "num_kv_heads", "n_head_kv");
        int kvHeads = found.orElse(queryHeads);
        if (keys.problems().size() == before && (kvHeads > queryHeads || queryHeads % kvHeads != 0)) {
            keys.problem("The " + name + " (" + kvHeads + ") must divide the num_attention_heads (" + queryHeads
                    + "): every key/value head serves as many query heads. Take the published file.");
        }
        return kvHeads;
    }

    private long smallParameters(TokenMixer.Attention attention) {
        long query = (long) attention.heads() * attention.keySize();
        long keyAndValue =
                attention.ownsCache() ? (long) attention.kvHeads() * (attention.keySize() + attention.valueSize()) : 0;
        boolean stated = keys.flag("attention_bias", keys.flag("use_bias", keys.flag("use_qkv_bias", false)));
        boolean inputs = family.bias().equals("all") || family.bias().equals("qkv") || stated;
        boolean output = family.bias().equals("all") || (family.bias().equals("key") && stated);
        long biases = (inputs ? query + keyAndValue : 0) + (output ? hidden : 0);
        long norms = switch (family.queryKeyNorm()) {
            case "head" -> attention.ownsCache() ? 2L * attention.keySize() : attention.keySize();
            case "full" -> query + (long) attention.kvHeads() * attention.keySize();
            default -> 0;
        };
        long sinks = family.type().equals("gpt_oss")
                        || (attention.window().isPresent() && keys.flag("add_swa_attention_sink_bias", false))
                ? attention.heads()
                : 0;
        return biases + norms + sinks;
    }

    private TokenMixer.Latent latent(int layer) {
        int latentSize = keys.requiredUpTo(ConfigKeys.MOST_HEADS, "kv_lora_rank");
        int indexHeads = keys.heads("index_n_heads", 0, 0);
        // GLM-5.2 and later compute the choice of tokens in some layers only
        List<?> indexers = keys.list("indexer_types");
        boolean reused = layer < indexers.size() && "shared".equals(indexers.get(layer));
        return new TokenMixer.Latent(
                heads,
                keys.heads("q_lora_rank", 0, 0),
                latentSize,
                keys.heads("qk_rope_head_dim", 0, 64),
                keys.heads("qk_nope_head_dim", 1, 128),
                keys.heads("v_head_dim", 1, 128),
                reused ? 0 : indexHeads,
                keys.heads("index_head_dim", 1, 128),
                keys.flag("mla_use_output_gate", false));
    }
}
