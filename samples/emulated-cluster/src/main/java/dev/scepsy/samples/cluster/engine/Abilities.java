package dev.scepsy.samples.cluster.engine;

/**
 * What an engine was started for; everything else it refuses, as vLLM does. Immutable.
 *
 * @param generates chat and completions
 * @param embeds embeddings, and scores by their likeness
 * @param scores scores and reranking
 * @param choosesTools whether {@code --enable-auto-tool-choice} was given
 */
public record Abilities(boolean generates, boolean embeds, boolean scores, boolean choosesTools) {

    /** A generator that may call tools. */
    public static final Abilities GENERATOR = new Abilities(true, false, false, true);
}
