package dev.scepsy.planner.execution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.execution.Execution.Complete;
import dev.scepsy.planner.execution.Execution.Incomplete;
import dev.scepsy.planner.span.EngineTimes;
import dev.scepsy.planner.span.GenAi;
import dev.scepsy.planner.span.Operation;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.TraceId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class ExecutionAssemblerTest {

    private static final TraceId TRACE = new TraceId(7, 7);

    private final List<Span> spans = new ArrayList<>();

    @Nested
    class WhichExecution {

        @Test
        void theNamedExecutionComesBeforeAnyWorkflowAbove() {
            add(span(1, 0, workflow("outer")));
            add(span(2, 1, workflow("inner").executionId(2)));
            add(span(3, 2, call("m")));

            assertThat(complete()).extracting(Complete::workflow).containsExactly("outer", "inner");
            assertThat(complete().get(0).calls()).isEmpty();
            assertThat(complete().get(1).calls()).hasSize(1);
        }

        @Test
        void theNearestNamedExecutionWins() {
            add(span(1, 0, workflow("w").executionId(1)));
            add(span(2, 1, workflow("v").executionId(2)));
            add(span(3, 2, agent("a")));
            add(span(4, 3, call("m")));

            assertThat(complete())
                    .extracting(execution -> execution.calls().size())
                    .containsExactly(0, 1);
        }

        @Test
        void aRootThatDoesNotNameItselfIsTheRootOfThoseThatNameIt() {
            add(span(1, 0, workflow("w")));
            add(span(2, 1, agent("a").executionId(1)));
            add(span(3, 2, call("m").executionId(1)));

            assertThat(complete()).singleElement().satisfies(execution -> {
                assertThat(execution.workflow()).isEqualTo("w");
                assertThat(execution.id()).isEqualTo(new ExecutionId(TRACE, 1));
                assertThat(execution.calls()).hasSize(1);
            });
        }

        @Test
        void elseTheOutermostWorkflow() {
            add(span(1, 0, agent("a")));
            add(span(2, 1, workflow("outer")));
            add(span(3, 2, agent("b")));
            add(span(4, 3, workflow("inner")));
            add(span(5, 4, call("m")));

            assertThat(complete()).singleElement().satisfies(execution -> {
                assertThat(execution.workflow()).isEqualTo("outer");
                assertThat(execution.calls()).hasSize(1);
            });
        }

        @Test
        void elseTheOutermostAgent() {
            add(span(1, 0, GenAi.builder()).name("GET /").kind(Span.Kind.SERVER));
            add(span(2, 1, agent("outer")));
            add(span(3, 2, agent("inner")));
            add(span(4, 3, call("m")));

            assertThat(complete()).extracting(Complete::workflow).containsExactly("outer");
        }

        @Test
        void elseTheTopmostSpanIfAModelCallLiesBelow() {
            add(span(1, 0, GenAi.builder()).name("job"));
            add(span(2, 1, GenAi.builder()));
            add(span(3, 2, call("m")));

            assertThat(complete()).extracting(Complete::workflow).containsExactly("job");
        }

        @Test
        void spansWithoutAnyModelCallAreNoExecution() {
            add(span(1, 0, GenAi.builder()).name("job"));
            add(span(2, 1, GenAi.builder().operation(Operation.TOOL)));

            assertThat(assemble()).isEmpty();
        }

        @Test
        void aModelCallWithNothingAboveIsAnExecutionOfItsOwn() {
            add(span(1, 0, call("m")).name("chat m"));
            add(span(2, 0, call("m")).name("chat m"));

            assertThat(complete()).extracting(Complete::workflow).containsExactly("chat m", "chat m");
            assertThat(complete())
                    .allSatisfy(execution -> assertThat(execution.calls()).hasSize(1));
        }

        @Test
        void aWorkflowThatCallsNoModelIsAnExecution() {
            add(span(1, 0, workflow("w")));

            assertThat(complete())
                    .singleElement()
                    .satisfies(execution -> assertThat(execution.calls()).isEmpty());
        }

        @Test
        void whatLiesAboveAWorkflowIsNoExecutionUnlessAModelCallIsItsOwn() {
            add(span(1, 0, GenAi.builder()).name("POST /").kind(Span.Kind.SERVER));
            add(span(2, 1, workflow("w")));
            add(span(3, 2, call("m")));
            add(span(4, 1, GenAi.builder()).name("SELECT"));
            assertThat(complete()).extracting(Complete::workflow).containsExactly("w");

            add(span(5, 1, call("m")));
            assertThat(complete()).extracting(Complete::workflow).containsExactly("POST /", "w");
        }

        @Test
        void aTraceMayHoldSeveralExecutions() {
            add(span(1, 0, GenAi.builder()).name("batch"));
            add(span(2, 1, workflow("w")));
            add(span(3, 1, workflow("w")));
            add(span(4, 2, call("m")));
            add(span(5, 3, call("m")));

            assertThat(complete())
                    .hasSize(2)
                    .allSatisfy(execution -> assertThat(execution.calls()).hasSize(1));
        }

        @Test
        void theWorkflowsNameIsItsNameElseItsAgentsElseTheSpans() {
            add(span(1, 0, workflow("w").agent("a")).name("s"));
            add(span(2, 0, GenAi.builder().operation(Operation.WORKFLOW).agent("a"))
                    .name("s"));
            add(span(3, 0, GenAi.builder().operation(Operation.WORKFLOW)).name("s"));

            assertThat(complete()).extracting(Complete::workflow).containsExactly("w", "a", "s");
        }
    }

    @Nested
    class WhatIsACall {

        @Test
        void anythingThatNamesAModelExceptTheOtherOperations() {
            add(span(1, 0, workflow("w")));
            List<String> operations = List.of(
                    "chat", "embeddings", "rerank", "text_completion", "generate_content", "moderation", "my_own");
            List<String> others = List.of(
                    "invoke_agent",
                    "create_agent",
                    "invoke_workflow",
                    "plan",
                    "create_memory",
                    "search_memory",
                    "update_memory",
                    "upsert_memory",
                    "delete_memory",
                    "create_memory_store",
                    "delete_memory_store",
                    "fetch_response");
            long id = 2;
            for (String operation : operations) {
                add(span(
                        id++,
                        1,
                        GenAi.builder().operation(Operation.of(operation)).model("m")));
            }
            for (String operation : others) {
                add(span(
                        id++,
                        1,
                        GenAi.builder().operation(Operation.of(operation)).model("m")));
            }
            add(span(id++, 1, GenAi.builder().model("m")));
            add(span(id, 1, GenAi.builder().operation(Operation.MODEL)));

            assertThat(complete())
                    .singleElement()
                    .satisfies(execution -> assertThat(execution.calls())
                            .hasSize(operations.size())
                            .allSatisfy(call -> assertThat(call.model()).isEqualTo("m")));
        }

        @Test
        void toolsAndRetrievalsWithAModelsNameAreToolsStill() {
            add(span(1, 0, workflow("w")));
            add(span(2, 1, GenAi.builder().operation(Operation.TOOL).model("m")));
            add(span(3, 1, GenAi.builder().operation(Operation.RETRIEVAL).model("m")));

            assertThat(complete().get(0).calls())
                    .hasSize(2)
                    .allSatisfy(call -> assertThat(call.model()).isNull());
        }

        @Test
        void theEnginesOwnSpanAnnotatesTheClientsCall() {
            add(span(1, 0, workflow("w")));
            add(span(2, 1, call("m")).kind(Span.Kind.CLIENT));
            add(span(3, 2, call("m")).kind(Span.Kind.SERVER));
            add(span(4, 2, call("m")).kind(Span.Kind.CONSUMER));

            assertThat(complete().get(0).calls()).extracting(LeafCall::spanId).containsExactly(2L);
        }

        @Test
        void ofNestedCallsTheInnermostCounts() {
            add(span(1, 0, workflow("w")));
            add(span(2, 1, call("router")));
            add(span(3, 2, GenAi.builder()));
            add(span(4, 3, call("small")));
            add(span(5, 3, call("large")));

            assertThat(complete().get(0).calls()).extracting(LeafCall::model).containsExactly("small", "large");
        }

        @Test
        void aToolWithAModelCallBelowIsNoLeaf() {
            add(span(1, 0, workflow("w")));
            add(span(2, 1, GenAi.builder().operation(Operation.RETRIEVAL)));
            add(span(3, 2, call("embedder")));
            add(span(4, 1, GenAi.builder().operation(Operation.TOOL)));

            assertThat(complete().get(0).calls()).extracting(LeafCall::spanId).containsExactly(3L, 4L);
        }

        @Test
        void aLeafCallKnowsTheSpansBetweenTheRootAndItself() {
            add(span(1, 0, workflow("w")));
            add(span(2, 1, agent("a")));
            add(span(3, 2, agent("b")));
            add(span(4, 3, call("m")));
            add(span(5, 1, call("m")));

            List<LeafCall> calls = complete().get(0).calls();
            assertThat(calls.get(0).enclosing()).extracting(Enclosing::spanId).containsExactly(2L, 3L);
            assertThat(calls.get(1).enclosing()).isEmpty();
        }

        @Test
        void failedCallsAndFailedExecutionsCount() {
            add(span(1, 0, workflow("w")).error(true));
            add(span(2, 1, call("m")).error(true));

            assertThat(complete())
                    .singleElement()
                    .satisfies(execution -> assertThat(execution.calls())
                            .singleElement()
                            .satisfies(call -> assertThat(call.error()).isTrue()));
        }

        @Test
        void spansWithTheSameIdAreOne() {
            add(span(1, 0, workflow("w")));
            add(span(2, 1, call("m")).endEpochNanos(Span.NOT_ENDED));
            add(span(2, 1, call("m")));
            add(span(1, 0, workflow("w")));

            assertThat(complete())
                    .singleElement()
                    .satisfies(execution -> assertThat(execution.calls())
                            .singleElement()
                            .satisfies(call -> assertThat(call.busyNanos()).isEqualTo(100)));
        }
    }

    @Nested
    class WhatIsIncomplete {

        @Test
        void theRootThatIdsNameIsMissing() {
            add(span(2, 1, call("m").executionId(1).workflow("w")));
            add(span(3, 1, call("m").executionId(1).workflow("w")));

            assertThat(incomplete()).singleElement().satisfies(execution -> {
                assertThat(execution.reason()).isEqualTo(IncompleteReason.ROOT_MISSING);
                assertThat(execution.workflow()).isEqualTo("w");
            });
        }

        @Test
        void theRootNeverEnds() {
            add(span(1, 0, workflow("w")).endEpochNanos(Span.NOT_ENDED));
            add(span(2, 1, call("m")));

            assertThat(reasons()).containsExactly(IncompleteReason.TIMED_OUT);
        }

        @Test
        void aParentInsideWasNeverSeen() {
            add(span(1, 0, workflow("w")));
            add(span(3, 2, call("m").executionId(1)));

            assertThat(reasons()).containsExactly(IncompleteReason.SPANS_DROPPED);
        }

        @Test
        void aParentOfAParentInsideWasNeverSeen() {
            add(span(1, 0, workflow("w")));
            add(span(8, 0, workflow("another")));
            add(span(3, 2, GenAi.builder()));
            add(span(4, 3, call("m").executionId(1)));

            assertThat(assemble()).hasSize(2);
            assertThat(reasons()).containsExactly(IncompleteReason.SPANS_DROPPED);
        }

        @Test
        void anEndBeforeItsStart() {
            add(span(1, 0, workflow("w")));
            add(span(2, 1, GenAi.builder()).startEpochNanos(10).endEpochNanos(9));

            assertThat(reasons()).containsExactly(IncompleteReason.CLOCK_BACKWARDS);
        }

        @Test
        void aStartThatWasNeverSetAsACallOfMoreThanADay() {
            long now = 1_790_000_000_000_000_000L;
            add(span(1, 0, workflow("w")).startEpochNanos(now).endEpochNanos(now + 1));
            add(span(2, 1, call("m")).startEpochNanos(0).endEpochNanos(now + 1));

            assertThat(reasons()).containsExactly(IncompleteReason.CLOCK_BACKWARDS);
        }

        @Test
        void theFirstReasonThatAppliesIsCounted() {
            // never ended, parent lost, clock backwards
            add(span(1, 0, workflow("w")).endEpochNanos(Span.NOT_ENDED));
            add(span(3, 2, call("m").executionId(1)).endEpochNanos(1));
            assertThat(reasons()).containsExactly(IncompleteReason.TIMED_OUT);

            spans.clear();
            add(span(1, 0, workflow("w")));
            add(span(3, 2, call("m").executionId(1)).endEpochNanos(1));
            assertThat(reasons()).containsExactly(IncompleteReason.SPANS_DROPPED);

            spans.clear();
            add(span(3, 2, call("m").executionId(1)).endEpochNanos(1));
            assertThat(reasons()).containsExactly(IncompleteReason.ROOT_MISSING);
        }

        @Test
        void aMissingParentAboveTheWorkflowOrAgentIsHarmless() {
            add(span(2, 1, workflow("w")));
            add(span(3, 2, call("m")));
            assertThat(complete()).hasSize(1);

            spans.clear();
            add(span(2, 1, agent("a")));
            add(span(3, 2, call("m")));
            assertThat(complete()).hasSize(1);

            spans.clear();
            add(span(2, 1, GenAi.builder()).name("handler"));
            add(span(3, 2, workflow("w")));
            add(span(4, 3, call("m").executionId(3)));
            assertThat(complete()).extracting(Complete::workflow).containsExactly("w");
            assertThat(assemble()).hasSize(1);
        }

        @Test
        void aMissingRemoteParentIsHarmless() {
            add(span(1, 0, workflow("w")));
            add(span(3, 2, call("m").executionId(1)).parentRemote(true));
            add(span(5, 4, GenAi.builder().executionId(1)).kind(Span.Kind.SERVER));
            add(span(7, 6, GenAi.builder().executionId(1)).kind(Span.Kind.CONSUMER));
            assertThat(complete()).hasSize(1);

            spans.clear();
            add(span(2, 1, call("m")).parentRemote(true).name("chat m"));
            assertThat(complete()).extracting(Complete::workflow).containsExactly("chat m");
        }

        @Test
        void lostSpansWithoutExecutionSpoilTheTracesOnlyExecution() {
            add(span(1, 0, workflow("w")));
            add(span(4, 3, call("m")));

            assertThat(reasons()).containsExactly(IncompleteReason.SPANS_DROPPED);
        }

        @Test
        void lostSpansWithoutExecutionLeaveSeveralExecutionsAlone() {
            add(span(1, 0, workflow("w")));
            add(span(2, 0, workflow("w")));
            add(span(4, 3, call("m")));

            assertThat(complete()).hasSize(2);
            assertThat(incomplete()).isEmpty();
        }

        @Test
        void lostSpansInATraceWithoutExecutionAreOneWithoutARoot() {
            add(span(4, 3, call("m")));
            add(span(5, 4, call("m")));
            add(span(7, 6, GenAi.builder()));

            assertThat(reasons()).containsExactly(IncompleteReason.ROOT_MISSING);
        }

        @Test
        void parentsThatLeadInACircleAreLost() {
            add(span(1, 2, call("m")));
            add(span(2, 1, GenAi.builder()));
            add(span(3, 3, call("m")));

            assertThat(reasons()).containsExactly(IncompleteReason.ROOT_MISSING);
        }
    }

    @Test
    void theOrderOfTheSpansDoesNotMatter() {
        add(span(1, 0, GenAi.builder()).name("batch"));
        add(span(2, 1, workflow("w")));
        add(span(3, 2, call("a")));
        add(span(4, 3, call("b")));
        add(span(5, 1, workflow("v")));
        add(span(6, 9, call("b").executionId(5)));
        add(span(7, 1, call("c")));
        List<Execution> expected = assemble();
        Random random = new Random(1);
        for (int i = 0; i < 50; i++) {
            Collections.shuffle(spans, random);
            assertThat(assemble()).isEqualTo(expected);
        }
    }

    @Test
    void aChainOfAHundredThousandSpansIsRead() {
        add(span(1, 0, workflow("w")));
        for (int id = 2; id <= 100_000; id++) {
            add(span(id, id - 1, id == 100_000 ? call("m") : GenAi.builder()));
        }
        Collections.shuffle(spans, new Random(1));

        assertThat(complete())
                .singleElement()
                .satisfies(execution -> assertThat(execution.calls()).hasSize(1));
    }

    @Test
    void anEnginesSpanAnnotatesTheNearestCallAboveItAndIsNoCall() {
        add(span(1, 0, workflow("w")));
        add(span(2, 1, call("m")));
        add(span(3, 2, GenAi.builder())); // the HTTP client's
        add(span(4, 3, engine(0.25, 0.5, 1)).kind(Span.Kind.SERVER).parentRemote(true));
        add(span(5, 2, engine(0.25, 0, 0)).kind(Span.Kind.SERVER)); // the first attempt
        add(span(6, 1, call("n")));

        assertThat(complete()).singleElement().satisfies(execution -> {
            assertThat(execution.calls()).hasSize(2);
            assertThat(execution.calls().get(0).engine())
                    .isEqualTo(new EngineTimes(500_000_000, 500_000_000, 1_000_000_000));
            assertThat(execution.calls().get(1).engine()).isNull();
        });
    }

    private static GenAi.Builder engine(double queue, double prefill, double decode) {
        return GenAi.builder()
                .attribute("gen_ai.response.model", "m")
                .attribute("gen_ai.latency.time_in_queue", queue)
                .attribute("gen_ai.latency.time_in_model_prefill", prefill)
                .attribute("gen_ai.latency.time_in_model_decode", decode);
    }

    private void add(Span.Builder span) {
        spans.add(span.build());
    }

    private List<Execution> assemble() {
        List<Execution> executions = new ArrayList<>();
        ExecutionAssembler.assemble(spans, executions::add);
        return executions;
    }

    private List<Complete> complete() {
        return assemble().stream()
                .filter(Complete.class::isInstance)
                .map(Complete.class::cast)
                .toList();
    }

    private List<Incomplete> incomplete() {
        return assemble().stream()
                .filter(Incomplete.class::isInstance)
                .map(Incomplete.class::cast)
                .toList();
    }

    private List<IncompleteReason> reasons() {
        return incomplete().stream().map(Incomplete::reason).toList();
    }

    private static Span.Builder span(long id, long parent, GenAi.Builder genAi) {
        return Span.builder(TRACE, id)
                .parent(parent)
                .startEpochNanos(1000 + id)
                .endEpochNanos(1100 + id)
                .genAi(genAi.build());
    }

    private static GenAi.Builder workflow(String name) {
        return GenAi.builder().operation(Operation.WORKFLOW).workflow(name);
    }

    private static GenAi.Builder agent(String name) {
        return GenAi.builder().operation(Operation.AGENT).agent(name);
    }

    private static GenAi.Builder call(String model) {
        return GenAi.builder().operation(Operation.MODEL).model(model);
    }
}
