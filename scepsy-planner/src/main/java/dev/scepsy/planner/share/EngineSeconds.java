package dev.scepsy.planner.share;

/**
 * Where the engine says a model's time goes, means over the calls whose engine reported; what is left of the mean call is
 * network, front end and client. Immutable.
 *
 * @param calls calls whose engine reported, 1 or more
 * @param queue waiting to be scheduled, seconds per call
 * @param prefill to the first token, seconds per call
 * @param decode from the first token to the last one, seconds per call
 */
public record EngineSeconds(long calls, double queue, double prefill, double decode) {}
