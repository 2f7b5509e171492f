package dev.scepsy.planner.span;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a span says about GenAI work: the attributes that statistics need, typed. Immutable. Hundreds of thousands are held at a time: numbers
 * of tokens lie in it, and not each in an object of its own.
 */
public final class GenAi {

    /** No number of tokens. */
    private static final long NOT_REPORTED = Long.MIN_VALUE;

    private final Operation operation;
    private final @Nullable String model;
    private final @Nullable String workflow;
    private final @Nullable String agent;
    private final long executionId;
    private final long backoffNanos;
    private final long inputTokens;
    private final long outputTokens;
    private final OptionalDouble targetPerSecond;
    private final OptionalDouble weight;
    private final @Nullable EngineTimes engine;

    /**
     * All of it.
     *
     * @param operation kind of work
     * @param model the model a call names
     * @param workflow name of the workflow
     * @param agent name of the agent
     * @param executionId span id of the outermost workflow span, or {@link SpanId#NONE} where the span does not say
     * @param backoffNanos time between the attempts of a retried call, which is not model time; 0 or more
     * @param inputTokens prompt tokens; empty when not reported
     * @param outputTokens generated tokens; empty when not reported
     * @param targetPerSecond on a workflow span: the rate its {@code @Workflow} asks for
     * @param weight on a workflow span: the weight its {@code @Workflow} states
     * @param engine on an engine's span: where it says the request's time went; null on all others
     */
    public GenAi(
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
        this.operation = operation;
        this.model = model;
        this.workflow = workflow;
        this.agent = agent;
        this.executionId = executionId;
        this.backoffNanos = backoffNanos;
        this.inputTokens = inputTokens.orElse(NOT_REPORTED);
        this.outputTokens = outputTokens.orElse(NOT_REPORTED);
        this.targetPerSecond = targetPerSecond;
        this.weight = weight;
        this.engine = engine;
    }

    /** A span that says nothing of the kind. */
    public static final GenAi NONE = builder().build();

    public static Builder builder() {
        return new Builder();
    }

    /** Kind of work. */
    public Operation operation() {
        return operation;
    }

    /** The model a call names. */
    public @Nullable String model() {
        return model;
    }

    /** Name of the workflow. */
    public @Nullable String workflow() {
        return workflow;
    }

    /** Name of the agent. */
    public @Nullable String agent() {
        return agent;
    }

    /** Span id of the outermost workflow span, or {@link SpanId#NONE} where the span does not say. */
    public long executionId() {
        return executionId;
    }

    /** Time between the attempts of a retried call, which is not model time; 0 or more. */
    public long backoffNanos() {
        return backoffNanos;
    }

    /** Prompt tokens; empty when not reported. */
    public OptionalLong inputTokens() {
        return inputTokens == NOT_REPORTED ? OptionalLong.empty() : OptionalLong.of(inputTokens);
    }

    /** Generated tokens; empty when not reported. */
    public OptionalLong outputTokens() {
        return outputTokens == NOT_REPORTED ? OptionalLong.empty() : OptionalLong.of(outputTokens);
    }

    /** On a workflow span: the rate its {@code @Workflow} asks for. */
    public OptionalDouble targetPerSecond() {
        return targetPerSecond;
    }

    /** On a workflow span: the weight its {@code @Workflow} states. */
    public OptionalDouble weight() {
        return weight;
    }

    /** On an engine's span: where it says the request's time went; null on all others. */
    public @Nullable EngineTimes engine() {
        return engine;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof GenAi that
                && operation == that.operation
                && Objects.equals(model, that.model)
                && Objects.equals(workflow, that.workflow)
                && Objects.equals(agent, that.agent)
                && executionId == that.executionId
                && backoffNanos == that.backoffNanos
                && inputTokens == that.inputTokens
                && outputTokens == that.outputTokens
                && targetPerSecond.equals(that.targetPerSecond)
                && weight.equals(that.weight)
                && Objects.equals(engine, that.engine);
    }

    @Override
    public int hashCode() {
        int hash = 31 * operation.ordinal() + Objects.hashCode(model);
        hash = 31 * hash + Objects.hashCode(workflow);
        hash = 31 * hash + Objects.hashCode(agent);
        hash = 31 * hash + Long.hashCode(executionId);
        hash = 31 * hash + Long.hashCode(backoffNanos);
        hash = 31 * hash + Long.hashCode(inputTokens);
        hash = 31 * hash + Long.hashCode(outputTokens);
        hash = 31 * hash + targetPerSecond.hashCode();
        hash = 31 * hash + weight.hashCode();
        return 31 * hash + Objects.hashCode(engine);
    }

    @Override
    public String toString() {
        return "GenAi[operation=" + operation + ", model=" + model + ", workflow=" + workflow + ", agent=" + agent
                + ", executionId=" + executionId + ", backoffNanos=" + backoffNanos + ", inputTokens=" + inputTokens()
                + ", outputTokens=" + outputTokens() + ", targetPerSecond=" + targetPerSecond + ", weight=" + weight
                + ", engine=" + engine + "]";
    }

    /** Whether it equals {@link #NONE}. */
    public boolean saysNothing() {
        return operation == Operation.NONE
                && model == null
                && workflow == null
                && agent == null
                && executionId == SpanId.NONE
                && backoffNanos == 0
                && inputTokens == NOT_REPORTED
                && outputTokens == NOT_REPORTED
                && targetPerSecond.isEmpty()
                && weight.isEmpty()
                && engine == null;
    }

    /** Whether an attribute of that name is one of those kept. */
    public static boolean reads(String key) {
        return SpanAttribute.named(key) != null;
    }

    /**
     * Collects the facts of one span, by name or typed. Where several attributes state one fact, the row of {@link
     * SpanAttribute} that stands first counts. Values of the wrong type and unknown keys are ignored: foreign spans say
     * what they like. Reusable after {@link #clear}; not thread-safe.
     */
    public static final class Builder {
        private static final BigDecimal NANOS_PER_SECOND = BigDecimal.valueOf(1_000_000_000L);
        private static final SpanAttribute.Fact[] FACTS = SpanAttribute.Fact.values();

        /** As Langfuse names them itself, then as the providers' answers that applications pass on. */
        private static final Pattern INPUT_DETAIL = Pattern.compile(
                "\"(?:input|input_tokens|prompt_tokens|inputTokens)\"\\s*:\\s*([0-9]{1,12})(?![0-9.eE])");

        private static final Pattern OUTPUT_DETAIL = Pattern.compile(
                "\"(?:output|output_tokens|completion_tokens|outputTokens)\"\\s*:\\s*([0-9]{1,12})(?![0-9.eE])");

        private static final long MOST_TOKENS = 1_000_000_000;
        private static final double LARGEST = 1e15;

        private static final int TYPED = -1;
        private static final int ABSENT = Integer.MAX_VALUE;
        private static final int PLACEHOLDER = ABSENT - 1;

        /** What Micrometer's instrumentations (LangChain4j, Spring AI) write where a model has no name. */
        private static final Set<String> PLACEHOLDERS = Set.of("unknown", "none");

        /** Of each fact, the row that stated it. */
        private final int[] rows = new int[FACTS.length];

        private Operation operation = Operation.NONE;
        private @Nullable String model;
        private @Nullable String workflow;
        private @Nullable String agent;
        private long executionId = SpanId.NONE;
        private long backoffNanos;
        private long inputTokens;
        private long outputTokens;
        private OptionalDouble targetPerSecond = OptionalDouble.empty();
        private OptionalDouble weight = OptionalDouble.empty();
        private @Nullable EngineTimes engine;

        private Builder() {
            Arrays.fill(rows, ABSENT);
        }

        public Builder operation(Operation operation) {
            this.operation = operation;
            state(SpanAttribute.Fact.KIND, operation != Operation.NONE);
            return this;
        }

        public Builder model(@Nullable String model) {
            this.model = emptyToNull(model);
            state(SpanAttribute.Fact.MODEL, this.model != null);
            return this;
        }

        public Builder workflow(@Nullable String workflow) {
            this.workflow = emptyToNull(workflow);
            state(SpanAttribute.Fact.WORKFLOW, this.workflow != null);
            return this;
        }

        public Builder agent(@Nullable String agent) {
            this.agent = emptyToNull(agent);
            state(SpanAttribute.Fact.AGENT, this.agent != null);
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
            inputTokens = tokens;
            state(SpanAttribute.Fact.INPUT_TOKENS, isCount(tokens));
            return this;
        }

        public Builder outputTokens(long tokens) {
            outputTokens = tokens;
            state(SpanAttribute.Fact.OUTPUT_TOKENS, isCount(tokens));
            return this;
        }

        public Builder targetPerSecond(double targetPerSecond) {
            this.targetPerSecond = positive(targetPerSecond);
            return this;
        }

        public Builder weight(double weight) {
            this.weight = weight >= 0 && weight <= LARGEST ? OptionalDouble.of(weight) : OptionalDouble.empty();
            return this;
        }

        /** Adds to what the engine says. */
        public Builder engine(EngineTimes times) {
            engine = engine == null ? times : engine.plus(times);
            return this;
        }

        /** Takes a text attribute; numbers written as text are read as numbers. */
        public Builder attribute(String key, String value) {
            SpanAttribute attribute = SpanAttribute.named(key);
            return attribute == null ? this : attribute(attribute, value);
        }

        /** Takes a whole-number attribute. */
        public Builder attribute(String key, long value) {
            SpanAttribute attribute = SpanAttribute.named(key);
            return attribute == null ? this : attribute(attribute, value);
        }

        /** Takes a decimal attribute. */
        public Builder attribute(String key, double value) {
            SpanAttribute attribute = SpanAttribute.named(key);
            return attribute == null ? this : attribute(attribute, value);
        }

        /** Takes a text attribute; numbers written as text are read as numbers. */
        public Builder attribute(SpanAttribute attribute, String value) {
            switch (attribute.fact()) {
                case KIND -> {
                    Operation stated = attribute.operation(value);
                    if (stated != Operation.NONE && comesFirst(attribute)) {
                        operation = stated;
                    }
                }
                case MODEL -> model(attribute, value);
                case WORKFLOW -> {
                    if (!value.isEmpty() && comesFirst(attribute)) {
                        workflow = value;
                    }
                }
                case AGENT -> {
                    if (!value.isEmpty() && comesFirst(attribute)) {
                        agent = value;
                    }
                }
                case EXECUTION_ID -> executionId = executionIdOf(value);
                case USAGE_DETAILS -> {
                    details(attribute, value, SpanAttribute.Fact.INPUT_TOKENS, INPUT_DETAIL);
                    details(attribute, value, SpanAttribute.Fact.OUTPUT_TOKENS, OUTPUT_DETAIL);
                }
                default -> {
                    try {
                        attribute(attribute, Double.parseDouble(value));
                    } catch (NumberFormatException notANumber) {
                        // as absent
                    }
                }
            }
            return this;
        }

        /** A placeholder counts where no row names a model. */
        private void model(SpanAttribute attribute, String value) {
            String named = attribute.vocabulary() == Vocabulary.MLFLOW ? SpanAttribute.unquoted(value) : value;
            if (PLACEHOLDERS.contains(named)) {
                if (!has(SpanAttribute.Fact.MODEL)) {
                    model = named;
                    rows[SpanAttribute.Fact.MODEL.ordinal()] = PLACEHOLDER;
                }
            } else if (!named.isEmpty() && comesFirst(attribute)) {
                model = named;
            }
        }

        /** A number of a JSON object of numbers, where no row above has stated it. */
        private void details(SpanAttribute attribute, String json, SpanAttribute.Fact fact, Pattern member) {
            Matcher found = member.matcher(json);
            long tokens = found.find() ? Long.parseLong(found.group(1)) : -1;
            if (isCount(tokens) && attribute.ordinal() <= rows[fact.ordinal()]) {
                rows[fact.ordinal()] = attribute.ordinal();
                if (fact == SpanAttribute.Fact.INPUT_TOKENS) {
                    inputTokens = tokens;
                } else {
                    outputTokens = tokens;
                }
            }
        }

        /** Takes a whole-number attribute. */
        public Builder attribute(SpanAttribute attribute, long value) {
            switch (attribute.fact()) {
                case INPUT_TOKENS -> {
                    if (isCount(value) && comesFirst(attribute)) {
                        inputTokens = value;
                    }
                }
                case OUTPUT_TOKENS -> {
                    if (isCount(value) && comesFirst(attribute)) {
                        outputTokens = value;
                    }
                }
                default -> attribute(attribute, (double) value);
            }
            return this;
        }

        /** Takes a decimal attribute. */
        public Builder attribute(SpanAttribute attribute, double value) {
            if (!Double.isFinite(value)) {
                return this;
            }
            switch (attribute.fact()) {
                case BACKOFF -> backoffNanos = nanosOf(value);
                case TARGET -> targetPerSecond(value);
                case WEIGHT -> weight(value);
                case ENGINE_QUEUE -> engine(new EngineTimes(nanosOf(value), 0, 0));
                case ENGINE_PREFILL -> engine(new EngineTimes(0, nanosOf(value), 0));
                case ENGINE_DECODE -> engine(new EngineTimes(0, 0, nanosOf(value)));
                case INPUT_TOKENS, OUTPUT_TOKENS -> {
                    if (value == Math.rint(value)) {
                        attribute(attribute, (long) value);
                    }
                }
                case USAGE -> comesFirst(attribute);
                default -> {}
            }
            return this;
        }

        /** Forgets everything. */
        public Builder clear() {
            Arrays.fill(rows, ABSENT);
            operation = Operation.NONE;
            model = null;
            workflow = null;
            agent = null;
            executionId = SpanId.NONE;
            backoffNanos = 0;
            inputTokens = 0;
            outputTokens = 0;
            targetPerSecond = OptionalDouble.empty();
            weight = OptionalDouble.empty();
            engine = null;
            return this;
        }

        /** Whose names were believed about the span's kind, else about its model; null where neither was stated by name. */
        public @Nullable Vocabulary vocabulary() {
            int row = rows[SpanAttribute.Fact.KIND.ordinal()];
            if (row == ABSENT) {
                row = rows[SpanAttribute.Fact.MODEL.ordinal()];
            }
            return row == ABSENT || row == PLACEHOLDER || row == TYPED
                    ? null
                    : SpanAttribute.row(row).vocabulary();
        }

        /**
         * The facts. A span that names a model and counts tokens without saying its operation is a call. Encoders write no
         * tokens; a call that counts 0 prompt tokens has counted none, for there is no empty prompt.
         */
        public GenAi build() {
            boolean counts = has(SpanAttribute.Fact.INPUT_TOKENS)
                    || has(SpanAttribute.Fact.OUTPUT_TOKENS)
                    || has(SpanAttribute.Fact.USAGE);
            Operation kind = operation == Operation.NONE && model != null && counts ? Operation.MODEL : operation;
            boolean input = has(SpanAttribute.Fact.INPUT_TOKENS);
            boolean output = has(SpanAttribute.Fact.OUTPUT_TOKENS);
            if (kind == Operation.MODEL && input && inputTokens == 0) {
                input = false;
                output &= outputTokens != 0;
            }
            OptionalLong written = output ? OptionalLong.of(outputTokens) : OptionalLong.empty();
            return new GenAi(
                    kind,
                    model,
                    workflow,
                    agent,
                    executionId,
                    backoffNanos,
                    input ? OptionalLong.of(inputTokens) : OptionalLong.empty(),
                    kind == Operation.ENCODER && !output ? OptionalLong.of(0) : written,
                    targetPerSecond,
                    weight,
                    engine);
        }

        private void state(SpanAttribute.Fact fact, boolean stated) {
            rows[fact.ordinal()] = stated ? TYPED : ABSENT;
        }

        private boolean has(SpanAttribute.Fact fact) {
            return rows[fact.ordinal()] != ABSENT;
        }

        /** Whether no row above has stated the fact; then this one has. */
        private boolean comesFirst(SpanAttribute attribute) {
            int fact = attribute.fact().ordinal();
            if (attribute.ordinal() > rows[fact]) {
                return false;
            }
            rows[fact] = attribute.ordinal();
            return true;
        }

        /** Whether a call can have so many tokens; other numbers are as absent. */
        private static boolean isCount(long tokens) {
            return tokens >= 0 && tokens <= MOST_TOKENS;
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

        private static OptionalDouble positive(double value) {
            return value > 0 && value <= LARGEST ? OptionalDouble.of(value) : OptionalDouble.empty();
        }

        private static @Nullable String emptyToNull(@Nullable String text) {
            return text == null || text.isEmpty() ? null : text;
        }
    }
}
