package dev.langchain4j.model.openaiofficial;

import dev.langchain4j.model.output.TokenUsage;

/** Stands in for the module's class, with its accessors. */
public final class OpenAiOfficialTokenUsage extends TokenUsage {

    public record InputTokensDetails(Long cachedTokens) {}

    public record OutputTokensDetails(Long reasoningTokens) {}

    public OpenAiOfficialTokenUsage(int input, int output) {
        super(input, output);
    }

    public InputTokensDetails inputTokensDetails() {
        return new InputTokensDetails(8L);
    }

    public OutputTokensDetails outputTokensDetails() {
        return new OutputTokensDetails(3L);
    }
}
