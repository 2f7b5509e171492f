package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.javaagent.Environment.Condition;
import dev.scepsy.javaagent.Environment.Sampling;
import dev.scepsy.javaagent.Environment.Telemetry;
import dev.scepsy.javaagent.scenario.Main;
import dev.scepsy.planner.execution.ClockSkew;
import dev.scepsy.planner.execution.RootRule;
import dev.scepsy.planner.file.WorkflowsFile;
import dev.scepsy.planner.recorded.RecordedTraces;
import dev.scepsy.planner.recorded.Recording;
import dev.scepsy.planner.share.ShareEstimator;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.span.GenAi;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.SpanId;
import dev.scepsy.planner.span.TraceId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the scenario's answers, spans and statistics must be, wherever it runs. */
final class ScenarioCheck {

    private static final String ANSWER =
            "all is well, all is well, all is well, all is well, all is well and all is well\n" + Main.ROUNDS
                    + " rounds\n";

    /** Of each execution, by its outermost span: every span below it and the one above that. */
    private static final Map<String, List<String>> BELOW = Map.of(
            "invoke_workflow research",
            List.of(
                    "chat background < invoke_agent background",
                    "chat branch < invoke_agent branch",
                    "chat branch < invoke_agent branch",
                    "chat branch < invoke_agent branch",
                    "chat branch < invoke_agent branch",
                    "chat writer < invoke_agent writer",
                    "invoke_agent background < invoke_workflow research",
                    "invoke_agent branch < invoke_workflow branches",
                    "invoke_agent branch < invoke_workflow branches",
                    "invoke_agent branch < invoke_workflow branches",
                    "invoke_agent branch < invoke_workflow branches",
                    "invoke_agent writer < invoke_workflow research",
                    "invoke_workflow branches < invoke_workflow research"),
            "invoke_agent Assistant",
            List.of(
                    "chat assistant < invoke_agent Assistant",
                    "chat assistant < invoke_agent Assistant",
                    "execute_tool temperature < invoke_agent Assistant",
                    "execute_tool wind < invoke_agent Assistant"),
            "invoke_agent Narrator",
            List.of(
                    "chat narrator < invoke_agent Narrator",
                    "chat narrator < invoke_agent Narrator",
                    "execute_tool temperature < invoke_agent Narrator",
                    "execute_tool wind < invoke_agent Narrator"),
            "invoke_agent Librarian",
            List.of(
                    "chat librarian < invoke_agent Librarian",
                    "embeddings embedder < retrieval library",
                    "rerank reranker < invoke_agent Librarian",
                    "retrieval library < invoke_agent Librarian"),
            "invoke_workflow promised",
            List.of("chat promising < invoke_workflow promised", "chat promising < invoke_workflow promised"));

    /** Executions, then per model calls for each and mean tokens; no times. */
    private static final String STATISTICS = """
        Assistant 7: assistant 2.0 21.0/5.0
        Librarian 7: embedder 1.0 9.0/0.0, librarian 1.0 21.0/5.0, reranker 1.0 -/0.0
        Narrator 7: narrator 2.0 21.0/5.0
        promised 7: promising 2.0 21.0/5.0
        research 7: background 1.0 21.0/5.0, branch 4.0 21.0/5.0, writer 1.0 21.0/5.0\
        """;

    /** How far the clock of another SDK may be off on a machine with more work than processors. */
    private static final long OTHER_CLOCK_NANOS = 100_000_000;

    private final Environment environment;

    ScenarioCheck(Environment environment) {
        this.environment = environment;
    }

    void check(ScenarioRun.Left left) {
        assertThat(left.outcome().exitCode()).as(left.outcome().err()).isZero();
        assertThat(left.outcome().out())
                .isEqualTo(environment.condition() == Condition.ATTACHED ? "ready\n" + ANSWER : ANSWER);
        assertThat(left.outcome().err()).contains("waits for LangChain4j").doesNotContain("[scepsy] module");
        spans(left.spans());
        if (environment.condition() == Condition.READ_ONLY) {
            assertThat(left.statistics()).isEmpty();
            assertThat(left.outcome().err().lines().filter(line -> line.contains("cannot be written")))
                    .hasSizeLessThanOrEqualTo(1);
        } else {
            assertThat(inWords(left.statistics())).isEqualTo(STATISTICS);
            if (environment.sampling() == Sampling.ALL) {
                sameFromSpans(left);
            }
        }
    }

    /** No orphan, no wrong parent, nothing twice, traces whole or not there at all. */
    private void spans(List<ReceivedSpan> spans) {
        Trees trees = new Trees(spans); // Refuses a span that came twice.
        trees.mustBeWhole(environment.telemetry() == Telemetry.NONE ? 0 : OTHER_CLOCK_NANOS);
        Map<String, List<ReceivedSpan>> executions = spans.stream()
                .filter(span -> span.get("scepsy.workflow.execution.id") != null)
                .collect(Collectors.groupingBy(span -> String.valueOf(span.get("scepsy.workflow.execution.id"))));
        executions.forEach((id, members) -> execution(id, members, trees));
        switch (environment.sampling()) {
            case NOTHING -> assertThat(spans).isEmpty();
            case ALL -> assertThat(executions).hasSize(BELOW.size() * Main.ROUNDS);
            case ONE_PERCENT -> assertThat(executions).hasSizeLessThan(BELOW.size() * Main.ROUNDS);
        }
        if (environment.telemetry() != Telemetry.NONE) {
            joined(spans, trees);
        }
    }

    private void execution(String id, List<ReceivedSpan> members, Trees trees) {
        ReceivedSpan root = members.stream()
                .filter(span -> span.spanId().equals(id))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no root of " + members));
        List<String> below = members.stream()
                .filter(span -> span != root)
                .map(span -> span.name() + " < " + nameOf(trees.parentOf(span)))
                .sorted()
                .toList();
        assertThat(below).as("below %s", root).isEqualTo(BELOW.get(root.name()));
        ReceivedSpan above = trees.parentOf(root);
        if (environment.telemetry() == Telemetry.NONE) {
            assertThat(above).as("above %s", root).isNull();
        } else {
            assertThat(nameOf(above)).as("above %s", root).isEqualTo("outer");
        }
    }

    /** The application's own span and ours are one trace, and the HTTP spans of an agent hang below our calls. */
    private void joined(List<ReceivedSpan> spans, Trees trees) {
        for (ReceivedSpan span : spans) {
            if (span.isCalled("outer")) {
                assertThat(span.parentSpanId()).isEmpty();
                assertThat(trees.childrenOf(span).stream().map(ReceivedSpan::name))
                        .containsExactlyInAnyOrderElementsOf(BELOW.keySet());
            } else if (span.kind() == ReceivedSpan.CLIENT && span.isCalled("POST")) {
                assertThat(nameOf(trees.parentOf(span))).matches("chat .*|embeddings .*");
            }
        }
    }

    private static String nameOf(@org.jspecify.annotations.Nullable ReceivedSpan span) {
        return span == null ? "nothing" : span.name();
    }

    /** What was exported gives the same statistics as what was counted inside, times included. */
    private static void sameFromSpans(ScenarioRun.Left left) {
        WorkflowShares shares;
        try (RecordedTraces traces = new RecordedTraces()) {
            left.spans().forEach(span -> traces.add(planner(span)));
            shares = Recording.of(traces, RootRule.DEFAULT, ClockSkew.NONE)
                    .tally()
                    .estimate(new ShareEstimator(30, 1));
        }
        JsonNode fromSpans = json(WorkflowsFile.toJson(shares.workflows(), Map.of()));
        JsonNode counted = json(left.statistics());
        assertThat(withoutDeclarations(fromSpans)).isEqualTo(withoutDeclarations(counted));
    }

    private static Map<String, Object> withoutDeclarations(JsonNode statistics) {
        Map<String, Object> leaves = new TreeMap<>();
        for (JsonNode workflow : statistics.path("workflows")) {
            // A call with no workflow above it is named by a container's own span, which only the exported ones show.
            String name = workflow.path("name").asText();
            if (BELOW.containsKey("invoke_workflow " + name) || BELOW.containsKey("invoke_agent " + name)) {
                leaves("/" + name, workflow, leaves);
            }
        }
        return leaves;
    }

    /** Numbers to nine digits: sums in another order differ in the sixteenth. */
    private static void leaves(String path, JsonNode node, Map<String, Object> leaves) {
        if (node.isNumber()) {
            leaves.put(path, new java.math.BigDecimal(node.asDouble()).round(new java.math.MathContext(9)));
        } else if (node.isContainerNode()) {
            int index = 0;
            if (node.isObject()) {
                node.fields().forEachRemaining(field -> leaves(path + "/" + field.getKey(), field.getValue(), leaves));
            } else {
                for (JsonNode element : node) {
                    leaves(path + "/" + index++, element, leaves);
                }
            }
        } else {
            leaves.put(path, node.asText());
        }
    }

    private static Span planner(ReceivedSpan span) {
        GenAi.Builder facts = GenAi.builder();
        span.attributes().forEach((key, value) -> {
            if (value instanceof String text) {
                facts.attribute(key, text);
            } else if (value instanceof Long number) {
                facts.attribute(key, number.longValue());
            } else if (value instanceof Double number) {
                facts.attribute(key, number.doubleValue());
            }
        });
        return Span.builder(
                        new TraceId(
                                bits(span.traceId().substring(0, 16)),
                                bits(span.traceId().substring(16))),
                        bits(span.spanId()))
                .parent(span.parentSpanId().isEmpty() ? SpanId.NONE : bits(span.parentSpanId()))
                .name(span.name())
                .kind(span.kind() == ReceivedSpan.CLIENT ? Span.Kind.CLIENT : Span.Kind.INTERNAL)
                .startEpochNanos(span.startNanos())
                .endEpochNanos(span.endNanos())
                .error(span.error())
                .genAi(facts.build())
                .build();
    }

    private static long bits(String hex) {
        return HexFormat.fromHexDigitsToLong(hex);
    }

    private static String inWords(String statistics) {
        Map<String, String> lines = new TreeMap<>();
        for (JsonNode workflow : json(statistics).path("workflows")) {
            String name = workflow.path("name").asText();
            Map<String, String> models = new TreeMap<>();
            for (JsonNode model : workflow.path("models")) {
                models.put(
                        model.path("model").asText(),
                        " " + model.path("callsPerExecution").asText() + " " + mean(model, "inputTokens") + "/"
                                + mean(model, "outputTokens"));
            }
            if (!name.equals("embeddings embedder")) { // That one was stored before the first round.
                lines.put(
                        name,
                        name + " " + workflow.path("executions").asText() + ": "
                                + models.entrySet().stream()
                                        .map(model -> model.getKey() + model.getValue())
                                        .collect(Collectors.joining(", ")));
            }
        }
        return String.join("\n", lines.values());
    }

    private static String mean(JsonNode model, String tokens) {
        return model.path(tokens).path("mean").asText("-");
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
