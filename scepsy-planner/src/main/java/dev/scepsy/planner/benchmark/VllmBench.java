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

    /** The duration of some versions holds more than the requests; beyond this factor nothing explains the difference. */
    private static final double ABSURD = 20;

    private VllmBench() {}

    static boolean wrote(JsonNode document) {
        return document.path("request_throughput").isNumber() && document.has("completed");
    }

    static void read(JsonNode document, String place, Findings findings, List<BenchmarkRun> runs) {
        int before = findings.problems().size();
        double throughput = findings.required(document, place, "request_throughput", Findings.MOST_PER_SECOND, "");
        double completed =
                findings.required(document, place, "completed", Findings.MOST_REQUESTS, " No request was answered.");
        OptionalDouble inputTokens = Findings.times(
                findings.positive(document, place, "total_input_tokens", Findings.MOST_TOKENS), 1 / completed);
        OptionalDouble outputTokens = Findings.times(
                findings.number(document, place, "total_output_tokens", Findings.MOST_TOKENS), 1 / completed);
        OptionalDouble first = millis(document, place, "mean_ttft_ms", findings);
        OptionalDouble perToken = millis(document, place, "mean_tpot_ms", findings);
        OptionalDouble latency = millis(document, place, "mean_e2el_ms", findings);
        OptionalDouble p95 = millis(document, place, "p95_e2el_ms", findings);
        OptionalDouble p99 = millis(document, place, "p99_e2el_ms", findings);
        BenchmarkRun.Load load = load(document, place, throughput, findings);
        long failed = failed(document, place, completed, findings);
        duration(document, place, throughput, completed, findings);
        if (latency.isEmpty() && first.isPresent() && outputTokens.isPresent()) {
            latency = OptionalDouble.of(
                    first.getAsDouble() + perToken.orElse(0) * Math.max(0, outputTokens.getAsDouble() - 1));
        }
        if (latency.isEmpty() && findings.problems().size() == before) {
            findings.problem(
                    Findings.within(place, "mean_e2el_ms"),
                    "The mean latency is neither here nor can it be put together from mean_ttft_ms, mean_tpot_ms and"
                            + " total_output_tokens. Measure with --percentile-metrics ttft,tpot,e2el.");
        }
        if (findings.problems().size() > before || latency.isEmpty()) {
            return;
        }
        findings.take(
                new BenchmarkRun(
                        findings.source(place),
                        load,
                        throughput,
                        latency.getAsDouble(),
                        first,
                        perToken,
                        p95,
                        p99,
                        inputTokens,
                        outputTokens,
                        OptionalLong.of((long) completed),
                        failed),
                place,
                "max_concurrency",
                runs);
    }

    private static OptionalDouble millis(JsonNode document, String place, String key, Findings findings) {
        return Findings.times(findings.positive(document, place, key, 1e3 * Findings.MOST_SECONDS), 1e-3);
    }

    /**
     * Arrivals that wait for a free client are a closed loop as soon as the limit binds, whatever the rate. The default is to send
     * everything at once.
     */
    private static BenchmarkRun.Load load(JsonNode document, String place, double throughput, Findings findings) {
        boolean paced = document.path("request_rate").isNumber();
        if (!paced && !List.of("inf", "").contains(document.path("request_rate").asText(""))) {
            findings.problem(
                    Findings.within(place, "request_rate"),
                    "The value (" + document.path("request_rate") + ") must be a number above 0 or \"inf\".");
        }
        OptionalDouble rate = paced
                ? OptionalDouble.of(findings.required(document, place, "request_rate", Findings.MOST_PER_SECOND, ""))
                : OptionalDouble.empty();
        OptionalDouble clients = findings.positive(document, place, "max_concurrency", Findings.MOST_REQUESTS);
        if (rate.isPresent() && (clients.isEmpty() || throughput >= 0.9 * rate.getAsDouble())) {
            return new BenchmarkRun.Load.Open(rate.getAsDouble());
        }
        return clients.isPresent()
                ? new BenchmarkRun.Load.Closed(clients.getAsDouble())
                : new BenchmarkRun.Load.AtOnce();
    }

    private static void duration(
            JsonNode document, String place, double throughput, double completed, Findings findings) {
        if (!document.has("duration")) {
            return;
        }
        double seconds = findings.required(document, place, "duration", 100 * Findings.MOST_SECONDS, "");
        double possible = completed / seconds;
        if (document.path("duration").asDouble() > 0
                && (throughput > ABSURD * possible || possible > ABSURD * throughput)) {
            findings.problem(
                    Findings.within(place, "request_throughput"),
                    "The value (" + document.path("request_throughput") + ") contradicts " + document.path("completed")
                            + " completed requests in a duration of " + document.path("duration") + " s.");
        }
    }

    private static long failed(JsonNode document, String place, double completed, Findings findings) {
        OptionalLong said = findings.count(document, place, "failed");
        long prompts = findings.count(document, place, "num_prompts").orElse(0);
        return said.isPresent() ? said.getAsLong() : Math.max(0, prompts - (long) completed);
    }
}
