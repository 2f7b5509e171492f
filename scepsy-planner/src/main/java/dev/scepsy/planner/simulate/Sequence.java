package dev.scepsy.planner.simulate;

/** One request inside an engine. Mutable, confined to its {@link EngineCore}. */
final class Sequence {

    final long requestId;
    final int inputTokens;
    final int outputTokens;

    /** Tokens whose keys and values are cached. */
    int computedTokens;

    int generatedTokens;

    /** Tokens this step computes; 0: not scheduled. */
    int scheduledTokens;

    /** Cache units held, see {@link KvCache}. */
    long heldUnits;

    boolean aborted;

    Sequence(long requestId, int inputTokens, int outputTokens) {
        this.requestId = requestId;
        this.inputTokens = inputTokens;
        this.outputTokens = outputTokens;
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
