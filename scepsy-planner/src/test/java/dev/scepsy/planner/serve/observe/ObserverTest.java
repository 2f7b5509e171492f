package dev.scepsy.planner.serve.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.otlp.OtlpDecoder.Form;
import dev.scepsy.planner.receive.Outcome;
import dev.scepsy.planner.receive.ReceivedRequest;
import dev.scepsy.planner.receive.Signal;
import dev.scepsy.planner.serve.settings.ServeSettings.StatisticsSettings;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Spans in, statistics, shares, rates and executions out; by hand. */
class ObserverTest {

    private static final Duration SETTLED = Duration.ofSeconds(11);

    private final Bench bench = new Bench();

    private WorkflowStatistics only() {
        return bench.observer.statistics(Optional.empty()).workflows().get(0);
    }

    private long executions(String outcome) {
        return bench.observer.counts().executions().getOrDefault(outcome, 0L);
    }

    private void run(long trace) {
        bench.accept(Bench.rag(trace, bench.times.now));
        bench.times.pass(Duration.ofSeconds(4));
    }

    @Test
    void anExecutionCountsOnceItHasSettled() {
        bench.accept(Bench.rag(1, Bench.START));
        bench.settleAfter(Duration.ofSeconds(9));
        assertThat(bench.observer.statistics(Optional.empty()).workflows()).isEmpty();
        bench.settleAfter(Duration.ofSeconds(1));
        WorkflowStatistics rag = only();
        assertThat(rag.name()).isEqualTo("rag");
        assertThat(rag.service()).isEqualTo("shop");
        assertThat(rag.executions()).hasValue(1);
        assertThat(rag.otherSeconds()).isEqualTo(1.0);
        assertThat(rag.endToEndSeconds().orElseThrow().mean()).isEqualTo(4.0);
        ModelStatistics writer = rag.models().get(1);
        assertThat(writer.model()).isEqualTo("writer");
        assertThat(writer.executionShare().orElseThrow()).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(writer.meanCallSeconds()).hasValue(2.0);
        assertThat(bench.folded).hasSize(1);
        assertThat(bench.folded.get(0).shown()).isEqualTo("rag");
        assertThat(bench.observer.counts().spansReceived()).isEqualTo(3);
    }

    @Test
    void whatComesAfterItSettledIsLate() {
        run(1);
        bench.settleAfter(SETTLED);
        bench.accept(Bench.rag(1, Bench.START));
        bench.settleAfter(SETTLED);
        assertThat(only().executions()).hasValue(1);
        assertThat(executions("late")).isEqualTo(3);
    }

    @Test
    void anExecutionWhoseRootNeverComesIsDroppedAfterItsLastSpan() {
        bench.accept(Bench.rag(1, Bench.START).subList(1, 3));
        bench.settleAfter(Duration.ofSeconds(1));
        bench.settleAfter(Duration.ofMinutes(14));
        assertThat(executions("timedOut")).isZero();
        bench.settleAfter(Duration.ofMinutes(2));
        assertThat(executions("timedOut")).isEqualTo(1);
        assertThat(bench.observer.counts().openExecutions()).isZero();
    }

    @Test
    void theOldestOpenExecutionsGoFirstWhenThereAreTooMany() {
        Bench few = new Bench(
                new StatisticsSettings(
                        Duration.ofHours(24), 30, Duration.ofSeconds(10), Duration.ofMinutes(15), 10, 1, "default"),
                new Bench.Times(),
                new MemoryStore());
        for (long trace = 1; trace <= 12; trace++) {
            few.accept(Bench.rag(trace, few.times.now).subList(1, 3));
            few.settleAfter(Duration.ofMillis(10));
        }
        assertThat(few.observer.counts().openExecutions()).isEqualTo(10);
        assertThat(few.observer.counts().executions()).containsEntry("spansDropped", 2L);
        // the newest are whole once their roots come; the oldest two are late
        for (long trace = 1; trace <= 12; trace++) {
            few.accept(Bench.rag(trace, few.times.now).subList(0, 1));
        }
        few.settleAfter(SETTLED);
        assertThat(few.observer.counts().executions()).containsEntry("complete", 10L);
    }

    @Test
    void theRootsEndDecidesWhetherItIsTooOldOrOfTheFuture() {
        bench.accept(Bench.rag(1, Bench.START.minus(Duration.ofHours(25))));
        bench.accept(Bench.rag(2, Bench.START.plus(Duration.ofMinutes(6))));
        bench.accept(Bench.rag(3, Bench.START.minus(Duration.ofHours(23))));
        bench.settleAfter(SETTLED);
        assertThat(executions("tooOld")).isEqualTo(1);
        assertThat(executions("future")).isEqualTo(1);
        assertThat(only().executions()).hasValue(1);
        assertThat(bench.observer.statistics(Optional.of(Duration.ofHours(1))).workflows())
                .isEmpty();
    }

    @Test
    void aClockThatJumpsNeitherSettlesNorForgetsOpenExecutions() {
        bench.accept(Bench.rag(1, Bench.START));
        bench.times.now = Bench.START.plus(Duration.ofHours(3));
        bench.observer.settle(false);
        assertThat(executions("complete")).isZero();
        bench.times.now = Bench.START.minus(Duration.ofMinutes(3));
        bench.settleAfter(SETTLED);
        assertThat(executions("complete")).isEqualTo(1);
        // ends four minutes ahead of the clock now: within what clocks may be ahead
        assertThat(only().executions()).hasValue(1);
    }

    @Test
    void aFullQueueTakesNothingOfARequestAndASenderMayComeAgain() {
        List<OtlpBytes.Sent> many = new ArrayList<>();
        LongStream.rangeClosed(1, 9_000).forEach(trace -> many.addAll(Bench.rag(trace, Bench.START)));
        byte[] request = OtlpBytes.traces("shop", many);
        ReceivedRequest received = new ReceivedRequest(Signal.TRACES, Form.PROTOBUF, request, false, request);
        int taken = 0;
        Outcome outcome = bench.observer.take(received);
        while (outcome.equals(Outcome.ACCEPTED) && taken < 100) {
            taken++;
            outcome = bench.observer.take(received);
        }
        assertThat(outcome).isInstanceOf(Outcome.TryLater.class);
        assertThat(bench.observer.counts().spansRefused()).isEqualTo(27_000);
        assertThat(bench.observer.counts().spansReceived()).isEqualTo(27_000L * taken);
        bench.observer.drain();
        assertThat(bench.observer.take(received)).isEqualTo(Outcome.ACCEPTED);
        bench.observer.drain();
        bench.settleAfter(SETTLED);
        assertThat(only().executions()).hasValue(9_000);
    }

    @Test
    void garbageIsRefusedAndCountedAndOthersGoOn() {
        assertThat(bench.take(Signal.TRACES, "no protobuf at all".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(Outcome.Refused.class);
        assertThat(bench.take(Signal.METRICS, "junk".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(Outcome.ACCEPTED);
        assertThat(bench.take(Signal.METRICS, "junk scepsy.executions".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(Outcome.Refused.class);
        assertThat(bench.take(Signal.LOGS, new byte[0])).isEqualTo(Outcome.ACCEPTED);
        run(1);
        bench.settleAfter(SETTLED);
        assertThat(only().executions()).hasValue(1);
        assertThat(bench.observer.counts().requests())
                .containsEntry("malformed", 2L)
                .containsEntry("traces", 1L)
                .containsEntry("metrics", 1L)
                .containsEntry("logs", 1L);
    }

    @Test
    void hostileSpansAreCountedAndHarmNobody() {
        String huge = "n".repeat(2_000);
        bench.accept(List.of(Bench.workflow(1, huge, Bench.START, Duration.ofSeconds(1))));
        bench.accept(List.of(
                Bench.workflow(2, "rag", Bench.START, Duration.ofSeconds(1)),
                Bench.call(2, 2, 1, huge, Bench.START, Duration.ofSeconds(1))));
        List<OtlpBytes.Sent> models = new ArrayList<>();
        models.add(Bench.workflow(3, "rag", Bench.START, Duration.ofSeconds(1)));
        LongStream.rangeClosed(2, 300)
                .forEach(span -> models.add(Bench.call(3, span, 1, "m" + span, Bench.START, Duration.ofSeconds(1))));
        bench.accept(models);
        // its own parent, an end before its start, times beyond every clock
        bench.accept(List.of(new OtlpBytes.Sent(
                7, 4, 9, 9, "loop", 1, -5, Long.MAX_VALUE, "ot=th:zz", true, Map.of("gen_ai.request.model", "m"))));
        bench.accept(Bench.rag(5, Bench.START));
        bench.settleAfter(SETTLED);
        assertThat(executions("unusable")).isEqualTo(3);
        assertThat(only().executions()).hasValue(1);
        assertThat(bench.observer.counts().failures()).isZero();
    }

    @Test
    void namesThatTwoServicesShareAreShownWithTheirServices() {
        bench.send("shop", Bench.rag(1, Bench.START));
        bench.send("bank", Bench.rag(2, Bench.START));
        bench.settleAfter(SETTLED);
        assertThat(bench.observer.workflows()).containsExactly("rag@bank", "rag@shop");
        assertThat(bench.observer.shares("rag")).isEmpty();
        assertThat(bench.observer.candidates("rag")).containsExactly("rag@bank", "rag@shop");
        assertThat(bench.observer.shares("rag@shop")).isPresent();
        assertThat(bench.observer.statistics(Optional.empty()).workflows())
                .extracting(WorkflowStatistics::name)
                .containsExactly("rag@bank", "rag@shop");
    }

    @Test
    void sharesOverExecutionsHaveBandsAndPartsThatAddUpToOne() {
        for (long trace = 1; trace <= 40; trace++) {
            run(trace);
        }
        bench.settleAfter(SETTLED);
        Observations.ShareCurve curve = bench.observer.shares("rag").orElseThrow();
        assertThat(curve.executions()).isEqualTo(40);
        assertThat(curve.stableSince()).isEqualTo(1);
        Observations.SharePoint last = curve.points().get(curve.points().size() - 1);
        assertThat(last.executions()).isEqualTo(40);
        assertThat(last.pathShares().get("other")).isCloseTo(0.25, within(1e-9));
        assertThat(last.pathShares().get("writer")).isCloseTo(0.5, within(1e-9));
        assertThat(last.models().get(0).low()).isCloseTo(1 / 3.0, within(1e-6));
        assertThat(last.end()).isEqualTo(Bench.START.plusSeconds(160));
    }

    @Test
    void arrivalsCountEachTraceOneOverItsProbability() {
        // th:c keeps a quarter, p:1 a half; the third does not say
        bench.accept(Bench.rag(1, Bench.START).stream()
                .map(span -> span.traceState("a=b, ot=rv:0123;th:c"))
                .toList());
        bench.accept(Bench.rag(2, Bench.START).stream()
                .map(span -> span.traceState("ot=p:1;r:2"))
                .toList());
        bench.accept(Bench.rag(3, Bench.START.plusSeconds(60)));
        bench.settleAfter(Duration.ofMinutes(5));
        assertThat(bench.folded).extracting(FoldedExecution::executions).containsExactlyInAnyOrder(4.0, 2.0, 1.0);
        List<Observations.Bin> bins = bench.observer
                .rates(Duration.ofMinutes(2), Bench.START, bench.times.now)
                .get("rag");
        // of five minutes the last is unfinished
        assertThat(bins)
                .containsExactly(
                        new Observations.Bin(Bench.START, 7), new Observations.Bin(Bench.START.plusSeconds(120), 0));
    }

    private void count(String instance, boolean cumulative, Instant start, Instant time, long ok) {
        assertThat(bench.take(
                        Signal.METRICS,
                        OtlpBytes.metrics(
                                "scepsy.executions",
                                "shop",
                                instance,
                                cumulative,
                                List.of(new OtlpBytes.Counted(
                                        Map.of("workflow", "rag", "outcome", "ok"),
                                        Bench.nanos(start),
                                        Bench.nanos(time),
                                        ok)))))
                .isEqualTo(Outcome.ACCEPTED);
    }

    private List<Double> perMinute(int minutes) {
        return bench
                .observer
                .rates(Duration.ofMinutes(1), Bench.START, Bench.START.plusSeconds(60L * minutes))
                .get("rag")
                .stream()
                .map(Observations.Bin::executions)
                .toList();
    }

    @Test
    void theAgentsCounterWinsOverSpansAndSurvivesResetsInstancesAndRestarts() {
        bench.accept(Bench.rag(1, Bench.START));
        count("a", true, Bench.START, Bench.START.plusSeconds(60), 10);
        count("a", true, Bench.START, Bench.START.plusSeconds(60), 10);
        count("b", true, Bench.START, Bench.START.plusSeconds(60), 5);
        count("a", true, Bench.START, Bench.START.plusSeconds(120), 30);
        // a began anew
        count("a", true, Bench.START.plusSeconds(120), Bench.START.plusSeconds(180), 7);
        count("c", false, Bench.START.plusSeconds(120), Bench.START.plusSeconds(180), 2);
        bench.settleAfter(Duration.ofMinutes(10));
        assertThat(perMinute(3)).containsExactly(15.0, 20.0, 9.0);
        assertThat(bench.observer.saveNow(List.of())).isTrue();
        bench.killAndStart(Bench.SETTINGS);
        // sent again, and on
        count("c", false, Bench.START.plusSeconds(120), Bench.START.plusSeconds(180), 2);
        count("a", true, Bench.START.plusSeconds(120), Bench.START.plusSeconds(240), 8);
        assertThat(perMinute(4)).containsExactly(15.0, 20.0, 9.0, 1.0);
    }

    @Test
    void executionsAreKeptWithTheirSpansAndWithoutContent() {
        for (long trace = 1; trace <= 7; trace++) {
            run(trace);
        }
        bench.settleAfter(SETTLED);
        List<JsonNode> newest = bench.observer.executions("rag", 3, Optional.empty());
        assertThat(newest)
                .extracting(each -> each.get("traceId").asText().substring(31))
                .containsExactly("7", "6", "5");
        assertThat(bench.observer.saveNow(List.of())).isTrue();
        run(8);
        bench.settleAfter(SETTLED);
        List<JsonNode> on = bench.observer.executions(
                "rag", 10, Optional.of(newest.get(0).get("id").asText()));
        // five are kept of those that were saved
        assertThat(on)
                .extracting(each -> each.get("traceId").asText().substring(31))
                .containsExactly("6", "5", "4", "3");
        assertThat(bench.observer.executions("rag", 10, Optional.empty())).hasSize(6);
        JsonNode one =
                bench.observer.execution(newest.get(0).get("id").asText()).orElseThrow();
        assertThat(one.toString()).doesNotContain("secret").doesNotContain("messages");
        assertThat(one.get("durationSeconds").asDouble()).isEqualTo(4);
        assertThat(one.get("outcome").asText()).isEqualTo("ok");
        assertThat(one.get("criticalPath").toString()).isEqualTo("[\"0000000000000002\",\"0000000000000003\"]");
        JsonNode call = one.get("spans").get(2);
        assertThat(call.get("kind").asText()).isEqualTo("model");
        assertThat(call.get("startSeconds").asDouble()).isEqualTo(1);
        assertThat(call.get("inputTokens").asInt()).isEqualTo(100);
        assertThat(call.get("onCriticalPath").asBoolean()).isTrue();
        assertThat(bench.observer.execution("no id")).isEmpty();
    }

    @Test
    void whileTheStoreFailsNothingIsLostAndNothingIsSaid() {
        bench.store.fail(true, false);
        run(1);
        bench.settleAfter(SETTLED);
        assertThat(bench.observer.saveNow(List.of())).isFalse();
        assertThat(bench.observer.trouble()).isEmpty();
        assertThat(only().executions()).hasValue(1);
        // written, but the answer was lost
        bench.store.fail(false, true);
        assertThat(bench.observer.saveNow(List.of())).isFalse();
        bench.store.fail(false, false);
        assertThat(bench.observer.saveNow(List.of())).isTrue();
        bench.killAndStart(Bench.SETTINGS);
        assertThat(only().executions()).hasValue(1);
    }

    @Test
    void aStoreThatCannotBeReadAtTheStartKeepsSendersWaiting() {
        MemoryStore broken = new MemoryStore();
        broken.fail(true, false);
        Bench waiting = new Bench(Bench.SETTINGS, new Bench.Times(), broken);
        assertThat(waiting.observer.trouble().orElseThrow()).contains("the disk is full");
        assertThat(waiting.send(Bench.rag(1, Bench.START))).isInstanceOf(Outcome.TryLater.class);
        broken.fail(false, false);
        waiting.observer.look();
        assertThat(waiting.send(Bench.rag(1, Bench.START))).isEqualTo(Outcome.ACCEPTED);
    }

    @Test
    void whoDoesNotLeadTakesNothingAndWhoComesToLeadReadsWhatTheOtherWrote() {
        run(1);
        bench.settleAfter(SETTLED);
        assertThat(bench.observer.saveNow(List.of())).isTrue();
        bench.leads = false;
        bench.term = 0;
        bench.observer.look();
        assertThat(bench.send(Bench.rag(2, Bench.START))).isInstanceOf(Outcome.TryLater.class);
        assertThat(bench.observer.trouble().orElseThrow()).contains("stands by");
        bench.leads = true;
        bench.term = 3;
        bench.observer.look();
        assertThat(only().executions()).hasValue(1);
    }

    @Test
    void whileNobodyKnowsWhoLeadsNothingIsTakenAndNothingOfWhatWasTakenIsLost() {
        run(1);
        bench.settleAfter(SETTLED);
        bench.leads = false;
        bench.observer.look();
        assertThat(bench.send(Bench.rag(2, Bench.START))).isInstanceOf(Outcome.TryLater.class);
        assertThat(bench.observer.trouble().orElseThrow()).contains("not known");
        bench.leads = true;
        bench.observer.look();
        assertThat(bench.observer.saveNow(List.of())).isTrue();
        bench.killAndStart(Bench.SETTINGS);
        assertThat(only().executions()).hasValue(1);
    }

    @Test
    void whatWasTakenIsNotWrittenOverWhatAnotherOneWroteMeanwhile() {
        run(1);
        bench.settleAfter(SETTLED);
        bench.term = 3;
        assertThat(bench.observer.saveNow(List.of())).isFalse();
        bench.observer.look();
        assertThat(bench.observer.statistics(Optional.empty()).workflows()).isEmpty();
    }

    @Test
    void aCleanEndLosesNoOpenExecution() {
        bench.accept(Bench.rag(1, Bench.START).subList(1, 3));
        bench.observer.close();
        bench.killAndStart(Bench.SETTINGS);
        bench.accept(Bench.rag(1, Bench.START).subList(0, 1));
        bench.settleAfter(SETTLED);
        assertThat(only().models()).hasSize(2);
        // once only
        assertThat(bench.observer.saveNow(List.of())).isTrue();
        bench.killAndStart(Bench.SETTINGS);
        assertThat(bench.observer.counts().openExecutions()).isZero();
    }

    @Test
    void aRuleForRootsReplacesTheDefault() {
        Bench named = new Bench(
                new StatisticsSettings(
                        Duration.ofHours(24),
                        30,
                        Duration.ofSeconds(10),
                        Duration.ofMinutes(15),
                        100,
                        1,
                        "span:handle"),
                new Bench.Times(),
                new MemoryStore());
        named.accept(List.of(
                new OtlpBytes.Sent(
                        7,
                        1,
                        10,
                        0,
                        "handle",
                        2,
                        Bench.nanos(Bench.START),
                        Bench.nanos(Bench.START.plusSeconds(5)),
                        "",
                        false,
                        Map.of()),
                new OtlpBytes.Sent(
                        7,
                        1,
                        1,
                        10,
                        "invoke_workflow rag",
                        1,
                        Bench.nanos(Bench.START),
                        Bench.nanos(Bench.START.plusSeconds(4)),
                        "",
                        false,
                        Map.of("gen_ai.operation.name", "invoke_workflow", "gen_ai.workflow.name", "rag")),
                Bench.call(1, 2, 1, "planner", Bench.START, Duration.ofSeconds(1))));
        named.settleAfter(SETTLED);
        assertThat(named.observer.workflows()).containsExactly("handle");
    }

    @Test
    void minutesBecomeHoursAndTheWindowMovesOn() {
        for (int hour = 0; hour < 27; hour++) {
            for (int minute = 0; minute < 60; minute += 20) {
                bench.accept(Bench.rag(1 + hour * 60L + minute, bench.times.now));
                bench.settleAfter(Duration.ofMinutes(20));
            }
            assertThat(bench.observer.saveNow(List.of())).isTrue();
        }
        // a day, and the hour that it begins in
        long counted = only().executions().orElseThrow();
        assertThat(counted).isBetween(72L, 81L);
        assertThat(bench.observer
                        .statistics(Optional.of(Duration.ofHours(1)))
                        .workflows()
                        .get(0)
                        .executions())
                .hasValue(3);
        bench.killAndStart(Bench.SETTINGS);
        assertThat(only().executions().orElseThrow()).isBetween(72L, counted);
        assertThat(bench.observer
                        .statisticsBetween(bench.times.now.minus(Duration.ofMinutes(40)), bench.times.now)
                        .workflows()
                        .get(0)
                        .executions())
                .hasValue(2);
    }
}
