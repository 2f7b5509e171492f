package dev.scepsy.samples.cluster;

import dev.scepsy.planner.serve.engines.EngineLoads;
import dev.scepsy.planner.serve.settings.ServeSettings;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/** What the loop's tests on emulated clusters configure: two nodes, two models, statistics that are stated. */
final class LoopFolder {

    private LoopFolder() {}

    /** @param more of every model, such as {@code , maxReplicas: 2} */
    static void write(Path folder, String more) throws IOException {
        Files.writeString(folder.resolve("cluster.yaml"), """
                racks:
                  - name: rack-1
                    nodes:
                      - {name: node-1, gpu: A100-SXM-80GB, gpus: 2, sharing: {mode: mps, step: 0.1}}
                      - {name: node-2, gpu: A100-SXM-80GB, gpus: 2, sharing: {mode: mps, step: 0.1}}
                """);
        Files.writeString(folder.resolve("models.yaml"), """
                router: {kind: none}
                models:
                  - {name: generator, architecture: Llama-3.1-8B, maxModelLength: 8192%s}
                  - {name: critic, architecture: Qwen2.5-7B, maxModelLength: 8192%s}
                """.formatted(more, more));
        Files.writeString(folder.resolve("profiles.yaml"), """
                profiles:
                  - {model: generator, gpu: A100-SXM-80GB, gpuFraction: 0.5, saturationRequestsPerSecond: 2, curve: [{requestsPerSecond: 0, meanLatencySeconds: 1}, {requestsPerSecond: 2, meanLatencySeconds: 3}]}
                  - {model: critic, gpu: A100-SXM-80GB, gpuFraction: 0.5, saturationRequestsPerSecond: 2, curve: [{requestsPerSecond: 0, meanLatencySeconds: 1}, {requestsPerSecond: 2, meanLatencySeconds: 3}]}
                """);
    }

    static ServeSettings settings(Path folder, Duration cooldown, ServeSettings.Verify verify) {
        InetSocketAddress any = InetSocketAddress.createUnresolved("127.0.0.1", 0);
        return new ServeSettings(
                new ServeSettings.Listen(any, any, any),
                List.of(),
                Optional.empty(),
                folder.resolve("models.yaml"),
                Optional.of(folder.resolve("profiles.yaml")),
                new ServeSettings.StoreSettings("jdbc:h2:mem:none", Optional.empty()),
                new ServeSettings.StatisticsSettings(
                        Duration.ofHours(24), 30, Duration.ofSeconds(10), Duration.ofMinutes(15), 1000, 1, "default"),
                200,
                new ServeSettings.EngineSettings(Duration.ofSeconds(5), List.of()),
                Map.of(),
                new ServeSettings.TargetDefaults(0.95, Duration.ofMinutes(5), 1.2),
                new ServeSettings.Replan(
                        ServeSettings.Mode.PROPOSE,
                        Set.of(ServeSettings.TriggerKind.values()),
                        0.1,
                        cooldown,
                        16,
                        0,
                        verify,
                        List.of()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    static WorkflowStatistics workflow(double target, double meanSeconds, long executions) {
        return new WorkflowStatistics(
                "rag",
                OptionalLong.of(executions),
                OptionalDouble.of(target),
                1,
                0,
                Optional.of(new WorkflowStatistics.EndToEnd(
                        meanSeconds, meanSeconds, 1.1 * meanSeconds, 1.2 * meanSeconds)),
                List.of(model("critic", 1), model("generator", 2)),
                false,
                OptionalInt.empty());
    }

    static ModelStatistics model(String name, double calls) {
        return new ModelStatistics(
                name,
                calls,
                1,
                calls,
                OptionalDouble.empty(),
                OptionalDouble.of(1),
                OptionalDouble.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** Engines that publish nothing. */
    static final class NoLoads implements EngineLoads {
        @Override
        public Map<String, Double> hitRatesToPlanBy() {
            return Map.of();
        }

        @Override
        public List<EngineWork> work(Instant from, Instant to) {
            return List.of();
        }

        @Override
        public Map<String, Map<String, Double>> secondsPerToken() {
            return Map.of();
        }

        @Override
        public Map<String, ModelLoad> models() {
            return Map.of();
        }

        @Override
        public Map<String, Double> requestsPerSecond(Duration window) {
            return Map.of();
        }

        @Override
        public Map<String, List<ModelLoad>> samples(Duration window) {
            return Map.of();
        }

        @Override
        public List<String> troubles() {
            return List.of();
        }
    }
}
