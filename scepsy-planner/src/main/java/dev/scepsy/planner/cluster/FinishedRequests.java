package dev.scepsy.planner.cluster;

import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Requests that an engine has finished since it started, read off its metrics: counters of vLLM, SGLang and trtllm-serve. */
final class FinishedRequests {

    private static final Pattern COUNTER = Pattern.compile(
            "^(?:vllm[:_]request_success_total|sglang[:_]num_requests_total|trtllm[:_]request_success_total)"
                    + "(?:\\{.*\\})?\\s+(\\d\\S*)",
            Pattern.MULTILINE);

    private FinishedRequests() {}

    /** The sum over reasons and ranks; empty where there is no such counter. */
    static OptionalDouble of(String metrics) {
        Matcher counters = COUNTER.matcher(metrics);
        double finished = 0;
        boolean seen = false;
        while (counters.find()) {
            try {
                finished += Double.parseDouble(counters.group(1));
            } catch (NumberFormatException noNumber) {
                return OptionalDouble.empty();
            }
            seen = true;
        }
        return seen ? OptionalDouble.of(finished) : OptionalDouble.empty();
    }
}
