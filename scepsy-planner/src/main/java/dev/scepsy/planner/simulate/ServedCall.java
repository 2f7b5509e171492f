package dev.scepsy.planner.simulate;

import org.jspecify.annotations.Nullable;

/** One call on its way through a model's replicas. Mutable, confined to its simulation. */
final class ServedCall {

    final int inputTokens;
    final int outputTokens;
    final double madeSeconds;

    /** Its text, as far as anything is known of it. */
    final @Nullable PromptBlocks blocks;

    /** Runs when it is answered. */
    final Runnable done;

    /** Runs when it was lost with its replica and is not tried again. */
    final Runnable lost;

    /** The client's connection that carries it; of no meaning where requests are routed. */
    int connection;

    ServedCall(
            int inputTokens,
            int outputTokens,
            @Nullable PromptBlocks blocks,
            double madeSeconds,
            Runnable done,
            Runnable lost) {
        this.inputTokens = inputTokens;
        this.outputTokens = outputTokens;
        this.blocks = blocks;
        this.madeSeconds = madeSeconds;
        this.done = done;
        this.lost = lost;
    }
}
