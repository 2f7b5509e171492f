package dev.scepsy.planner.simulate;

import org.jspecify.annotations.Nullable;

/**
 * One request inside an engine. While it decodes, what it has computed and generated is not stored but follows from the
 * rounds of {@link DecodingSet}, so that a step costs nothing per request. Mutable, confined to its {@link EngineCore}.
 */
final class Sequence {

    final long requestId;
    final int inputTokens;
    final int outputTokens;
    final double submittedSeconds;

    /** Its text, where a prefix cache may know it. */
    final @Nullable PromptBlocks blocks;

    /** Leading blocks that it shares with the prefix cache, while it runs. */
    int sharedBlocks;

    /** Tokens whose keys and values are cached, as long as it does not decode. */
    int computedTokens;

    /** Output tokens made, as long as it does not decode. */
    int generatedTokens;

    /** What had to be computed when it was admitted; there is room for all of it. */
    int reservedTokens;

    /** Prompt tokens this step computes. */
    int scheduledTokens;

    /** Computed tokens less the round, while it decodes. */
    long computedBase;

    /** The round after which its last token is there, while it decodes. */
    long finishRound;

    /** Position in the order of admission. */
    long admission;

    boolean decoding;
    boolean running;

    /** Neighbours in the order of admission, while it runs. */
    @Nullable
    Sequence earlier;

    @Nullable
    Sequence later;

    Sequence(
            long requestId, int inputTokens, int outputTokens, @Nullable PromptBlocks blocks, double submittedSeconds) {
        this.requestId = requestId;
        this.inputTokens = inputTokens;
        this.outputTokens = outputTokens;
        this.blocks = blocks;
        this.submittedSeconds = submittedSeconds;
    }

    /** Everything that has to be computed before the next token: the prompt and what was generated. */
    int knownTokens() {
        return inputTokens + generatedTokens;
    }

    int tokensToCompute() {
        return knownTokens() - computedTokens;
    }

    boolean isDone() {
        return generatedTokens >= outputTokens;
    }
}
