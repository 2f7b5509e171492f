package dev.scepsy.javaagent.trace;

/**
 * One of ours in a publisher's place. Whoever has it can expect no more of it than that it is a publisher, so another one of ours
 * may be put before it: of a workflow that returns a model's stream, or another workflow's.
 */
public interface StandIn {}
