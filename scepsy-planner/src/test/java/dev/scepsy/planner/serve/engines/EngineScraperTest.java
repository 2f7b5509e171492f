package dev.scepsy.planner.serve.engines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.serve.engines.EngineLoads.ModelLoad;
import dev.scepsy.planner.serve.log.ServiceLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EngineScraperTest {

    private static final Duration FIVE = Duration.ofSeconds(5);

    /** Counts like vLLM's V1. */
    private static final class Fake implements EngineSource.Target {
        private final String model;
        private final String id;
        private double finished;
        private double queries;
        private double hits;
        private double latency;
        private int waiting;
        private boolean gone;
        private String said = "";

        Fake(String model, String id) {
            this.model = model;
            this.id = id;
        }

        void serve(int requests, double seconds, double tokens, double found) {
            finished += requests;
            latency += requests * seconds;
            queries += requests * tokens;
            hits += requests * found;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public String model() {
            return model;
        }

        @Override
        public List<String> paths() {
            return ListedEngines.PATHS;
        }

        @Override
        public byte[] fetch(String path) throws IOException {
            if (gone) {
                throw new IOException("connection refused");
            }
            String text = !said.isEmpty()
                    ? said
                    : """
                    vllm:num_requests_running{model_name="@"} 2
                    vllm:num_requests_waiting{model_name="@"} %d
                    vllm:kv_cache_usage_perc{model_name="@"} 0.5
                    vllm:request_success_total{model_name="@"} %s
                    vllm:prefix_cache_queries_total{model_name="@"} %s
                    vllm:prefix_cache_hits_total{model_name="@"} %s
                    vllm:e2e_request_latency_seconds_bucket{model_name="@",le="1.0"} 0
                    vllm:e2e_request_latency_seconds_bucket{model_name="@",le="4.0"} %s
                    vllm:e2e_request_latency_seconds_bucket{model_name="@",le="+Inf"} %s
                    vllm:e2e_request_latency_seconds_sum{model_name="@"} %s
                    vllm:e2e_request_latency_seconds_count{model_name="@"} %s
                    vllm:request_prompt_tokens_sum{model_name="@"} %s
                    vllm:request_prompt_tokens_count{model_name="@"} %s
                    """.formatted(
                                    waiting, finished, queries, hits, finished, finished, latency, finished, queries,
                                    finished)
                            .replace("@", model);
            return path.equals("/metrics") ? text.getBytes(StandardCharsets.UTF_8) : new byte[0];
        }
    }

    private final ManualTime time = new ManualTime();
    private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
    private final Fake one = new Fake("critic", "Pod one");
    private final Fake two = new Fake("critic", "Pod two");
    private final List<EngineSource.Target> targets = new ArrayList<>(List.of(one, two));
    private final EngineScraper scraper = EngineScraper.unstarted(
            FIVE,
            () -> targets,
            ModelNames.of(Map.of("critic", Set.of(), "planner", Set.of())),
            time,
            new ServiceLog(new PrintStream(logged, true, StandardCharsets.UTF_8), false, time));

    @AfterEach
    void stop() {
        scraper.close();
    }

    private void rounds(int count, int requestsEach) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            time.pass(FIVE);
            one.serve(requestsEach, 2, 1000, 300);
            two.serve(requestsEach, 4, 1000, 500);
            scraper.round();
        }
    }

    @Test
    void theEnginesOfAModelAreOneLoad() throws Exception {
        one.waiting = 3;
        scraper.round();
        ModelLoad first = scraper.models().get("critic");
        assertThat(first.engines()).isEqualTo(2);
        assertThat(first.running()).isEqualTo(4);
        assertThat(first.waiting()).isEqualTo(3);
        assertThat(first.cacheUse()).isEqualTo(0.5);
        assertThat(first.requestsPerSecond()).isNull();
        assertThat(first.latencySeconds()).isNull();

        rounds(1, 10);

        ModelLoad load = scraper.models().get("critic");
        assertThat(load.requestsPerSecond()).isEqualTo(4);
        assertThat(load.latencySeconds()).isEqualTo(3);
        assertThat(load.prefixCacheHitRate()).isEqualTo(0.4);
        assertThat(load.promptTokensPerRequest()).isEqualTo(1000);
        assertThat(load.queueSeconds()).isNull();
        assertThat(scraper.samples(Duration.ofMinutes(1)).get("critic")).containsExactly(first, load);
        assertThat(scraper.latencyQuantileSeconds("critic", 0.5)).hasValue(2.5);
        assertThat(scraper.troubles()).isEmpty();
    }

    @Test
    void aRateIsKnownOnceCountersCoverTheWindow() throws Exception {
        scraper.round();
        rounds(5, 10);
        assertThat(scraper.requestsPerSecond(Duration.ofMinutes(1))).isEmpty();

        rounds(7, 10);

        assertThat(scraper.requestsPerSecond(Duration.ofMinutes(1))).containsExactly(Map.entry("critic", 4.0));
        assertThat(scraper.requestsPerSecond(Duration.ofHours(2))).isEmpty();
    }

    @Test
    void anEngineThatIsSilentForARoundIsMadeUpForAndSaid() throws Exception {
        scraper.round();
        rounds(12, 10);
        two.gone = true;
        rounds(2, 10);

        assertThat(scraper.models().get("critic").engines()).isEqualTo(1);
        assertThat(scraper.troubles()).containsExactly("Pod two: Its metrics cannot be read: connection refused.");
        assertThat(scraper.requestsPerSecond(Duration.ofMinutes(1))).isEmpty();

        two.gone = false;
        rounds(4, 10);

        assertThat(scraper.troubles()).isEmpty();
        assertThat(scraper.requestsPerSecond(Duration.ofMinutes(1)).get("critic"))
                .isCloseTo(4, within(1e-9));
        assertThat(logged.toString(StandardCharsets.UTF_8).lines())
                .satisfiesExactly(
                        line -> assertThat(line).contains("WARN Pod two: Its metrics cannot be read"),
                        line -> assertThat(line).contains("INFO All engines answer again."));
    }

    @Test
    void anEngineThatLiesIsLeftOutAndTheOthersCount() throws Exception {
        scraper.round();
        rounds(1, 10);
        two.said = "vllm:num_requests_running{model_name=\"critic\"} -4\n";
        rounds(1, 10);
        assertThat(scraper.models().get("critic").running()).isEqualTo(2);
        assertThat(scraper.troubles()).singleElement().asString().startsWith("Pod two: It says -4.0 of");

        two.said = "vllm:num_requests_running{model_name=\"planner\"} 4\n";
        rounds(1, 10);
        assertThat(scraper.troubles())
                .singleElement()
                .asString()
                .startsWith("Pod two: It is of planner, not of critic");

        two.said = "<html>login</html>";
        rounds(1, 10);
        assertThat(scraper.troubles())
                .singleElement()
                .asString()
                .startsWith("Pod two: Its line 1 is none of Prometheus' format");
        assertThat(scraper.models().get("critic").requestsPerSecond()).isEqualTo(2);
    }

    @Test
    void anHourIsKeptAndNoMore() throws Exception {
        scraper.round();
        rounds(1000, 1);

        assertThat(scraper.samples(Duration.ofHours(3)).get("critic")).hasSizeBetween(720, 722);
        EngineDemand demand = scraper.demands().get("critic");
        assertThat(demand.requests()).isBetween(1420.0, 1442.0);
        assertThat(demand.lengths()).isEqualTo(demand.requests());
        assertThat(demand.meanPromptTokens()).hasValue(1000);
        assertThat(demand.meanGeneratedTokens()).isEmpty();
        assertThat(scraper.hitRates().of("critic").orElseThrow()).isCloseTo(0.4, within(1e-9));
    }

    @Test
    void fewQueriesMakeNoHitRateToPredictWith() throws Exception {
        scraper.round();
        rounds(4, 10);
        assertThat(scraper.models().get("critic").prefixCacheHitRate()).isEqualTo(0.4);
        assertThat(scraper.hitRates().byModel()).isEmpty();

        rounds(1, 10);

        assertThat(scraper.hitRates().byModel()).containsOnlyKeys("critic");
    }

    @Test
    void modelsThatHaveNoEnginesAnyMoreLeaveAfterAnHour() throws Exception {
        scraper.round();
        targets.clear();
        time.pass(Duration.ofMinutes(59));
        scraper.round();
        assertThat(scraper.models()).containsOnlyKeys("critic");
        time.pass(Duration.ofMinutes(2));
        scraper.round();

        assertThat(scraper.models()).isEmpty();
    }

    @Test
    void aClockThatGoesBackStartsTheHourAnew() throws Exception {
        scraper.round();
        rounds(20, 10);
        time.pass(Duration.ofHours(-3));
        scraper.round();
        assertThat(scraper.samples(Duration.ofHours(1)).get("critic")).hasSize(1);
        rounds(12, 10);

        assertThat(scraper.requestsPerSecond(Duration.ofMinutes(1)).get("critic"))
                .isCloseTo(4, within(1e-9));
    }

    @Test
    void manyTroublesAreCutShort() throws Exception {
        targets.clear();
        for (int i = 0; i < 30; i++) {
            Fake broken = new Fake("critic", "Pod " + (100 + i));
            broken.gone = true;
            targets.add(broken);
        }
        scraper.round();

        assertThat(scraper.troubles()).hasSize(21).last().isEqualTo("And 10 more engines.");
        assertThat(scraper.models()).isEqualTo(new TreeMap<>());
    }

    @Test
    void whereNobodyIsFoundThatIsSaid() throws Exception {
        try (EngineScraper lost = EngineScraper.unstarted(
                FIVE,
                () -> {
                    throw new IOException("The API server is away.");
                },
                new ModelNames(Map.of()),
                time,
                new ServiceLog(new PrintStream(logged, true, StandardCharsets.UTF_8), false, time))) {
            lost.round();
            assertThat(lost.troubles()).containsExactly("Engines cannot be found: The API server is away.");
        }
    }
}
