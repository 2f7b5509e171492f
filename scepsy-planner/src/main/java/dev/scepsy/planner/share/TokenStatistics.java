package dev.scepsy.planner.share;

import java.util.OptionalDouble;

/**
 * Tokens per call over the calls that report them.
 *
 * @param mean tokens
 * @param p99 tokens, nearest rank; empty where a hand-written file leaves it out
 */
public record TokenStatistics(double mean, OptionalDouble p99) {}
