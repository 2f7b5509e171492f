package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code langchain4j-agentic}: every topology, one hundred executions at once, and the same results as without the agent. */
class AgenticIT {

    private static final int RUNS = 101;
    private static final String FOUR =
            "agent writer(chat echo), agent writer(chat echo), agent writer(chat echo), agent writer(chat echo)";

    /** One tree for each workflow of the broad set. */
    private static final List<String> TREES = List.of(
            "agent untyped(chat echo)",
            "agent writer(chat echo)",
            "workflow around-conditional(agent writer(chat echo), workflow conditional(agent editor(chat echo)))",
            "workflow around-loop(agent writer(chat echo), workflow loop(agent editor(chat echo), agent editor(chat"
                    + " echo), agent scorer(chat echo), agent scorer(chat echo), agent scorer(chat echo)))",
            "workflow async(agent editor(chat echo), agent writer(chat echo), agent writer(chat echo))",
            "workflow custom-planner(agent editor(chat echo), agent writer(chat echo))",
            "workflow failed ERROR(agent writer ERROR(chat broken ERROR))",
            "workflow failed-parallel ERROR(agent writer ERROR(chat broken ERROR), agent writer(chat echo))",
            "workflow human(agent HumanInTheLoop, agent editor(chat echo))",
            "workflow journal(agent chief(chat echo), workflow reporters(agent reporter-a(chat echo),"
                    + " agent reporter-b(chat echo)))",
            "workflow listener(agent editor(chat echo), agent writer(chat echo))",
            "workflow mapper(agent item(chat echo), agent item(chat echo), agent item(chat echo))",
            "workflow missing-argument ERROR",
            "workflow novel(agent editor(chat echo), agent writer(chat echo))",
            "workflow optional(agent writer(chat echo))",
            "workflow outer(agent editor(chat echo), agent writer(chat echo), workflow middle(agent editor(chat echo),"
                    + " workflow inner(" + FOUR + ")))",
            "workflow parallel-default(" + FOUR + ")",
            "workflow parallel-fixed(" + FOUR + ")",
            "workflow parallel-same-thread(" + FOUR + ")",
            "workflow parallel-single(" + FOUR + ")",
            "workflow parallel-virtual(" + FOUR + ")",
            "workflow plain-agent(agent AgenticScopeAction, agent counter)",
            "workflow retried(agent editor(chat echo), agent writer ERROR(chat moody ERROR),"
                    + " agent writer ERROR(chat moody ERROR), agent writer(chat moody))",
            "workflow retrieval(agent writer(chat echo, retrieval WorkflowsApp))",
            "workflow sequence(agent editor(chat echo), agent editor(chat echo), agent writer(chat echo))",
            "workflow streaming(agent teller(chat Streaming), agent writer(chat echo))",
            "workflow supervised(agent PlannerAgent(chat planner), agent PlannerAgent(chat planner),"
                    + " agent writer(chat echo))",
            "workflow supervisor-last(agent PlannerAgent(chat planner), agent PlannerAgent(chat planner),"
                    + " agent writer(chat echo))",
            "workflow supervisor-summary(agent PlannerAgent(chat planner), agent PlannerAgent(chat planner),"
                    + " agent writer(chat echo))",
            "workflow tools(agent editor(chat echo), agent writer(chat ToolCaller, chat ToolCaller,"
                    + " execute_tool place(chat echo), execute_tool time))",
            "workflow tools-at-once(agent editor(chat echo), agent writer(chat ToolCaller, chat ToolCaller,"
                    + " execute_tool place(chat echo), execute_tool time))");

    static Stream<Everything> versions() {
        return Stream.of(Everything.traced(), Everything.newest(), Everything.former());
    }

    @Test
    void everyApplicationReturnsAndThrowsWhatItDoesWithoutTheAgent() {
        Everything plain = Everything.plain();
        assertThat(plain.outcome().exitCode()).as(plain.outcome().err()).isZero();

        assertThat(Everything.traced().outcome().out())
                .isEqualTo(plain.outcome().out());
        assertThat(Everything.newest().printedBy("WorkflowsApp")).isEqualTo(plain.printedBy("WorkflowsApp"));
    }

    @ParameterizedTest
    @MethodSource("versions")
    void everyWorkflowOfABroadSetHasItsAgentsCallsAndToolsBelowIt(Everything everything) {
        assertThat(new Trees(everything.spans()).rendered()).containsAll(TREES);
    }

    @ParameterizedTest
    @MethodSource("versions")
    void everySpanOfAHundredConcurrentExecutionsHangsWhereItBelongs(Everything everything) {
        Trees trees = new Trees(everything.spans());
        Map<String, List<ReceivedSpan>> executions = everything.spans().stream()
                .filter(span -> trees.outermost(span).isCalled("invoke_workflow everything"))
                .collect(Collectors.groupingBy(ReceivedSpan::traceId));
        assertThat(executions).hasSize(RUNS);
        executions.values().forEach(execution -> mustBeOneRun(execution, trees));
    }

    @Test
    void theNewestRunUsedVirtualThreads() {
        assumeTrue(Everything.hasJdk25(), "NOT RUN: no JDK 25 found at " + Everything.JDK_25);
        assertThat(Everything.newest().outcome().exitCode()).isZero();
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
}
