package dev.scepsy.planner.profile;

/**
 * The fitted numbers of the engine model. Each is prior × e^θ, so it stays positive, and the fit draws θ towards 0 with
 * the given spread: what the data cannot tell apart stays physical, and unseen cards and models inherit it.
 */
public enum Coefficient {
    /** Factor on the times of matrix products. */
    PRODUCTS(1.0, 0.25),
    /** Factor on the time of quantising activations before 8-bit products, which engines fuse in part. */
    QUANTISING(0.7, 0.5),
    /** Factor on the times of routed experts. */
    EXPERTS(1.0, 0.25),
    /** Factor on the times of decoding attention. */
    DECODE_ATTENTION(1.0, 0.3),
    /** Factor on the times of prompts' attention. */
    PROMPT_ATTENTION(1.0, 0.3),
    /** Factor on the times of latent attention. */
    LATENT_ATTENTION(1.0, 0.3),
    /** Factor on the times of all-reduces; engines fuse them with the normalisation that follows. */
    ALL_REDUCE(0.8, 0.3),
    /** Norms, activations, residual and rotary kernels: hidden states read and written per layer. */
    ELEMENTWISE(10.0, 0.7),
    /** Seconds per layer and step: launches, norms, small kernels. */
    PER_LAYER_SECONDS(20e-6, 0.7),
    /** Further seconds per mixture-of-experts layer and step: routing, shared experts' gate. */
    PER_EXPERT_LAYER_SECONDS(10e-6, 1.0),
    /** Further seconds per layer and step where GPUs wait for each other. */
    PER_SPLIT_LAYER_SECONDS(4e-6, 1.0),
    /** Further seconds per layer and step where queries and keys are normalised over all heads, across GPUs. */
    WHOLE_ROW_NORM_SECONDS(10e-6, 0.7),
    /** Seconds per running request and step: scheduling, sampling, detokenising. */
    PER_REQUEST_SECONDS(8e-6, 1.0),
    /** Seconds per step. */
    PER_STEP_SECONDS(0.3e-3, 1.0),
    /** Seconds per prompt token: bookkeeping of blocks, positions, copies. */
    PER_PROMPT_TOKEN_SECONDS(0.5e-6, 1.0),
    /** Further seconds of a step with a prompt: beyond the captured graphs. */
    PER_PROMPT_STEP_SECONDS(0.5e-3, 1.0),
    /** TensorRT-LLM's overheads relative to vLLM's. */
    TRTLLM_OVERHEADS(1.0, 0.5),
    /** TensorRT-LLM's kernels relative to the tables, beyond what its own tables say. */
    TRTLLM_KERNELS(1.0, 0.1),
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
