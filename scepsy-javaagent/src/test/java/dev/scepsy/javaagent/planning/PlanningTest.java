package dev.scepsy.javaagent.planning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.javaagent.setting.Settings;
import dev.scepsy.planner.LiveStatistics;
import dev.scepsy.planner.LiveStatisticsConfig;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.share.Drift;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.span.GenAi;
import dev.scepsy.planner.span.Operation;
import dev.scepsy.planner.span.Span;
import dev.scepsy.planner.span.SpanId;
import dev.scepsy.planner.span.TraceId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanningTest {

    @TempDir
    Path folder = Path.of("");

    private static final List<Drift> DRIFTED = List.of(new Drift("w", "echo", Drift.Estimate.values()[0], 1, 2));

    private final List<String> said = new CopyOnWriteArrayList<>();

    @Test
    void whatIsServedIsTheLastPlanWhosePushWentThrough() throws Exception {
        List<Plan> pushed = new CopyOnWriteArrayList<>();
        Planning planning = planning(Optional.of((plan, problem) -> {
            pushed.add(plan);
            return pushed.size() == 2;
        }));
        WorkflowShares shares = shares();

        planning.published(shares, List.of());
        await(() -> pushed.size() == 1);
        assertThat(planning.serving()).isEmpty();

        await(() -> {
            if (pushed.size() < 2) {
                planning.published(shares, DRIFTED); // Nothing happens while it is still at the first.
            }
            return planning.serving().isPresent();
        });
        assertThat(planning.serving()).containsSame(pushed.get(1));
    }

    @Test
    void withoutAPushItIsTheLastPlanThatWasShown() throws Exception {
        Planning planning = planning(Optional.empty());

        planning.published(shares(), List.of());
        await(() -> planning.serving().isPresent());

        assertThat(said).singleElement().asString().startsWith("plan: 1 x echo (1 of 1 A100-SXM-80GB) (");
        assertThat(planning.latest()).isEqualTo(Files.readString(folder.resolve("plan.json")));
    }

    private static void await(BooleanSupplier so) throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!so.getAsBoolean()) {
            assertThat(System.nanoTime() - deadline)
                    .as("nanoseconds beyond the deadline")
                    .isNegative();
            assertThat(never.await(5, TimeUnit.MILLISECONDS)).isFalse();
        }
    }

    /** Forty executions of workflow w, each a call of echo. */
    private static WorkflowShares shares() {
        try (LiveStatistics live = LiveStatistics.start(LiveStatisticsConfig.defaults())) {
            for (int i = 1; i <= 40; i++) {
                TraceId trace = new TraceId(1, i);
                live.take(span(
                        trace,
                        2,
                        1,
                        GenAi.builder()
                                .operation(Operation.MODEL)
                                .model("echo")
                                .executionId(1)
                                .inputTokens(300)
                                .outputTokens(20)));
                live.take(span(
                        trace,
                        1,
                        SpanId.NONE,
                        GenAi.builder()
                                .operation(Operation.WORKFLOW)
                                .workflow("w")
                                .executionId(1)));
            }
            live.flush();
            return live.shares();
        }
    }

    private static Span span(TraceId trace, long id, long parent, GenAi.Builder facts) {
        return Span.builder(trace, id)
                .parent(parent)
                .startEpochNanos(1_000_000 + id)
                .endEpochNanos(900_000_000 - id)
                .genAi(facts.build())
                .build();
    }

    private Planning planning(Optional<Planning.Push> push) throws IOException {
        Path cluster = Files.writeString(folder.resolve("cluster.yaml"), """
            version: 1
            racks:
              - name: rack-1
                nodes:
                  - {name: node-1, gpu: A100-SXM-80GB, gpus: 1}
            """);
        Path models = Files.writeString(folder.resolve("models.yaml"), """
            version: 1
            models:
              - {name: echo, architecture: Qwen3-8B, weightPrecision: bf16, maxModelLength: 8192}
            """);
        Map<String, String> properties = Map.of(
                "scepsy.cluster", cluster.toString(),
                "scepsy.models", models.toString(),
                "scepsy.out", folder.toString(),
                "scepsy.target.w", "0.5");
        return new Planning(Settings.of(properties::get, name -> null), push, shares -> {}, said::add);
    }
}
