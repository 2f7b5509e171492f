package dev.scepsy.planner.measure;

/** What a window says of the requests inside the replica: whether as many end as come. */
enum Flow {
    /** As many, but for chance. */
    STEADY,
    /** Fewer end than come: the replica does not keep up, or has not filled yet. */
    GROWING,
    /** More end than come: a backlog from before is worked off, and its latency is not this rate's. */
    DRAINING;

    /** Less is no trend. */
    private static final double LEAST_PART = 0.05;

    /** Times √n, n being in flight on average, is chance. */
    private static final double NOISE = 1.5;

    /** Fewer requests than this more ending than coming are chance, too. */
    private static final int LEAST_BACKLOG = 5;

    /** @param inFlight how many requests a replica that keeps up is expected to hold */
    static Flow of(int came, int ended, double inFlight) {
        double noise = NOISE * Math.sqrt(Math.max(1, inFlight));
        int left = came - ended;
        if (left > LEAST_PART * came && left > noise) {
            return GROWING;
        }
        return -left > LEAST_PART * came && -left > 2 * noise + LEAST_BACKLOG ? DRAINING : STEADY;
    }
}
