package dev.scepsy.planner.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What GuideLLM writes as {@code benchmarks.json} (vllm-project/guidellm, src/guidellm/benchmark/schemas/generative,
 * November 2026): {@code benchmarks[]} with {@code config.strategy} ({@code args.strategy} in older ones) and {@code
 * metrics}, each a distribution per status; times in milliseconds except {@code request_latency}, which is in seconds. Its
 * {@code time_per_output_token_ms} counts the first token in; ours is its {@code inter_token_latency_ms}.
 */
final class GuideLlm {

    private GuideLlm() {}

    static void read(JsonNode document, String place, Findings findings, List<BenchmarkRun> runs) {
        JsonNode benchmarks = document.path("benchmarks");
        if (benchmarks.isEmpty()) {
            findings.problem(place + "benchmarks", "There is no benchmark in this list.");
        }
        for (int i = 0; i < benchmarks.size(); i++) {
            String at = (place.isEmpty() ? "" : place + ".") + "benchmarks[" + i + "]";
            benchmark(benchmarks.get(i), at, findings, runs);
        }
    }

    private static void benchmark(JsonNode benchmark, String place, Findings findings, List<BenchmarkRun> runs) {
        JsonNode metrics = benchmark.path("metrics");
        int before = findings.problems().size();
        double throughput = findings.required(metrics, place + ".metrics", "requests_per_second/successful/mean", "");
        double latency = findings.required(
                metrics, place + ".metrics", "request_latency/successful/mean", " No request was answered.");
        if (findings.problems().size() > before) {
            return;
        }
        runs.add(new BenchmarkRun(
                findings.source(place),
                load(benchmark, metrics),
                throughput,
                latency,
                millis(metrics, "time_to_first_token_ms"),
                millis(metrics, "inter_token_latency_ms"),
                Findings.positive(metrics, "request_latency/successful/percentiles/p95"),
                Findings.positive(metrics, "request_latency/successful/percentiles/p99"),
                Findings.positive(metrics, "prompt_token_count/successful/mean"),
                Findings.optional(metrics, "output_token_count/successful/mean"),
                Findings.count(metrics, "request_totals/successful"),
                Findings.count(metrics, "request_totals/errored").orElse(0)));
    }

    private static OptionalDouble millis(JsonNode metrics, String key) {
        return Findings.times(Findings.positive(metrics, key + "/successful/mean"), 1e-3);
    }

    private static BenchmarkRun.Load load(JsonNode benchmark, JsonNode metrics) {
        JsonNode strategy = benchmark.path("config").path("strategy");
        if (!strategy.isObject()) {
            strategy = benchmark.path("args").path("strategy");
        }
        OptionalDouble rate = Findings.positive(strategy, "rate");
        if (rate.isPresent()) {
            return new BenchmarkRun.Load.Open(rate.getAsDouble());
        }
        OptionalDouble clients = Findings.positive(strategy, "streams");
        double seen = Findings.positive(metrics, "request_concurrency/successful/mean")
                .orElse(1);
        boolean single = strategy.path("type_").asText().equals("synchronous");
        return new BenchmarkRun.Load.Closed(single ? 1 : clients.orElse(Math.max(1, seen)));
    }
}
