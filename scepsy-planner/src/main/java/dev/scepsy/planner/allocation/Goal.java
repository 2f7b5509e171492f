package dev.scepsy.planner.allocation;

/**
 * What a plan was made for, where that is not the least latency. Immutable.
 *
 * @param objective any but the least latency
 * @param value what the plan reaches: the factor on all targets, GPUs, or cost per hour
 * @param bound no plan can be better than this
 * @param gap how far the value may be from the best, relative to the value; 0: proven best
 */
public record Goal(Objective objective, double value, double bound, double gap) {}
