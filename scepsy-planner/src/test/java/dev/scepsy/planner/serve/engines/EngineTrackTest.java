package dev.scepsy.planner.serve.engines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.scepsy.planner.serve.engines.EngineTrack.Delta;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EngineTrackTest {

    private static final Instant START = Instant.parse("2026-11-30T12:00:00Z");

    private final EngineTrack track = new EngineTrack();

    private Optional<Delta> take(int second, String more) throws Exception {
        String text = "vllm:num_requests_running{model_name=\"m\"} 1\n" + more.replace('\'', '"');
        return track.take(
                START.plusSeconds(second),
                EngineReading.of(
                        PrometheusText.read(text.getBytes(StandardCharsets.UTF_8), EngineDialect::isKnown),
                        "m",
                        new ModelNames(Map.of())));
    }

    private static String counts(int finished, int queries, double latencySum) {
        return "vllm:request_success_total{model_name='m'} " + finished
                + "\nvllm:prefix_cache_queries_total{model_name='m'} "
                + queries + "\nvllm:e2e_request_latency_seconds_sum{model_name='m'} " + latencySum
                + "\nvllm:e2e_request_latency_seconds_count{model_name='m'} " + finished + "\n";
    }

    @Test
    void theFirstReadingHasNoDeltaAndTheSecondHas() throws Exception {
        assertThat(take(0, counts(10, 100, 30))).isEmpty();

        Delta delta = take(5, counts(15, 300, 50)).orElseThrow();

        assertThat(delta.seconds()).isEqualTo(5);
        assertThat(delta.counts())
                .containsEntry(EngineFact.FINISHED, 5.0)
                .containsEntry(EngineFact.PREFIX_QUERIES, 200.0);
        assertThat(delta.histograms().get(EngineFact.LATENCY).sum()).isEqualTo(20);
        assertThat(delta.histograms().get(EngineFact.LATENCY).count()).isEqualTo(5);
    }

    @Test
    void aRestartCountsFromZero() throws Exception {
        take(0, counts(10, 100, 30));

        Delta delta = take(5, counts(2, 40, 4)).orElseThrow();

        assertThat(delta.counts())
                .containsEntry(EngineFact.FINISHED, 2.0)
                .containsEntry(EngineFact.PREFIX_QUERIES, 40.0);
    }

    @Test
    void aPublishedStartTellsARestartEvenWhereCountersHaveOutrunTheOldOnes() throws Exception {
        take(0, counts(10, 100, 30) + "process_start_time_seconds 1000\n");

        Delta delta = take(60, counts(25, 40, 50) + "process_start_time_seconds 1050\n")
                .orElseThrow();

        assertThat(delta.counts()).containsEntry(EngineFact.FINISHED, 25.0);
    }

    @Test
    void countersThatGoBackwardsAreSaidAndTheNextReadingIsAFirstOne() throws Exception {
        take(0, counts(10, 100, 30));

        assertThatThrownBy(() -> take(5, counts(9, 200, 40)))
                .hasMessageContaining("Its counters go backwards")
                .hasMessageContaining("several engines");
        assertThat(take(10, counts(11, 250, 45))).isEmpty();
        assertThat(take(15, counts(12, 260, 47))).isPresent();
        assertThatThrownBy(() -> {
                    take(20, counts(12, 260, 47) + "process_start_time_seconds 1000\n");
                    take(25, counts(1, 1, 1) + "process_start_time_seconds 1000\n");
                })
                .hasMessageContaining("backwards");
    }

    @Test
    void whatNoEngineCanCountIsRefused() throws Exception {
        take(0, counts(0, 0, 0));
        assertThatThrownBy(() -> take(1, counts(2_000_000, 1, 1))).hasMessageContaining("which cannot be");
        take(2, counts(0, 0, 0));
        assertThatThrownBy(() -> take(3, counts(1, 1, 1e6))).hasMessageContaining("a mean of 1000000.0 of vllm_e2e");
        take(4, counts(0, 0, 0) + "vllm:prefix_cache_hits_total{model_name='m'} 0\n");
        assertThatThrownBy(() -> take(5, counts(1, 1000, 1) + "vllm:prefix_cache_hits_total{model_name='m'} 50000\n"))
                .hasMessageContaining("It found 50000.0 in its prefix cache of 1000.0");
    }

    @Test
    void aClockThatDoesNotGoOnMakesNoRate() throws Exception {
        take(5, counts(10, 100, 30));

        assertThat(take(5, counts(11, 110, 33))).isEmpty();
        assertThat(take(3, counts(12, 120, 36))).isEmpty();
        assertThat(take(4, counts(13, 130, 39))).isPresent();
    }
}
