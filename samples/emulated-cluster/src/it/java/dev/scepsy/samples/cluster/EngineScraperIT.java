package dev.scepsy.samples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.cluster.ApplyOptions;
import dev.scepsy.planner.cluster.ClusterAccess;
import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.cluster.PushOutcome;
import dev.scepsy.planner.serve.engines.EngineDemand;
import dev.scepsy.planner.serve.engines.EngineLoads.ModelLoad;
import dev.scepsy.planner.serve.engines.EngineScraper;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.ServeSettings.EngineSettings;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The service's scraper against the cluster's own engines, through the API server's proxy, in the cluster's time. */
class EngineScraperIT {

    private static final double TIME_SCALE = 10;
    private static final ApplyOptions OPTIONS = new ApplyOptions(Set.of(), false, false, "test", SmallPlans.QUICK);

    private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
    private EmulatedCluster cluster;
    private ClusterClient client;

    @BeforeEach
    void serve() {
        cluster = EmulatedCluster.start(
                TestClusters.config().timeScale(TIME_SCALE).build());
        client = ClusterClient.of(ClusterAccess.server(URI.create(cluster.apiServerUrl())), "default");
        Intent plan = SmallPlans.intent(
                1,
                TestClusters.cluster(),
                SmallPlans.UNROUTED,
                "generator 0.5 1:0 1:1",
                "critic 0.5 1:0 2:0",
                "embedder 0.5 2:1");
        assertThat(client.apply(plan, OPTIONS, event -> {})).isInstanceOf(PushOutcome.Applied.class);
    }

    @AfterEach
    void stop() {
        client.close();
        cluster.close();
    }

    @Test
    void loadsRatesLengthsAndLiesOfTheClustersEnginesAreSeen() throws Exception {
        ServiceTime time = ServiceTime.scaled(TIME_SCALE);
        try (EngineScraper scraper = EngineScraper.start(
                        new EngineSettings(Duration.ofSeconds(2), List.of()),
                        Map.of("generator", Set.of(), "critic", Set.of(), "embedder", Set.of()),
                        Optional.of(client),
                        time,
                        new ServiceLog(new PrintStream(logged, true, StandardCharsets.UTF_8), false, time));
                RequestLoad load = RequestLoad.start(cluster.openAiBaseUrl(), List.of("generator", "critic"))) {
            Engines.await(
                    "a rate over a quarter of a minute",
                    () -> scraper.requestsPerSecond(Duration.ofSeconds(15)).containsKey("generator"));

            Map<String, ModelLoad> models = scraper.models();
            assertThat(models).containsOnlyKeys("critic", "embedder", "generator");
            assertThat(models.get("generator").engines()).isEqualTo(2);
            assertThat(models.get("embedder").engines()).isEqualTo(1);
            assertThat(models.get("generator").cacheUse()).isBetween(0.0, 1.0);
            assertThat(models.get("generator").preemptionsPerSecond()).isZero();
            assertThat(scraper.requestsPerSecond(Duration.ofSeconds(15)).get("generator"))
                    .isPositive();
            EngineDemand demand = scraper.demands().get("generator");
            assertThat(demand.lengths()).isEqualTo(demand.requests());
            assertThat(demand.meanPromptTokens().orElseThrow()).isPositive();
            assertThat(demand.meanGeneratedTokens().orElseThrow()).isPositive();
            assertThat(scraper.latencyQuantileSeconds("generator", 0.95)).isPresent();
            assertThat(scraper.troubles()).isEmpty();
            assertThat(load.failures()).isEmpty();

            cluster.faults().metricNames("lying");
            Engines.await("the lie to be said", () -> !scraper.troubles().isEmpty());
            assertThat(scraper.troubles().get(0))
                    .contains("It says -7.0 of vllm:num_requests_running, which cannot be");
            assertThat(scraper.models().get("generator").running()).isNotNegative();
            cluster.faults().metricNames("sglang");
            Engines.await("another engine's names", () -> scraper.troubles().isEmpty());
            assertThat(scraper.models().get("generator").running()).isNotNegative();
        }
    }
}
