package dev.scepsy.samples.cluster.engine;

import dev.scepsy.planner.simulate.EngineCore;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What one engine publishes at {@code /metrics}: names, labels and their order, buckets and {@code _created} series are those of
 * vLLM 0.32 (V1); durations are emulated seconds, points in time real ones. Left out is what an emulated engine does not know:
 * tokens per iteration, requests' parameters, estimates of FLOPS and bytes, caches of images.
 */
final class EngineMetrics {
    private static final double[] LATENCIES = {
        0.3, 0.5, 0.8, 1.0, 1.5, 2.0, 2.5, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0, 120.0, 240.0, 480.0, 960.0,
        1920.0, 7680.0
    };
    private static final double[] FIRST_TOKEN = {
        0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 20.0, 40.0, 80.0,
        160.0, 640.0, 2560.0
    };
    private static final double[] PER_TOKEN = {
        0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 20.0, 40.0, 80.0
    };
    private static final String[] FINISH_REASONS = {"stop", "length", "abort", "error", "repetition"};
    private static final int[] MANTISSAS = {1, 2, 5};

    private final String model;
    private final String labels;
    private final double startSeconds;
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
    private final Histogram inference =
            histogram("request_inference_time_seconds", "Time spent in RUNNING phase in seconds.", LATENCIES);
    private final Histogram perToken = histogram(
            "request_time_per_output_token_seconds", "Mean time per output token of a request in seconds.", PER_TOKEN);
    private final Histogram promptTokensPerRequest;
    private final Histogram outputTokensPerRequest;
    private final Histogram computedTokensPerRequest;
    private long promptTokens;
    private long outputTokens;
    private double prefixQueries;
    private double prefixHits;

    /** @param startSeconds when the process began, s since 1970 */
    EngineMetrics(String modelName, int maxModelLength, double startSeconds) {
        this.model = "model_name=\"" + modelName + "\"";
        this.labels = "engine=\"0\"," + model;
        this.startSeconds = startSeconds;
        for (String reason : FINISH_REASONS) {
            successes.put(reason, 0L);
        }
        double[] tokens = upTo(maxModelLength);
        promptTokensPerRequest = histogram("request_prompt_tokens", "Number of prefill tokens processed.", tokens);
        outputTokensPerRequest =
                histogram("request_generation_tokens", "Number of generation tokens processed.", tokens);
        computedTokensPerRequest = histogram(
                "request_prefill_kv_computed_tokens",
                "New KV tokens computed during prefill, without cached ones.",
                tokens);
    }

    /** 1, 2, 5, 10, 20, ... as far as {@code most}. */
    private static double[] upTo(int most) {
        return IntStream.iterate(0, exponent -> exponent + 1)
                .limit(10)
                .boxed()
                .flatMapToDouble(exponent -> IntStream.of(MANTISSAS).mapToDouble(m -> m * Math.pow(10, exponent)))
                .takeWhile(bound -> bound <= most)
                .toArray();
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
        inference.observe(nowSeconds - request.admittedSeconds());
        if (request.outputTokens() > 1) {
            perToken.observe((nowSeconds - request.firstTokenSeconds()) / (request.outputTokens() - 1));
        }
        promptTokensPerRequest.observe(request.inputTokens());
        outputTokensPerRequest.observe(request.outputTokens());
        promptTokens += request.inputTokens();
        prefixQueries += request.inputTokens();
        double found = Math.floor(request.inputTokens() * prefixHitRate);
        prefixHits += found;
        computedTokensPerRequest.observe(request.inputTokens() - found);
    }

    String write(EngineCore core, int notYetSubmitted) {
        StringBuilder out = new StringBuilder(16_384);
        head(out, "process_start_time_seconds", "gauge", "Start time of the process since unix epoch in seconds.");
        out.append("process_start_time_seconds ").append(startSeconds).append('\n');
        double waiting = core.waiting() + notYetSubmitted;
        gauge(out, "num_requests_running", "Number of requests in model execution batches.", core.running());
        gauge(out, "num_requests_waiting", "Number of requests waiting to be processed.", waiting);
        head(out, "vllm:num_requests_waiting_by_reason", "gauge", "Number of requests waiting, by reason.");
        series(out, "num_requests_waiting_by_reason", labels + ",reason=\"capacity\"", waiting);
        series(out, "num_requests_waiting_by_reason", labels + ",reason=\"deferred\"", 0);
        head(out, "vllm:engine_sleep_state", "gauge", "Engine sleep state; awake = 0 means engine is sleeping.");
        for (String sleep : new String[] {"awake", "weights_offloaded", "discard_all"}) {
            series(out, "engine_sleep_state", labels + ",sleep_state=\"" + sleep + "\"", sleep.equals("awake") ? 1 : 0);
        }
        gauge(out, "kv_cache_usage_perc", "KV-cache usage. 1 means 100 percent usage.", core.kvCacheUsage());
        counter(
                out,
                "prefix_cache_queries",
                "Prefix cache queries, in terms of number of queried tokens.",
                prefixQueries);
        counter(out, "prefix_cache_hits", "Prefix cache hits, in terms of number of cached tokens.", prefixHits);
        counter(out, "num_preemptions", "Cumulative number of preemption from the engine.", core.preemptions());
        counter(out, "prompt_tokens", "Number of prefill tokens processed.", promptTokens);
        bySource(out);
        counter(out, "prompt_tokens_cached", "Number of cached prompt tokens (local + external).", prefixHits);
        counter(out, "generation_tokens", "Number of generation tokens processed.", outputTokens);
        head(out, "vllm:request_success_total", "counter", "Count of successfully processed requests.");
        for (String reason : FINISH_REASONS) {
            series(out, "request_success_total", byReason(reason), successes.getOrDefault(reason, 0L));
        }
        head(out, "vllm:request_success_created", "gauge", "Count of successfully processed requests.");
        for (String reason : FINISH_REASONS) {
            series(out, "request_success_created", byReason(reason), startSeconds);
        }
        for (Histogram each : new Histogram[] {
            promptTokensPerRequest,
            outputTokensPerRequest,
            firstToken,
            interToken,
            perToken,
            endToEnd,
            queue,
            inference,
            prefill,
            decode,
            computedTokensPerRequest
        }) {
            each.write(out, model, startSeconds);
        }
        return out.toString();
    }

    private void bySource(StringBuilder out) {
        head(out, "vllm:prompt_tokens_by_source_total", "counter", "Number of prompt tokens by source.");
        String name = "prompt_tokens_by_source_total";
        series(out, name, labels + ",source=\"local_compute\"", promptTokens - prefixHits);
        series(out, name, labels + ",source=\"local_cache_hit\"", prefixHits);
        series(out, name, labels + ",source=\"external_kv_transfer\"", 0);
    }

    private String byReason(String reason) {
        return "engine=\"0\",finished_reason=\"" + reason + "\"," + model;
    }

    private void gauge(StringBuilder out, String name, String help, double value) {
        head(out, "vllm:" + name, "gauge", help);
        series(out, name, labels, value);
    }

    private void counter(StringBuilder out, String name, String help, double value) {
        head(out, "vllm:" + name + "_total", "counter", help);
        series(out, name + "_total", labels, value);
        head(out, "vllm:" + name + "_created", "gauge", help);
        series(out, name + "_created", labels, startSeconds);
    }

    private static void series(StringBuilder out, String name, String labels, double value) {
        out.append("vllm:")
                .append(name)
                .append('{')
                .append(labels)
                .append("} ")
                .append(value)
                .append('\n');
    }

    private static void head(StringBuilder out, String name, String type, String help) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }
}
