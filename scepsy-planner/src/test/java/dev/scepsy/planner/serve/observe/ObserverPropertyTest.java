package dev.scepsy.planner.serve.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionAssembler;
import dev.scepsy.planner.otlp.OtlpDecoder.Form;
import dev.scepsy.planner.otlp.SpanDecoder;
import dev.scepsy.planner.receive.Outcome;
import dev.scepsy.planner.share.ExecutionShares;
import dev.scepsy.planner.share.MergeableEstimator;
import dev.scepsy.planner.share.MergeableStatistics;
import dev.scepsy.planner.share.WorkflowKey;
import dev.scepsy.planner.share.WorkflowStatistics;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.SpanId;
import dev.scepsy.planner.span.TraceId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * However spans are cut into requests, mixed, doubled, interrupted by restarts and sent again: the statistics are those of reading all
 * of them at once, and nothing counts twice.
 */
class ObserverPropertyTest {

    private static final int SEEDS = Boolean.getBoolean("scepsy.full") ? 2_000 : 30;
    private static final List<String> MODELS = List.of("planner", "writer", "critic", "embedder");

    @TestFactory
    List<DynamicTest> statisticsDoNotDependOnHowSpansCome() {
        List<DynamicTest> tests = new ArrayList<>();
        for (long seed = 0; seed < SEEDS; seed++) {
            long own = seed;
            tests.add(DynamicTest.dynamicTest("seed " + seed, () -> check(own)));
        }
        return tests;
    }

    private static void check(long seed) throws Exception {
        Random random = new Random(seed);
        List<OtlpBytes.Sent> all = new ArrayList<>();
        int traces = 1 + random.nextInt(40);
        for (long trace = 1; trace <= traces; trace++) {
            all.addAll(trace(trace, random));
        }
        Bench bench = new Bench();
        bench.times.pass(Duration.ofHours(1));
        // each span once or twice, in any order, and the whole thing again after every kill
        send(bench, mixed(all, random), random);
        for (int kills = random.nextInt(4); kills > 0; kills--) {
            if (random.nextBoolean()) {
                bench.settleAfter(Duration.ofSeconds(11));
            }
            switch (random.nextInt(3)) {
                case 0 -> assertThat(bench.observer.saveNow(List.of())).isTrue();
                case 1 -> {
                    bench.store.fail(false, true);
                    // true where there was nothing to write
                    bench.observer.saveNow(List.of());
                    bench.store.fail(false, false);
                }
                default -> {}
            }
            if (random.nextBoolean()) {
                bench.observer.close();
            }
            bench.killAndStart(Bench.SETTINGS);
            send(bench, mixed(all, random), random);
        }
        bench.settleAfter(Duration.ofSeconds(11));
        assertThat(bench.observer.saveNow(List.of())).isTrue();
        List<WorkflowStatistics> expected = whole(all);
        assertThat(bench.observer.statistics(Optional.empty()).workflows()).isEqualTo(expected);
        bench.killAndStart(Bench.SETTINGS);
        assertThat(bench.observer.statistics(Optional.empty()).workflows()).isEqualTo(expected);
    }

    private static List<OtlpBytes.Sent> mixed(List<OtlpBytes.Sent> all, Random random) {
        List<OtlpBytes.Sent> mixed = new ArrayList<>(all);
        all.stream().filter(span -> random.nextInt(5) == 0).forEach(mixed::add);
        Collections.shuffle(mixed, random);
        return mixed;
    }

    private static void send(Bench bench, List<OtlpBytes.Sent> spans, Random random) {
        for (int at = 0; at < spans.size(); ) {
            int to = Math.min(spans.size(), at + 1 + random.nextInt(30));
            assertThat(bench.send(spans.subList(at, to))).isEqualTo(Outcome.ACCEPTED);
            at = to;
            if (random.nextInt(4) == 0) {
                // all of a trace comes within the time that is waited for
                bench.settleAfter(Duration.ofMillis(random.nextInt(5)));
            }
        }
    }

    /** Workflows as the agent writes them, as others do, and below a server's span. */
    private static List<OtlpBytes.Sent> trace(long trace, Random random) {
        List<OtlpBytes.Sent> spans = new ArrayList<>();
        Instant start = Bench.START.plusMillis(random.nextInt(3_000_000));
        boolean ids = random.nextBoolean();
        boolean served = random.nextInt(4) == 0;
        OtlpBytes.Sent root = Bench.workflow(trace, "w" + random.nextInt(3), start, Duration.ofMillis(8_000));
        if (served) {
            spans.add(new OtlpBytes.Sent(
                    7, trace, 1_000, 999, "GET /", 2, root.startNanos(), root.endNanos(), "", false, Map.of()));
            root = new OtlpBytes.Sent(
                    7,
                    trace,
                    1,
                    1_000,
                    root.name(),
                    1,
                    root.startNanos(),
                    root.endNanos(),
                    "",
                    random.nextBoolean(),
                    root.attributes());
        }
        spans.add(id(root, ids));
        long at = 0;
        int calls = random.nextInt(8);
        for (int i = 0; i < calls; i++) {
            long lasting = 1 + random.nextInt(900);
            long agent = 100 + i;
            Instant from = start.plusMillis(at);
            spans.add(id(
                    new OtlpBytes.Sent(
                            7,
                            trace,
                            agent,
                            1,
                            "invoke_agent a",
                            1,
                            Bench.nanos(from),
                            Bench.nanos(from.plusMillis(lasting)),
                            "",
                            false,
                            Map.of("gen_ai.operation.name", "invoke_agent", "gen_ai.agent.name", "a" + i % 2)),
                    ids));
            spans.add(id(
                    Bench.call(
                            trace,
                            200 + i,
                            agent,
                            MODELS.get(random.nextInt(MODELS.size())),
                            from,
                            Duration.ofMillis(lasting)),
                    ids));
            at += random.nextBoolean() ? lasting : 0;
        }
        return spans;
    }

    private static OtlpBytes.Sent id(OtlpBytes.Sent span, boolean ids) {
        return ids ? span.with("scepsy.workflow.execution.id", SpanId.toHex(1)) : span;
    }

    /** As {@code scepsy shares} reads a file of them. */
    private static List<WorkflowStatistics> whole(List<OtlpBytes.Sent> all) throws Exception {
        Map<TraceId, List<Span>> byTrace = new HashMap<>();
        for (Span span : new SpanDecoder().decode(OtlpBytes.traces("shop", all), Form.PROTOBUF)) {
            byTrace.computeIfAbsent(span.traceId(), id -> new ArrayList<>()).add(span);
        }
        Map<WorkflowKey, List<ExecutionShares>> executions = new TreeMap<>();
        byTrace.values()
                .forEach(trace -> ExecutionAssembler.assemble(trace, execution -> {
                    if (execution instanceof Execution.Complete complete) {
                        ExecutionShares shares = ExecutionShares.withAgents(complete);
                        executions
                                .computeIfAbsent(shares.workflow(), key -> new ArrayList<>())
                                .add(shares);
                    }
                }));
        Map<WorkflowKey, String> shown = WorkflowKey.shown(executions.keySet());
        List<WorkflowStatistics> statistics = new ArrayList<>();
        executions.forEach((key, own) -> statistics.add(
                new MergeableEstimator(30).estimate(key, shown.getOrDefault(key, ""), MergeableStatistics.of(own))));
        return statistics;
    }
}
