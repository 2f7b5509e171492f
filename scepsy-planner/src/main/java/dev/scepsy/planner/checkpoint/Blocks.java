package dev.scepsy.planner.checkpoint;

import dev.scepsy.planner.profile.FeedForward;
import java.util.OptionalInt;

/** The feed-forward blocks and experts that a decoder's keys describe. */
final class Blocks {

    private static final int MOST_MULTIPLIER = 64;

    private final ConfigKeys keys;
    private final Family family;
    private final int hidden;
    private final int experts;

    Blocks(ConfigKeys keys, Family family, int hidden, int experts) {
        this.keys = keys;
        this.family = family;
        this.hidden = hidden;
        this.experts = experts;
    }

    FeedForward of(LayerPlan.Block block, int layer) {
        return switch (block) {
            case NOTHING -> new FeedForward.None();
            case DENSE -> new FeedForward.Dense(denseWidth(layer), family.gated());
            case EXPERTS -> experts();
        };
    }

    private int denseWidth(int layer) {
        int before = keys.problems().size();
        OptionalInt width = keys.whole(
                1,
                ConfigKeys.MOST,
                "dense_intermediate_size",
                "intermediate_size_mlp",
                "shared_intermediate_size",
                "intermediate_size",
                "n_inner",
                "ffn_dim",
                "ffn_hidden_size");
        if (width.isEmpty() && !family.gated()) {
            return 4 * hidden;
        }
        if (width.isEmpty() && keys.problems().size() == before) {
            keys.problem("The field intermediate_size is missing.");
        }
        int found = width.orElse(1);
        boolean doubled = keys.flag("use_double_wide_mlp", false)
                && layer >= keys.whole("num_hidden_layers", 1, 1) - keys.whole("num_kv_shared_layers", 0, 0);
        return (doubled ? 2 : 1) * adjusted(found);
    }

    /** LFM2 gives the width of an ungated block and asks for two thirds of it, rounded up. */
    private int adjusted(int width) {
        if (!keys.flag("block_auto_adjust_ff_dim", false)) {
            return width;
        }
        int of = keys.whole("block_multiple_of", 1, 256);
        int twoThirds = 2 * width / 3;
        if (keys.has("block_ffn_dim_multiplier")) {
            Object written = keys.raw("block_ffn_dim_multiplier");
            double multiplier = written instanceof Number number ? number.doubleValue() : Double.NaN;
            if (multiplier > 0 && multiplier <= MOST_MULTIPLIER) {
                twoThirds = (int) (multiplier * twoThirds);
            } else {
                keys.problem(keys.sentence(
                        "block_ffn_dim_multiplier",
                        String.valueOf(written),
                        "be a number above 0, at most " + MOST_MULTIPLIER));
            }
        }
        return of * ((twoThirds + of - 1) / of);
    }

    private FeedForward experts() {
        int perToken = keys.required(
                "num_experts_per_tok",
                "num_experts_per_token",
                "top_k_experts",
                "experts_per_token",
                "moe_topk",
                "moe_k",
                "moe_top_k");
        if (perToken > experts) {
            keys.problem("The num_experts_per_tok (" + perToken + ") must not exceed the experts (" + experts
                    + "): a token cannot choose more than there are. Take the published file.");
        }
        int width = keys.required("moe_intermediate_size", "expert_ffn_hidden_size", "intermediate_size");
        int latent = keys.whole("moe_latent_size", 0, 0);
        return new FeedForward.Experts(experts, perToken, width, family.gated(), sharedWidth(width), latent);
    }

    private int sharedWidth(int expertWidth) {
        if (family.type().equals("gemma4_text")) {
            // its dense block runs beside the experts
            return keys.required("intermediate_size");
        }
        if (family.type().equals("llama4_text")) {
            return expertWidth;
        }
        int count = keys.whole(
                        0,
                        1024,
                        "n_shared_experts",
                        "num_shared_experts",
                        "moe_num_shared_experts",
                        "num_shared_expert")
                .orElse(0);
        return keys.whole(
                        0,
                        ConfigKeys.MOST,
                        "shared_expert_intermediate_size",
                        "moe_shared_expert_intermediate_size",
                        "share_expert_dim",
                        "shared_intermediate_size")
                .orElse(count * expertWidth);
    }

    /** Biases of blocks and routers, norms beside those that every layer has. */
    long smallParameters(FeedForward block) {
        if (block instanceof FeedForward.Dense dense) {
            boolean biased = keys.flag("mlp_bias", family.bias().equals("all") && !family.gated());
            return biased ? (dense.gated() ? 2L : 1L) * dense.width() + hidden : 0;
        }
        if (!(block instanceof FeedForward.Experts shape)) {
            return 0;
        }
        boolean routed = family.type().equals("gpt_oss")
                || keys.text("topk_method", "").equals("noaux_tc")
                || keys.text("scoring_func", "").equals("sigmoid")
                || keys.flag("use_routing_bias", false)
                || family.layout().equals("hybrid");
        long router = routed ? shape.routed() : 0;
        return switch (family.type()) {
            case "gpt_oss" -> router + shape.routed() * (2L * shape.width() + hidden);
            case "qwen2_moe", "qwen3_next", "qwen3_5_moe_text" -> router + hidden;
            case "gemma4_text" -> router + 3L * hidden + shape.routed() + hidden;
            default -> router;
        };
    }
}
