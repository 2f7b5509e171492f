package dev.scepsy.planner.profile;

/**
 * The fitted numbers of the engine model. Each is prior × e^θ, so it stays positive, and the fit draws θ towards 0 with
 * the given spread: what the data cannot tell apart stays physical, and unseen cards and models inherit it.
 */
public enum Coefficient {
    /** Time to read a weight byte outside routed experts, in units of 1 / peak bandwidth, at 3.35 TB/s. */
    WEIGHT_READ(1.2, 0.3),
    /** Time to read a byte of a routed expert, in units of 1 / peak bandwidth. */
    EXPERT_READ(1.25, 0.5),
    /** Time to read a cached byte, in units of 1 / peak bandwidth. */
    KV_READ(1.2, 0.5),
    /**
     * Faster memory is used less fully: reading times grow with this power of bandwidth / 3.35 TB/s. Prior: kernel times of
     * an RTX 4090 (1.05 of the peak time), an RTX PRO 6000 (1.09) and about 1.2 on H100.
     */
    READ_EXPONENT(0.12, 0.5),
    /** Time of a prompt's arithmetic, in units of 1 / peak FLOP/s, at 1 PFLOP/s. */
    PREFILL_COMPUTE(1.5, 0.5),
    /**
     * Faster arithmetic is used less fully: its times grow with this power of peak / 1 PFLOP/s. Prior: kernel times of an
     * RTX 4090 (1.04 of the peak time at 2048 tokens), an RTX PRO 6000 (1.22) and about 1.5 on H100.
     */
    COMPUTE_EXPONENT(0.18, 0.5),
    /** Time of decoding arithmetic, in units of 1 / peak FLOP/s. */
    DECODE_COMPUTE(1.0, 1.0),
    /** Time of a prompt's attention arithmetic, in units of 1 / 16-bit peak FLOP/s. */
    PREFILL_ATTENTION(2.0, 1.0),
    /** Seconds per layer and step: launches, norms, small kernels. */
    PER_LAYER_SECONDS(50e-6, 0.7),
    /** Further seconds per mixture-of-experts layer and step: routing, permutation. */
    PER_EXPERT_LAYER_SECONDS(40e-6, 1.0),
    /** Factor on the former for 8-bit experts, whose kernels quantise block by block. */
    EIGHT_BIT_EXPERT_LAYER_FACTOR(1.0, 1.0),
    /** Seconds per expert touched, layer and step: one small matrix product more. */
    PER_TOUCHED_EXPERT_SECONDS(0.2e-6, 1.5),
    /** Seconds per running request and step: scheduling, sampling, detokenising. */
    PER_REQUEST_SECONDS(15e-6, 1.0),
    /** Seconds per step. */
    PER_STEP_SECONDS(0.5e-3, 1.0),
    /** Seconds of a small all-reduce, in which every GPU reads all others, per doubling of the group. */
    ONE_SHOT_REDUCE_SECONDS(6e-6, 0.7),
    /** Time of its bytes, in units of 1 / one-way link bandwidth. */
    ONE_SHOT_REDUCE_BYTES(1.3, 0.7),
    /** Seconds of a large all-reduce; prior: NCCL between 1 and 5 MB on H100 (Vidur's tables). */
    RING_REDUCE_SECONDS(25e-6, 0.3),
    /** Time of its bytes, in units of 1 / one-way link bandwidth; prior: the same tables. */
    RING_REDUCE_BYTES(1.4, 0.3),
    /** TensorRT-LLM's time relative to vLLM's. */
    TRTLLM_FACTOR(0.91, 0.1),
    /** Reading 8-bit weights, relative to 16-bit, per byte. */
    EIGHT_BIT_READ_FACTOR(1.0, 0.3),
    /** Reading 4-bit dense weights, relative to 16-bit, per byte. */
    FOUR_BIT_READ_FACTOR(1.0, 0.3),
    /** Reading 4-bit experts, relative to 16-bit, per byte. */
    FOUR_BIT_EXPERT_READ_FACTOR(1.0, 0.3),
    /** A prompt's 8-bit arithmetic relative to the peak it is measured by. */
    EIGHT_BIT_PREFILL_FACTOR(1.0, 0.4),
    /** A prompt's 4-bit arithmetic relative to the peak it is measured by. */
    FOUR_BIT_PREFILL_FACTOR(1.0, 0.4),
    /** Seconds before the first token that no step explains: HTTP, the first round trip. */
    FIRST_TOKEN_SECONDS(10e-3, 0.7),
    /** Seconds per prompt token before the first token: tokenising, transport. */
    FIRST_TOKEN_SECONDS_PER_TOKEN(5e-6, 0.7),
    /** Prompt times until the first token. */
    FIRST_TOKEN_PROMPTS(1.0, 0.3),
    /** Steps until the first token: the one in progress, the own one, the one that streams it. */
    FIRST_TOKEN_STEPS(4.0, 0.5),
    /** Seconds per other client until the first token. */
    FIRST_TOKEN_SECONDS_PER_CLIENT(0.6e-3, 1.0),
    /** Share of another client's prompt that a new request waits for: clients start together. */
    FIRST_TOKEN_CROWDING(0.07, 1.0),
    /**
     * Turnovers (a request's life / clients) that a new request waits for its slot under TensorRT-LLM with at most 512
     * output tokens: seen in every such row and in no longer one, so a habit of that campaign's client.
     */
    FIRST_TOKEN_TURNOVER(1.0, 0.3);

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

    /** Whether it acts on the time to the first token only. */
    boolean concernsFirstToken() {
        return ordinal() >= FIRST_TOKEN_SECONDS.ordinal();
    }
}
