package dev.scepsy.planner.serve.journal;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What the service remembers of its decisions. All methods throw {@link StoreException} where the store cannot be used; what
 * {@link #write} has returned from is durable. Thread-safe; one writer at a time is the caller's care.
 */
public interface Journal {

    /** The proposal with this id. */
    Optional<Proposal> proposal(String id);

    /** Newest first. */
    List<Proposal> proposals(int limit);

    /** Those that are not ended, newest first. */
    List<Proposal> liveProposals();

    Optional<PlanEntry> plan(String id);

    /** Newest first. */
    List<PlanEntry> plans(int limit);

    /** In name order, those whose end has passed among them. */
    List<Pin> pins();

    Optional<Freeze> freeze();

    /** Events after {@code id}, oldest first; at most the last 1,000. */
    List<ServiceEvent> eventsAfter(long id);

    /** The answer that was given for this key, for 24 hours. */
    Optional<Answered> answered(String idempotencyKey);

    /** A small value that outlives the service, such as what a detector has learnt. */
    Optional<String> note(String name);

    /** Tells {@code listener} of every event, in order, once it is durable, on a thread of the writer's; until what this returns is closed. */
    AutoCloseable listen(Consumer<ServiceEvent> listener);

    /** All of it or nothing, and durable on return; refused where this service does not lead. */
    void write(Change change);

    /**
     * An answer that was given once.
     *
     * @param request what was asked: method, path and a digest of the body; another request under the same key is refused
     */
    record Answered(String key, String request, int status, String body) {}
}
