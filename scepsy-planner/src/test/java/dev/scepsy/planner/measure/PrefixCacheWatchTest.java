package dev.scepsy.planner.measure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What an engine's metrics say of prompts that it knew. */
class PrefixCacheWatchTest {

    @Test
    void countsOfAllEnginesOfAServerAreSummed() {
        String metrics = """
                # HELP vllm:prefix_cache_queries_total Prefix cache queries, in terms of number of queried tokens.
                # TYPE vllm:prefix_cache_queries_total counter
                vllm:prefix_cache_queries_total{engine="0",model_name="m"} 9000.0
                vllm:prefix_cache_queries_total{engine="1",model_name="m"} 1000.0
                vllm:prefix_cache_hits_total{engine="0",model_name="m"} 40.0
                vllm:prefix_cache_hits_total{engine="1",model_name="m"} 2.0
                """;

        assertThat(PrefixCacheWatch.read(metrics)).hasValue(new PrefixCacheWatch(10_000, 42));
        assertThat(PrefixCacheWatch.read("sglang:prompt_tokens_total{x=\"1\"} 1e4\nsglang:cached_tokens_total 30"))
                .hasValue(new PrefixCacheWatch(10_000, 30));
    }

    @Test
    void metricsWithoutSuchCountsSayNothing() {
        assertThat(PrefixCacheWatch.read("vllm:num_requests_running 3")).isEmpty();
        assertThat(PrefixCacheWatch.read("vllm:prefix_cache_queries_total many\nvllm:prefix_cache_hits_total few"))
                .isEmpty();
        assertThat(PrefixCacheWatch.read("<html>not found</html>")).isEmpty();
    }

    @Test
    void hitsBeyondWhatWasMeantAreSaid() {
        PrefixCacheWatch before = new PrefixCacheWatch(10_000, 5_000);

        assertThat(new PrefixCacheWatch(20_000, 12_200).finding(before, 0))
                .hasValueSatisfying(note ->
                        assertThat(note).startsWith("72 % of the prompt tokens came from the engine's prefix cache"));
        assertThat(new PrefixCacheWatch(20_000, 5_400).finding(before, 0)).isEmpty();
        assertThat(new PrefixCacheWatch(20_000, 12_200).finding(before, 0.7)).isEmpty();
        assertThat(before.finding(before, 0)).isEmpty();
    }
}
