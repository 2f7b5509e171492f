package dev.scepsy.planner.simulate;

/**
 * What a request's prompt and answer are, as far as a prefix cache wants to know: one hash for every full block of 16 tokens.
 * Implementations are pure.
 */
@FunctionalInterface
public interface PromptBlocks {

    /**
     * Stands for all tokens up to the end of {@code block}: two requests with equal hashes begin with the same text.
     *
     * @param block number of the block, from 0, within prompt and answer
     */
    long hash(int block);
}
