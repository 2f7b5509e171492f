package dev.scepsy.planner.serve.engines;

import java.util.OptionalDouble;

/**
 * What a model's engines were asked for in the last hour, by their own counters: a second source of the lengths that spans
 * report. Immutable.
 *
 * @param requests that ended; 0 where the engines do not count them
 * @param lengths requests whose lengths are known
 * @param meanPromptTokens per request; empty where nothing is known
 * @param meanGeneratedTokens likewise
 * @param medianPromptTokens by the engines' buckets, a straight line within one; likewise
 * @param medianGeneratedTokens likewise
 * @param queriedTokens looked up in prefix caches (blocks, with TensorRT-LLM)
 * @param hitTokens of these, found
 */
public record EngineDemand(
        String model,
        double requests,
        double lengths,
        OptionalDouble meanPromptTokens,
        OptionalDouble meanGeneratedTokens,
        OptionalDouble medianPromptTokens,
        OptionalDouble medianGeneratedTokens,
        double queriedTokens,
        double hitTokens) {}
