package dev.langchain4j.model.google.genai;

import dev.langchain4j.model.output.TokenUsage;

/** Stands in for the module's class, with its accessors. */
public final class GoogleGenAiTokenUsage extends TokenUsage {

    public GoogleGenAiTokenUsage(int input, int output, int total) {
        super(input, output, total);
    }

    public Integer cachedContentTokenCount() {
        return 5;
    }

    public Integer thoughtsTokenCount() {
        return 15;
    }

    public Integer toolUsePromptTokenCount() {
        return 4;
    }
}
