package dev.scepsy.planner.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What {@code vllm bench serve --save-result} writes (vllm/benchmarks/serve.py, November 2026): one flat object with {@code
 * request_rate} (a number or "inf"), {@code max_concurrency}, {@code duration} and {@code completed}, and {@code
 * mean_ttft_ms}, {@code mean_tpot_ms}, {@code mean_e2el_ms} as far as {@code --percentile-metrics} asked for them. Without
 * the last, which is not among its defaults, the mean latency is put together from the other two.
 */
final class VllmBench {

    private VllmBench() {}

    static boolean wrote(JsonNode document) {
        return document.path("request_throughput").isNumber() && document.has("completed");
    }

    static void read(JsonNode document, String place, Findings findings, List<BenchmarkRun> runs) {
        int before = findings.problems().size();
        double throughput = findings.required(document, place, "request_throughput", "");
        double completed = findings.required(document, place, "completed", " No request was answered.");
        OptionalDouble inputTokens = Findings.times(Findings.positive(document, "total_input_tokens"), 1 / completed);
        OptionalDouble outputTokens = Findings.times(Findings.optional(document, "total_output_tokens"), 1 / completed);
        OptionalDouble first = Findings.times(Findings.positive(document, "mean_ttft_ms"), 1e-3);
        OptionalDouble perToken = Findings.times(Findings.positive(document, "mean_tpot_ms"), 1e-3);
        OptionalDouble latency = Findings.times(Findings.positive(document, "mean_e2el_ms"), 1e-3);
        if (latency.isEmpty() && first.isPresent() && outputTokens.isPresent()) {
            latency = OptionalDouble.of(
                    first.getAsDouble() + perToken.orElse(0) * Math.max(0, outputTokens.getAsDouble() - 1));
        }
        if (latency.isEmpty()) {
            findings.problem(
                    Findings.within(place, "mean_e2el_ms"),
                    "The mean latency is neither here nor can it be put together from mean_ttft_ms, mean_tpot_ms and"
                            + " total_output_tokens. Measure with --percentile-metrics ttft,tpot,e2el.");
        }
        if (findings.problems().size() > before) {
            return;
        }
        runs.add(new BenchmarkRun(
                findings.source(place),
                load(document),
                throughput,
                latency.getAsDouble(),
                first,
                perToken,
                Findings.times(Findings.positive(document, "p95_e2el_ms"), 1e-3),
                Findings.times(Findings.positive(document, "p99_e2el_ms"), 1e-3),
                inputTokens,
                outputTokens,
                OptionalLong.of((long) completed),
                failed(document, completed)));
    }

    /** Arrivals that wait for a free client are a closed loop as soon as the limit binds, whatever the rate. */
    private static BenchmarkRun.Load load(JsonNode document) {
        OptionalDouble rate = Findings.positive(document, "request_rate");
        OptionalDouble clients = Findings.positive(document, "max_concurrency");
        double throughput = document.path("request_throughput").asDouble();
        if (rate.isPresent() && (clients.isEmpty() || throughput >= 0.9 * rate.getAsDouble())) {
            return new BenchmarkRun.Load.Open(rate.getAsDouble());
        }
        return new BenchmarkRun.Load.Closed(
                clients.orElse(document.path("completed").asDouble()));
    }

    private static long failed(JsonNode document, double completed) {
        OptionalLong said = Findings.count(document, "failed");
        return said.isPresent()
                ? said.getAsLong()
                : Math.max(0, Findings.count(document, "num_prompts").orElse(0) - (long) completed);
    }
}
