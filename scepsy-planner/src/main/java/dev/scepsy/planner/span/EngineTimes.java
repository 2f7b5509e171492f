package dev.scepsy.planner.span;

/**
 * Where an engine says a request's time went: vLLM's {@code llm_request} spans say it. Immutable.
 *
 * @param queueNanos waiting to be scheduled, 0 or more
 * @param prefillNanos from then to the first token, 0 or more
 * @param decodeNanos from the first token to the last one, 0 or more
 */
public record EngineTimes(long queueNanos, long prefillNanos, long decodeNanos) {

    /** Both: a call that was sent again was served more than once. */
    public EngineTimes plus(EngineTimes other) {
        return new EngineTimes(
                queueNanos + other.queueNanos, prefillNanos + other.prefillNanos, decodeNanos + other.decodeNanos);
    }
}
