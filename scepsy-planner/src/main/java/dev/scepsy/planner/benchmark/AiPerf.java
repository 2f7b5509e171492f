package dev.scepsy.planner.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What AIPerf writes as {@code profile_export_aiperf.json} (ai-dynamo/aiperf, docs/tutorials/working-with-profile-exports.md,
 * 2025 to 2026): one object with {@code {"unit", "avg", "p95", ...}} per metric, beside it the input configuration, whose
 * shape is not promised, so that rate and concurrency are looked for anywhere in it. Older versions put the metrics under
 * {@code records}.
 */
final class AiPerf {

    private static final Map<String, Double> SECONDS =
            Map.of("ns", 1e-9, "us", 1e-6, "µs", 1e-6, "ms", 1e-3, "s", 1.0, "sec", 1.0, "seconds", 1.0);

    private AiPerf() {}

    static boolean wrote(JsonNode document) {
        return metrics(document).path("request_latency").has("avg")
                || (document.has("input_config") && document.has("error_summary"));
    }

    private static JsonNode metrics(JsonNode document) {
        return document.path("records").isObject() && !document.has("request_latency")
                ? document.path("records")
                : document;
    }

    static void read(JsonNode document, String place, Findings findings, List<BenchmarkRun> runs) {
        JsonNode metrics = metrics(document);
        int before = findings.problems().size();
        double throughput = findings.required(metrics, place, "request_throughput/avg", Findings.MOST_PER_SECOND, "");
        double latency = findings.required(
                metrics,
                place,
                "request_latency/avg",
                Findings.MOST_SECONDS / perUnit(metrics, "request_latency"),
                " No request was answered.");
        if (!SECONDS.containsKey(unit(metrics, "request_latency"))) {
            findings.problem(
                    Findings.within(place, "request_latency/unit"),
                    "The unit (" + unit(metrics, "request_latency") + ") is not one of ns, us, ms, sec.");
        }
        BenchmarkRun run = new BenchmarkRun(
                findings.source(place),
                load(document.path("input_config"), throughput),
                throughput,
                latency * perUnit(metrics, "request_latency"),
                seconds(metrics, place, "time_to_first_token", "avg", findings),
                seconds(metrics, place, "inter_token_latency", "avg", findings),
                seconds(metrics, place, "request_latency", "p95", findings),
                seconds(metrics, place, "request_latency", "p99", findings),
                findings.positive(metrics, place, "input_sequence_length/avg", Findings.MOST_TOKENS),
                findings.number(metrics, place, "output_sequence_length/avg", Findings.MOST_TOKENS),
                findings.count(metrics, place, "request_count/avg"),
                findings.count(metrics, place, "error_request_count/avg").orElse(0));
        if (findings.problems().size() == before) {
            findings.take(run, place, "input_config concurrency", runs);
        }
    }

    private static double perUnit(JsonNode metrics, String metric) {
        return SECONDS.getOrDefault(unit(metrics, metric), 1e-3);
    }

    private static String unit(JsonNode metrics, String metric) {
        return metrics.path(metric).path("unit").asText("ms");
    }

    private static OptionalDouble seconds(
            JsonNode metrics, String place, String metric, String statistic, Findings findings) {
        double unit = perUnit(metrics, metric);
        return Findings.times(
                findings.positive(metrics, place, metric + "/" + statistic, Findings.MOST_SECONDS / unit), unit);
    }

    private static BenchmarkRun.Load load(JsonNode configuration, double throughput) {
        OptionalDouble rate = anywhere(configuration, "request_rate");
        OptionalDouble clients = anywhere(configuration, "concurrency");
        if (rate.isPresent() && (clients.isEmpty() || throughput >= 0.9 * rate.getAsDouble())) {
            return new BenchmarkRun.Load.Open(rate.getAsDouble());
        }
        return new BenchmarkRun.Load.Closed(clients.orElse(1));
    }

    private static OptionalDouble anywhere(JsonNode configuration, String key) {
        JsonNode found = configuration.findValue(key);
        return found != null && found.isNumber() && found.asDouble() > 0
                ? OptionalDouble.of(found.asDouble())
                : OptionalDouble.empty();
    }
}
