package dev.scepsy.samples.cluster.engine;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Counts tokens without a tokeniser: four characters make one, which is about what English costs the usual vocabularies.
 * Deterministic.
 */
public final class Tokens {
    private static final int CHARACTERS_PER_TOKEN = 4;
    private static final int TOKENS_PER_MESSAGE = 4;
    private static final int TOKENS_PER_PROMPT = 3;

    private Tokens() {}

    /** At least 1, also for the empty text. */
    public static int count(String text) {
        return Math.max(1, (text.length() + CHARACTERS_PER_TOKEN - 1) / CHARACTERS_PER_TOKEN);
    }

    /** Prompt tokens of a chat request: its messages, what frames them, and the tools it offers. */
    static int ofChat(JsonNode body) {
        int tokens = TOKENS_PER_PROMPT;
        for (JsonNode message : body.path("messages")) {
            tokens += TOKENS_PER_MESSAGE + count(textOf(message.path("content")));
            JsonNode calls = message.path("tool_calls");
            tokens += calls.isEmpty() ? 0 : count(calls.toString());
        }
        JsonNode tools = body.path("tools");
        return tokens + (tools.isEmpty() ? 0 : count(tools.toString()));
    }

    /** The text of a message's content: plain, or the text parts of a list. */
    static String textOf(JsonNode content) {
        if (!content.isArray()) {
            return content.isNull() ? "" : content.asText();
        }
        StringBuilder text = new StringBuilder();
        content.forEach(part -> text.append(part.path("text").asText()));
        return text.toString();
    }

    /** The part of {@code text} that its first {@code tokens} of {@code ofTokens} make up. */
    static int characters(String text, int tokens, int ofTokens) {
        return tokens >= ofTokens ? text.length() : (int) ((long) text.length() * tokens / ofTokens);
    }
}
