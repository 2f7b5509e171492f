package dev.scepsy.planner.serve.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionId;
import dev.scepsy.planner.execution.LeafCall;
import dev.scepsy.planner.share.ExecutionShares;
import dev.scepsy.planner.span.Origin;
import dev.scepsy.planner.span.TraceId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A day of 1,000 workflows, each of which calls 20 models every minute, fits one gigabyte; by default a part of them. */
class DayOfStatisticsTest {

    private static final boolean FULL = Boolean.getBoolean("scepsy.full");
    private static final int WORKFLOWS = FULL ? 1_000 : 4;
    private static final int HOURS = FULL ? 24 : 6;
    private static final int MODELS = 20;
    private static final long GIGABYTE = 1_000_000_000L;

    private final Bench.Times times = new Bench.Times();
    private final MemoryStore store = new MemoryStore();
    private final Windows windows = new Windows(0, Duration.ofMinutes(15));
    private final Saving saving = new Saving(windows, store, times, Duration.ofHours(24), 0);
    private final Random random = new Random(1);

    @Test
    void aDayOfAThousandWorkflowsOfTwentyModelsFitsAGigabyte() {
        for (int minute = 0; minute < HOURS * 60; minute++) {
            for (int workflow = 0; workflow < WORKFLOWS; workflow++) {
                ExecutionShares shares = execution(workflow, minute);
                synchronized (windows) {
                    WorkflowWindow window = windows.window(shares.workflow());
                    assertThat(window).isNotNull();
                    window.add(shares);
                    window.arrived(shares.endEpochNanos(), RateHour.ONE);
                }
            }
            times.pass(Duration.ofMinutes(1));
            saving.save(List.of());
        }
        long kept = windows.all().stream()
                .mapToLong(window -> window.view().parts().values().stream()
                        .mapToLong(part -> part.packed().length)
                        .sum())
                .sum();
        assertThat(windows.all()).hasSize(WORKFLOWS);
        long buckets = windows.all().stream()
                .mapToLong(window -> window.view().parts().size())
                .sum();
        double perBucket = (double) kept / buckets;
        System.out.printf(
                "%d workflows, %d h: %d MB packed in %d buckets, %.0f bytes each%n",
                WORKFLOWS, HOURS, kept >> 20, buckets, perBucket);
        // at most three hours by minute, the others by hour
        assertThat(1_000.0 * (180 + 24) * perBucket).isLessThan(0.9 * GIGABYTE);
        if (FULL) {
            System.gc();
            long used =
                    Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
            System.out.printf("heap in use, the test's store among it: %d MB%n", used >> 20);
        }
    }

    private ExecutionShares execution(int workflow, int minute) {
        long start = Bench.nanos(Bench.START.plusSeconds(60L * minute));
        long at = start;
        List<LeafCall> calls = new ArrayList<>();
        for (int model = 0; model < MODELS; model++) {
            for (int call = 1 + random.nextInt(2); call > 0; call--) {
                long lasting = 100_000_000L + random.nextInt(1_500_000_000);
                calls.add(new LeafCall(
                        1 + calls.size(),
                        "model-" + model,
                        at,
                        at + lasting,
                        0,
                        OptionalLong.of(100 + random.nextInt(3_000)),
                        OptionalLong.of(1 + random.nextInt(800)),
                        false,
                        null,
                        "agent-" + model,
                        List.of()));
                at += lasting;
            }
        }
        return ExecutionShares.withAgents(new Execution.Complete(
                new ExecutionId(new TraceId(workflow, minute), 1),
                "workflow-" + workflow,
                start,
                Math.min(at, start + 59_000_000_000L),
                calls,
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                new Origin("service-" + workflow, null, null)));
    }
}
