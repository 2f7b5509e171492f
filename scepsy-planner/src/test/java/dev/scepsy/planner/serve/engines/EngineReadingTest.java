package dev.scepsy.planner.serve.engines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.scepsy.planner.serve.engines.EngineReading.Histogram;
import dev.scepsy.planner.serve.engines.EngineReading.UnusableException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What engines of several kinds and versions publish, in their own words. */
class EngineReadingTest {

    private static final ModelNames NAMES =
            ModelNames.of(Map.of("generator", Set.of("gen", "gen-lora"), "critic", Set.of()));

    private static EngineReading read(String text) throws Exception {
        return EngineReading.of(
                PrometheusText.read(text.getBytes(StandardCharsets.UTF_8), EngineDialect::isKnown), "generator", NAMES);
    }

    @Test
    void vllmV1WithSeveralEngineIndexesIsOneEngine() throws Exception {
        EngineReading reading = read("""
                vllm:num_requests_running{engine="0",model_name="generator"} 3.0
                vllm:num_requests_running{engine="1",model_name="generator"} 4.0
                vllm:num_requests_waiting{engine="0",model_name="generator"} 1.0
                vllm:num_requests_waiting{engine="1",model_name="generator"} 0.0
                vllm:num_requests_waiting_by_reason{engine="0",model_name="generator",reason="capacity"} 1.0
                vllm:kv_cache_usage_perc{engine="0",model_name="generator"} 0.2
                vllm:kv_cache_usage_perc{engine="1",model_name="generator"} 0.4
                vllm:prefix_cache_queries_total{engine="0",model_name="generator"} 1000.0
                vllm:prefix_cache_queries_created{engine="0",model_name="generator"} 1.7e+09
                vllm:prefix_cache_hits_total{engine="0",model_name="generator"} 250.0
                vllm:external_prefix_cache_queries_total{engine="0",model_name="generator"} 77.0
                vllm:num_preemptions_total{engine="0",model_name="generator"} 2.0
                vllm:request_success_total{engine="0",finished_reason="stop",model_name="generator"} 5.0
                vllm:request_success_total{engine="1",finished_reason="length",model_name="generator"} 6.0
                vllm:request_success_total{engine="1",finished_reason="abort",model_name="generator"} 1.0
                vllm:e2e_request_latency_seconds_bucket{engine="0",le="1.0",model_name="generator"} 2.0
                vllm:e2e_request_latency_seconds_bucket{engine="0",le="+Inf",model_name="generator"} 5.0
                vllm:e2e_request_latency_seconds_count{engine="0",model_name="generator"} 5.0
                vllm:e2e_request_latency_seconds_sum{engine="0",model_name="generator"} 9.5
                process_start_time_seconds 1.7e+09
                """);

        assertThat(reading.dialect()).isEqualTo(EngineDialect.VLLM);
        assertThat(reading.values())
                .containsOnly(
                        Map.entry(EngineFact.RUNNING, 7.0),
                        Map.entry(EngineFact.WAITING, 1.0),
                        Map.entry(EngineFact.CACHE_USE, 0.30000000000000004),
                        Map.entry(EngineFact.PREFIX_QUERIES, 1000.0),
                        Map.entry(EngineFact.PREFIX_HITS, 250.0),
                        Map.entry(EngineFact.PREEMPTIONS, 2.0),
                        Map.entry(EngineFact.FINISHED, 12.0));
        Histogram latency = reading.histograms().get(EngineFact.LATENCY);
        assertThat(latency.sum()).isEqualTo(9.5);
        assertThat(latency.count()).isEqualTo(5);
        assertThat(latency.buckets().count()).isEqualTo(5);
        assertThat(reading.startSeconds()).hasValue(1.7e9);
    }

    @Test
    void vllmV0SwapsAndCallsItsCacheTheGpus() throws Exception {
        EngineReading reading = read("""
                vllm:num_requests_running{model_name="gen"} 3.0
                vllm:num_requests_waiting{model_name="gen"} 1.0
                vllm:num_requests_swapped{model_name="gen"} 2.0
                vllm:gpu_cache_usage_perc{model_name="gen"} 0.5
                vllm:cpu_cache_usage_perc{model_name="gen"} 0.9
                vllm:gpu_prefix_cache_hit_rate{model_name="gen"} -1.0
                vllm:request_success_total{finished_reason="stop",model_name="gen"} 5.0
                """);

        assertThat(reading.values())
                .containsOnly(
                        Map.entry(EngineFact.RUNNING, 3.0),
                        Map.entry(EngineFact.WAITING, 3.0),
                        Map.entry(EngineFact.CACHE_USE, 0.5),
                        Map.entry(EngineFact.FINISHED, 5.0));
    }

    @Test
    void vllm09CallsItsPrefixCacheTheGpusAndOpenMetricsNamesItWithoutTotal() throws Exception {
        assertThat(read("""
                        vllm:num_requests_running{engine="0",model_name="generator"} 0
                        vllm:gpu_prefix_cache_queries{engine="0",model_name="generator"} 10
                        vllm:gpu_prefix_cache_hits{engine="0",model_name="generator"} 5
                        """).values())
                .containsEntry(EngineFact.PREFIX_QUERIES, 10.0)
                .containsEntry(EngineFact.PREFIX_HITS, 5.0);
    }

    @Test
    void rayWritesItsOwnNamesForVllms() throws Exception {
        assertThat(read("""
                        ray_vllm_num_requests_running{model_name="generator",WorkerId="a"} 2
                        ray_vllm_num_requests_waiting{model_name="generator",WorkerId="a"} 0
                        """).values()).containsEntry(EngineFact.RUNNING, 2.0);
    }

    @Test
    void sglangsRanksAndPrioritiesRepeatWhatCounts() throws Exception {
        EngineReading reading = read("""
                sglang:num_running_reqs{model_name="gen",tp_rank="0",dp_rank="0",priority=""} 5
                sglang:num_running_reqs{model_name="gen",tp_rank="1",dp_rank="0",priority=""} 5
                sglang:num_running_reqs{model_name="gen",tp_rank="0",dp_rank="1",priority=""} 2
                sglang:num_running_reqs{model_name="gen",tp_rank="0",dp_rank="0",priority="3"} 4
                sglang:num_queue_reqs{model_name="gen",tp_rank="0"} 1
                sglang:num_grammar_queue_reqs{model_name="gen",tp_rank="0"} 2
                sglang:token_usage{model_name="gen",tp_rank="0"} 0.25
                sglang:cached_tokens_total{model_name="gen",cache_source="device"} 30
                sglang:cached_tokens_total{model_name="gen",cache_source="host"} 10
                sglang:prompt_tokens_total{model_name="gen"} 100
                sglang:num_requests_total{model_name="gen"} 9
                sglang:queue_time_seconds_sum{model_name="gen"} 4
                sglang:queue_time_seconds_count{model_name="gen"} 8
                """);

        assertThat(reading.values())
                .containsEntry(EngineFact.RUNNING, 7.0)
                .containsEntry(EngineFact.WAITING, 3.0)
                .containsEntry(EngineFact.CACHE_USE, 0.25)
                .containsEntry(EngineFact.PREFIX_HITS, 40.0)
                .containsEntry(EngineFact.PREFIX_QUERIES, 100.0)
                .containsEntry(EngineFact.FINISHED, 9.0);
        assertThat(reading.histograms()).containsOnlyKeys(EngineFact.QUEUE);
    }

    @Test
    void tgiLlamaCppAndTensorRtLlmHaveTheirOwnNamesToo() throws Exception {
        assertThat(read("""
                        tgi_batch_current_size 3
                        tgi_queue_size 2
                        tgi_request_success{method="generate"} 8
                        tgi_request_duration_sum 16
                        tgi_request_duration_count 8
                        """).values())
                .containsOnly(
                        Map.entry(EngineFact.RUNNING, 3.0),
                        Map.entry(EngineFact.WAITING, 2.0),
                        Map.entry(EngineFact.FINISHED, 8.0));
        assertThat(read("""
                        llamacpp:requests_processing 1
                        llamacpp:requests_deferred 4
                        llamacpp:prompt_tokens_total 6886
                        llamacpp:tokens_predicted_total 3469
                        llamacpp:predicted_tokens_seconds nan
                        """).values())
                .containsOnly(
                        Map.entry(EngineFact.RUNNING, 1.0),
                        Map.entry(EngineFact.WAITING, 4.0),
                        Map.entry(EngineFact.PROMPT_TOKENS, 6886.0),
                        Map.entry(EngineFact.GENERATED_TOKENS, 3469.0));
        assertThat(read("""
                        trtllm_num_requests_running{model_name="generator",engine_type="trtllm"} 1
                        trtllm_num_requests_waiting{model_name="generator",engine_type="trtllm"} 0
                        trtllm_kv_cache_reused_blocks_total{model_name="generator",engine_type="trtllm"} 30
                        trtllm_kv_cache_missed_blocks_total{model_name="generator",engine_type="trtllm"} 70
                        """).values())
                .containsEntry(EngineFact.PREFIX_QUERIES, 100.0)
                .containsEntry(EngineFact.PREFIX_HITS, 30.0);
    }

    @Test
    void aGaugeThatIsNaNIsNotKnown() throws Exception {
        assertThat(read("""
                        vllm:num_requests_running{model_name="gen"} 1
                        vllm:kv_cache_usage_perc{model_name="gen"} NaN
                        """).values()).containsOnlyKeys(EngineFact.RUNNING);
    }

    @ParameterizedTest
    @CsvSource({
        "num_requests_running,-1",
        "num_requests_running,+Inf",
        "num_requests_waiting,2e6",
        "kv_cache_usage_perc,1.2",
        "kv_cache_usage_perc,-0.1",
        "request_success_total,-5"
    })
    void whatCannotBeIsRefused(String name, String value) {
        assertThatThrownBy(() -> read("vllm:num_requests_running{engine=\"1\",model_name=\"gen\"} 1\nvllm:" + name
                        + "{model_name=\"gen\"} " + value + "\n"))
                .isInstanceOf(UnusableException.class)
                .hasMessageContaining("which cannot be: the sample is dropped.");
    }

    @Test
    void anotherModelsNameIsRefusedAndAnUnknownOneAloneIsTaken() throws Exception {
        assertThatThrownBy(() -> read("vllm:num_requests_running{model_name=\"critic\"} 1\n"))
                .isInstanceOf(UnusableException.class)
                .hasMessage(
                        "It is of critic, not of generator: correct its model in engines.endpoints, or name it among the model's"
                                + " aliases.");
        assertThat(read("vllm:num_requests_running{model_name=\"Qwen/Qwen3-8B\"} 1\n")
                        .values())
                .containsEntry(EngineFact.RUNNING, 1.0);
        assertThat(read("""
                        vllm:num_requests_running{model_name="critic"} 9
                        vllm:num_requests_running{model_name="gen"} 2
                        vllm:num_requests_running{model_name="generator"} 1
                        """).values()).containsEntry(EngineFact.RUNNING, 3.0);
    }

    @Test
    void whatSaysNothingKnownIsNoEngine() {
        assertThatThrownBy(() -> read("process_cpu_seconds_total 1\n"))
                .hasMessage("Its metrics have none of the known names.");
        assertThatThrownBy(() -> read("vllm:prompt_tokens_total{model_name=\"gen\"} 1\n"))
                .hasMessage("Its metrics have no count of requests under a known name.");
    }
}
