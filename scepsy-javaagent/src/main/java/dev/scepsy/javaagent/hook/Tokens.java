package dev.scepsy.javaagent.hook;

import dev.langchain4j.model.output.TokenUsage;
import dev.scepsy.javaagent.trace.GenAi;
import dev.scepsy.javaagent.trace.Operation;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tokens as the conventions count them: input is the whole prompt, cached tokens included; output is all that was generated,
 * reasoning included. What providers' numbers mean:
 *
 * <table>
 * <caption>Subclasses of TokenUsage</caption>
 * <tr><th>Class</th><th>Input</th><th>Output</th></tr>
 * <tr><td>OpenAiTokenUsage, OpenAiOfficialTokenUsage</td><td>cachedTokens are part of it</td><td>reasoningTokens are part of
 * it</td></tr>
 * <tr><td>AnthropicTokenUsage, BedrockTokenUsage</td><td>what was read from and written to the cache stands beside it</td><td>
 * thinking is part of it</td></tr>
 * <tr><td>GoogleAiGeminiTokenUsage, GoogleGenAiTokenUsage</td><td>cachedContentTokenCount is part of it,
 * toolUsePromptTokenCount stands beside it</td><td>thoughtsTokenCount stands beside it, unless the total says otherwise
 * </td></tr>
 * <tr><td>TokenUsage (Azure, Mistral, Ollama, Vertex AI, watsonx ...)</td><td>the whole prompt</td><td>as it says</td></tr>
 * </table>
 *
 * <p>{@code docs/reference/traces.md} has the table with its sources. Details are read by the accessors' names: the classes
 * belong to modules that may not be there. A class that is not in the table is believed.
 */
final class Tokens {

    /** Whose input count leaves out what the cache gave and took. */
    private static final Set<String> CACHE_STANDS_BESIDE = Set.of(
            "dev.langchain4j.model.anthropic.AnthropicTokenUsage", "dev.langchain4j.model.bedrock.BedrockTokenUsage");

    private Tokens() {}

    static void describe(Operation operation, @Nullable TokenUsage usage) {
        if (usage == null) {
            return;
        }
        Long input = Numbers.asLong(usage.inputTokenCount());
        Long output = Numbers.asLong(usage.outputTokenCount());
        if (usage.getClass() != TokenUsage.class) {
            Long cacheRead = first(
                    number(usage, "cacheReadInputTokens"),
                    number(usage, "cachedContentTokenCount"),
                    number(Responses.read(usage, "inputTokensDetails"), "cachedTokens"));
            Long cacheCreated =
                    first(number(usage, "cacheCreationInputTokens"), number(usage, "cacheWriteInputTokens"), null);
            Long thoughts = number(usage, "thoughtsTokenCount");
            Long reasoning =
                    first(thoughts, number(Responses.read(usage, "outputTokensDetails"), "reasoningTokens"), null);
            if (standsBeside(usage.getClass())) {
                input = sum(sum(input, cacheRead), cacheCreated);
            }
            input = sum(input, number(usage, "toolUsePromptTokenCount"));
            if (thoughts != null && !isTotal(usage)) {
                output = sum(output, thoughts);
            }
            operation.put(GenAi.USAGE_CACHE_READ_TOKENS, cacheRead);
            operation.put(GenAi.USAGE_CACHE_CREATION_TOKENS, cacheCreated);
            operation.put(GenAi.USAGE_REASONING_TOKENS, reasoning);
        }
        operation.put(GenAi.USAGE_INPUT_TOKENS, input);
        operation.put(GenAi.USAGE_OUTPUT_TOKENS, output);
    }

    private static boolean standsBeside(Class<?> usage) {
        for (Class<?> type = usage; type != null; type = type.getSuperclass()) {
            if (CACHE_STANDS_BESIDE.contains(type.getName())) {
                return true;
            }
        }
        return false;
    }

    /** Whether input and output are all there is: then thoughts are in the output already. */
    private static boolean isTotal(TokenUsage usage) {
        Integer total = usage.totalTokenCount();
        Integer input = usage.inputTokenCount();
        Integer output = usage.outputTokenCount();
        return total != null && input != null && output != null && total > 0 && total == input + output;
    }

    private static @Nullable Long number(@Nullable Object from, String name) {
        return from != null && Responses.read(from, name) instanceof Number number ? number.longValue() : null;
    }

    private static @Nullable Long first(@Nullable Long one, @Nullable Long other, @Nullable Long third) {
        return one != null ? one : other != null ? other : third;
    }

    private static @Nullable Long sum(@Nullable Long one, @Nullable Long other) {
        return one == null ? other : other == null ? one : Long.valueOf(one + other);
    }
}
