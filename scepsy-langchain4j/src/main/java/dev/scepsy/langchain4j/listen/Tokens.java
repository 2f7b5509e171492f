package dev.scepsy.langchain4j.listen;

import dev.langchain4j.model.output.TokenUsage;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import java.lang.reflect.Method;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tokens as the conventions count them: input is the whole prompt, cached tokens included; output is all that was generated,
 * reasoning included. What providers' numbers mean is the agent's table, in {@code docs/reference/traces.md}: what Anthropic's and
 * Bedrock's caches gave and took stands beside the input, Gemini's thoughts beside the output.
 *
 * <p>Details are read by the accessors' names: the classes
 * belong to modules that may not be there. A class that is not in the table is believed.
 */
final class Tokens {

    /** Whose input count leaves out what the cache gave and took. */
    private static final Set<String> CACHE_STANDS_BESIDE = Set.of(
            "dev.langchain4j.model.anthropic.AnthropicTokenUsage", "dev.langchain4j.model.bedrock.BedrockTokenUsage");

    private Tokens() {}

    static void describe(Span span, @Nullable TokenUsage usage) {
        if (usage == null) {
            return;
        }
        Long input = asLong(usage.inputTokenCount());
        Long output = asLong(usage.outputTokenCount());
        if (usage.getClass() != TokenUsage.class) {
            Long cacheRead = first(
                    number(usage, "cacheReadInputTokens"),
                    number(usage, "cachedContentTokenCount"),
                    number(read(usage, "inputTokensDetails"), "cachedTokens"));
            Long cacheCreated =
                    first(number(usage, "cacheCreationInputTokens"), number(usage, "cacheWriteInputTokens"), null);
            Long thoughts = number(usage, "thoughtsTokenCount");
            Long reasoning = first(thoughts, number(read(usage, "outputTokensDetails"), "reasoningTokens"), null);
            if (standsBeside(usage.getClass())) {
                input = sum(sum(input, cacheRead), cacheCreated);
            }
            input = sum(input, number(usage, "toolUsePromptTokenCount"));
            if (thoughts != null && !isTotal(usage)) {
                output = sum(output, thoughts);
            }
            put(span, GenAi.CACHE_READ_TOKENS, cacheRead);
            put(span, GenAi.CACHE_CREATION_TOKENS, cacheCreated);
            put(span, GenAi.REASONING_TOKENS, reasoning);
        }
        put(span, GenAi.INPUT_TOKENS, input);
        put(span, GenAi.OUTPUT_TOKENS, output);
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
        return from != null && read(from, name) instanceof Number number ? number.longValue() : null;
    }

    private static @Nullable Long first(@Nullable Long one, @Nullable Long other, @Nullable Long third) {
        return one != null ? one : other != null ? other : third;
    }

    private static @Nullable Long sum(@Nullable Long one, @Nullable Long other) {
        return one == null ? other : other == null ? one : Long.valueOf(one + other);
    }

    private static void put(Span span, AttributeKey<Long> key, @Nullable Long value) {
        if (value != null) {
            span.setAttribute(key, value);
        }
    }

    private static @Nullable Long asLong(@Nullable Integer value) {
        return value == null ? null : Long.valueOf(value.longValue());
    }

    private static @Nullable Object read(Object from, String name) {
        try {
            Method method = from.getClass().getMethod(name);
            return method.trySetAccessible() ? method.invoke(from) : null;
        } catch (ReflectiveOperationException | RuntimeException absent) {
            return null;
        }
    }
}
