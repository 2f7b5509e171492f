package dev.scepsy.samples.cluster.engine;

/**
 * Decides what the models say. Called on the event loop: implementations return quickly, never block, and give the same
 * answer for an equal prompt.
 */
@FunctionalInterface
public interface AnswerScript {

    Answer answer(Prompt prompt);

    /** Meaningless text of log-normally distributed length: median 150 tokens, σ = 0.6. */
    static AnswerScript loremIpsum() {
        return new LoremIpsum();
    }
}
