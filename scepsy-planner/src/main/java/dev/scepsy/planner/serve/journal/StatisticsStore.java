package dev.scepsy.planner.serve.journal;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Statistics that outlive the service. Throws {@link StoreException}; thread-safe. */
public interface StatisticsStore {

    /**
     * What was folded since the last time, all of it or nothing, durable on return. Values replace those of the same key, so that
     * nothing is counted twice however often it is written.
     */
    void save(Batch batch);

    /** What was saved, from {@code since} on. */
    Recovered load(Instant since);

    /** Kept executions of a workflow, newest first, those older than {@code before} where it is given. */
    List<Kept> executions(String workflow, String service, int limit, Optional<String> before);

    Optional<Kept> execution(String id);

    /** Forgets buckets before {@code oldest}, and kept executions beyond {@code keep} per workflow. */
    void retain(Instant oldest, int keep);

    /**
     * One workflow's statistics of one minute, by the ends of roots.
     *
     * @param workflow name
     * @param service {@code service.name} of the roots; empty: none
     * @param minute its beginning
     * @param kind what the value is, such as {@code statistics} or {@code rate}
     * @param value in a versioned form of its owner's
     */
    record Bucket(String workflow, String service, Instant minute, String kind, byte[] value) {}

    /**
     * An execution without content.
     *
     * @param id {@code {traceId}-{rootSpanId}}
     * @param document JSON
     */
    record Kept(String id, String workflow, String service, Instant end, String document) {}

    /** An execution that was folded: what comes of it later is late. */
    record Settled(String id, Instant end) {}

    /** What is written together. */
    record Batch(List<Bucket> buckets, List<Kept> executions, List<Settled> settled) {}

    /**
     * What was found.
     *
     * @param settled read while they are asked for, since there may be millions; one that was written twice may come twice
     */
    record Recovered(List<Bucket> buckets, Iterable<Settled> settled) {}
}
