package dev.scepsy.samples.cluster.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** {@code /v1/responses}, put as the chat that it is: whole answers of text, without tools, streams or memory of earlier ones. */
final class Responses {

    private Responses() {}

    /** The chat request that {@code body} amounts to. */
    static ObjectNode chat(ObjectNode body) {
        for (String missing : new String[] {"stream", "background"}) {
            if (body.path(missing).asBoolean(false)) {
                throw OpenAiFailure.badRequest(missing, missing + ": /v1/responses is emulated without it");
            }
        }
        for (String missing : new String[] {"tools", "previous_response_id"}) {
            if (body.hasNonNull(missing)
                    && !(body.path(missing).isArray() && body.path(missing).isEmpty())) {
                throw OpenAiFailure.badRequest(missing, missing + ": /v1/responses is emulated without it");
            }
        }
        ObjectNode chat = body.deepCopy();
        chat.remove("n");
        ArrayNode messages = chat.putArray("messages");
        if (body.path("instructions").isTextual()) {
            message(messages, "system", body.path("instructions"));
        }
        JsonNode input = body.path("input");
        if (input.isTextual()) {
            message(messages, "user", input);
        } else if (input.isArray() && !input.isEmpty()) {
            input.forEach(item -> message(messages, item.path("role").asText("user"), item.path("content")));
        } else {
            throw OpenAiFailure.badRequest("input", "input: a text or a list of at least one item is required");
        }
        if (body.hasNonNull("max_output_tokens")) {
            chat.set("max_completion_tokens", body.path("max_output_tokens"));
        }
        return chat;
    }

    private static void message(ArrayNode messages, String role, JsonNode content) {
        messages.addObject().put("role", role).put("content", Tokens.textOf(content));
    }

    /** The response object around one generation. */
    static ObjectNode whole(Generation generation, String id, String model, long createdEpochSeconds) {
        boolean cut = generation.finishReason().equals("length");
        ObjectNode response = JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("object", "response")
                .put("created_at", createdEpochSeconds)
                .put("status", cut ? "incomplete" : "completed")
                .put("model", model);
        if (cut) {
            response.putObject("incomplete_details").put("reason", "max_output_tokens");
        } else {
            response.putNull("incomplete_details");
        }
        ObjectNode message = response.putArray("output")
                .addObject()
                .put("id", "msg_" + id)
                .put("type", "message")
                .put("role", "assistant")
                .put("status", cut ? "incomplete" : "completed");
        message.putArray("content")
                .addObject()
                .put("type", "output_text")
                .put("text", generation.text())
                .putArray("annotations");
        ObjectNode usage = response.putObject("usage")
                .put("input_tokens", generation.inputTokens())
                .put("output_tokens", generation.outputTokens())
                .put("total_tokens", generation.inputTokens() + generation.outputTokens());
        usage.putObject("input_tokens_details").put("cached_tokens", 0);
        usage.putObject("output_tokens_details").put("reasoning_tokens", 0);
        return response;
    }
}
