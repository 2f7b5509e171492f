package dev.scepsy.samples.cluster.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;

/**
 * A decided answer, cut to what the request and the model's window allow.
 *
 * @param finishReason {@code stop}, {@code length} or {@code tool_calls}
 * @param stopReason the stop text that ended it; empty: none did
 */
record Generation(
        String text,
        List<Answer.ToolCall> toolCalls,
        int inputTokens,
        int outputTokens,
        String finishReason,
        Optional<String> stopReason) {

    private static final int CHARACTERS_PER_TOKEN = 4;

    static Generation of(JsonNode body, Answer answer, int inputTokens, int maxModelLength) {
        if (inputTokens >= maxModelLength) {
            throw OpenAiFailure.badRequest("This model's maximum context length is " + maxModelLength
                    + " tokens. However, your request has " + inputTokens
                    + " input tokens. Please reduce the length of the input messages.");
        }
        int asked =
                body.path("max_completion_tokens").asInt(body.path("max_tokens").asInt(Integer.MAX_VALUE));
        if (asked < 1) {
            throw OpenAiFailure.badRequest("max_tokens", "max_tokens must be at least 1, got " + asked + ".");
        }
        if (asked != Integer.MAX_VALUE && asked > maxModelLength - inputTokens) {
            throw OpenAiFailure.badRequest(
                    "max_tokens",
                    "'max_tokens' or 'max_completion_tokens' is too large: " + asked
                            + ". This model's maximum context length is " + maxModelLength
                            + " tokens and your request has " + inputTokens + " input tokens (" + asked + " > "
                            + maxModelLength + " - " + inputTokens + ").");
        }
        int limit = Math.min(asked, maxModelLength - inputTokens);
        if (body.path("ignore_eos").asBoolean(false) && asked != Integer.MAX_VALUE) {
            String text = answer.text().isEmpty() ? "." : answer.text();
            String filled = text.repeat(1 + CHARACTERS_PER_TOKEN * limit / text.length());
            return new Generation(
                    filled.substring(0, CHARACTERS_PER_TOKEN * limit),
                    List.of(),
                    inputTokens,
                    limit,
                    "length",
                    Optional.empty());
        }
        return stopped(body, answer, inputTokens)
                .filter(stopped -> stopped.outputTokens() <= limit)
                .orElseGet(() -> toItsEnd(answer, inputTokens, limit));
    }

    private static Generation toItsEnd(Answer answer, int inputTokens, int limit) {
        if (answer.outputTokens() > limit) {
            String cut = answer.text().substring(0, Tokens.characters(answer.text(), limit, answer.outputTokens()));
            return new Generation(cut, List.of(), inputTokens, limit, "length", Optional.empty());
        }
        String reason = answer.toolCalls().isEmpty() ? "stop" : "tool_calls";
        return new Generation(
                answer.text(), answer.toolCalls(), inputTokens, answer.outputTokens(), reason, Optional.empty());
    }

    /** Ends before the first of the texts that {@code stop} names; the tokens up to and with it were generated. */
    private static Optional<Generation> stopped(JsonNode body, Answer answer, int inputTokens) {
        JsonNode stop = body.path("stop");
        int first = Integer.MAX_VALUE;
        String found = "";
        for (JsonNode each : stop.isTextual() ? List.of(stop) : stop) {
            int at = each.asText().isEmpty() ? -1 : answer.text().indexOf(each.asText());
            if (at >= 0 && at < first) {
                first = at;
                found = each.asText();
            }
        }
        if (found.isEmpty()) {
            return Optional.empty();
        }
        long characters = (long) first + found.length();
        int tokens = (int) Math.max(
                1,
                Math.ceil((double) characters
                        * answer.outputTokens()
                        / answer.text().length()));
        return Optional.of(new Generation(
                answer.text().substring(0, first), List.of(), inputTokens, tokens, "stop", Optional.of(found)));
    }

    /** vLLM's metrics know no tool calls. */
    String metricsFinishReason() {
        return finishReason.equals("length") ? "length" : "stop";
    }
}
