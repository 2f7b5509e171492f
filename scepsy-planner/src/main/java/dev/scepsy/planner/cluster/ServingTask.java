package dev.scepsy.planner.cluster;

import java.util.List;

/** What an engine does with its model, and the vLLM flags that say so. */
public enum ServingTask {
    /** Generates text; vLLM's default. */
    GENERATE(List.of()),
    /** Returns embeddings ({@code /v1/embeddings}). */
    EMBED(List.of("--runner", "pooling", "--convert", "embed")),
    /** Scores pairs ({@code /rerank}, {@code /score}). */
    RERANK(List.of("--runner", "pooling", "--convert", "classify"));

    private final List<String> arguments;

    ServingTask(List<String> arguments) {
        this.arguments = arguments;
    }

    List<String> arguments() {
        return arguments;
    }

    /** The task that a model's names suggest; {@link #GENERATE} when none does. */
    public static ServingTask guess(String... names) {
        for (String name : names) {
            String lower = name.toLowerCase(java.util.Locale.ROOT);
            if (lower.contains("rerank")) {
                return RERANK;
            }
            if (lower.contains("embed") || lower.contains("bge-")) {
                return EMBED;
            }
        }
        return GENERATE;
    }
}
