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
        String at = place + ".metrics";
        double throughput =
                findings.required(metrics, at, "requests_per_second/successful/mean", Findings.MOST_PER_SECOND, "");
        double latency = findings.required(
                metrics, at, "request_latency/successful/mean", Findings.MOST_SECONDS, " No request was answered.");
        BenchmarkRun run = new BenchmarkRun(
                findings.source(place),
                load(benchmark, place, findings),
                throughput,
                latency,
                millis(metrics, at, "time_to_first_token_ms", findings),
                millis(metrics, at, "inter_token_latency_ms", findings),
                findings.positive(metrics, at, "request_latency/successful/percentiles/p95", Findings.MOST_SECONDS),
                findings.positive(metrics, at, "request_latency/successful/percentiles/p99", Findings.MOST_SECONDS),
                findings.positive(metrics, at, "prompt_token_count/successful/mean", Findings.MOST_TOKENS),
                findings.number(metrics, at, "output_token_count/successful/mean", Findings.MOST_TOKENS),
                findings.count(metrics, at, "request_totals/successful"),
                findings.count(metrics, at, "request_totals/errored").orElse(0));
        if (findings.problems().size() == before) {
            findings.take(run, place, "config.strategy", runs);
        }
    }

    private static OptionalDouble millis(JsonNode metrics, String place, String key, Findings findings) {
        return Findings.times(
                findings.positive(metrics, place, key + "/successful/mean", 1e3 * Findings.MOST_SECONDS), 1e-3);
    }

    private static BenchmarkRun.Load load(JsonNode benchmark, String place, Findings findings) {
        String at = place + ".config.strategy";
        JsonNode strategy = benchmark.path("config").path("strategy");
        if (!strategy.isObject()) {
            at = place + ".args.strategy";
            strategy = benchmark.path("args").path("strategy");
        }
        OptionalDouble rate = findings.positive(strategy, at, "rate", Findings.MOST_PER_SECOND);
        if (rate.isPresent()) {
            return new BenchmarkRun.Load.Open(rate.getAsDouble());
        }
        OptionalDouble clients = findings.positive(strategy, at, "streams", Findings.MOST_REQUESTS);
        OptionalDouble most = findings.positive(strategy, at, "max_concurrency", Findings.MOST_REQUESTS);
        if (strategy.path("type_").asText().equals("synchronous")) {
            return new BenchmarkRun.Load.Closed(1);
        }
        return clients.isEmpty() && most.isEmpty()
                ? new BenchmarkRun.Load.AtOnce()
                : new BenchmarkRun.Load.Closed(clients.orElse(most.orElse(1)));
    }
}
