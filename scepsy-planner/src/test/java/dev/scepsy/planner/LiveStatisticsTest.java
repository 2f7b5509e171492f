package dev.scepsy.planner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.execution.IncompleteReason;
import dev.scepsy.planner.share.CallClass;
import dev.scepsy.planner.share.Drift;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import dev.scepsy.planner.span.GenAi;
import dev.scepsy.planner.span.Operation;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.SpanId;
import dev.scepsy.planner.span.TraceId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveStatisticsTest {

    private static final long SECOND = 1_000_000_000L;

    @TempDir
    Path folder;

    private final List<String> logged = new ArrayList<>();
    private final List<List<Drift>> drifts = new ArrayList<>();
    private StatisticsListener listener = (shares, drift) -> drifts.add(drift);
    private long now = 123;
    private long nextTrace = 1;

    @Test
    void anExecutionCountsOnceItsRootHasEndedAndSettled() {
        LiveStatistics planner = planner(LiveStatisticsConfig.defaults());
        execution(1, 1).forEach(planner::record);

        planner.step(false);
        assertThat(planner.statistics()).isEmpty();

        pass(planner, 6);
        assertThat(planner.statistics()).singleElement().satisfies(workflow -> {
            assertThat(workflow.name()).isEqualTo("w");
            assertThat(workflow.executions()).hasValue(1);
            assertThat(workflow.models()).hasSize(1);
        });
        assertThat(planner.counts()).isEqualTo(new LiveStatisticsCounts(0, 0, 0, 0));
    }

    @Test
    void aCallSeenThroughBothDoorsCountsOnce() {
        LiveStatistics planner = planner(LiveStatisticsConfig.defaults());
        List<Span> spans = execution(1, 3);
        spans.forEach(planner::record);
        spans.forEach(planner::record);
        pass(planner, 6);
        // the exporter's copies come after the execution has settled
        spans.forEach(planner::record);
        pass(planner, 3600 / 2);

        assertThat(planner.statistics()).singleElement().satisfies(workflow -> {
            assertThat(workflow.executions()).hasValue(1);
            assertThat(workflow.models().get(0).callsPerExecution()).isEqualTo(3);
        });
        assertThat(planner.shares().incompleteExecutions()).isEmpty();
        assertThat(planner.counts().ignoredSpans()).isEqualTo(4);
    }

    @Test
    void spansOfOthersWithoutExecutionIdsWaitForTheOutermostWorkflow() {
        LiveStatistics planner = planner(LiveStatisticsConfig.defaults());
        TraceId trace = new TraceId(1, nextTrace++);
        planner.record(span(trace, 3, 2, Operation.MODEL, "m", 0));
        planner.record(span(trace, 2, 1, Operation.AGENT, "a", 0));
        // the workflow runs on for longer than an agent takes to settle
        pass(planner, 60);
        assertThat(planner.statistics()).isEmpty();

        planner.record(span(trace, 1, 0, Operation.WORKFLOW, "w", 0));
        pass(planner, 11);
        assertThat(planner.statistics()).extracting(WorkflowStatistics::name).containsExactly("w");
    }

    @Test
    void manyExecutionsOfOneLongTraceSettleOneByOne() {
        LiveStatistics planner = planner(LiveStatisticsConfig.defaults());
        TraceId trace = new TraceId(1, nextTrace++);
        for (int i = 0; i < 50; i++) {
            long root = 100 + 10 * i;
            planner.record(span(trace, root + 1, root, Operation.MODEL, "m", root));
            planner.record(span(trace, root, 7, Operation.WORKFLOW, "w", root));
            pass(planner, 20);
        }
        assertThat(planner.statistics())
                .singleElement()
                .satisfies(workflow -> assertThat(workflow.executions()).hasValue(50));
        assertThat(planner.counts().openSpans()).isZero();
    }

    @Test
    void anExecutionWhoseRootDoesNotComeInTimeIsTimedOut() {
        LiveStatistics planner = planner(LiveStatisticsConfig.defaults());
        planner.record(span(new TraceId(1, 1), 2, 1, Operation.MODEL, "m", 1));
        pass(planner, 13 * 60);
        assertThat(planner.shares().incompleteExecutions()).isEmpty();

        pass(planner, 5 * 60);
        assertThat(planner.shares().incompleteExecutions()).containsExactly(Map.entry(IncompleteReason.TIMED_OUT, 1L));
        assertThat(planner.counts().openSpans()).isZero();
    }

    @Test
    void spansHeldAreBoundedAndWhatIsLetGoIsCounted() {
        LiveStatistics planner = planner(LiveStatisticsConfig.builder()
                .maxOpenSpans(100)
                .bufferCapacity(1 << 12)
                .build());
        for (int i = 0; i < 1000; i++) {
            planner.record(span(new TraceId(1, nextTrace++), 2, 1, Operation.MODEL, "m", 1));
        }
        pass(planner, 11);

        assertThat(planner.counts().openSpans()).isLessThanOrEqualTo(100);
        assertThat(planner.shares().incompleteExecutions().get(IncompleteReason.SPANS_DROPPED))
                .isGreaterThanOrEqualTo(900);
    }

    @Test
    void aFullBufferDropsAndCounts() {
        LiveStatistics planner =
                planner(LiveStatisticsConfig.builder().bufferCapacity(8).build());
        for (int i = 0; i < 20; i++) {
            planner.record(span(new TraceId(1, 1), 2 + i, 1, Operation.MODEL, "m", 1));
        }
        assertThat(planner.counts().droppedSpans()).isEqualTo(12);
    }

    @Test
    void theWindowForgets() {
        LiveStatistics planner = planner(LiveStatisticsConfig.builder()
                .window(Duration.ofMinutes(10))
                .maxWindowExecutions(5)
                .build());
        for (int i = 0; i < 20; i++) {
            execution(1, 1).forEach(planner::record);
        }
        pass(planner, 11);
        assertThat(planner.statistics().get(0).executions()).hasValue(5);

        pass(planner, 11 * 60);
        assertThat(planner.statistics()).isEmpty();
    }

    @Test
    void flushDoesNotWait() {
        LiveStatistics planner = planner(LiveStatisticsConfig.defaults());
        execution(1, 1).forEach(planner::record);
        planner.flush();

        assertThat(planner.statistics()).hasSize(1);
    }

    @Test
    void switchedOffItRecordsNothing() {
        LiveStatistics planner = planner(LiveStatisticsConfig.builder()
                .mode(LiveStatisticsConfig.Mode.OFF)
                .build());
        execution(1, 1).forEach(planner::record);
        planner.flush();

        assertThat(planner.statistics()).isEmpty();
    }

    @Test
    void aListenerThatThrowsStopsNothingAndIsLoggedOnce() {
        listener = (shares, drift) -> {
            throw new IllegalStateException("broken");
        };
        LiveStatistics planner = planner(LiveStatisticsConfig.defaults());
        for (int i = 1; i <= 3; i++) {
            execution(1, 1).forEach(planner::record);
            pass(planner, 20);
            assertThat(planner.statistics().get(0).executions()).hasValue(i);
        }
        assertThat(planner.counts().failures()).isEqualTo(3);
        assertThat(logged).singleElement().asString().contains("broken");
    }

    @Test
    void statisticsAreWrittenAndAFolderThatCannotBeWrittenStopsNothing() throws Exception {
        LiveStatistics planner = planner(
                LiveStatisticsConfig.builder().out(folder.resolve("made")).build());
        execution(1, 1).forEach(planner::record);
        planner.flush();
        assertThat(folder.resolve("made/workflows.json")).content().containsPattern("\"name\"\\s*:\\s*\"w\"");

        Path file = Files.writeString(folder.resolve("file"), "");
        planner = planner(LiveStatisticsConfig.builder().out(file).build());
        execution(1, 1).forEach(planner::record);
        planner.flush();
        assertThat(planner.statistics()).hasSize(1);
        assertThat(planner.counts().failures()).isEqualTo(1);
        assertThat(drifts).hasSize(2);
    }

    @Test
    void aLargeAndSignificantChangeIsDrift() {
        LiveStatistics planner = planner(
                LiveStatisticsConfig.builder().window(Duration.ofMinutes(5)).build());
        record(planner, 40, 2);
        pass(planner, 11);
        record(planner, 40, 2);
        pass(planner, 11);
        assertThat(drifts).allSatisfy(drift -> assertThat(drift).isEmpty());

        pass(planner, 6 * 60);
        record(planner, 40, 5);
        pass(planner, 11);
        assertThat(drifts.get(drifts.size() - 1))
                .contains(new Drift("w", "m", Drift.Estimate.CALLS_PER_EXECUTION, 2, 5));

        planner.accept(planner.shares());
        record(planner, 5, 5);
        pass(planner, 11);
        assertThat(drifts.get(drifts.size() - 1)).isEmpty();
    }

    @Test
    void aStartedPlannerWorksByItselfAndEndsWithALastFlush() {
        List<WorkflowShares> heard = new ArrayList<>();
        LiveStatistics planner = LiveStatistics.start(
                LiveStatisticsConfig.defaults(), (shares, drift) -> heard.add(shares), logged::add);
        execution(1, 1).forEach(planner::record);
        planner.close();

        assertThat(planner.statistics()).hasSize(1);
        assertThat(heard).isNotEmpty();
        assertThat(logged).isEmpty();
    }

    @Test
    void spansThatAreTakenAtOnceCountWithoutTheBuffer() {
        LiveStatistics planner =
                planner(LiveStatisticsConfig.builder().bufferCapacity(1).build());
        for (int i = 0; i < 40; i++) {
            execution(1, 2).forEach(planner::take);
        }
        assertThat(planner.counts()).isEqualTo(new LiveStatisticsCounts(0, 0, 120, 0));

        now += 6 * SECOND;
        planner.settle();
        assertThat(planner.counts().openSpans()).isZero();
        assertThat(planner.statistics()).isEmpty(); // Counted; published by the other thread.
        planner.step(false);
        assertThat(planner.statistics())
                .singleElement()
                .satisfies(workflow -> assertThat(workflow.executions()).hasValue(40));
    }

    @Test
    void takingAndSettlingDoNotWaitForAnEstimate() throws Exception {
        CountDownLatch estimating = new CountDownLatch(1);
        CountDownLatch taken = new CountDownLatch(1);
        List<Boolean> released = new CopyOnWriteArrayList<>();
        listener = (shares, drift) -> {
            estimating.countDown();
            released.add(await(taken));
        };
        LiveStatistics planner = planner(LiveStatisticsConfig.defaults());
        record(planner, 1, 1);
        Thread other = new Thread(planner::flush);
        other.start();
        assertThat(await(estimating)).isTrue();

        execution(1, 1).forEach(planner::take);
        planner.settle();
        assertThat(planner.counts().openSpans()).isEqualTo(2);
        taken.countDown();
        other.join();

        assertThat(released).containsExactly(true);
        planner.flush();
        assertThat(planner.statistics())
                .singleElement()
                .satisfies(workflow -> assertThat(workflow.executions()).hasValue(2));
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aTraceThatIsTooLargeByItselfLeavesTheOthersAlone() {
        LiveStatistics planner =
                planner(LiveStatisticsConfig.builder().maxOpenSpans(100).build());
        planner.take(span(new TraceId(1, 1), 2, 1, Operation.MODEL, "m", 1));
        for (int id = 2; id < 200; id++) {
            planner.take(span(new TraceId(1, 2), id, 1, Operation.MODEL, "m", 1));
        }
        planner.take(span(new TraceId(1, 3), 2, 1, Operation.MODEL, "m", 1));
        planner.settle();

        assertThat(planner.counts().openSpans()).isEqualTo(2);
    }

    @Test
    void tracesThatGrowWhileTooManyAreHeldAreLetGoOnceOrKeptWhole() {
        LiveStatistics planner =
                planner(LiveStatisticsConfig.builder().maxOpenSpans(100).build());
        for (int round = 0; round < 3; round++) {
            for (int trace = 1; trace <= 40; trace++) {
                planner.take(span(new TraceId(1, trace), 2 + round, 1, Operation.MODEL, "m", 1));
            }
            if (round != 1) {
                planner.settle();
            }
        }
        planner.step(false);

        long dropped = planner.shares().incompleteExecutions().get(IncompleteReason.SPANS_DROPPED);
        assertThat(dropped).isBetween(7L, 39L);
        assertThat(3 * dropped + planner.counts().openSpans()).isEqualTo(3 * 40);
    }

    @Test
    void aTraceThatIsHeardOfJustInTimeIsNotTimedOut() {
        LiveStatistics planner = planner(LiveStatisticsConfig.defaults());
        planner.take(span(new TraceId(1, 1), 2, 1, Operation.MODEL, "m", 1));
        planner.settle();
        now += LiveStatisticsConfig.defaults().openFor().toNanos() - SECOND;
        planner.take(span(new TraceId(1, 1), 3, 1, Operation.MODEL, "m", 1));
        now += 2 * SECOND;
        planner.settle();
        planner.step(false);

        assertThat(planner.counts().openSpans()).isEqualTo(2);
        assertThat(planner.shares().incompleteExecutions()).isEmpty();
    }

    @Test
    void rolesOfAgentsArePublishedAndModesThatNoAgentTellsApartAreSaidOnce() {
        LiveStatistics planner = planner(LiveStatisticsConfig.defaults());
        for (int run = 0; run < 60; run++) {
            TraceId trace = new TraceId(1, nextTrace++);
            for (int agent = 0; agent < 2; agent++) {
                planner.record(call(trace, 10 + agent, 2 + agent, "m", agent == 0 ? 6000 : 200));
                planner.record(span(trace, 2 + agent, 1, Operation.AGENT, agent == 0 ? "planner" : "writer", 1));
                // no agent around these
                planner.record(call(trace, 20 + agent, 1, "n", agent == 0 ? 6000 : 200));
            }
            planner.record(span(trace, 1, SpanId.NONE, Operation.WORKFLOW, "w", SpanId.NONE));
        }
        planner.flush();
        planner.record(call(new TraceId(1, nextTrace++), 1, SpanId.NONE, "n", 5));
        planner.flush();

        WorkflowStatistics workflow = planner.statistics().stream()
                .filter(each -> each.name().equals("w"))
                .findFirst()
                .orElseThrow();
        assertThat(workflow.models().get(0).callClasses())
                .extracting(CallClass::name)
                .containsExactly("planner", "writer");
        assertThat(workflow.models().get(1).callClasses()).isEmpty();
        assertThat(logged)
                .singleElement()
                .satisfies(said -> assertThat(said)
                        .startsWith("calls to n in workflow w have two modes of lengths that no agent tells apart"));
    }

    private static Span call(TraceId trace, long id, long parent, String model, long inputTokens) {
        return Span.builder(trace, id)
                .parent(parent)
                .startEpochNanos(1000 + id)
                .endEpochNanos(2000 + id * 2)
                .genAi(GenAi.builder()
                        .operation(Operation.MODEL)
                        .model(model)
                        .inputTokens(inputTokens)
                        .outputTokens(50)
                        .build())
                .build();
    }

    private LiveStatistics planner(LiveStatisticsConfig config) {
        return new LiveStatistics(config, () -> now, (shares, drift) -> listener.published(shares, drift), logged::add);
    }

    /** Lets seconds go by, with a step in each of ten parts. */
    private void pass(LiveStatistics planner, long seconds) {
        for (int i = 0; i < 10; i++) {
            now += seconds * SECOND / 10;
            planner.step(false);
        }
        now += 10 * SECOND;
        planner.step(false);
    }

    private void record(LiveStatistics planner, int executions, int calls) {
        for (int i = 0; i < executions; i++) {
            execution(1, calls).forEach(planner::record);
        }
    }

    /** As the agent records it: children before their root, all naming it. */
    private List<Span> execution(long root, int calls) {
        TraceId trace = new TraceId(1, nextTrace++);
        List<Span> spans = new ArrayList<>();
        for (int i = 1; i <= calls; i++) {
            spans.add(span(trace, root + i, root, Operation.MODEL, "m", root));
        }
        spans.add(span(trace, root, SpanId.NONE, Operation.WORKFLOW, "w", SpanId.NONE));
        return spans;
    }

    private static Span span(TraceId trace, long id, long parent, Operation operation, String name, long executionId) {
        GenAi.Builder genAi = GenAi.builder().operation(operation).executionId(executionId);
        switch (operation) {
            case MODEL -> genAi.model(name);
            case AGENT -> genAi.agent(name);
            default -> genAi.workflow(name);
        }
        return Span.builder(trace, id)
                .parent(parent)
                .startEpochNanos(1000 + id)
                .endEpochNanos(2000 + id * 2)
                .genAi(genAi.build())
                .build();
    }
}
