package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.allocation.WorkflowPrediction;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Proposal.Gain;
import dev.scepsy.planner.serve.journal.Proposal.MoveCost;
import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.serve.settings.ServeSettings;
import dev.scepsy.planner.serve.settings.ServeSettings.Mode;
import dev.scepsy.planner.serve.settings.ServeSettings.QuietHours;
import dev.scepsy.planner.serve.settings.ServeSettings.TriggerKind;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** Settings, statistics and plans of the loop's tests. */
final class Examples {

    static final Instant BEGIN = Instant.parse("2026-11-02T09:00:00Z");

    private Examples() {}

    static ServeSettings settings(
            Path models, Optional<Path> profiles, Mode mode, int maximumMoves, List<QuietHours> quiet) {
        InetSocketAddress any = InetSocketAddress.createUnresolved("127.0.0.1", 0);
        return new ServeSettings(
                new ServeSettings.Listen(any, any, any),
                List.of(),
                Optional.empty(),
                models,
                profiles,
                new ServeSettings.StoreSettings("jdbc:h2:mem:none", Optional.empty()),
                new ServeSettings.StatisticsSettings(
                        Duration.ofHours(24), 30, Duration.ofSeconds(10), Duration.ofMinutes(15), 1000, 1, "default"),
                200,
                new ServeSettings.EngineSettings(Duration.ofSeconds(5), List.of()),
                Map.of(),
                new ServeSettings.TargetDefaults(0.95, Duration.ofMinutes(5), 1.2),
                new ServeSettings.Replan(
                        mode,
                        Set.of(TriggerKind.values()),
                        0.10,
                        Duration.ofMinutes(30),
                        maximumMoves,
                        0,
                        new ServeSettings.Verify(Duration.ofMinutes(10), 0.25, true),
                        quiet),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** A workflow that calls each model {@code calls} times in turn. */
    static WorkflowStatistics workflow(
            String name, OptionalDouble target, double meanSeconds, long executions, Map<String, Double> calls) {
        List<ModelStatistics> models = new ArrayList<>();
        new java.util.TreeMap<>(calls)
                .forEach((model, count) -> models.add(new ModelStatistics(
                        model,
                        count,
                        1,
                        count,
                        OptionalDouble.empty(),
                        OptionalDouble.of(1),
                        OptionalDouble.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())));
        return new WorkflowStatistics(
                name,
                OptionalLong.of(executions),
                target,
                1,
                0,
                Optional.of(
                        new WorkflowStatistics.EndToEnd(meanSeconds, meanSeconds, 1.2 * meanSeconds, 2 * meanSeconds)),
                models,
                executions < 30,
                executions < 30 ? OptionalInt.of(30) : OptionalInt.empty());
    }

    /** One model on one card of {@code node-1}; the replicas tell plans apart. */
    static Plan plan(int replicas, double predictedSeconds) {
        List<ReplicaPlacement> placements = new ArrayList<>();
        for (int replica = 0; replica < replicas; replica++) {
            placements.add(new ReplicaPlacement("chat", replica, "node-1", List.of(replica)));
        }
        return new Plan(
                predictedSeconds,
                predictedSeconds,
                0,
                List.of(new LlmAllocation("chat", "L4-24GB", GpuFraction.whole(), 1, replicas, 20)),
                placements,
                List.of(new WorkflowPrediction(
                        "rag", 1, OptionalDouble.of(predictedSeconds), OptionalDouble.of(5), "chat")),
                replicas,
                0);
    }

    static Draft draft(Plan plan, Lifecycle.Basis basis, String kind, String key) {
        return new Draft(
                List.of(new Trigger(kind, null, null, BEGIN, "Something changed.", Map.of())),
                PlanText.tree(plan),
                Documents.parse("{\"workflows\": []}"),
                Map.of("rag", 1.0),
                new Gain(2.0, 1.0, 0.5, 1, 1, List.of()),
                new MoveCost(1, 10, 10, 0, 100, 86_400),
                List.of("Something changed."),
                List.of(),
                List.of("start chat"),
                basis.planId().orElse(null),
                basis.cluster(),
                key,
                null,
                Map.of());
    }
}
