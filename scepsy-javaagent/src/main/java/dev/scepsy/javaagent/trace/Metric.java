package dev.scepsy.javaagent.trace;

import java.util.List;

/**
 * The GenAI metrics that are recorded. Names, units and bucket boundaries: GenAI conventions, first v1.41.0, then the newest;
 * {@code operation.*} is replaced by {@code inference.*} there, one histogram of tokens by counters and histograms.
 */
public enum Metric {
    OPERATION_DURATION("gen_ai.client.operation.duration", "s", "GenAI operation duration.", Boundaries.SECONDS),
    TOKEN_USAGE("gen_ai.client.token.usage", "{token}", "Number of input and output tokens used.", Boundaries.TOKENS),
    TIME_TO_FIRST_CHUNK(
            "gen_ai.client.operation.time_to_first_chunk",
            "s",
            "Time to receive the first chunk of a streamed answer.",
            Boundaries.SECONDS),

    INFERENCE_DURATION("gen_ai.client.inference.duration", "s", "GenAI inference duration.", Boundaries.SECONDS),
    INFERENCE_TIME_TO_FIRST_CHUNK(
            "gen_ai.client.inference.time_to_first_chunk",
            "s",
            "Time to receive the first chunk of a streamed answer.",
            Boundaries.SECONDS),
    INFERENCE_INPUT_TOKENS(
            "gen_ai.client.inference.operation.input_tokens",
            "{token}",
            "Number of input tokens per inference.",
            Boundaries.TOKENS),
    INFERENCE_OUTPUT_TOKENS(
            "gen_ai.client.inference.operation.output_tokens",
            "{token}",
            "Number of output tokens per inference.",
            Boundaries.TOKENS),
    USED_INPUT_TOKENS(
            "gen_ai.client.inference.usage.input_tokens", "{token}", "Number of input tokens used.", List.of()),
    USED_OUTPUT_TOKENS(
            "gen_ai.client.inference.usage.output_tokens", "{token}", "Number of output tokens used.", List.of()),
    USED_CACHE_READ_TOKENS(
            "gen_ai.client.inference.usage.cache_read.input_tokens",
            "{token}",
            "Number of input tokens that came from the provider's cache.",
            List.of()),
    USED_CACHE_WRITE_TOKENS(
            "gen_ai.client.inference.usage.cache_write.input_tokens",
            "{token}",
            "Number of input tokens that went to the provider's cache.",
            List.of()),
    USED_REASONING_TOKENS(
            "gen_ai.client.inference.usage.reasoning.output_tokens",
            "{token}",
            "Number of output tokens used for reasoning.",
            List.of()),
    WORKFLOW_DURATION("gen_ai.invoke_workflow.duration", "s", "Duration of a workflow.", Boundaries.SECONDS),
    AGENT_DURATION("gen_ai.invoke_agent.duration", "s", "Duration of an agent's invocation.", Boundaries.SECONDS),
    TOOL_DURATION("gen_ai.execute_tool.duration", "s", "Duration of a tool's execution.", Boundaries.SECONDS);

    private final String title;
    private final String unit;
    private final String description;
    private final List<Double> boundaries;

    Metric(String title, String unit, String description, List<Double> boundaries) {
        this.title = title;
        this.unit = unit;
        this.description = description;
        this.boundaries = boundaries;
    }

    /** Its name in the conventions. */
    public String title() {
        return title;
    }

    public String unit() {
        return unit;
    }

    public String description() {
        return description;
    }

    /** Upper bounds of a histogram's buckets; empty for a counter. */
    public List<Double> boundaries() {
        return boundaries;
    }

    private static final class Boundaries {
        static final List<Double> SECONDS =
                List.of(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92);
        static final List<Double> TOKENS = List.of(
                1.0,
                4.0,
                16.0,
                64.0,
                256.0,
                1024.0,
                4096.0,
                16384.0,
                65536.0,
                262144.0,
                1048576.0,
                4194304.0,
                16777216.0,
                67108864.0);
    }
}
