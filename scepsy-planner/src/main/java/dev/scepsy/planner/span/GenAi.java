package dev.scepsy.planner.span;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a span says about GenAI work: the attributes that statistics need, typed. Immutable.
 *
 * @param operation kind of work
 * @param model the model a call names: {@code gen_ai.request.model}, else {@code gen_ai.response.model}
 * @param workflow {@code gen_ai.workflow.name}
 * @param agent {@code gen_ai.agent.name}
 * @param executionId span id of the outermost workflow span, or {@link SpanId#NONE} where the span does not say
 * @param backoffNanos time between the attempts of a retried call, which is not model time; 0 or more
 * @param inputTokens prompt tokens; empty when not reported
 * @param outputTokens generated tokens; empty when not reported
 * @param targetPerSecond on a workflow span: the rate its {@code @Workflow} asks for
 * @param weight on a workflow span: the weight its {@code @Workflow} states
 * @param engine on an engine's span: where it says the request's time went; null on all others
 */
public record GenAi(
        Operation operation,
        @Nullable String model,
        @Nullable String workflow,
        @Nullable String agent,
        long executionId,
        long backoffNanos,
        OptionalLong inputTokens,
        OptionalLong outputTokens,
        OptionalDouble targetPerSecond,
        OptionalDouble weight,
        @Nullable EngineTimes engine) {

    /** A span that says nothing of the kind. */
    public static final GenAi NONE = builder().build();

    public static Builder builder() {
        return new Builder();
    }

    /** Whether an attribute of that name is one of those kept. */
    public static boolean reads(String key) {
        return switch (key) {
            case GenAiAttributes.OPERATION_NAME,
                    GenAiAttributes.WORKFLOW_NAME,
                    GenAiAttributes.AGENT_NAME,
                    GenAiAttributes.REQUEST_MODEL,
                    GenAiAttributes.RESPONSE_MODEL,
                    GenAiAttributes.EXECUTION_ID -> true;
            default -> isNumber(key);
        };
    }

    private static boolean isNumber(String key) {
        return switch (key) {
            case GenAiAttributes.INPUT_TOKENS,
                    GenAiAttributes.OUTPUT_TOKENS,
                    GenAiAttributes.PROMPT_TOKENS,
                    GenAiAttributes.COMPLETION_TOKENS,
                    GenAiAttributes.CALL_BACKOFF_SECONDS,
                    GenAiAttributes.TARGET_PER_SECOND,
                    GenAiAttributes.WEIGHT,
                    GenAiAttributes.TIME_IN_QUEUE,
                    GenAiAttributes.TIME_IN_PREFILL,
                    GenAiAttributes.TIME_IN_DECODE -> true;
            default -> false;
        };
    }

    /**
     * Collects the facts of one span, by name or typed. Values of the wrong type and unknown keys are ignored: foreign
     * spans say what they like. Reusable after {@link #clear}; not thread-safe.
     */
    public static final class Builder {
        private static final BigDecimal NANOS_PER_SECOND = BigDecimal.valueOf(1_000_000_000L);

        private Operation operation = Operation.NONE;
        private @Nullable String requestModel;
        private @Nullable String responseModel;
        private @Nullable String workflow;
        private @Nullable String agent;
        private long executionId = SpanId.NONE;
        private long backoffNanos;
        private OptionalLong inputTokens = OptionalLong.empty();
        private OptionalLong outputTokens = OptionalLong.empty();
        private OptionalLong promptTokens = OptionalLong.empty();
        private OptionalLong completionTokens = OptionalLong.empty();
        private OptionalDouble targetPerSecond = OptionalDouble.empty();
        private OptionalDouble weight = OptionalDouble.empty();
        private @Nullable EngineTimes engine;

        private Builder() {}

        public Builder operation(Operation operation) {
            this.operation = operation;
            return this;
        }

        public Builder model(@Nullable String model) {
            requestModel = emptyToNull(model);
            return this;
        }

        public Builder workflow(@Nullable String workflow) {
            this.workflow = emptyToNull(workflow);
            return this;
        }

        public Builder agent(@Nullable String agent) {
            this.agent = emptyToNull(agent);
            return this;
        }

        public Builder executionId(long executionId) {
            this.executionId = executionId;
            return this;
        }

        public Builder backoffNanos(long backoffNanos) {
            this.backoffNanos = Math.max(0, backoffNanos);
            return this;
        }

        public Builder inputTokens(long tokens) {
            inputTokens = reported(tokens);
            return this;
        }

        public Builder outputTokens(long tokens) {
            outputTokens = reported(tokens);
            return this;
        }

        public Builder targetPerSecond(double targetPerSecond) {
            this.targetPerSecond = positive(targetPerSecond);
            return this;
        }

        public Builder weight(double weight) {
            this.weight = weight >= 0 && Double.isFinite(weight) ? OptionalDouble.of(weight) : OptionalDouble.empty();
            return this;
        }

        /** Adds to what the engine says. */
        public Builder engine(EngineTimes times) {
            engine = engine == null ? times : engine.plus(times);
            return this;
        }

        /** Takes a text attribute; numbers written as text are read as numbers. */
        public Builder attribute(String key, String value) {
            switch (key) {
                case GenAiAttributes.OPERATION_NAME -> operation = Operation.of(value);
                case GenAiAttributes.REQUEST_MODEL -> requestModel = emptyToNull(value);
                case GenAiAttributes.RESPONSE_MODEL -> responseModel = emptyToNull(value);
                case GenAiAttributes.WORKFLOW_NAME -> workflow = emptyToNull(value);
                case GenAiAttributes.AGENT_NAME -> agent = emptyToNull(value);
                case GenAiAttributes.EXECUTION_ID -> executionId = executionIdOf(value);
                default -> {
                    if (isNumber(key)) {
                        decimalOf(value, key);
                    }
                }
            }
            return this;
        }

        /** Takes a whole-number attribute. */
        public Builder attribute(String key, long value) {
            switch (key) {
                case GenAiAttributes.INPUT_TOKENS -> inputTokens = reported(value);
                case GenAiAttributes.OUTPUT_TOKENS -> outputTokens = reported(value);
                case GenAiAttributes.PROMPT_TOKENS -> promptTokens = reported(value);
                case GenAiAttributes.COMPLETION_TOKENS -> completionTokens = reported(value);
                default -> attribute(key, (double) value);
            }
            return this;
        }

        /** Takes a decimal attribute. */
        public Builder attribute(String key, double value) {
            if (!Double.isFinite(value)) {
                return this;
            }
            switch (key) {
                case GenAiAttributes.CALL_BACKOFF_SECONDS -> backoffNanos = nanosOf(value);
                case GenAiAttributes.TARGET_PER_SECOND -> targetPerSecond(value);
                case GenAiAttributes.WEIGHT -> weight(value);
                case GenAiAttributes.TIME_IN_QUEUE -> engine(new EngineTimes(nanosOf(value), 0, 0));
                case GenAiAttributes.TIME_IN_PREFILL -> engine(new EngineTimes(0, nanosOf(value), 0));
                case GenAiAttributes.TIME_IN_DECODE -> engine(new EngineTimes(0, 0, nanosOf(value)));
                case GenAiAttributes.INPUT_TOKENS,
                        GenAiAttributes.OUTPUT_TOKENS,
                        GenAiAttributes.PROMPT_TOKENS,
                        GenAiAttributes.COMPLETION_TOKENS -> {
                    if (value == Math.rint(value)) {
                        attribute(key, (long) value);
                    }
                }
                default -> {}
            }
            return this;
        }

        /** Forgets everything. */
        public Builder clear() {
            operation = Operation.NONE;
            requestModel = null;
            responseModel = null;
            workflow = null;
            agent = null;
            executionId = SpanId.NONE;
            backoffNanos = 0;
            inputTokens = OptionalLong.empty();
            outputTokens = OptionalLong.empty();
            promptTokens = OptionalLong.empty();
            completionTokens = OptionalLong.empty();
            targetPerSecond = OptionalDouble.empty();
            weight = OptionalDouble.empty();
            engine = null;
            return this;
        }

        public GenAi build() {
            return new GenAi(
                    operation,
                    requestModel != null ? requestModel : responseModel,
                    workflow,
                    agent,
                    executionId,
                    backoffNanos,
                    inputTokens.isPresent() ? inputTokens : promptTokens,
                    outputTokens.isPresent() ? outputTokens : completionTokens,
                    targetPerSecond,
                    weight,
                    engine);
        }

        private void decimalOf(String value, String key) {
            try {
                attribute(key, Double.parseDouble(value));
            } catch (NumberFormatException notANumber) {
                // as absent
            }
        }

        private static long executionIdOf(String value) {
            if (value.isEmpty()) {
                return SpanId.NONE;
            }
            try {
                return SpanId.ofHex(value);
            } catch (IllegalArgumentException notHex) {
                // a name that no span id can equal: still one execution, whose root is then missing
                long hash = 0xcbf29ce484222325L;
                for (int i = 0; i < value.length(); i++) {
                    hash = (hash ^ value.charAt(i)) * 0x100000001b3L;
                }
                return hash == SpanId.NONE ? 1 : hash;
            }
        }

        private static long nanosOf(double seconds) {
            // the decimal as written, so that 0.3 s are 300,000,000 ns
            return seconds <= 0 || seconds > 1e9
                    ? 0
                    : BigDecimal.valueOf(seconds)
                            .multiply(NANOS_PER_SECOND)
                            .setScale(0, RoundingMode.HALF_EVEN)
                            .longValueExact();
        }

        private static OptionalLong reported(long tokens) {
            return tokens < 0 ? OptionalLong.empty() : OptionalLong.of(tokens);
        }

        private static OptionalDouble positive(double value) {
            return value > 0 && Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
        }

        private static @Nullable String emptyToNull(@Nullable String text) {
            return text == null || text.isEmpty() ? null : text;
        }
    }
}
