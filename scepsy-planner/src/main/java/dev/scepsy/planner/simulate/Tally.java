package dev.scepsy.planner.simulate;

/**
 * What replicas did up to some moment, or between two. Immutable.
 *
 * @param busySeconds time in which they worked
 * @param queuedSeconds time that calls waited before they were admitted, summed over calls
 * @param firstTokens calls that got their first token
 * @param firstTokenSeconds time those waited for it, summed
 * @param preemptions requests evicted for want of cache
 * @param refused calls that they could not hold or do not take, and answered at once
 * @param prefixQueryTokens prompt tokens of admitted calls
 * @param prefixHitTokens those of them that the prefix cache held
 * @param steps engine steps
 */
record Tally(
        double busySeconds,
        double queuedSeconds,
        long firstTokens,
        double firstTokenSeconds,
        long preemptions,
        long refused,
        long prefixQueryTokens,
        long prefixHitTokens,
        long steps) {

    static final Tally NOTHING = new Tally(0, 0, 0, 0, 0, 0, 0, 0, 0);

    Tally plus(Tally other) {
        return new Tally(
                busySeconds + other.busySeconds,
                queuedSeconds + other.queuedSeconds,
                firstTokens + other.firstTokens,
                firstTokenSeconds + other.firstTokenSeconds,
                preemptions + other.preemptions,
                refused + other.refused,
                prefixQueryTokens + other.prefixQueryTokens,
                prefixHitTokens + other.prefixHitTokens,
                steps + other.steps);
    }

    Tally minus(Tally earlier) {
        return new Tally(
                busySeconds - earlier.busySeconds,
                queuedSeconds - earlier.queuedSeconds,
                firstTokens - earlier.firstTokens,
                firstTokenSeconds - earlier.firstTokenSeconds,
                preemptions - earlier.preemptions,
                refused - earlier.refused,
                prefixQueryTokens - earlier.prefixQueryTokens,
                prefixHitTokens - earlier.prefixHitTokens,
                steps - earlier.steps);
    }
}
