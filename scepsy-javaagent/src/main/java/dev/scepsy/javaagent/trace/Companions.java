package dev.scepsy.javaagent.trace;

import org.jspecify.annotations.Nullable;

/**
 * Another OpenTelemetry in the same JVM whose spans ours join: the application's own SDK, or the OpenTelemetry agent. It then
 * samples and exports; the planner's records do not depend on it.
 */
public interface Companions {

    /**
     * Begins a span below the parent's, or below whatever is current there.
     *
     * @return null when that SDK is not there (yet): the operation then has a span of our own
     */
    @Nullable
    Companion begin(Operation operation, @Nullable Operation parent);

    /** Whether a span is current there on this thread. */
    boolean hasWork();

    /** The operation that other SDK's context carries on this thread. */
    @Nullable
    Operation current();
}
