package dev.scepsy.javaagent.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.langchain4j.model.anthropic.AnthropicTokenUsage;
import dev.langchain4j.model.bedrock.BedrockTokenUsage;
import dev.langchain4j.model.google.genai.GoogleGenAiTokenUsage;
import dev.langchain4j.model.googleai.GoogleAiGeminiTokenUsage;
import dev.langchain4j.model.openai.OpenAiTokenUsage;
import dev.langchain4j.model.openaiofficial.OpenAiOfficialTokenUsage;
import dev.langchain4j.model.output.TokenUsage;
import dev.scepsy.javaagent.setting.Settings;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.OperationKind;
import dev.scepsy.javaagent.trace.Sampling;
import dev.scepsy.javaagent.trace.Tracer;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TokensTest {

    /** Somebody's own, with accessors that might be anything. */
    public static final class OwnTokenUsage extends TokenUsage {
        OwnTokenUsage() {
            super(100, 10);
        }

        public int cacheReadInputTokens() {
            return 40;
        }
    }

    static Stream<Arguments> usages() {
        return Stream.of(
                arguments(new TokenUsage(5, 7), "input 5, output 7"),
                arguments(new TokenUsage(null, 7), "output 7"),
                arguments(new TokenUsage(), ""),
                arguments(
                        AnthropicTokenUsage.builder()
                                .inputTokenCount(5)
                                .outputTokenCount(7)
                                .cacheReadInputTokens(9000)
                                .cacheCreationInputTokens(1000)
                                .build(),
                        "cache_creation.input 1000, cache_read.input 9000, input 10005, output 7"),
                arguments(
                        AnthropicTokenUsage.builder()
                                .inputTokenCount(5)
                                .outputTokenCount(7)
                                .build(),
                        "input 5, output 7"),
                arguments(
                        new BedrockTokenUsage(5, 7), "cache_creation.input 4, cache_read.input 30, input 39, output 7"),
                arguments(
                        OpenAiTokenUsage.builder()
                                .inputTokenCount(100)
                                .outputTokenCount(20)
                                .inputTokensDetails(OpenAiTokenUsage.InputTokensDetails.builder()
                                        .cachedTokens(64)
                                        .build())
                                .outputTokensDetails(OpenAiTokenUsage.OutputTokensDetails.builder()
                                        .reasoningTokens(12)
                                        .build())
                                .build(),
                        "cache_read.input 64, input 100, output 20, reasoning.output 12"),
                arguments(
                        new OpenAiOfficialTokenUsage(100, 20),
                        "cache_read.input 8, input 100, output 20, reasoning.output 3"),
                arguments(
                        GoogleAiGeminiTokenUsage.builder()
                                .inputTokenCount(100)
                                .outputTokenCount(20)
                                .totalTokenCount(150)
                                .cachedContentTokenCount(60)
                                .thoughtsTokenCount(30)
                                .build(),
                        "cache_read.input 60, input 100, output 50, reasoning.output 30"),
                arguments(
                        GoogleAiGeminiTokenUsage.builder()
                                .inputTokenCount(100)
                                .outputTokenCount(50)
                                .totalTokenCount(150)
                                .thoughtsTokenCount(30)
                                .build(),
                        "input 100, output 50, reasoning.output 30"),
                arguments(
                        new GoogleGenAiTokenUsage(10, 20, 49),
                        "cache_read.input 5, input 14, output 35, reasoning.output 15"),
                arguments(new OwnTokenUsage(), "cache_read.input 40, input 100, output 10"));
    }

    @ParameterizedTest
    @MethodSource("usages")
    void inputIsTheWholePromptAndOutputAllThatWasGenerated(TokenUsage usage, String expected) {
        Tracer tracer =
                new Tracer(Sampling.of(Settings.of(key -> null, Map.<String, String>of()::get)), finished -> {});
        Operation operation = tracer.begin(OperationKind.CHAT, "chat m", this);

        Tokens.describe(operation, usage);

        Map<String, Object> said = new TreeMap<>();
        operation.forEachAttribute(
                (key, value) -> said.put(key.replace("gen_ai.usage.", "").replace("_tokens", ""), value));
        assertThat(said.toString()).isEqualTo("{" + expected.replaceAll(" (\\d+)", "=$1") + "}");
    }
}
