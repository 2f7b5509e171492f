package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.scepsy.javaagent.app.AgenticApp;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** All topologies of {@code langchain4j-agentic}, one hundred executions at once. */
class AgenticIT {

    private static final int RUNS = 101;
    private static final Path JDK_25 = Path.of("/usr/lib/jvm/temurin-25-jdk-amd64");

    @Test
    void everySpanOfAHundredConcurrentExecutionsHangsWhereItBelongsAndResultsStayTheSame() {
        ForkedJvm.Outcome plain = ForkedJvm.of(AgenticApp.class).run();
        try (SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm.Outcome traced = traced(ForkedJvm.of(AgenticApp.class), receiver);

            assertThat(traced.exitCode()).as(traced.err()).isZero();
            assertThat(traced.out()).isEqualTo(plain.out());
            assertThat(traced.err().lines().filter(line -> line.startsWith("[scepsy]")))
                    .hasSize(1);
            mustBeRight(receiver.spans());
        }
    }

    @Test
    void virtualThreadsOfANewerJdkKeepTheirParentsToo() {
        assumeTrue(Files.isExecutable(JDK_25.resolve("bin/java")), "NOT RUN: no JDK 25 found at " + JDK_25);
        try (SpanReceiver receiver = new SpanReceiver()) {
            ForkedJvm.Outcome traced = traced(ForkedJvm.of(AgenticApp.class).javaHome(JDK_25), receiver);

            assertThat(traced.exitCode()).as(traced.err()).isZero();
            mustBeRight(receiver.spans());
        }
    }

    private static ForkedJvm.Outcome traced(ForkedJvm jvm, SpanReceiver receiver) {
        return jvm.withAgent()
                .exportingTo(receiver)
                .env("OTEL_BSP_MAX_QUEUE_SIZE", "20000")
                .run();
    }

    static void mustBeRight(List<ReceivedSpan> spans) {
        Trees trees = new Trees(spans);
        trees.mustBeWhole();
        trees.mustNameTheirExecution();

        Map<String, List<ReceivedSpan>> executions = spans.stream()
                .filter(span -> trees.outermost(span).isCalled("invoke_workflow everything"))
                .collect(Collectors.groupingBy(ReceivedSpan::traceId));
        assertThat(executions).hasSize(RUNS);
        executions.values().forEach(execution -> mustBeOneRun(execution, trees));

        ReceivedSpan supervised = only(spans, "invoke_workflow supervised");
        assertThat(supervised.parentSpanId()).isEmpty();
        assertThat(trees.childrenOf(supervised)).extracting(ReceivedSpan::name).contains("invoke_agent writer");
    }

    private static void mustBeOneRun(List<ReceivedSpan> execution, Trees trees) {
        Map<String, Long> names =
                execution.stream().collect(Collectors.groupingBy(ReceivedSpan::name, Collectors.counting()));
        assertThat(names)
                .containsEntry("invoke_workflow everything", 1L)
                .containsEntry("invoke_workflow branches", 1L)
                .containsEntry("invoke_workflow on-fixed", 1L)
                .containsEntry("invoke_workflow mapped", 1L)
                .containsEntry("invoke_workflow polish", 1L)
                .containsEntry("invoke_workflow choose", 1L)
                .containsEntry("invoke_agent branch-1", 16L)
                .containsEntry("invoke_agent scorer", 2L)
                .containsEntry("invoke_agent editor", 3L)
                .containsEntry("invoke_agent writer", 1L)
                .containsEntry("invoke_agent background", 1L)
                .containsEntry("chat echo", 26L);
        List<ReceivedSpan> calls =
                execution.stream().filter(span -> span.isCalled("chat ")).toList();
        assertThat(calls.stream().map(call -> run(call)).distinct())
                .as("runs in one trace")
                .hasSize(1);
        for (ReceivedSpan call : calls) {
            ReceivedSpan agent = trees.parentOf(call);
            assertThat(agent).isNotNull();
            assertThat(String.valueOf(agent.get("gen_ai.agent.name")))
                    .as("agent of %s", call)
                    .startsWith(agentOf(call));
        }
    }

    private static String run(ReceivedSpan call) {
        return String.valueOf(call.get("gen_ai.response.id")).replaceFirst("/.*", "");
    }

    private static String agentOf(ReceivedSpan call) {
        return String.valueOf(call.get("gen_ai.response.id")).replaceFirst(".*/", "");
    }

    private static ReceivedSpan only(List<ReceivedSpan> spans, String name) {
        List<ReceivedSpan> found =
                spans.stream().filter(span -> span.name().equals(name)).toList();
        assertThat(found).hasSize(1);
        return found.get(0);
    }
}
