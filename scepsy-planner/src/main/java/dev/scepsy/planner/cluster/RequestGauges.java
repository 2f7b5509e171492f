package dev.scepsy.planner.cluster;

import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Requests that an engine holds, read off its metrics: vLLM's gauges (0.4 to 0.32; {@code swapped} up to 0.8), SGLang's and
 * those of {@code trtllm-serve}. An answer without any of them says nothing of the engine, least of all that it is idle.
 */
final class RequestGauges {

    /** A regular expression of Java and of Python; one group, the value. */
    static final String PATTERN = "^(?:vllm[:_]num_requests_(?:running|waiting|swapped)"
            + "|sglang[:_]num_(?:running_reqs|(?:\\w+_)?queue_reqs)"
            + "|trtllm[:_]num_requests_(?:running|waiting))(?:\\{.*\\})?\\s+(\\S+)";

    /** Where engines publish: vLLM and SGLang, then TensorRT-LLM. */
    static final List<String> PATHS = List.of("/metrics", "/prometheus/metrics");

    private static final Pattern GAUGE = Pattern.compile(PATTERN, Pattern.MULTILINE);

    private RequestGauges() {}

    /** The sum of what {@code metrics} says; empty where it says nothing that can be counted. */
    static OptionalDouble busy(String metrics) {
        Matcher gauges = GAUGE.matcher(metrics);
        double busy = 0;
        boolean seen = false;
        while (gauges.find()) {
            double value;
            try {
                value = Double.parseDouble(gauges.group(1));
            } catch (NumberFormatException noNumber) {
                return OptionalDouble.empty();
            }
            if (Double.isNaN(value)) {
                return OptionalDouble.empty();
            }
            busy += value;
            seen = true;
        }
        return seen ? OptionalDouble.of(busy) : OptionalDouble.empty();
    }
}
