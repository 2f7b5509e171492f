package dev.scepsy.javaagent.trace;

/**
 * Attribute names of the OpenTelemetry GenAI conventions, v1.41.0, copied as the project advises (its Java constants are
 * deprecated), and our own under {@code scepsy.}.
 */
public final class GenAi {

    public static final String OPERATION_NAME = "gen_ai.operation.name";
    public static final String PROVIDER_NAME = "gen_ai.provider.name";
    public static final String REQUEST_MODEL = "gen_ai.request.model";
    public static final String REQUEST_MAX_TOKENS = "gen_ai.request.max_tokens";
    public static final String REQUEST_TEMPERATURE = "gen_ai.request.temperature";
    public static final String REQUEST_TOP_P = "gen_ai.request.top_p";
    public static final String REQUEST_STREAM = "gen_ai.request.stream";
    public static final String RESPONSE_ID = "gen_ai.response.id";
    public static final String RESPONSE_MODEL = "gen_ai.response.model";
    public static final String RESPONSE_FINISH_REASONS = "gen_ai.response.finish_reasons";
    public static final String RESPONSE_TIME_TO_FIRST_CHUNK = "gen_ai.response.time_to_first_chunk";
    public static final String USAGE_INPUT_TOKENS = "gen_ai.usage.input_tokens";
    public static final String USAGE_OUTPUT_TOKENS = "gen_ai.usage.output_tokens";
    public static final String USAGE_CACHE_READ_TOKENS = "gen_ai.usage.cache_read.input_tokens";
    public static final String USAGE_CACHE_CREATION_TOKENS = "gen_ai.usage.cache_creation.input_tokens";
    /** What the newest conventions call {@link #USAGE_CACHE_CREATION_TOKENS}. */
    public static final String USAGE_CACHE_WRITE_TOKENS = "gen_ai.usage.cache_write.input_tokens";

    public static final String USAGE_REASONING_TOKENS = "gen_ai.usage.reasoning.output_tokens";
    public static final String EMBEDDINGS_DIMENSION_COUNT = "gen_ai.embeddings.dimension.count";
    public static final String AGENT_NAME = "gen_ai.agent.name";
    public static final String AGENT_ID = "gen_ai.agent.id";
    public static final String WORKFLOW_NAME = "gen_ai.workflow.name";
    public static final String TOOL_NAME = "gen_ai.tool.name";
    public static final String TOOL_CALL_ID = "gen_ai.tool.call.id";
    public static final String TOOL_TYPE = "gen_ai.tool.type";
    public static final String DATA_SOURCE_ID = "gen_ai.data_source.id";
    public static final String RETRIEVAL_QUERY_TEXT = "gen_ai.retrieval.query.text";
    public static final String RETRIEVAL_DOCUMENTS = "gen_ai.retrieval.documents";
    public static final String TOOL_CALL_ARGUMENTS = "gen_ai.tool.call.arguments";
    public static final String TOOL_CALL_RESULT = "gen_ai.tool.call.result";
    public static final String INPUT_MESSAGES = "gen_ai.input.messages";
    public static final String OUTPUT_MESSAGES = "gen_ai.output.messages";
    public static final String TOKEN_TYPE = "gen_ai.token.type";
    public static final String SERVER_ADDRESS = "server.address";
    public static final String SERVER_PORT = "server.port";
    public static final String ERROR_TYPE = "error.type";
    public static final String HTTP_STATUS_CODE = "http.response.status_code";

    public static final String EXECUTION_ID = "scepsy.workflow.execution.id";
    public static final String TARGET_PER_SECOND = "scepsy.workflow.target_per_second";
    public static final String WEIGHT = "scepsy.workflow.weight";
    public static final String CALL_ATTEMPTS = "scepsy.call.attempts";
    public static final String CALL_BACKOFF_SECONDS = "scepsy.call.backoff_seconds";
    public static final String RETRIEVED_DOCUMENTS = "scepsy.retrieval.documents";
    public static final String STREAM_CHUNKS = "scepsy.stream.chunks";
    public static final String STREAM_STATE = "scepsy.stream.state";

    private GenAi() {}
}
