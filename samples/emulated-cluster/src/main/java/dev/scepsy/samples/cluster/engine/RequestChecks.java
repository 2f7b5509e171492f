package dev.scepsy.samples.cluster.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** What vLLM 0.32 refuses of a generation's parameters before it looks at the prompt. */
final class RequestChecks {

    private static final List<String> COUNTS =
            List.of("max_tokens", "max_completion_tokens", "min_tokens", "n", "top_k", "seed");
    private static final List<String> NUMBERS =
            List.of("temperature", "top_p", "min_p", "presence_penalty", "frequency_penalty", "repetition_penalty");
    private static final List<String> FLAGS = List.of("stream", "ignore_eos", "echo");

    /** vLLM's own limit is 16384, which one event loop would not bear. */
    private static final int MOST_CHOICES = 128;

    private RequestChecks() {}

    /** @throws OpenAiFailure with the field that is wrong */
    static void check(JsonNode body) {
        for (String field : COUNTS) {
            if (isGiven(body, field) && !body.path(field).isIntegralNumber()) {
                throw OpenAiFailure.invalid(
                        field, "Input should be a valid integer, unable to parse string as an integer");
            }
        }
        for (String field : NUMBERS) {
            if (isGiven(body, field) && !body.path(field).isNumber()) {
                throw OpenAiFailure.invalid(field, "Input should be a valid number");
            }
        }
        for (String field : FLAGS) {
            if (isGiven(body, field) && !body.path(field).isBoolean()) {
                throw OpenAiFailure.invalid(field, "Input should be a valid boolean");
            }
        }
        if (isGiven(body, "stream_options") && !body.path("stream").asBoolean(false)) {
            throw OpenAiFailure.badRequest("stream_options", "Stream options can only be defined when `stream=True`.");
        }
        within(body, "temperature", 0, Double.MAX_VALUE, "temperature must be non-negative, got ");
        within(body, "top_p", Double.MIN_VALUE, 1, "top_p must be in (0, 1], got ");
        within(body, "presence_penalty", -2, 2, "presence_penalty must be in [-2, 2], got ");
        within(body, "frequency_penalty", -2, 2, "frequency_penalty must be in [-2, 2], got ");
        int choices = body.path("n").asInt(1);
        if (choices < 1 || choices > MOST_CHOICES) {
            throw OpenAiFailure.badRequest(
                    "n", "n must be between 1 and " + MOST_CHOICES + " in the emulated engine, got " + choices + ".");
        }
        if (choices > 1
                && isGiven(body, "temperature")
                && body.path("temperature").asDouble() == 0) {
            throw OpenAiFailure.badRequest("n", "n must be 1 when using greedy sampling, got " + choices + ".");
        }
    }

    private static boolean isGiven(JsonNode body, String field) {
        return body.hasNonNull(field);
    }

    private static void within(JsonNode body, String field, double low, double high, String message) {
        double value = body.path(field).asDouble(low);
        if (isGiven(body, field) && (value < low || value > high)) {
            throw OpenAiFailure.badRequest(field, message + body.path(field).asText() + ".");
        }
    }
}
