package dev.scepsy.planner.recorded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.execution.ClockSkew;
import dev.scepsy.planner.execution.RootRule;
import dev.scepsy.planner.share.Selection;
import dev.scepsy.planner.share.ShareEstimator;
import dev.scepsy.planner.share.WorkflowKey;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import dev.scepsy.planner.span.EngineTimes;
import dev.scepsy.planner.span.GenAi;
import dev.scepsy.planner.span.Operation;
import dev.scepsy.planner.span.Origin;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.TraceId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecordedTracesTest {

    private static final long SECOND = 1_000_000_000L;
    private static final Origin SHOP = new Origin("shop", "shop-1", "host-a");
    private static final Origin DESK = new Origin("helpdesk", null, "host-b");

    private final ShareEstimator estimator = new ShareEstimator(1, 1);
    private long nextTrace = 1;

    @Test
    void aSpanIsReadAsItWasWritten() {
        Random random = new Random(20261129);
        SpanCodec codec = new SpanCodec();
        ByteSink bytes = new ByteSink();
        List<SpanCodec.Sourced> written = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            Span span = randomSpan(random);
            written.add(new SpanCodec.Sourced(span, random.nextInt(300)));
            bytes.beginRecord();
            codec.write(span, written.get(i).source(), bytes);
        }
        List<SpanCodec.Sourced> read = new ArrayList<>();
        for (SpanCodec.Input input : bytes.inputs()) {
            while (input.hasMore()) {
                read.add(codec.read(input));
            }
        }
        assertThat(read).isEqualTo(written);
        assertThat(bytes.length() / 5_000).isLessThan(110);
    }

    @Test
    void whatDoesNotFitIntoMemoryGoesToAFileAndChangesNothing() {
        List<Span> spans = new ArrayList<>();
        for (int i = 0; i < 9_000; i++) {
            spans.addAll(execution("w" + i % 3, SHOP, i, 0.1 + i % 7, "a", "b"));
        }
        Collections.shuffle(spans, new Random(1));
        try (RecordedTraces small = new RecordedTraces(100_000);
                RecordedTraces large = new RecordedTraces(1L << 40)) {
            spans.forEach(small::add);
            spans.forEach(large::add);

            assertThat(shares(small, RootRule.DEFAULT)).isEqualTo(shares(large, RootRule.DEFAULT));
            assertThat(shares(small, RootRule.DEFAULT).workflows())
                    .extracting(workflow -> workflow.executions().orElse(0))
                    .containsExactly(3_000L, 3_000L, 3_000L);
        }
    }

    @Test
    void everySourceHasItsExecutionsAndCalls() {
        try (RecordedTraces traces = new RecordedTraces()) {
            List<Span> first = execution("w", SHOP, 0, 1, "a", "b");
            traces.add(first.get(0), 0);
            traces.add(first.get(1), 0);
            // the second call of the same execution stands in another file
            traces.add(first.get(2), 1);
            traces.add(lonely(Operation.NONE, SHOP), 2);

            Recording recording = Recording.of(traces, RootRule.DEFAULT, ClockSkew.NONE);

            assertThat(recording.source(0)).isEqualTo(new Recording.SourceCounts(1, 1, 0));
            assertThat(recording.source(1)).isEqualTo(new Recording.SourceCounts(0, 1, 0));
            assertThat(recording.source(2)).isEqualTo(new Recording.SourceCounts(0, 0, 0));
        }
    }

    @Test
    void workflowsOfOneNameInSeveralServicesAreToldApart() {
        try (RecordedTraces traces = new RecordedTraces()) {
            execution("research", SHOP, 0, 1, "a").forEach(traces::add);
            execution("research", DESK, 1, 2, "b").forEach(traces::add);
            execution("research", new Origin("unknown_service:java", null, null), 2, 2, "c")
                    .forEach(traces::add);
            execution("other", DESK, 3, 2, "b").forEach(traces::add);

            WorkflowShares shares = shares(traces, RootRule.DEFAULT);

            assertThat(shares.workflows())
                    .extracting(WorkflowStatistics::name, WorkflowStatistics::service)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple("other", "helpdesk"),
                            org.assertj.core.groups.Tuple.tuple("research", null),
                            org.assertj.core.groups.Tuple.tuple("research@helpdesk", "helpdesk"),
                            org.assertj.core.groups.Tuple.tuple("research@shop", "shop"));
        }
    }

    @Test
    void theTopmostSpanIsTheRootWhereItIsAskedForAndIdsDoNotCount() {
        try (RecordedTraces traces = new RecordedTraces()) {
            TraceId trace = new TraceId(7, 7);
            traces.add(span(trace, 1, 0, "POST /answer", SHOP, 0, 4, GenAi.builder()));
            traces.add(span(trace, 2, 1, "plan", SHOP, 0, 1, agent("planner").executionId(2)));
            traces.add(span(trace, 3, 2, "chat", SHOP, 0, 1, call("a").executionId(2)));
            traces.add(span(trace, 4, 1, "judge", SHOP, 1, 4, agent("critic").executionId(4)));
            traces.add(span(trace, 5, 4, "chat", SHOP, 1, 4, call("b").executionId(4)));
            // a call with nothing above is below no root
            traces.add(span(new TraceId(8, 8), 9, 0, "chat", SHOP, 0, 1, call("a")));

            assertThat(shares(traces, RootRule.DEFAULT).workflows())
                    .extracting(WorkflowStatistics::name)
                    .containsExactly("chat", "critic", "planner");
            for (RootRule rule : List.of(RootRule.TOPMOST, new RootRule.SpanNamed("POST /answer"))) {
                Recording recording = Recording.of(traces, rule, ClockSkew.NONE);
                WorkflowStatistics answer =
                        recording.tally().estimate(estimator).workflows().get(0);
                assertThat(answer.name()).isEqualTo("POST /answer");
                assertThat(answer.endToEndSeconds().orElseThrow().mean()).isEqualTo(4);
                assertThat(answer.models()).hasSize(2);
                assertThat(recording.callsOutside()).isEqualTo(1);
                assertThat(recording.calls()).isEqualTo(3);
            }
        }
    }

    @Test
    void agentsBelowOneSpanAreNoted() {
        try (RecordedTraces traces = new RecordedTraces()) {
            TraceId trace = new TraceId(7, 7);
            traces.add(span(trace, 1, 0, "answer", SHOP, 0, 4, GenAi.builder()));
            traces.add(span(trace, 2, 1, "plan", SHOP, 0, 1, agent("planner")));
            traces.add(span(trace, 3, 2, "chat", SHOP, 0, 1, call("a")));
            traces.add(span(trace, 4, 1, "judge", SHOP, 1, 4, agent("critic")));
            traces.add(span(trace, 5, 4, "chat", SHOP, 1, 4, call("b")));

            assertThat(Recording.of(traces, RootRule.DEFAULT, ClockSkew.NONE).splits())
                    .isEqualTo(Map.of(new Recording.Split("answer", List.of("critic", "planner")), 1L));
            assertThat(Recording.of(traces, RootRule.TOPMOST, ClockSkew.NONE).splits())
                    .isEmpty();
        }
    }

    @Test
    void executionsOfOneNameWithStrangeAgentsAreNoted() {
        try (RecordedTraces traces = new RecordedTraces()) {
            sequence(traces, "big-writer");
            sequence(traces, "small-writer");

            WorkflowNotes notes = Recording.of(traces, RootRule.DEFAULT, ClockSkew.NONE)
                    .notes(new WorkflowKey("Sequential", "shop"))
                    .orElseThrow();
            assertThat(notes.strangers()).hasSize(2);
        }
    }

    private void sequence(RecordedTraces traces, String agent) {
        TraceId trace = new TraceId(9, nextTrace++);
        traces.add(span(
                trace,
                1,
                0,
                "invoke_workflow",
                SHOP,
                0,
                2,
                GenAi.builder().operation(Operation.WORKFLOW).workflow("Sequential")));
        traces.add(span(trace, 2, 1, "invoke_agent", SHOP, 0, 2, agent(agent)));
        traces.add(span(trace, 3, 2, "chat", SHOP, 0, 2, call("m")));
    }

    @Test
    void theFirstExecutionsOfEveryInstanceAreSkipped() {
        try (RecordedTraces traces = new RecordedTraces()) {
            for (int i = 0; i < 5; i++) {
                execution("w", new Origin("shop", "one", null), i, i == 0 ? 30 : 1, "a")
                        .forEach(traces::add);
                execution("w", new Origin("shop", "two", null), i, i == 0 ? 20 : 1, "a")
                        .forEach(traces::add);
            }
            Recording recording = Recording.of(traces, RootRule.DEFAULT, ClockSkew.NONE);

            WorkflowStatistics all =
                    recording.tally().estimate(estimator).workflows().get(0);
            WorkflowStatistics warm = estimator
                    .estimate(recording.tally().executions(), Map.of(), new Selection(1, 0))
                    .workflows()
                    .get(0);
            WorkflowStatistics trimmed = estimator
                    .estimate(recording.tally().executions(), Map.of(), new Selection(0, 0.2))
                    .workflows()
                    .get(0);

            assertThat(all.endToEndSeconds().orElseThrow().mean()).isCloseTo(5.8, within(1e-9));
            assertThat(warm.endToEndSeconds().orElseThrow().mean()).isEqualTo(1);
            assertThat(warm.executions()).hasValue(8);
            assertThat(warm.skippedExecutions()).isEqualTo(2);
            // two shortest and the two longest of ten
            assertThat(trimmed.endToEndSeconds().orElseThrow().mean()).isEqualTo(1);
            assertThat(trimmed.executions()).hasValue(6);
            assertThat(trimmed.trimmedExecutions()).isEqualTo(4);
        }
    }

    @Test
    void aClockThatIsAheadIsNoticedAndShiftedBackOnlyWhenAsked() {
        try (RecordedTraces traces = new RecordedTraces()) {
            for (int i = 0; i < 20; i++) {
                TraceId trace = new TraceId(3, i + 1);
                GenAi.Builder none = GenAi.builder();
                traces.add(span(
                        trace,
                        1,
                        0,
                        "w",
                        SHOP,
                        0,
                        10,
                        GenAi.builder().operation(Operation.WORKFLOW).workflow("w")));
                traces.add(Span.builder(trace, 2)
                        .parent(1)
                        .kind(Span.Kind.CLIENT)
                        .startEpochNanos(SECOND)
                        .endEpochNanos(9 * SECOND)
                        .genAi(none.build())
                        .origin(SHOP)
                        .build());
                // 5 s ahead, and some milliseconds on the way
                long ahead = 5 * SECOND;
                traces.add(Span.builder(trace, 3)
                        .parent(2)
                        .kind(Span.Kind.SERVER)
                        .startEpochNanos(SECOND + 10_000_000 + ahead)
                        .endEpochNanos(9 * SECOND - 10_000_000 + ahead)
                        .origin(DESK)
                        .build());
                traces.add(Span.builder(trace, 4)
                        .parent(3)
                        .kind(Span.Kind.CLIENT)
                        .startEpochNanos(2 * SECOND + ahead)
                        .endEpochNanos(8 * SECOND + ahead)
                        .genAi(call("m").build())
                        .origin(DESK)
                        .build());
            }
            Recording asRecorded = Recording.of(traces, RootRule.DEFAULT, ClockSkew.NONE);
            ClockSkew skew = traces.clockSkew();
            Recording corrected = Recording.of(traces, RootRule.DEFAULT, skew);

            assertThat(asRecorded.misplacedCalls()).isEqualTo(20);
            assertThat(asRecorded.misplaced()).containsOnlyKeys(new ClockSkew.Pair("host-a", "host-b"));
            assertThat(asRecorded.tally().estimate(estimator).workflows().get(0).otherSeconds())
                    .isEqualTo(10);
            assertThat(skew.shiftNanos()).isEqualTo(Map.of(new ClockSkew.Pair("host-a", "host-b"), -5 * SECOND));
            assertThat(corrected.misplacedCalls()).isZero();
            assertThat(corrected.tally().estimate(estimator).workflows().get(0).otherSeconds())
                    .isEqualTo(4);
        }
    }

    private WorkflowShares shares(RecordedTraces traces, RootRule rule) {
        return Recording.of(traces, rule, ClockSkew.NONE).tally().estimate(estimator);
    }

    private List<Span> execution(String workflow, Origin origin, long startSeconds, double seconds, String... models) {
        TraceId trace = new TraceId(1, nextTrace++);
        List<Span> spans = new ArrayList<>();
        spans.add(span(
                trace,
                1,
                0,
                "invoke_workflow " + workflow,
                origin,
                startSeconds,
                startSeconds + seconds,
                GenAi.builder().operation(Operation.WORKFLOW).workflow(workflow)));
        for (int i = 0; i < models.length; i++) {
            spans.add(span(trace, i + 2, 1, "chat", origin, startSeconds, startSeconds + seconds, call(models[i])));
        }
        return spans;
    }

    private static Span lonely(Operation operation, Origin origin) {
        return span(
                new TraceId(5, 5), 1, 0, "GET /", origin, 0, 1, GenAi.builder().operation(operation));
    }

    private static GenAi.Builder call(String model) {
        return GenAi.builder().operation(Operation.MODEL).model(model);
    }

    private static GenAi.Builder agent(String name) {
        return GenAi.builder().operation(Operation.AGENT).agent(name);
    }

    private static Span span(
            TraceId trace,
            long id,
            long parent,
            String name,
            Origin origin,
            double start,
            double end,
            GenAi.Builder genAi) {
        return Span.builder(trace, id)
                .parent(parent)
                .name(name)
                .startEpochNanos((long) (start * SECOND))
                .endEpochNanos((long) (end * SECOND))
                .genAi(genAi.build())
                .origin(origin)
                .build();
    }

    private static Span randomSpan(Random random) {
        GenAi.Builder genAi = GenAi.builder();
        if (random.nextBoolean()) {
            genAi.operation(Operation.values()[random.nextInt(Operation.values().length)])
                    .model(random.nextBoolean() ? "model-" + random.nextInt(5) : null)
                    .workflow(random.nextBoolean() ? "w" : null)
                    .agent(random.nextBoolean() ? "unicode \u00fc\ud83d\ude00" + random.nextInt(3000) : null)
                    .executionId(random.nextBoolean() ? random.nextLong() : 0)
                    .backoffNanos(random.nextBoolean() ? random.nextInt() & 0xfffffff : 0);
            if (random.nextBoolean()) {
                genAi.inputTokens(1 + random.nextInt(100_000)).outputTokens(random.nextInt(1000));
            }
            if (random.nextInt(5) == 0) {
                genAi.targetPerSecond(random.nextDouble()).weight(random.nextDouble());
                genAi.engine(new EngineTimes(random.nextInt(9), random.nextInt(), 5));
            }
        }
        long start = 1_790_000_000_000_000_000L + random.nextInt();
        return Span.builder(new TraceId(random.nextLong(), random.nextLong()), random.nextLong() | 1)
                .parent(random.nextBoolean() ? random.nextLong() : 0)
                .parentRemote(random.nextBoolean())
                .name("n".repeat(random.nextInt(400) == 0 ? 100_000 : random.nextInt(20)))
                .kind(Span.Kind.values()[random.nextInt(6)])
                .startEpochNanos(start)
                .endEpochNanos(random.nextInt(10) == 0 ? Span.NOT_ENDED : start + random.nextLong() % (100 * SECOND))
                .error(random.nextBoolean())
                .genAi(genAi.build())
                .origin(random.nextBoolean() ? SHOP : random.nextBoolean() ? DESK : Origin.UNKNOWN)
                .build();
    }
}
