package dev.scepsy.planner.recorded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.planner.execution.ClockSkew;
import dev.scepsy.planner.execution.RootRule;
import dev.scepsy.planner.otlp.TraceReader;
import dev.scepsy.planner.otlp.TraceSource;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.ShareEstimator;
import dev.scepsy.planner.share.TokenStatistics;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Recordings of real frameworks and instrumentations against what the model server counted: every row of the table of
 * names is met by a library that writes it.
 */
class FrameworksTest {

    private static final Path RECORDINGS = Path.of("src/test/resources/frameworks");
    private static final Path SHARED =
            Path.of(System.getProperty("scepsy.shared", "../../shared"), "cases/foreign-traces");

    /** What an instrumentation does not say or says otherwise, and so nobody can read: model, then what is read. */
    private static final Map<String, Map<String, Optional<Counts>>> NOT_SAID = Map.ofEntries(
            // no spans of model calls
            Map.entry("autogen-native", none("critic-llm", "planner-llm", "worker-llm")),
            Map.entry("crew-openinference", none("critic-llm", "planner-llm", "worker-llm")),
            Map.entry("crew-openllmetry", none("critic-llm", "planner-llm", "worker-llm")),
            // embedders that are not instrumented
            Map.entry("lg-oi-langchain", none("embed-llm")),
            Map.entry("openllmetryjs-openai-rooted", not("embed-llm", null, "critic-llm", new Counts(10, 0, 0))),
            // tokens of streams, of embeddings or of all calls are not reported
            Map.entry(
                    "dspy-openinference", not("critic-llm", new Counts(10, 0, 0), "planner-llm", new Counts(10, 0, 0))),
            Map.entry("haystack-openinference", not("embed-llm", new Counts(10, 0, 0))),
            Map.entry("li-openinference", not("critic-llm", new Counts(15, 0, 0), "embed-llm", new Counts(15, 0, 0))),
            Map.entry("li-openllmetry", not("critic-llm", new Counts(15, 0, 0), "embed-llm", new Counts(15, 0, 0))),
            Map.entry("oijs-openai-rooted", not("critic-llm", new Counts(10, 0, 0), "embed-llm", new Counts(10, 0, 0))),
            Map.entry("openllmetry-0.15-openai-rooted", not("critic-llm", new Counts(10, 0, 0))),
            Map.entry("openllmetry-0.30-openai-rooted", not("critic-llm", new Counts(10, 0, 0))),
            Map.entry(
                    "oaia-openllmetry-rooted-chat",
                    not(
                            "critic-llm",
                            new Counts(10, 0, 0),
                            "planner-llm",
                            new Counts(20, 0, 0),
                            "worker-llm",
                            new Counts(20, 0, 0))),
            // LiteLLM writes its calls onto the span around them: one is left
            Map.entry(
                    "litellm-otel-rooted",
                    not("critic-llm", null, "planner-llm", null, "worker-llm", new Counts(10, 20, 300))),
            // Logfire makes two spans of a streamed call
            Map.entry("logfire-openai", not("critic-llm", new Counts(20, 40, 200))),
            // Spring AI counts no tokens of streams, and repeats the first call's after a tool
            Map.entry(
                    "spring-rooted",
                    not("critic-llm", new Counts(10, 0, 0), "planner-llm", new Counts(20, 1250, 1500))),
            Map.entry(
                    "spring-unrooted",
                    not("critic-llm", new Counts(10, 0, 0), "planner-llm", new Counts(20, 1250, 1500))));

    /** Calls and their tokens, as many as are reported. */
    record Counts(long calls, long inputTokens, long outputTokens) {}

    private static Map<String, Optional<Counts>> none(String... models) {
        Map<String, Optional<Counts>> none = new TreeMap<>();
        for (String model : models) {
            none.put(model, Optional.empty());
        }
        return none;
    }

    private static Map<String, Optional<Counts>> not(Object... modelsAndCounts) {
        Map<String, Optional<Counts>> not = new TreeMap<>();
        for (int i = 0; i < modelsAndCounts.length; i += 2) {
            not.put((String) modelsAndCounts[i], Optional.ofNullable((Counts) modelsAndCounts[i + 1]));
        }
        return not;
    }

    @TestFactory
    Stream<DynamicTest> callsAndTokensAreThoseThatTheServerCounted() throws IOException {
        return recordings(RECORDINGS);
    }

    @TestFactory
    Stream<DynamicTest> theSharedRecordingsAreReadAsExactly() throws IOException {
        assumeTrue(Files.isDirectory(SHARED), "NOT RUN: no folder " + SHARED);
        return recordings(SHARED);
    }

    @Test
    void anEnginesOwnSpansSayWhereTheTimeOfEveryCallWent() throws IOException {
        assumeTrue(Files.isDirectory(SHARED), "NOT RUN: no folder " + SHARED);

        WorkflowStatistics research = statistics(
                        RootRule.DEFAULT, SHARED.resolve("lgv-both.jsonl.gz"), SHARED.resolve("lgv-vllm.jsonl.gz"))
                .get(0);

        assertThat(research.executions()).hasValue(10);
        assertThat(research.models())
                .singleElement()
                .satisfies(model ->
                        assertThat(model.engineSeconds().orElseThrow().calls()).isEqualTo(75));
    }

    @Test
    void agentsBelowOneSpanAreOneExecutionWhenTheTopmostSpanIsTheRoot() throws IOException {
        Path file = RECORDINGS.resolve("strands-native-rooted.jsonl.gz");

        assertThat(statistics(RootRule.DEFAULT, file))
                .extracting(WorkflowStatistics::name)
                .containsExactly("critic", "planner");
        assertThat(statistics(RootRule.TOPMOST, file)).singleElement().satisfies(answer -> {
            assertThat(answer.name()).isEqualTo("answer");
            assertThat(answer.executions()).hasValue(10);
        });
        assertThat(statistics(new RootRule.SpanNamed("answer"), file)).isEqualTo(statistics(RootRule.TOPMOST, file));
    }

    /** {@code -Dscepsy.rewrite=true} prints the rows as they should stand. */
    @Test
    void theTableOfFrameworksInTheDocsIsWhatIsRead() throws IOException {
        String page = Files.readString(Path.of("../docs/accuracy.md"));
        JsonNode truth =
                new ObjectMapper().readTree(RECORDINGS.resolve("truth.json").toFile());
        List<String> rows = new ArrayList<>();
        for (String recording : new java.util.TreeSet<>(names(truth))) {
            Path file = RECORDINGS.resolve(recording + ".jsonl.gz");
            if (Files.exists(file)) {
                rows.add(row(recording, statistics(RootRule.DEFAULT, file), truth.get(recording)));
            }
        }
        if (Boolean.getBoolean("scepsy.rewrite")) {
            rows.forEach(System.out::println);
        }

        assertThat(page).contains(rows);
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** Recording, executions, calls and tokens of those that the server counted, shares beside the server's. */
    private static String row(String recording, List<WorkflowStatistics> workflows, JsonNode truth) {
        Map<String, Counts> read = new TreeMap<>();
        Map<String, Double> seconds = new TreeMap<>();
        StringBuilder executions = new StringBuilder();
        for (WorkflowStatistics workflow : workflows) {
            long count = workflow.executions().orElse(0);
            executions
                    .append(executions.isEmpty() ? "" : ", ")
                    .append(workflow.name())
                    .append(' ')
                    .append(count);
            for (ModelStatistics model : workflow.models()) {
                long calls = Math.round(model.callsPerExecution() * count);
                String name = model.model().substring(model.model().indexOf('/') + 1);
                read.merge(
                        name,
                        new Counts(calls, sum(model.inputTokens(), calls), sum(model.outputTokens(), calls)),
                        FrameworksTest::plus);
                seconds.merge(name, calls * model.meanCallSeconds().orElse(0), Double::sum);
            }
        }
        Counts counted = new Counts(0, 0, 0);
        double total = seconds.values().stream().mapToDouble(each -> each).sum();
        List<String> shares = new ArrayList<>();
        for (String model : new java.util.TreeSet<>(names(truth))) {
            JsonNode counts = truth.get(model);
            if (!counts.has("calls")) {
                continue;
            }
            counted = plus(
                    counted,
                    new Counts(
                            counts.get("calls").asLong(),
                            counts.get("inputTokens").asLong(),
                            counts.get("outputTokens").asLong()));
            shares.add(String.format(
                    Locale.ROOT,
                    "%s %s%s",
                    model.replace("-llm", ""),
                    seconds.containsKey(model)
                            ? String.format(Locale.ROOT, "%.1f", 100 * seconds.get(model) / total)
                            : "-",
                    counts.has("serverShare")
                            ? String.format(
                                    Locale.ROOT,
                                    " (%.1f)",
                                    100 * counts.get("serverShare").asDouble())
                            : ""));
        }
        Counts all = read.values().stream().reduce(new Counts(0, 0, 0), FrameworksTest::plus);
        return String.format(
                Locale.ROOT,
                "| %s | %s | %d of %d | %,d of %,d | %,d of %,d | %s |",
                recording,
                executions,
                all.calls(),
                counted.calls(),
                all.inputTokens(),
                counted.inputTokens(),
                all.outputTokens(),
                counted.outputTokens(),
                String.join(", ", shares));
    }

    private static Counts plus(Counts one, Counts other) {
        return new Counts(
                one.calls() + other.calls(),
                one.inputTokens() + other.inputTokens(),
                one.outputTokens() + other.outputTokens());
    }

    private static Stream<DynamicTest> recordings(Path folder) throws IOException {
        JsonNode truth =
                new ObjectMapper().readTree(folder.resolve("truth.json").toFile());
        List<DynamicTest> tests = new ArrayList<>();
        truth.fields().forEachRemaining(recording -> {
            Path file = folder.resolve(recording.getKey() + ".jsonl.gz");
            if (Files.exists(file) && !recording.getKey().startsWith("lgv-")) {
                tests.add(DynamicTest.dynamicTest(
                        recording.getKey(),
                        () -> assertThat(read(file)).isEqualTo(expected(recording.getKey(), recording.getValue()))));
            }
        });
        assertThat(tests).isNotEmpty();
        return tests.stream();
    }

    /** What was counted, by model without a provider before its name. */
    static Map<String, Counts> counts(JsonNode truth) {
        Map<String, Counts> counts = new TreeMap<>();
        truth.fields().forEachRemaining(model -> {
            if (model.getValue().has("calls")) {
                counts.put(
                        model.getKey().substring(model.getKey().indexOf('/') + 1),
                        new Counts(
                                model.getValue().get("calls").asLong(),
                                model.getValue().get("inputTokens").asLong(),
                                model.getValue().get("outputTokens").asLong()));
            }
        });
        return counts;
    }

    private static Map<String, Counts> expected(String recording, JsonNode truth) {
        Map<String, Counts> expected = counts(truth);
        NOT_SAID.getOrDefault(recording, Map.of()).forEach((model, said) -> {
            expected.remove(model);
            said.ifPresent(counts -> expected.put(model, counts));
        });
        return expected;
    }

    static Map<String, Counts> read(Path file) throws IOException {
        Map<String, Counts> read = new TreeMap<>();
        for (WorkflowStatistics workflow : statistics(RootRule.DEFAULT, file)) {
            long executions = workflow.executions().orElse(0);
            for (ModelStatistics model : workflow.models()) {
                long calls = Math.round(model.callsPerExecution() * executions);
                // a provider before the name is LiteLLM's
                String name = model.model().substring(model.model().indexOf('/') + 1);
                read.merge(
                        name,
                        new Counts(calls, sum(model.inputTokens(), calls), sum(model.outputTokens(), calls)),
                        FrameworksTest::plus);
            }
        }
        return read;
    }

    private static long sum(Optional<TokenStatistics> tokens, long calls) {
        return tokens.map(each -> Math.round(each.mean() * calls)).orElse(0L);
    }

    static List<WorkflowStatistics> statistics(RootRule rule, Path... files) throws IOException {
        try (RecordedTraces traces = new RecordedTraces()) {
            TraceReader reader = new TraceReader(
                    traces::add,
                    line -> {
                        throw new AssertionError(line.toString());
                    },
                    () -> Instant.EPOCH);
            for (Path file : files) {
                reader.read(new TraceSource.TraceFile(file));
            }
            return Recording.of(traces, rule, ClockSkew.NONE)
                    .tally()
                    .estimate(new ShareEstimator(30, 1))
                    .workflows();
        }
    }
}
