package dev.scepsy.planner.checkpoint;

import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Keys of a {@code config.json} that say nothing of a model's weights, cache or state. */
final class HarmlessKeys {

    /** Names of keys that look as if they spoke of the shape and do not. */
    static final Set<String> NAMES = Set.of(
            "initial_context_length",
            "initializer_range",
            "layer_norm_eps",
            "layer_norm_epsilon",
            "layernorm_epsilon",
            "max_position_embeddings",
            "max_window_layers",
            "model_max_length",
            "num_logits_to_keep",
            "num_nextn_predict_layers",
            "original_max_position_embeddings",
            "rope_scaling",
            "rotary_dim",
            "rotary_pct",
            "partial_rotary_factor",
            "router_aux_loss_coef",
            "position_embedding_type",
            "chunk_size",
            "max_length",
            "min_length",
            "chunk_size_feed_forward",
            "pruned_heads",
            "num_return_sequences",
            "num_beams",
            "num_beam_groups",
            "vocab_size_per_layer_input",
            "quantization_config",
            "pretraining_tp",
            "transformers_version",
            "model_type",
            "torch_dtype",
            "hidden_act",
            "hidden_dropout",
            "hidden_dropout_prob");

    private static final Pattern SHAPE = Pattern.compile(
            ".*(size|rank|dim|width|layer|head|expert|ratio|pattern|freq|period|interval|config|type|block|inner|num_|n_).*");

    private HarmlessKeys() {}

    static boolean maySpeakOfTheShape(String key) {
        return SHAPE.matcher(key).matches()
                && !List.of("architectures", "auto_map").contains(key);
    }
}
