package dev.scepsy.samples.cluster.engine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * What an {@link AnswerScript} answers.
 *
 * @param model the model name as the request writes it
 * @param messages the conversation; a plain completion is one user message
 * @param body the whole request, for tools, formats and limits; not to be modified
 * @param seed the same for equal requests to equally seeded clusters, else different
 */
public record Prompt(String model, List<Message> messages, ObjectNode body, long seed) {

    /** @param content its text; empty for a message of tool calls */
    public record Message(String role, String content) {}

    public Prompt {
        messages = List.copyOf(messages);
    }

    /** The same asked for another choice of the answer: number 0 is this one. */
    Prompt again(int choice) {
        return choice == 0 ? this : new Prompt(model, messages, body, seed + choice * 0x9E3779B97F4A7C15L);
    }

    /** Text of the last message with a role; empty if there is none. */
    public String last(String role) {
        for (int i = messages.size() - 1; i >= 0; i--) {
            if (messages.get(i).role().equals(role)) {
                return messages.get(i).content();
            }
        }
        return "";
    }
}
