package dev.scepsy.planner.profile;

/**
 * A LoRA adapter that a model's engines serve beside it, under a name of its own. Its calls count for the model. Immutable.
 *
 * @param name as requests name it
 * @param source what the engine loads: a Hugging Face id or a path
 * @param rank rank of its matrices, 1 to 512
 */
public record Adapter(String name, String source, int rank) {

    /** vLLM's {@code max_lora_rank} where nobody sets it. */
    public static final int DEFAULT_RANK = 16;

    /** The largest {@code max_lora_rank} that vLLM takes. */
    public static final int HIGHEST_RANK = 512;
}
