package dev.scepsy.javaagent.trace;

import java.util.List;
import java.util.function.BiConsumer;

/** What one ended operation adds to the GenAI metrics. */
public final class Measurements {

    private static final List<String> OF_CALLS = List.of(
            GenAi.PROVIDER_NAME, GenAi.REQUEST_MODEL, GenAi.RESPONSE_MODEL, GenAi.SERVER_ADDRESS, GenAi.SERVER_PORT);
    private static final double NANOS = 1e9;

    private Measurements() {}

    /** Takes one measurement; its attributes are this operation's {@link #keys}, and the token type where there is one. */
    @FunctionalInterface
    public interface Receiver {
        /** @param tokenType {@code input}, {@code output}, or empty */
        void measured(Metric metric, double value, String tokenType);
    }

    /** Of its attributes those that tell time series apart: few values each, no ids. */
    public static List<String> keys(Operation operation) {
        return switch (operation.kind()) {
            case WORKFLOW -> List.of(GenAi.WORKFLOW_NAME);
            case AGENT -> List.of(GenAi.AGENT_NAME);
            case TOOL -> List.of(GenAi.TOOL_NAME);
            case RETRIEVAL -> List.of(GenAi.DATA_SOURCE_ID);
            default -> OF_CALLS;
        };
    }

    /** All measurements of an ended operation. */
    public static void of(Operation operation, Receiver receiver) {
        operation.describe();
        double seconds = (operation.endEpochNanos() - operation.startEpochNanos()) / NANOS;
        if (operation.tracer().conventions() == Conventions.NEWEST) {
            newest(operation, seconds, receiver);
        } else if (operation.kind().isModelCall()) {
            receiver.measured(Metric.OPERATION_DURATION, seconds, "");
            tokens(operation, GenAi.USAGE_INPUT_TOKENS, Metric.TOKEN_USAGE, "input", receiver);
            tokens(operation, GenAi.USAGE_OUTPUT_TOKENS, Metric.TOKEN_USAGE, "output", receiver);
            firstChunk(operation, Metric.TIME_TO_FIRST_CHUNK, receiver);
        }
    }

    private static void newest(Operation operation, double seconds, Receiver receiver) {
        switch (operation.kind()) {
            case WORKFLOW -> receiver.measured(Metric.WORKFLOW_DURATION, seconds, "");
            case AGENT -> receiver.measured(Metric.AGENT_DURATION, seconds, "");
            case TOOL -> receiver.measured(Metric.TOOL_DURATION, seconds, "");
            case CHAT, TEXT_COMPLETION, IMAGE -> {
                receiver.measured(Metric.INFERENCE_DURATION, seconds, "");
                tokens(operation, GenAi.USAGE_INPUT_TOKENS, Metric.INFERENCE_INPUT_TOKENS, "", receiver);
                tokens(operation, GenAi.USAGE_OUTPUT_TOKENS, Metric.INFERENCE_OUTPUT_TOKENS, "", receiver);
                tokens(operation, GenAi.USAGE_INPUT_TOKENS, Metric.USED_INPUT_TOKENS, "", receiver);
                tokens(operation, GenAi.USAGE_OUTPUT_TOKENS, Metric.USED_OUTPUT_TOKENS, "", receiver);
                tokens(operation, GenAi.USAGE_CACHE_READ_TOKENS, Metric.USED_CACHE_READ_TOKENS, "", receiver);
                tokens(operation, GenAi.USAGE_CACHE_CREATION_TOKENS, Metric.USED_CACHE_WRITE_TOKENS, "", receiver);
                tokens(operation, GenAi.USAGE_REASONING_TOKENS, Metric.USED_REASONING_TOKENS, "", receiver);
                firstChunk(operation, Metric.INFERENCE_TIME_TO_FIRST_CHUNK, receiver);
            }
            default -> receiver.measured(Metric.OPERATION_DURATION, seconds, "");
        }
    }

    private static void tokens(Operation operation, String key, Metric metric, String type, Receiver receiver) {
        if (operation.get(key) instanceof Long count) {
            receiver.measured(metric, count, type);
        }
    }

    private static void firstChunk(Operation operation, Metric metric, Receiver receiver) {
        if (operation.get(GenAi.RESPONSE_TIME_TO_FIRST_CHUNK) instanceof Double seconds) {
            receiver.measured(metric, seconds, "");
        }
    }

    /** The attributes of one measured value; each is a text or a {@code Long}. */
    public static void attributes(Operation operation, Metric metric, String tokenType, BiConsumer<String, Object> to) {
        to.accept(GenAi.OPERATION_NAME, operation.kind().operationName());
        for (String key : keys(operation)) {
            Object value = operation.get(key);
            if (value instanceof String || value instanceof Long) {
                to.accept(key, value);
            }
        }
        String errorType = operation.errorType();
        if (!tokenType.isEmpty()) {
            to.accept(GenAi.TOKEN_TYPE, tokenType);
        } else if (errorType != null && metric.unit().equals("s")) {
            to.accept(GenAi.ERROR_TYPE, errorType);
        }
    }
}
