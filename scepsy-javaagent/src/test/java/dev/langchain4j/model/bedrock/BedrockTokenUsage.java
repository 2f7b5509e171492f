package dev.langchain4j.model.bedrock;

import dev.langchain4j.model.output.TokenUsage;

/** Stands in for the module's class, with its accessors. */
public final class BedrockTokenUsage extends TokenUsage {

    public BedrockTokenUsage(int input, int output) {
        super(input, output);
    }

    public Integer cacheReadInputTokens() {
        return 30;
    }

    public Integer cacheWriteInputTokens() {
        return 4;
    }
}
