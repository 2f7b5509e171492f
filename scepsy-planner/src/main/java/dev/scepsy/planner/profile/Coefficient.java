package dev.scepsy.planner.profile;

/**
 * The fitted numbers of the {@link EngineModel}. Each is prior × e^θ, so it stays positive, and the fit draws θ towards 0
 * with the given spread: what the data cannot tell apart stays physical, and unseen cards and models inherit it.
 */
public enum Coefficient {
    /** Time to read a weight byte, in units of 1 / peak bandwidth. */
    WEIGHT_READ(1.2, 0.5),
    /** Time to read a cached byte, in units of 1 / peak bandwidth. */
    KV_READ(1.2, 0.7),
    /** Time of a prompt's arithmetic, in units of 1 / peak FLOP/s. */
    PREFILL_COMPUTE(1.5, 0.7),
    /** Time of decoding arithmetic, in units of 1 / peak FLOP/s. */
    DECODE_COMPUTE(1.0, 1.0),
    /** Time of a prompt's attention arithmetic, in units of 1 / 16-bit peak FLOP/s. */
    PREFILL_ATTENTION(2.0, 1.0),
    /** Seconds per layer and step: launches, norms, small kernels. */
    PER_LAYER_SECONDS(50e-6, 0.7),
    /** Further seconds per mixture-of-experts layer and step. */
    PER_EXPERT_LAYER_SECONDS(40e-6, 1.0),
    /** Seconds per running request and step: scheduling, sampling, detokenising. */
    PER_REQUEST_SECONDS(15e-6, 1.0),
    /** Seconds per step. */
    PER_STEP_SECONDS(1e-3, 1.0),
    /** Seconds of one small all-reduce, per doubling of the group. */
    ALL_REDUCE_SECONDS(6e-6, 0.7),
    /** Time of all-reduced bytes, in units of 1 / one-way link bandwidth. */
    ALL_REDUCE_BYTES(1.3, 0.7),
    /** TensorRT-LLM's time relative to vLLM's. */
    TRTLLM_FACTOR(0.9, 0.2),
    /** 8-bit arithmetic and reading relative to 16-bit. */
    EIGHT_BIT_FACTOR(1.0, 0.3),
    /** 4-bit arithmetic and reading relative to 16-bit. */
    FOUR_BIT_FACTOR(1.0, 0.3),
    /** Seconds before the first token that no step explains: HTTP, tokenising, the first round trip. */
    FIRST_TOKEN_SECONDS(15e-3, 1.0),
    /** Share of the other clients' prompts that a new request waits for. */
    FIRST_TOKEN_CROWDING(0.2, 1.0);

    private final double prior;
    private final double spread;

    Coefficient(double prior, double spread) {
        this.prior = prior;
        this.spread = spread;
    }

    /** Value before any row was seen. */
    public double prior() {
        return prior;
    }

    /** Standard deviation of the logarithm that the fit allows for free. */
    double spread() {
        return spread;
    }
}
