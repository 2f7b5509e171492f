package dev.scepsy.planner.span;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The one table of names: which attribute of which vocabulary says what. Of several attributes that state one fact the row
 * that stands first counts, whatever their order in the span. {@code docs/reference/traces.md} shows the same table.
 *
 * <p>Sources: OpenTelemetry GenAI conventions v1.41 and their older names (up to v1.26 {@code prompt_tokens}; Semantic Kernel's first
 * ones, {@code gen_ai.response.prompt_tokens}); OpenInference's
 * {@code spec/semantic_conventions.md}; OpenLLMetry's {@code opentelemetry-semantic-conventions-ai}; the AI SDK's page
 * "Telemetry" (versions 4 to 6); Langfuse's {@code LangfuseOtelSpanAttributes} (Python SDK 4); the sources that the table in the docs
 * names for Alibaba's, MLflow's, Genkit's, Laminar's and LangChain4j's names; and recordings of the libraries themselves, which the tests read.
 */
public enum SpanAttribute {
    OPERATION_NAME(GenAiAttributes.OPERATION_NAME, Fact.KIND, Vocabulary.GEN_AI),
    OPENINFERENCE_KIND("openinference.span.kind", Fact.KIND, Vocabulary.OPENINFERENCE),
    TRACELOOP_KIND("traceloop.span.kind", Fact.KIND, Vocabulary.OPENLLMETRY),
    REQUEST_TYPE("llm.request.type", Fact.KIND, Vocabulary.OPENLLMETRY),
    AI_OPERATION("ai.operationId", Fact.KIND, Vocabulary.VERCEL_AI),
    LANGFUSE_TYPE("langfuse.observation.type", Fact.KIND, Vocabulary.LANGFUSE),
    SPAN_KIND("gen_ai.span.kind", Fact.KIND, Vocabulary.GEN_AI),
    MLFLOW_TYPE("mlflow.spanType", Fact.KIND, Vocabulary.MLFLOW),
    GENKIT_SUBTYPE("genkit:metadata:subtype", Fact.KIND, Vocabulary.GENKIT),
    GENKIT_TYPE("genkit:type", Fact.KIND, Vocabulary.GENKIT),
    LAMINAR_TYPE("lmnr.span.type", Fact.KIND, Vocabulary.LAMINAR),

    REQUEST_MODEL(GenAiAttributes.REQUEST_MODEL, Fact.MODEL, Vocabulary.GEN_AI),
    RESPONSE_MODEL(GenAiAttributes.RESPONSE_MODEL, Fact.MODEL, Vocabulary.GEN_AI),
    LLM_MODEL("llm.model_name", Fact.MODEL, Vocabulary.OPENINFERENCE),
    EMBEDDING_MODEL("embedding.model_name", Fact.MODEL, Vocabulary.OPENINFERENCE),
    RERANKER_MODEL("reranker.model_name", Fact.MODEL, Vocabulary.OPENINFERENCE),
    LLM_REQUEST_MODEL("llm.request.model", Fact.MODEL, Vocabulary.OPENLLMETRY),
    LLM_RESPONSE_MODEL("llm.response.model", Fact.MODEL, Vocabulary.OPENLLMETRY),
    AI_MODEL("ai.model.id", Fact.MODEL, Vocabulary.VERCEL_AI),
    LANGFUSE_MODEL("langfuse.observation.model.name", Fact.MODEL, Vocabulary.LANGFUSE),
    MODEL_NAME("gen_ai.model_name", Fact.MODEL, Vocabulary.GEN_AI),
    MLFLOW_MODEL("mlflow.llm.model", Fact.MODEL, Vocabulary.MLFLOW),
    GENKIT_NAME("genkit:name", Fact.MODEL, Vocabulary.GENKIT),

    INPUT_TOKENS(GenAiAttributes.INPUT_TOKENS, Fact.INPUT_TOKENS, Vocabulary.GEN_AI),
    PROMPT_TOKENS(GenAiAttributes.PROMPT_TOKENS, Fact.INPUT_TOKENS, Vocabulary.GEN_AI),
    RESPONSE_PROMPT_TOKENS("gen_ai.response.prompt_tokens", Fact.INPUT_TOKENS, Vocabulary.GEN_AI),
    LLM_PROMPT_COUNT("llm.token_count.prompt", Fact.INPUT_TOKENS, Vocabulary.OPENINFERENCE),
    LLM_PROMPT_USAGE("llm.usage.prompt_tokens", Fact.INPUT_TOKENS, Vocabulary.OPENLLMETRY),
    AI_INPUT_TOKENS("ai.usage.inputTokens", Fact.INPUT_TOKENS, Vocabulary.VERCEL_AI),
    AI_PROMPT_TOKENS("ai.usage.promptTokens", Fact.INPUT_TOKENS, Vocabulary.VERCEL_AI),
    AI_TOKENS("ai.usage.tokens", Fact.INPUT_TOKENS, Vocabulary.VERCEL_AI),
    BARE_INPUT_TOKENS("input_tokens", Fact.INPUT_TOKENS, Vocabulary.GEN_AI),

    OUTPUT_TOKENS(GenAiAttributes.OUTPUT_TOKENS, Fact.OUTPUT_TOKENS, Vocabulary.GEN_AI),
    COMPLETION_TOKENS(GenAiAttributes.COMPLETION_TOKENS, Fact.OUTPUT_TOKENS, Vocabulary.GEN_AI),
    RESPONSE_COMPLETION_TOKENS("gen_ai.response.completion_tokens", Fact.OUTPUT_TOKENS, Vocabulary.GEN_AI),
    LLM_COMPLETION_COUNT("llm.token_count.completion", Fact.OUTPUT_TOKENS, Vocabulary.OPENINFERENCE),
    LLM_COMPLETION_USAGE("llm.usage.completion_tokens", Fact.OUTPUT_TOKENS, Vocabulary.OPENLLMETRY),
    AI_OUTPUT_TOKENS("ai.usage.outputTokens", Fact.OUTPUT_TOKENS, Vocabulary.VERCEL_AI),
    AI_COMPLETION_TOKENS("ai.usage.completionTokens", Fact.OUTPUT_TOKENS, Vocabulary.VERCEL_AI),
    BARE_OUTPUT_TOKENS("output_tokens", Fact.OUTPUT_TOKENS, Vocabulary.GEN_AI),

    LANGFUSE_USAGE("langfuse.observation.usage_details", Fact.USAGE_DETAILS, Vocabulary.LANGFUSE),
    MLFLOW_USAGE("mlflow.chat.tokenUsage", Fact.USAGE_DETAILS, Vocabulary.MLFLOW),
    GENKIT_OUTPUT("genkit:output", Fact.USAGE_DETAILS, Vocabulary.GENKIT),

    TOTAL_TOKENS("gen_ai.usage.total_tokens", Fact.USAGE, Vocabulary.GEN_AI),
    LLM_TOTAL_COUNT("llm.token_count.total", Fact.USAGE, Vocabulary.OPENINFERENCE),
    LLM_TOTAL_USAGE("llm.usage.total_tokens", Fact.USAGE, Vocabulary.OPENLLMETRY),
    AI_TOTAL_TOKENS("ai.usage.totalTokens", Fact.USAGE, Vocabulary.VERCEL_AI),

    WORKFLOW_NAME(GenAiAttributes.WORKFLOW_NAME, Fact.WORKFLOW, Vocabulary.GEN_AI),
    TRACELOOP_WORKFLOW("traceloop.workflow.name", Fact.WORKFLOW, Vocabulary.OPENLLMETRY),

    AGENT_NAME(GenAiAttributes.AGENT_NAME, Fact.AGENT, Vocabulary.GEN_AI),
    OPENINFERENCE_AGENT("agent.name", Fact.AGENT, Vocabulary.OPENINFERENCE),
    TRACELOOP_AGENT("traceloop.entity.name", Fact.AGENT, Vocabulary.OPENLLMETRY),
    AI_FUNCTION("ai.telemetry.functionId", Fact.AGENT, Vocabulary.VERCEL_AI),

    EXECUTION_ID(GenAiAttributes.EXECUTION_ID, Fact.EXECUTION_ID, Vocabulary.GEN_AI),
    BACKOFF(GenAiAttributes.CALL_BACKOFF_SECONDS, Fact.BACKOFF, Vocabulary.GEN_AI),
    TARGET(GenAiAttributes.TARGET_PER_SECOND, Fact.TARGET, Vocabulary.GEN_AI),
    WEIGHT(GenAiAttributes.WEIGHT, Fact.WEIGHT, Vocabulary.GEN_AI),
    TIME_IN_QUEUE(GenAiAttributes.TIME_IN_QUEUE, Fact.ENGINE_QUEUE, Vocabulary.GEN_AI),
    TIME_IN_PREFILL(GenAiAttributes.TIME_IN_PREFILL, Fact.ENGINE_PREFILL, Vocabulary.GEN_AI),
    TIME_IN_DECODE(GenAiAttributes.TIME_IN_DECODE, Fact.ENGINE_DECODE, Vocabulary.GEN_AI);

    /** What an attribute says. */
    public enum Fact {
        KIND,
        MODEL,
        INPUT_TOKENS,
        OUTPUT_TOKENS,
        /** That tokens were counted, without saying which. */
        USAGE,
        /** Tokens of both kinds, as a JSON object in a text. */
        USAGE_DETAILS,
        WORKFLOW,
        AGENT,
        EXECUTION_ID,
        BACKOFF,
        TARGET,
        WEIGHT,
        ENGINE_QUEUE,
        ENGINE_PREFILL,
        ENGINE_DECODE;

        /** Whether the attribute's value is a number. */
        public boolean isNumber() {
            return switch (this) {
                case KIND, MODEL, WORKFLOW, AGENT, EXECUTION_ID, USAGE_DETAILS -> false;
                default -> true;
            };
        }
    }

    private static final SpanAttribute[] ROWS = values();
    private static final Map<String, SpanAttribute> BY_KEY = new HashMap<>();

    static {
        for (SpanAttribute attribute : ROWS) {
            BY_KEY.put(attribute.key, attribute);
        }
    }

    private final String key;
    private final Fact fact;
    private final Vocabulary vocabulary;

    SpanAttribute(String key, Fact fact, Vocabulary vocabulary) {
        this.key = key;
        this.fact = fact;
        this.vocabulary = vocabulary;
    }

    /** The row of that name; null for names that no statistic reads. */
    public static @Nullable SpanAttribute named(String key) {
        return BY_KEY.get(key);
    }

    /** The row of that number, from 0. */
    static SpanAttribute row(int ordinal) {
        return ROWS[ordinal];
    }

    public String key() {
        return key;
    }

    public Fact fact() {
        return fact;
    }

    public Vocabulary vocabulary() {
        return vocabulary;
    }

    /** What kind of work the value of a {@link Fact#KIND} attribute speaks of; an empty value says nothing. */
    public Operation operation(String value) {
        if (value.isEmpty()) {
            return Operation.NONE;
        }
        return switch (this) {
            case OPENINFERENCE_KIND, SPAN_KIND -> openInference(value);
            case MLFLOW_TYPE -> mlflow(unquoted(value));
            case GENKIT_SUBTYPE, GENKIT_TYPE -> genkit(value);
            case LAMINAR_TYPE -> laminar(value);
            case TRACELOOP_KIND -> traceloop(value);
            case REQUEST_TYPE -> requestType(value);
            case AI_OPERATION -> vercel(value);
            case LANGFUSE_TYPE -> langfuse(value);
            default -> Operation.of(value);
        };
    }

    private static Operation openInference(String kind) {
        return switch (kind.toUpperCase(java.util.Locale.ROOT)) {
            case "LLM" -> Operation.MODEL;
            case "EMBEDDING", "RERANKER" -> Operation.ENCODER;
            case "AGENT" -> Operation.AGENT;
            case "TOOL" -> Operation.TOOL;
            case "RETRIEVER" -> Operation.RETRIEVAL;
            // CHAIN, GUARDRAIL, EVALUATOR, PROMPT and whatever comes
            default -> Operation.OTHER;
        };
    }

    private static Operation traceloop(String kind) {
        return switch (kind) {
            case "workflow" -> Operation.WORKFLOW;
            case "agent" -> Operation.AGENT;
            case "tool" -> Operation.TOOL;
            case "task" -> Operation.OTHER;
            default -> Operation.NONE;
        };
    }

    private static Operation requestType(String type) {
        return switch (type) {
            case "embedding", "rerank" -> Operation.ENCODER;
            case "chat", "completion" -> Operation.MODEL;
            default -> Operation.NONE;
        };
    }

    /** {@code span} is what an observation is that nobody gave a type, and says nothing. */
    private static Operation langfuse(String type) {
        return switch (type) {
            case "generation" -> Operation.MODEL;
            case "embedding" -> Operation.ENCODER;
            case "agent" -> Operation.AGENT;
            case "tool" -> Operation.TOOL;
            case "retriever" -> Operation.RETRIEVAL;
            case "span" -> Operation.NONE;
            // chain, event, evaluator, guardrail and whatever comes
            default -> Operation.OTHER;
        };
    }

    private static Operation mlflow(String type) {
        return switch (type) {
            case "CHAT_MODEL", "LLM" -> Operation.MODEL;
            case "EMBEDDING", "RERANKER" -> Operation.ENCODER;
            case "AGENT" -> Operation.AGENT;
            case "WORKFLOW" -> Operation.WORKFLOW;
            case "TOOL" -> Operation.TOOL;
            case "RETRIEVER" -> Operation.RETRIEVAL;
            case "UNKNOWN" -> Operation.NONE;
            // CHAIN, PARSER, MEMORY, TASK, GUARDRAIL, EVALUATOR and whatever comes
            default -> Operation.OTHER;
        };
    }

    /** An {@code action} says by its subtype what it is. */
    private static Operation genkit(String type) {
        return switch (type) {
            case "model", "background-model" -> Operation.MODEL;
            case "embedder", "reranker" -> Operation.ENCODER;
            case "flow" -> Operation.WORKFLOW;
            case "agent" -> Operation.AGENT;
            case "tool", "tool.v2" -> Operation.TOOL;
            case "retriever" -> Operation.RETRIEVAL;
            case "action" -> Operation.NONE;
            // util, flowStep, prompt, indexer, evaluator and whatever comes
            default -> Operation.OTHER;
        };
    }

    /** A {@code CACHED} answer never reached a model; {@code DEFAULT} is what nobody gave a type. */
    private static Operation laminar(String type) {
        return switch (type) {
            case "LLM" -> Operation.MODEL;
            case "TOOL" -> Operation.TOOL;
            case "DEFAULT" -> Operation.NONE;
            default -> Operation.OTHER;
        };
    }

    /** MLflow writes every value as JSON: its texts stand in quotes. */
    static String unquoted(String value) {
        return value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")
                ? value.substring(1, value.length() - 1)
                : value;
    }

    /** Outer spans ({@code ai.generateText}) carry the sums of those that make the calls ({@code ai.generateText.doGenerate}). */
    private static Operation vercel(String operationId) {
        if (operationId.equals("ai.toolCall")) {
            return Operation.TOOL;
        }
        int step = operationId.lastIndexOf('.') + 1;
        return switch (operationId.substring(step)) {
            case "doGenerate", "doStream" -> Operation.MODEL;
            case "doEmbed", "doRerank" -> Operation.ENCODER;
            default -> operationId.startsWith("ai.") ? Operation.OTHER : Operation.NONE;
        };
    }
}
