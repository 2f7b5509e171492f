package dev.scepsy.planner.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.profile.MeasuredPoint;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Results of other tools become curves, and what is wrong with them is said with its place. */
class BenchmarkFileTest {

    @TempDir
    Path folder;

    @Test
    void ratesOfVllmBenchServeMakeACurveAndTheOverloadedOneOnlyItsEnd() {
        BenchmarkCurve curve = BenchmarkCurve.of(runs("vllm-rate-16.json", "vllm-rate-1.json", "vllm-rate-8.json"));

        assertThat(curve.points()).extracting(MeasuredPoint::requestsPerSecond).containsExactly(1.0, 8.0);
        MeasuredPoint first = curve.points().get(0);
        assertThat(first.meanLatencySeconds()).isEqualTo(1.965);
        assertThat(first.meanFirstTokenSeconds()).hasValue(0.06);
        assertThat(first.meanPerTokenSeconds()).hasValue(0.015);
        assertThat(first.p99LatencySeconds().orElseThrow()).isCloseTo(2.3, within(1e-9));
        assertThat(first.requests()).hasValue(200);
        assertThat(curve.inputTokens()).hasValue(512);
        assertThat(curve.outputTokens()).hasValue(128);
        assertThat(curve.saturationRequestsPerSecond()).isEqualTo(8.0);
        assertThat(curve.saturationIsLowerBound()).isFalse();
        assertThat(curve.notes()).singleElement().asString().contains("vllm-rate-16.json", "8 of 16 requests/s");
    }

    @Test
    void aRunWhoseDurationHoldsItsTailIsNoOverload() {
        // 200 requests at 8/s take 25 s to send and 4.2 s more to end: 6.67/s is all that can be answered
        assertThat(BenchmarkCurve.of(runs("vllm-rate-8.json")).points()).hasSize(1);
    }

    @Test
    void clientsBeyondTheKneeAreLeftOutAndLatencyIsPutTogetherWhereItIsNotSaid() {
        BenchmarkCurve curve = BenchmarkCurve.of(runs("vllm-clients.jsonl"));

        assertThat(curve.points()).extracting(MeasuredPoint::requestsPerSecond).containsExactly(0.52, 3.6, 8.0);
        assertThat(curve.points().get(1).requestsInFlight()).hasValue(8);
        assertThat(curve.points().get(1).meanLatencySeconds()).isCloseTo(0.080 + 127 * 0.0169, within(1e-9));
        assertThat(curve.saturationRequestsPerSecond()).isEqualTo(8.0);
        assertThat(curve.saturationIsLowerBound()).isFalse();
    }

    @Test
    void guideLlmSweepsMixStrategies() {
        BenchmarkCurve curve = BenchmarkCurve.of(runs("guidellm.json"));

        assertThat(curve.points()).extracting(MeasuredPoint::requestsPerSecond).containsExactly(0.51, 2.0, 6.0);
        assertThat(curve.points().get(0).requestsInFlight()).hasValue(1);
        assertThat(curve.points().get(2).meanPerTokenSeconds().orElseThrow()).isCloseTo(0.0259, within(1e-9));
        assertThat(curve.points().get(2).meanLatencySeconds()).isEqualTo(3.4);
        assertThat(curve.points().get(2).p95LatencySeconds().orElseThrow()).isCloseTo(3.4 * 1.3, within(1e-9));
        assertThat(curve.saturationRequestsPerSecond()).isEqualTo(7.9);
        assertThat(curve.notes())
                .hasSize(2)
                .anyMatch(note -> note.contains("benchmarks[1]: left out of the curve: all requests were sent at once"))
                .anyMatch(note -> note.contains("benchmarks[4]"));
    }

    @Test
    void aiPerfNamesItsUnits() {
        List<BenchmarkRun> runs = runs("aiperf.json");

        assertThat(runs).singleElement().satisfies(run -> {
            assertThat(run.load()).isEqualTo(new BenchmarkRun.Load.Closed(8));
            assertThat(run.achievedPerSecond()).isEqualTo(3.16);
            assertThat(run.meanLatencySeconds()).isCloseTo(2.5505, within(1e-9));
            assertThat(run.meanPerTokenSeconds().orElseThrow()).isCloseTo(0.0194, within(1e-9));
            assertThat(run.p99LatencySeconds().orElseThrow()).isCloseTo(3.1, within(1e-9));
            assertThat(run.inputTokens()).hasValue(550);
            assertThat(run.requests()).hasValue(200);
        });
    }

    @Test
    void csvLinesMayComeInAnyOrder() {
        BenchmarkCurve curve = BenchmarkCurve.of(runs("curve.csv"));

        assertThat(curve.points()).extracting(MeasuredPoint::requestsPerSecond).containsExactly(0.5, 2.0, 4.0);
        assertThat(curve.points().get(1).meanPerTokenSeconds()).isEmpty();
        assertThat(curve.saturationIsLowerBound()).isTrue();
    }

    @Test
    void runsOfOtherLengthsMakeNoCurve() {
        List<BenchmarkRun> runs = new ArrayList<>(runs("vllm-rate-1.json"));
        BenchmarkRun run = runs.get(0);
        runs.add(new BenchmarkRun(
                "other.json",
                new BenchmarkRun.Load.Open(2),
                2,
                3,
                run.meanFirstTokenSeconds(),
                run.meanPerTokenSeconds(),
                run.p95LatencySeconds(),
                run.p99LatencySeconds(),
                java.util.OptionalDouble.of(2048),
                run.outputTokens(),
                run.requests(),
                0));

        assertThatThrownBy(() -> BenchmarkCurve.of(runs)).hasMessageContaining("other.json", "2048", "512", "input");
    }

    @Test
    void whatIsMissingIsNamedWithItsPlace() throws IOException {
        assertThat(problems("a.json", "{\"request_throughput\": 1.5, \"completed\": 10, \"request_rate\": 2}"))
                .singleElement()
                .asString()
                .contains("a.json: mean_e2el_ms", "--percentile-metrics");
        assertThat(problems("b.json", "{\"benchmarks\": [{\"metrics\": {\"requests_per_second\": {}}}]}"))
                .hasSize(2)
                .first()
                .asString()
                .contains("benchmarks[0].metrics.requests_per_second.successful.mean", "missing");
        assertThat(problems(
                        "c.json",
                        "{\"request_latency\": {\"avg\": 3, \"unit\": \"weeks\"}, \"request_throughput\":"
                                + " {\"avg\": 1}}"))
                .singleElement()
                .asString()
                .contains("request_latency.unit", "weeks");
        assertThat(problems("d.json", "{\"something\": 1}"))
                .singleElement()
                .asString()
                .contains("no result of a known tool", "GuideLLM", "AIPerf", "CSV");
        assertThat(problems("e.json", "{\"something\": "))
                .singleElement()
                .asString()
                .contains("e.json:1:", "not JSON");
        assertThat(problems("f.csv", "rate,latency\n1,2\n"))
                .extracting(Object::toString)
                .anyMatch(text -> text.contains("requestsPerSecond: This column is missing"))
                .anyMatch(text -> text.contains("The column (rate) is unknown"));
        assertThat(problems("g.csv", "requestsPerSecond,meanLatencySeconds\n1,0\n1,2\n1,2\nx,3\n2,\n"))
                .extracting(Object::toString)
                .anyMatch(text -> text.contains("g.csv:2:1: meanLatencySeconds: The meanLatencySeconds (0) must be"))
                .anyMatch(text ->
                        text.contains("g.csv:4:1: requestsPerSecond: The rate (1.0) is given twice, first in line 3"))
                .anyMatch(text -> text.contains("g.csv:5:1: requestsPerSecond: The requestsPerSecond (x)"))
                .anyMatch(text -> text.contains("g.csv:6:1: meanLatencySeconds: There is no value."));
        assertThat(problems("h.csv", "  \n")).singleElement().asString().contains("empty");
        assertThat(BenchmarkFile.read(folder.resolve("none.json")).problems())
                .singleElement()
                .asString()
                .contains("There is no such file");
    }

    private List<?> problems(String name, String text) throws IOException {
        return BenchmarkFile.read(Files.writeString(folder.resolve(name), text)).problems();
    }

    private static List<BenchmarkRun> runs(String... names) {
        List<BenchmarkRun> runs = new ArrayList<>();
        for (String name : names) {
            BenchmarkFile file = BenchmarkFile.read(resource(name));
            assertThat(file.problems()).isEmpty();
            runs.addAll(file.runs());
        }
        return runs;
    }

    private static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(BenchmarkFileTest.class.getResource(name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }
}
