package dev.scepsy.samples.cluster.engine;

import dev.scepsy.planner.simulate.EngineCore;
import java.util.LinkedHashMap;
import java.util.Map;

/** What one engine publishes at {@code /metrics}, under vLLM's names; times are emulated seconds. */
final class EngineMetrics {
    private static final double[] LATENCIES = {
        0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0, 120.0, 240.0, 480.0, 960.0
    };
    private static final double[] FIRST_TOKEN = {
        0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 20.0, 40.0, 80.0
    };
    private static final double[] PER_TOKEN = {
        0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 20.0, 40.0, 80.0
    };
    private static final double[] TOKENS = {
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000
    };

    private final String labels;
    private final Map<String, Long> successes = new LinkedHashMap<>();
    private final Histogram firstToken =
            histogram("time_to_first_token_seconds", "Time to first token in seconds.", FIRST_TOKEN);
    private final Histogram interToken =
            histogram("inter_token_latency_seconds", "Inter-token latency in seconds.", PER_TOKEN);
    private final Histogram endToEnd =
            histogram("e2e_request_latency_seconds", "End to end request latency in seconds.", LATENCIES);
    private final Histogram queue =
            histogram("request_queue_time_seconds", "Time spent in WAITING phase in seconds.", LATENCIES);
    private final Histogram prefill =
            histogram("request_prefill_time_seconds", "Time spent in PREFILL phase in seconds.", LATENCIES);
    private final Histogram decode =
            histogram("request_decode_time_seconds", "Time spent in DECODE phase in seconds.", LATENCIES);
    private final Histogram promptTokensPerRequest =
            histogram("request_prompt_tokens", "Number of prefill tokens processed.", TOKENS);
    private final Histogram outputTokensPerRequest =
            histogram("request_generation_tokens", "Number of generation tokens processed.", TOKENS);
    private long promptTokens;
    private long outputTokens;
    private double prefixQueries;
    private double prefixHits;

    EngineMetrics(String modelName) {
        this.labels = "model_name=\"" + modelName + "\",engine=\"0\"";
        for (String reason : new String[] {"stop", "length", "abort"}) {
            successes.put(reason, 0L);
        }
    }

    private static Histogram histogram(String name, String help, double... bounds) {
        return new Histogram("vllm:" + name, help, bounds);
    }

    void tokenAfter(double sinceLastSeconds) {
        outputTokens++;
        interToken.observe(sinceLastSeconds);
    }

    void firstTokenAfter(double sinceArrivalSeconds) {
        outputTokens++;
        firstToken.observe(sinceArrivalSeconds);
    }

    void aborted() {
        successes.merge("abort", 1L, Long::sum);
    }

    /** @param prefixHitRate part of the prompt found in the prefix cache */
    void finished(EngineRequest request, double nowSeconds, double prefixHitRate) {
        successes.merge(request.finishReason(), 1L, Long::sum);
        endToEnd.observe(nowSeconds - request.arrivedSeconds());
        queue.observe(request.admittedSeconds() - request.arrivedSeconds());
        prefill.observe(request.firstTokenSeconds() - request.admittedSeconds());
        decode.observe(nowSeconds - request.firstTokenSeconds());
        promptTokensPerRequest.observe(request.inputTokens());
        outputTokensPerRequest.observe(request.outputTokens());
        promptTokens += request.inputTokens();
        prefixQueries += request.inputTokens();
        prefixHits += Math.floor(request.inputTokens() * prefixHitRate);
    }

    String write(EngineCore core, int notYetSubmitted) {
        StringBuilder out = new StringBuilder(8192);
        line(out, "num_requests_running", "gauge", "Number of requests in model execution batches.", core.running());
        line(
                out,
                "num_requests_waiting",
                "gauge",
                "Number of requests waiting to be processed.",
                core.waiting() + notYetSubmitted);
        line(out, "kv_cache_usage_perc", "gauge", "KV-cache usage. 1 means 100 percent usage.", core.kvCacheUsage());
        line(out, "gpu_cache_usage_perc", "gauge", "Old name of kv_cache_usage_perc.", core.kvCacheUsage());
        line(out, "num_preemptions_total", "counter", "Cumulative number of preemptions.", core.preemptions());
        line(out, "prompt_tokens_total", "counter", "Number of prefill tokens processed.", promptTokens);
        line(out, "generation_tokens_total", "counter", "Number of generation tokens processed.", outputTokens);
        line(out, "prefix_cache_queries_total", "counter", "Prefix cache queries, in tokens.", prefixQueries);
        line(out, "prefix_cache_hits_total", "counter", "Prefix cache hits, in tokens.", prefixHits);
        head(out, "request_success_total", "counter", "Count of successfully processed requests.");
        successes.forEach((reason, count) -> out.append("vllm:request_success_total{")
                .append(labels)
                .append(",finished_reason=\"")
                .append(reason)
                .append("\"} ")
                .append(count)
                .append('\n'));
        for (Histogram each : new Histogram[] {
            firstToken, interToken, endToEnd, queue, prefill, decode, promptTokensPerRequest, outputTokensPerRequest
        }) {
            each.write(out, labels);
        }
        // The name before vLLM 0.11; dashboards and autoscalers still read it.
        interToken.write(out, labels, "vllm:time_per_output_token_seconds");
        return out.toString();
    }

    private void line(StringBuilder out, String name, String type, String help, double value) {
        head(out, name, type, help);
        out.append("vllm:")
                .append(name)
                .append('{')
                .append(labels)
                .append("} ")
                .append(value)
                .append('\n');
    }

    private static void head(StringBuilder out, String name, String type, String help) {
        out.append("# HELP vllm:").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE vllm:").append(name).append(' ').append(type).append('\n');
    }
}
