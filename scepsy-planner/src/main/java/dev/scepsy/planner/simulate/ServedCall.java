package dev.scepsy.planner.simulate;

/** One call on its way through a model's replicas. Mutable, confined to its simulation. */
final class ServedCall {

    final int inputTokens;
    final int outputTokens;
    final double madeSeconds;

    /** Runs when it is answered. */
    final Runnable done;

    /** Runs when it was lost with its replica and is not tried again. */
    final Runnable lost;

    ServedCall(int inputTokens, int outputTokens, double madeSeconds, Runnable done, Runnable lost) {
        this.inputTokens = inputTokens;
        this.outputTokens = outputTokens;
        this.madeSeconds = madeSeconds;
        this.done = done;
        this.lost = lost;
    }
}
