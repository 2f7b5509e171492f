package dev.scepsy.planner.span;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenAiTest {

    @ParameterizedTest
    @CsvSource({
        "gen_ai.operation.name, chat, MODEL",
        "gen_ai.operation.name, embeddings, ENCODER",
        "gen_ai.operation.name, execute_task, OTHER",
        "gen_ai.operation.name, framework, MODEL",
        "gen_ai.operation.name, agent, AGENT",
        "gen_ai.operation.name, workflow, OTHER",
        "gen_ai.operation.name, conversation, OTHER",
        "gen_ai.span.kind, LLM, MODEL",
        "gen_ai.span.kind, TASK, OTHER",
        "mlflow.spanType, '\"CHAT_MODEL\"', MODEL",
        "mlflow.spanType, CHAIN, OTHER",
        "genkit:metadata:subtype, model, MODEL",
        "genkit:type, action, NONE",
        "genkit:type, util, OTHER",
        "lmnr.span.type, LLM, MODEL",
        "lmnr.span.type, CACHED, OTHER",
        "openinference.span.kind, LLM, MODEL",
        "openinference.span.kind, EMBEDDING, ENCODER",
        "openinference.span.kind, RERANKER, ENCODER",
        "openinference.span.kind, AGENT, AGENT",
        "openinference.span.kind, TOOL, TOOL",
        "openinference.span.kind, RETRIEVER, RETRIEVAL",
        "openinference.span.kind, CHAIN, OTHER",
        "openinference.span.kind, GUARDRAIL, OTHER",
        "traceloop.span.kind, workflow, WORKFLOW",
        "traceloop.span.kind, agent, AGENT",
        "traceloop.span.kind, tool, TOOL",
        "traceloop.span.kind, task, OTHER",
        "llm.request.type, chat, MODEL",
        "llm.request.type, completion, MODEL",
        "llm.request.type, embedding, ENCODER",
        "llm.request.type, rerank, ENCODER",
        "ai.operationId, ai.generateText, OTHER",
        "ai.operationId, ai.generateText.doGenerate, MODEL",
        "ai.operationId, ai.streamText.doStream, MODEL",
        "ai.operationId, ai.generateObject.doGenerate, MODEL",
        "ai.operationId, ai.embed, OTHER",
        "ai.operationId, ai.embedMany.doEmbed, ENCODER",
        "ai.operationId, ai.toolCall, TOOL",
        "langfuse.observation.type, generation, MODEL",
        "langfuse.observation.type, embedding, ENCODER",
        "langfuse.observation.type, agent, AGENT",
        "langfuse.observation.type, tool, TOOL",
        "langfuse.observation.type, retriever, RETRIEVAL",
        "langfuse.observation.type, chain, OTHER",
        "langfuse.observation.type, span, NONE"
    })
    void everyVocabularySaysWhatKindASpanIs(String key, String value, Operation operation) {
        assertThat(GenAi.builder().attribute(key, value).build().operation()).isEqualTo(operation);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"input\": 12, \"output\": 7, \"total\": 19} | 12 | 7",
                "{\"input_cached_tokens\":4,\"input\":12,\"output\":7} | 12 | 7",
                "{\"prompt_tokens\":12,\"completion_tokens\":7,\"total_tokens\":19} | 12 | 7",
                "{\"input_tokens\":12} | 12 | -1",
                "{\"input\": 1.5, \"output\": \"7\"} | -1 | -1",
                "nothing | -1 | -1"
            })
    void langfuseCountsTokensInAJsonObject(String details, long input, long output) {
        GenAi call = GenAi.builder()
                .attribute("langfuse.observation.type", "generation")
                .attribute("langfuse.observation.model.name", "m")
                .attribute("langfuse.observation.usage_details", details)
                .build();

        assertThat(call.inputTokens().orElse(-1)).isEqualTo(input);
        assertThat(call.outputTokens().orElse(-1)).isEqualTo(output);
        assertThat(call.model()).isEqualTo("m");
    }

    @Test
    void tokensOfTheConventionsCountBeforeThoseOfLangfuse() {
        GenAi call = GenAi.builder()
                .attribute("langfuse.observation.usage_details", "{\"input\":12,\"output\":7}")
                .attribute("gen_ai.usage.input_tokens", 20)
                .build();

        assertThat(call.inputTokens()).hasValue(20);
        assertThat(call.outputTokens()).hasValue(7);
    }

    @Test
    void semanticKernelsFirstNamesOfTokensAreRead() {
        GenAi call = GenAi.builder()
                .attribute("gen_ai.operation.name", "chat.completions")
                .attribute("gen_ai.request.model", "m")
                .attribute("gen_ai.response.prompt_tokens", 12)
                .attribute("gen_ai.response.completion_tokens", 7)
                .build();

        assertThat(call.operation()).isEqualTo(Operation.MODEL);
        assertThat(call.inputTokens()).hasValue(12);
        assertThat(call.outputTokens()).hasValue(7);
    }

    @Test
    void aPlaceholderNamesAModelOnlyWhereNothingElseDoes() {
        GenAi.Builder facts = GenAi.builder()
                .attribute("gen_ai.response.model", "m")
                .attribute("gen_ai.operation.name", "chat")
                .attribute("gen_ai.request.model", "unknown");

        assertThat(facts.build().model()).isEqualTo("m");
        assertThat(facts.clear()
                        .attribute("gen_ai.request.model", "none")
                        .build()
                        .model())
                .isEqualTo("none");
        assertThat(facts.vocabulary()).isNull();
    }

    @Test
    void theKindIsThatOfTheFirstVocabularyWhateverTheOrder() {
        GenAi one = GenAi.builder()
                .attribute("ai.operationId", "ai.generateText.doGenerate")
                .attribute("openinference.span.kind", "CHAIN")
                .attribute("gen_ai.operation.name", "invoke_agent")
                .build();
        GenAi other = GenAi.builder()
                .attribute("gen_ai.operation.name", "invoke_agent")
                .attribute("openinference.span.kind", "CHAIN")
                .attribute("ai.operationId", "ai.generateText.doGenerate")
                .build();

        assertThat(one.operation()).isEqualTo(Operation.AGENT);
        assertThat(other).isEqualTo(one);
    }

    @Test
    void modelAndTokensAreOfTheFirstThatHasTheFact() {
        GenAi facts = GenAi.builder()
                .attribute("llm.model_name", "second")
                .attribute("gen_ai.response.model", "first")
                .attribute("llm.token_count.prompt", 7L)
                .attribute("ai.usage.inputTokens", 9L)
                .attribute("ai.usage.outputTokens", 5.0)
                .build();

        assertThat(facts.model()).isEqualTo("first");
        assertThat(facts.inputTokens()).hasValue(7);
        assertThat(facts.outputTokens()).hasValue(5);
    }

    @Test
    void countsThatNoCallCanHaveAreAsAbsent() {
        GenAi genAi = GenAi.builder()
                .attribute("gen_ai.operation.name", "chat")
                .attribute("gen_ai.request.model", "m")
                .attribute("gen_ai.usage.input_tokens", 1_000_000_001L)
                .attribute("gen_ai.usage.output_tokens", Long.MAX_VALUE)
                .build();
        assertThat(genAi.inputTokens()).isEmpty();
        assertThat(genAi.outputTokens()).isEmpty();
    }

    @Test
    void withoutAnOperationTokensMakeASpanThatNamesAModelACall() {
        assertThat(call(GenAi.builder().attribute("gen_ai.request.model", "m"), Span.Kind.CLIENT, false))
                .isFalse();
        assertThat(call(
                        GenAi.builder()
                                .attribute("gen_ai.request.model", "m")
                                .attribute("gen_ai.usage.input_tokens", 9L),
                        Span.Kind.INTERNAL,
                        false))
                .isTrue();
        assertThat(call(
                        GenAi.builder()
                                .attribute("gen_ai.request.model", "m")
                                .attribute("gen_ai.usage.total_tokens", 9L),
                        Span.Kind.INTERNAL,
                        false))
                .isTrue();
    }

    @Test
    void withoutAnOperationAClientsFailureIsACallAndOthersAreNot() {
        GenAi.Builder facts = GenAi.builder().attribute("gen_ai.request.model", "m");

        assertThat(call(facts, Span.Kind.CLIENT, true)).isTrue();
        assertThat(call(facts, Span.Kind.INTERNAL, true)).isFalse();
        assertThat(call(facts, Span.Kind.SERVER, true)).isFalse();
    }

    @Test
    void sumsOnAnAgentsChainsOrToolsSpanMakeItNoCall() {
        for (String kind : new String[] {"CHAIN", "AGENT", "TOOL"}) {
            assertThat(call(
                            GenAi.builder()
                                    .attribute("openinference.span.kind", kind)
                                    .attribute("llm.model_name", "m")
                                    .attribute("llm.token_count.prompt", 100L),
                            Span.Kind.INTERNAL,
                            false))
                    .as(kind)
                    .isFalse();
        }
    }

    @Test
    void aCallThatCountsNoPromptTokensHasCountedNone() {
        GenAi silent = GenAi.builder()
                .attribute("gen_ai.operation.name", "chat")
                .attribute("gen_ai.usage.input_tokens", "0")
                .attribute("gen_ai.usage.output_tokens", "0")
                .build();
        GenAi half = GenAi.builder()
                .attribute("gen_ai.operation.name", "chat")
                .attribute("gen_ai.usage.input_tokens", 0L)
                .attribute("gen_ai.usage.output_tokens", 20L)
                .build();

        assertThat(silent.inputTokens()).isEmpty();
        assertThat(silent.outputTokens()).isEmpty();
        assertThat(half.inputTokens()).isEmpty();
        assertThat(half.outputTokens()).hasValue(20);
    }

    @Test
    void anAnswerOfNoTokensToARealPromptIsOne() {
        GenAi facts = GenAi.builder()
                .attribute("gen_ai.operation.name", "chat")
                .attribute("gen_ai.usage.input_tokens", 12L)
                .attribute("gen_ai.usage.output_tokens", 0L)
                .build();

        assertThat(facts.inputTokens()).hasValue(12);
        assertThat(facts.outputTokens()).hasValue(0);
    }

    @Test
    void encodersWriteNoTokens() {
        assertThat(GenAi.builder()
                        .attribute("gen_ai.operation.name", "embeddings")
                        .attribute("gen_ai.usage.input_tokens", 12L)
                        .build()
                        .outputTokens())
                .hasValue(0);
        assertThat(GenAi.builder()
                        .attribute("gen_ai.operation.name", "rerank")
                        .build()
                        .outputTokens())
                .hasValue(0);
    }

    @Test
    void aServiceThatDoesNotSayItsNameIsNone() {
        assertThat(new Origin("", null, null).service()).isNull();
        assertThat(new Origin("unknown_service:java", null, null).service()).isNull();
        assertThat(new Origin("shop", null, null).service()).isEqualTo("shop");
    }

    private static boolean call(GenAi.Builder facts, Span.Kind kind, boolean error) {
        return Span.builder(new TraceId(0, 1), 1)
                .kind(kind)
                .error(error)
                .genAi(facts.build())
                .build()
                .isModelCall();
    }
}
