package dev.scepsy.planner.measure;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether an engine answers prompts from its prefix cache while it is measured, by what its {@code /metrics} count: tokens asked
 * for and tokens found (vLLM {@code vllm:prefix_cache_queries_total} and {@code ..._hits_total}, older {@code
 * vllm:gpu_prefix_cache_...}; SGLang {@code sglang:prompt_tokens_total} and {@code sglang:cached_tokens_total}). Prompts that were
 * not meant to share anything must not be found. Immutable.
 *
 * @param queries tokens asked for so far
 * @param hits tokens found so far
 */
record PrefixCacheWatch(double queries, double hits) {

    private static final List<String> QUERIES = List.of(
            "vllm:prefix_cache_queries",
            "vllm:gpu_prefix_cache_queries",
            "sglang:prompt_tokens",
            "trtllm_prompt_tokens");
    private static final List<String> HITS = List.of(
            "vllm:prefix_cache_hits", "vllm:gpu_prefix_cache_hits", "sglang:cached_tokens", "trtllm_cached_tokens");

    /** Blocks that all prompts share by their frame alone, such as a system prompt of the chat template. */
    private static final double UNREMARKABLE = 0.05;

    /** What {@code metrics} say; empty where they count no prefixes. */
    static Optional<PrefixCacheWatch> read(String metrics) {
        for (int i = 0; i < QUERIES.size(); i++) {
            double queries = sum(metrics, QUERIES.get(i));
            double hits = sum(metrics, HITS.get(i));
            if (queries >= 0 && hits >= 0) {
                return Optional.of(new PrefixCacheWatch(queries, hits));
            }
        }
        return Optional.empty();
    }

    /** Over all label sets; -1 where the name does not occur. */
    private static double sum(String metrics, String name) {
        double sum = -1;
        for (String line : metrics.split("\n")) {
            String rest = line.startsWith(name) ? line.substring(name.length()) : "";
            rest = rest.startsWith("_total") ? rest.substring("_total".length()) : rest;
            if (rest.startsWith("{") || rest.startsWith(" ")) {
                try {
                    String value = rest.substring(rest.lastIndexOf('}') + 1).strip();
                    sum = Math.max(0, sum) + Double.parseDouble(value.split("\\s+")[0]);
                } catch (NumberFormatException e) {
                    // a line that is no count says nothing
                }
            }
        }
        return sum;
    }

    /**
     * What users should know of the time since {@code before}.
     *
     * @param expectedShare part of the prompt that was meant to be found, in [0, 1]
     */
    Optional<String> finding(PrefixCacheWatch before, double expectedShare) {
        double asked = queries - before.queries;
        double share = asked > 0 ? (hits - before.hits) / asked : 0;
        if (!(share > expectedShare + UNREMARKABLE)) {
            return Optional.empty();
        }
        return Optional.of(String.format(
                Locale.ROOT,
                "%.0f %% of the prompt tokens came from the engine's prefix cache, where %.0f %% were meant to: what was"
                        + " measured is faster than prompts that differ. Is other traffic on this engine? Else restart it,"
                        + " and measure again.",
                100 * share,
                100 * expectedShare));
    }
}
