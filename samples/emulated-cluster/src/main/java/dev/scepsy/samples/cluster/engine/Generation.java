package dev.scepsy.samples.cluster.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * A decided answer, cut to what the request and the model's window allow.
 *
 * @param finishReason {@code stop}, {@code length} or {@code tool_calls}
 */
record Generation(
        String text, List<Answer.ToolCall> toolCalls, int inputTokens, int outputTokens, String finishReason) {

    static Generation of(JsonNode body, Answer answer, int inputTokens, int maxModelLength) {
        if (inputTokens >= maxModelLength) {
            throw OpenAiFailure.badRequest("This model's maximum context length is " + maxModelLength
                    + " tokens. However, your request has " + inputTokens
                    + " input tokens. Please reduce the length of the input messages.");
        }
        int asked =
                body.path("max_completion_tokens").asInt(body.path("max_tokens").asInt(Integer.MAX_VALUE));
        if (asked < 1) {
            throw OpenAiFailure.badRequest("max_tokens must be at least 1, got " + asked + ".");
        }
        int limit = Math.min(asked, maxModelLength - inputTokens);
        if (body.path("ignore_eos").asBoolean(false) && asked != Integer.MAX_VALUE) {
            return new Generation(answer.text(), List.of(), inputTokens, limit, "length");
        }
        if (answer.outputTokens() > limit) {
            String cut = answer.text().substring(0, Tokens.characters(answer.text(), limit, answer.outputTokens()));
            return new Generation(cut, List.of(), inputTokens, limit, "length");
        }
        String reason = answer.toolCalls().isEmpty() ? "stop" : "tool_calls";
        return new Generation(answer.text(), answer.toolCalls(), inputTokens, answer.outputTokens(), reason);
    }

    /** vLLM's metrics know no tool calls. */
    String metricsFinishReason() {
        return finishReason.equals("length") ? "length" : "stop";
    }
}
