package dev.scepsy.planner.checkpoint;

import dev.scepsy.planner.profile.TokenMixer;
import dev.scepsy.planner.profile.TokenMixer.Recurrent.Kind;

/**
 * Layers that carry a state instead of a cache: weights by the shapes of the library's modelling code, state as vLLM keeps it
 * ({@code MambaStateShapeCalculator}: the recurrence's state, and the last tokens before each convolution in 16 bit). The
 * state's precision is the file's; where it says none, 32 bit for delta rules (their reference code's) and Nemotron-H, and
 * the model's 16 bit otherwise, as vLLM's {@code auto} does.
 */
final class Recurrences {

    private final ConfigKeys keys;
    private final int hidden;

    Recurrences(ConfigKeys keys, int hidden) {
        this.keys = keys;
        this.hidden = hidden;
    }

    TokenMixer.Recurrent of(LayerKind kind) {
        return switch (kind) {
            case MAMBA -> mamba();
            case MAMBA2, FULL_AND_MAMBA2 -> mamba2();
            case GATED_DELTA -> gatedDelta();
            case KIMI_DELTA -> kimiDelta();
            case LIGHTNING -> lightning();
            case CONVOLUTION -> convolution();
            default -> throw new IllegalArgumentException(kind + " is no recurrence.");
        };
    }

    private int stateBytes(int otherwise) {
        String type = keys.text("mamba_ssm_cache_dtype", keys.text("mamba_ssm_dtype", ""));
        return switch (type) {
            case "" -> otherwise;
            case "float32" -> 4;
            case "float16", "bfloat16" -> 2;
            default -> {
                keys.problem(keys.sentence("mamba_ssm_cache_dtype", type, "be float32, float16 or bfloat16"));
                yield otherwise;
            }
        };
    }

    /** Engines cut both counts; what divides them divides this. */
    private static int commonDivisor(int one, int other) {
        return other == 0 ? one : commonDivisor(other, one % other);
    }

    private TokenMixer.Recurrent mamba2() {
        int heads = keys.requiredUpTo(ConfigKeys.MOST_HEADS, "mamba_num_heads", "mamba_n_heads");
        int headSize = keys.whole(1, ConfigKeys.MOST_HEADS, "mamba_head_dim", "mamba_d_head")
                .orElseGet(() ->
                        keys.whole(1, ConfigKeys.MOST, "mamba_d_ssm").orElse(keys.heads("mamba_expand", 1, 2) * hidden)
                                / heads);
        int groups = keys.whole(1, ConfigKeys.MOST_HEADS, "n_groups", "mamba_n_groups")
                .orElse(1);
        int state = keys.requiredUpTo(ConfigKeys.MOST_HEADS, "ssm_state_size", "mamba_d_state");
        int kernel = keys.whole(1, 1024, "conv_kernel", "mamba_d_conv").orElse(4);
        long inner = (long) heads * headSize;
        long convolved = inner + 2L * groups * state;
        boolean normed = keys.flag("mamba_rms_norm", !keys.has("mamba_d_ssm"));
        long projections = hidden * (inner + convolved + heads) + inner * hidden;
        long biases = keys.flag("mamba_proj_bias", false) || keys.flag("use_bias", false)
                ? inner + convolved + heads + hidden
                : 0;
        boolean convolutionBias = keys.flag("use_conv_bias", keys.flag("mamba_conv_bias", true));
        long small = convolved * (kernel + (convolutionBias ? 1 : 0)) + 3L * heads + (normed ? inner : 0);
        return new TokenMixer.Recurrent(
                Kind.MAMBA2,
                groups > 1 ? commonDivisor(heads, groups) : heads,
                projections + biases + small,
                inner * state,
                stateBytes(2),
                convolved * (kernel - 1));
    }

    private TokenMixer.Recurrent mamba() {
        int state = keys.heads("mamba_d_state", 1, 16);
        int kernel = keys.heads("mamba_d_conv", 1, 4);
        long inner = (long) keys.heads("mamba_expand", 1, 2) * hidden;
        int rank = keys.raw("mamba_dt_rank") instanceof Number ? keys.heads("mamba_dt_rank", 1, 1) : (hidden + 15) / 16;
        long weights = 3 * hidden * inner
                + inner * (kernel + 1)
                + inner * (rank + 2L * state)
                + (rank + 1) * inner
                + inner * (state + 1)
                + rank
                + 2L * state;
        return new TokenMixer.Recurrent(
                Kind.MAMBA, (int) inner, weights, inner * state, stateBytes(2), inner * (kernel - 1));
    }

    private TokenMixer.Recurrent gatedDelta() {
        int keyHeads = keys.requiredUpTo(ConfigKeys.MOST_HEADS, "linear_num_key_heads");
        int valueHeads = keys.requiredUpTo(ConfigKeys.MOST_HEADS, "linear_num_value_heads");
        int keySize = keys.requiredUpTo(ConfigKeys.MOST_HEADS, "linear_key_head_dim");
        int valueSize = keys.requiredUpTo(ConfigKeys.MOST_HEADS, "linear_value_head_dim");
        int kernel = keys.heads("linear_conv_kernel_dim", 1, 4);
        long allKeys = (long) keyHeads * keySize;
        long values = (long) valueHeads * valueSize;
        long convolved = 2 * allKeys + values;
        long weights = hidden * (convolved + values + 2L * valueHeads)
                + convolved * kernel
                + 2L * valueHeads
                + valueSize
                + values * hidden;
        return new TokenMixer.Recurrent(
                Kind.GATED_DELTA,
                commonDivisor(keyHeads, valueHeads),
                weights,
                (long) valueHeads * keySize * valueSize,
                stateBytes(4),
                convolved * (kernel - 1));
    }

    private TokenMixer.Recurrent kimiDelta() {
        ConfigKeys linear = keys.object("linear_attn_config").orElse(keys);
        int heads = linear.requiredUpTo(ConfigKeys.MOST_HEADS, "num_heads");
        int size = linear.requiredUpTo(ConfigKeys.MOST_HEADS, "head_dim");
        int kernel = linear.heads("short_conv_kernel_size", 1, 4);
        long inner = (long) heads * size;
        long gates = 2 * ((long) hidden * size + size * inner);
        long weights = 3 * hidden * inner
                + 3 * inner * kernel
                + gates
                + (long) hidden * heads
                + heads
                + inner
                + size
                + inner * hidden;
        return new TokenMixer.Recurrent(Kind.GATED_DELTA, heads, weights, inner * size, 4, 3 * inner * (kernel - 1));
    }

    private TokenMixer.Recurrent lightning() {
        int heads = keys.requiredUpTo(ConfigKeys.MOST_HEADS, "num_attention_heads");
        int size = keys.heads("head_dim", 1, hidden / heads);
        long inner = (long) heads * size;
        return new TokenMixer.Recurrent(
                Kind.LIGHTNING, heads, 5 * hidden * inner + inner, inner * size, stateBytes(2), 0);
    }

    private TokenMixer.Recurrent convolution() {
        int kernel = keys.whole(1, 1024, "conv_L_cache").orElse(3);
        boolean biased = keys.flag("conv_bias", false);
        long weights = 4L * hidden * hidden + (long) hidden * kernel + (biased ? 5L * hidden : 0);
        return new TokenMixer.Recurrent(Kind.SHORT_CONVOLUTION, hidden, weights, 0, 2, (long) hidden * (kernel - 1));
    }
}
