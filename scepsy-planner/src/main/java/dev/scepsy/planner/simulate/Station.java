package dev.scepsy.planner.simulate;

/** One replica of a model inside a simulation. Mutable, confined to its simulation. */
interface Station {

    /** Takes a call in now; {@code done} runs when it is answered. */
    void submit(int inputTokens, int outputTokens, Runnable done);

    /** Calls inside. */
    int inside();

    /** Seconds in which it worked so far. */
    double busySeconds();

    /** Calls that it could not hold and answered at once. */
    default long refused() {
        return 0;
    }

    /** Requests evicted for want of cache so far. */
    default long preemptions() {
        return 0;
    }
}
