package dev.scepsy.planner.span;

/**
 * Names of the span attributes that statistics read: OpenTelemetry GenAI conventions v1.41, the older token names, and
 * Scepsy's own.
 */
public final class GenAiAttributes {

    public static final String OPERATION_NAME = "gen_ai.operation.name";
    public static final String WORKFLOW_NAME = "gen_ai.workflow.name";
    public static final String AGENT_NAME = "gen_ai.agent.name";
    public static final String REQUEST_MODEL = "gen_ai.request.model";
    public static final String RESPONSE_MODEL = "gen_ai.response.model";
    public static final String INPUT_TOKENS = "gen_ai.usage.input_tokens";
    public static final String OUTPUT_TOKENS = "gen_ai.usage.output_tokens";

    /** Name of {@link #INPUT_TOKENS} before v1.27. */
    public static final String PROMPT_TOKENS = "gen_ai.usage.prompt_tokens";

    /** Name of {@link #OUTPUT_TOKENS} before v1.27. */
    public static final String COMPLETION_TOKENS = "gen_ai.usage.completion_tokens";

    /** Hex id of the outermost workflow span. */
    public static final String EXECUTION_ID = "scepsy.workflow.execution.id";

    /** Attempts a call took, when more than one. */
    public static final String CALL_ATTEMPTS = "scepsy.call.attempts";

    /** Seconds (double) between the attempts of a retried call. */
    public static final String CALL_BACKOFF_SECONDS = "scepsy.call.backoff_seconds";

    /** On a workflow span: executions per second (double) that its {@code @Workflow} asks to sustain. */
    public static final String TARGET_PER_SECOND = "scepsy.workflow.target_per_second";

    /** On a workflow span: weight (double) in the objective that its {@code @Workflow} states. */
    public static final String WEIGHT = "scepsy.workflow.weight";

    /** On an engine's span (vLLM): seconds (double) before the request was scheduled. */
    public static final String TIME_IN_QUEUE = "gen_ai.latency.time_in_queue";

    /** On an engine's span (vLLM): seconds (double) of the prompt's computation. */
    public static final String TIME_IN_PREFILL = "gen_ai.latency.time_in_model_prefill";

    /** On an engine's span (vLLM): seconds (double) of the answer's generation. */
    public static final String TIME_IN_DECODE = "gen_ai.latency.time_in_model_decode";

    private GenAiAttributes() {}
}
