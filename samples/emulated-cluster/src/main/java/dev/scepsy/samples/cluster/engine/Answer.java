package dev.scepsy.samples.cluster.engine;

import java.util.List;

/**
 * What an engine answers, and how many tokens that takes.
 *
 * @param text empty when the answer is tool calls
 * @param outputTokens at least 1; the request's limit cuts it, and the text with it
 */
public record Answer(String text, List<ToolCall> toolCalls, int outputTokens) {

    /** @param arguments a JSON object as text */
    public record ToolCall(String name, String arguments) {}

    public Answer {
        toolCalls = List.copyOf(toolCalls);
        if (outputTokens < 1) {
            throw new IllegalArgumentException("The outputTokens (" + outputTokens + ") must be at least 1.");
        }
    }

    /** A text that takes as many tokens as it has. */
    public static Answer text(String text) {
        return new Answer(text, List.of(), Tokens.count(text));
    }

    /** A text that takes {@code outputTokens}, as after hidden reasoning. */
    public static Answer text(String text, int outputTokens) {
        return new Answer(text, List.of(), outputTokens);
    }

    /** One call of a tool. */
    public static Answer toolCall(String name, String arguments) {
        return new Answer("", List.of(new ToolCall(name, arguments)), Tokens.count(name) + Tokens.count(arguments) + 8);
    }
}
