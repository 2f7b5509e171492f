package dev.scepsy.planner.serve.journal;

import java.util.Optional;

/** Where the service keeps what it knows. Thread-safe. */
public interface Store extends AutoCloseable {

    Journal journal();

    StatisticsStore statistics();

    /** Why it cannot be used now, a sentence; empty where it can. */
    Optional<String> trouble();

    /** Whether this service leads, and may write. */
    boolean leads();

    /** A number of the time in which this service leads, kept while the store is out of reach; 0 once another one is known to have led. */
    default long term() {
        return leads() ? 1 : 0;
    }

    /** Who leads; empty where nobody does, or this one. */
    Optional<String> leader();

    /** Gives leadership back. */
    @Override
    void close();
}
