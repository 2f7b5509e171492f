package dev.scepsy.samples.cluster.engine;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Builds OpenAI's response objects for one generation, whole or in chunks: one of the choices of a request. */
final class GenerationResponse {
    private final Generation generation;
    private final Form form;
    private final boolean chat;
    private final String id;
    private final String model;
    private final long createdEpochSeconds;
    private final int index;

    /** Which of OpenAI's interfaces is answered. */
    enum Form {
        CHAT("chatcmpl-"),
        COMPLETION("cmpl-"),
        RESPONSE("resp_");

        private final String prefix;

        Form(String prefix) {
            this.prefix = prefix;
        }

        /** What its ids begin with. */
        String prefix() {
            return prefix;
        }
    }

    /** @param index number of the choice, from 0 */
    GenerationResponse(Generation generation, Form form, String id, String model, long createdEpochSeconds, int index) {
        this.index = index;
        this.generation = generation;
        this.form = form;
        this.chat = form == Form.CHAT;
        this.id = id;
        this.model = model;
        this.createdEpochSeconds = createdEpochSeconds;
    }

    Generation generation() {
        return generation;
    }

    ObjectNode whole() {
        if (form == Form.RESPONSE) {
            return Responses.whole(generation, id, model, createdEpochSeconds);
        }
        ObjectNode response = envelope(chat ? "chat.completion" : "text_completion");
        ObjectNode choice = choice(response);
        if (chat) {
            ObjectNode message = choice.putObject("message").put("role", "assistant");
            if (generation.toolCalls().isEmpty()) {
                message.put("content", generation.text());
            } else {
                message.putNull("content");
                toolCalls(message, false);
            }
            message.putNull("refusal").putNull("reasoning");
        } else {
            choice.put("text", generation.text());
        }
        ended(choice);
        response.putNull("system_fingerprint").putNull("service_tier");
        response.set("usage", usage(generation.outputTokens()));
        return response;
    }

    private void ended(ObjectNode choice) {
        choice.put("finish_reason", generation.finishReason())
                .put("stop_reason", generation.stopReason().orElse(null));
    }

    /** The first chunk of a chat, which names the role. */
    ObjectNode opening() {
        ObjectNode response = chunk();
        choice(response).putObject("delta").put("role", "assistant").put("content", "");
        return response;
    }

    ObjectNode text(String piece) {
        ObjectNode response = chunk();
        content(choice(response), piece);
        return response;
    }

    private ObjectNode content(ObjectNode choice, String piece) {
        if (chat) {
            return choice.putObject("delta").put("content", piece);
        }
        return choice.put("text", piece);
    }

    /** The last chunk with a choice: the last piece of text or the tool calls, and why it ended. */
    ObjectNode closing(String lastPiece) {
        ObjectNode response = chunk();
        ObjectNode choice = choice(response);
        if (chat && !generation.toolCalls().isEmpty()) {
            toolCalls(choice.putObject("delta"), true);
        } else {
            content(choice, lastPiece);
        }
        ended(choice);
        return response;
    }

    boolean isChat() {
        return chat;
    }

    /** The chunk without choices that {@code stream_options.include_usage} asks for. */
    ObjectNode usageChunk(int generated) {
        ObjectNode response = envelope(chat ? "chat.completion.chunk" : "text_completion");
        response.putArray("choices");
        response.set("usage", usage(generated));
        return response;
    }

    private void toolCalls(ObjectNode into, boolean indexed) {
        ArrayNode calls = into.putArray("tool_calls");
        int index = 0;
        for (Answer.ToolCall each : generation.toolCalls()) {
            ObjectNode call = calls.addObject();
            if (indexed) {
                call.put("index", index);
            }
            call.put("id", "call-" + id + "-" + index).put("type", "function");
            call.putObject("function").put("name", each.name()).put("arguments", each.arguments());
            index++;
        }
    }

    private ObjectNode chunk() {
        return envelope(chat ? "chat.completion.chunk" : "text_completion");
    }

    private ObjectNode envelope(String object) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("object", object)
                .put("created", createdEpochSeconds)
                .put("model", model);
    }

    private ObjectNode choice(ObjectNode response) {
        return response.putArray("choices")
                .addObject()
                .put("index", index)
                .putNull("logprobs")
                .putNull("finish_reason");
    }

    /** After {@code generated} tokens. */
    ObjectNode usage(int generated) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("prompt_tokens", generation.inputTokens())
                .put("completion_tokens", generated)
                .put("total_tokens", generation.inputTokens() + generated);
    }
}
