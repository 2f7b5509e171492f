package dev.scepsy.planner.recorded;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.planner.execution.RootRule;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Spans as further libraries write them, made by hand after their sources ({@code truth.json} names each): prompts, tools, sums of
 * agents and duplicates are no calls, streams, embeddings and reranking are.
 */
class FrameworkVariantsTest {

    private static final Path VARIANTS = Path.of("src/test/resources/framework-variants");

    @TestFactory
    Stream<DynamicTest> callsAndTokensOfEveryVocabularyCountOnce() throws IOException {
        JsonNode truth =
                new ObjectMapper().readTree(VARIANTS.resolve("truth.json").toFile());
        List<DynamicTest> tests = new ArrayList<>();
        truth.fields()
                .forEachRemaining(variant -> tests.add(
                        DynamicTest.dynamicTest(variant.getKey(), () -> check(variant.getKey(), variant.getValue()))));
        assertThat(tests).hasSizeGreaterThanOrEqualTo(12);
        return tests.stream();
    }

    private static void check(String variant, JsonNode truth) throws IOException {
        Path file = VARIANTS.resolve(variant + ".jsonl");
        Map<String, Long> workflows = new TreeMap<>();
        for (WorkflowStatistics workflow : FrameworksTest.statistics(RootRule.DEFAULT, file)) {
            workflows.put(workflow.name(), workflow.executions().orElse(0));
        }
        Map<String, Long> expected = new TreeMap<>();
        truth.get("workflows")
                .fields()
                .forEachRemaining(
                        each -> expected.put(each.getKey(), each.getValue().asLong()));

        assertThat(FrameworksTest.read(file)).isEqualTo(FrameworksTest.counts(truth.get("models")));
        assertThat(workflows).isEqualTo(expected);
        assertThat(truth.get("source")).as("where its names are from").isNotEmpty();
    }
}
