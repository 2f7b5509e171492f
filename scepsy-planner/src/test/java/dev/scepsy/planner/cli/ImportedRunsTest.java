package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.file.MeasuredProfile;
import dev.scepsy.planner.file.ProfilesFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.profile.MeasuredPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs of other tools that contradict each other, themselves or Little's law, and numbers that nobody measures. */
class ImportedRunsTest {

    @TempDir
    Path folder;

    private Path out = Path.of("");

    @BeforeEach
    void anOutput() {
        out = folder.resolve("profiles.yaml");
    }

    @Test
    void aGoodRunStaysThoughALowerRateFailedAndTheContradictionIsSaid() throws IOException {
        CommandLineRun run = importing(
                vllm("one.json", 1, 100, 0, 100, 2),
                vllm("four.json", 4, 400, 0, 100, 2),
                vllm("three.json", 3, 150, 150, 100, 2));

        assertThat(run.exitCode()).as(run.err()).isZero();
        MeasuredProfile profile = profile();
        assertThat(profile.measured())
                .extracting(MeasuredPoint::requestsPerSecond)
                .containsExactly(1.0, 4.0);
        assertThat(profile.saturationRequestsPerSecond()).hasValue(4);
        assertThat(profile.saturationIsLowerBound()).isTrue();
        assertThat(run.err())
                .contains("three.json: left out of the curve: 1.5 of 3 requests/s were answered, 50.0 % failed.")
                .contains("The runs are contradictory: 4/s was kept up with, 3/s (" + folder.resolve("three.json")
                        + ") was not.");
    }

    @Test
    void requestsThatWereAllSentAtOnceMarkTheSaturationAndAreNoPoint() throws IOException {
        CommandLineRun run = importing(vllm("one.json", 1, 100, 0, 100, 2), burst("burst.json", 400, 60, 20, "null"));

        assertThat(run.exitCode()).as(run.err()).isZero();
        MeasuredProfile profile = profile();
        assertThat(profile.measured()).hasSize(1);
        // 400 / 60 s
        assertThat(profile.saturationRequestsPerSecond().orElseThrow()).isCloseTo(6.667, within(0.001));
        assertThat(profile.saturationIsLowerBound()).isFalse();
        assertThat(run.err())
                .contains("burst.json: left out of the curve: all requests were sent at once", "6.667 requests/s")
                .doesNotContain("No run went beyond the knee");
    }

    @Test
    void aBurstAloneMakesNoCurve() throws IOException {
        CommandLineRun run = importing(burst("burst.json", 400, 60, 20, "null"));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("No run is left to make a curve of");
        assertThat(Files.exists(out)).isFalse();
    }

    @Test
    void clientsHaveAsManyRequestsInFlightAsLittlesLawSays() throws IOException {
        // 8/s of 4 s each are 32 in flight on average: 64 clients cannot all have been busy
        assertThat(importing(burst("busy.json", 800, 100, 4, "64")).exitCode()).isZero();
        assertThat(profile().measured().get(0).requestsInFlight().orElseThrow()).isCloseTo(32, within(1e-6));
        Files.delete(out);

        // 320 in flight are more than 64 clients send
        CommandLineRun impossible = importing(burst("busy.json", 800, 100, 40, "64"));

        assertThat(impossible.exitCode()).isEqualTo(2);
        assertThat(impossible.err())
                .contains(
                        "busy.json",
                        "8 requests/s of 40 s each are 320 requests at once, but max_concurrency allows 64.");
        assertThat(Files.exists(out)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "total_output_tokens": -5            | total_output_tokens: The value (-5) must be a number from 0 to
            "total_output_tokens": -500          | total_output_tokens: The value (-500)
            "total_input_tokens": "many"         | total_input_tokens: The value ("many")
            "duration": 0                        | duration: The value (0) must be a number above 0
            "duration": -1                       | duration: The value (-1)
            "request_throughput": 99999          | request_throughput: The value (99999) contradicts 100 completed requests in a duration of 100.0 s
            "request_throughput": -1             | request_throughput: The value (-1)
            "completed": 9223372036854775808     | completed: The value (9223372036854775808) must be a number from 0 to 1000000000
            "completed": 0                       | completed: The value (0) must be a number above 0. No request was answered
            "request_rate": -1                   | request_rate: The value (-1)
            "request_rate": "fast"               | request_rate: The value ("fast") must be a number above 0 or "inf"
            "mean_e2el_ms": 1e12                 | mean_e2el_ms: The value (1.0E12) must be a number from 0 to 86400000
            "mean_e2el_ms": -3                   | mean_e2el_ms: The value (-3)
            "mean_ttft_ms": 5000                 | the mean time to the first token (5 s) exceeds the mean latency (2 s)
            "max_concurrency": -4                | max_concurrency: The value (-4)
            "failed": -1                         | failed: The value (-1)
            """)
    void numbersThatNobodyMeasuresAreRefusedWithFileAndKey(String key, String said) throws IOException {
        String name = key.substring(1, key.indexOf('"', 1));
        String good = text(vllm("odd.json", 1, 100, 0, 100, 2));
        String bad = good.replaceAll("\"" + name + "\": [^,}]*", key.strip());
        Files.writeString(folder.resolve("odd.json"), bad);

        CommandLineRun run = importing(folder.resolve("odd.json"));

        assertThat(run.exitCode()).as(run.out()).isEqualTo(2);
        assertThat(run.err()).contains("odd.json: ", said.strip());
        assertThat(Files.exists(out)).isFalse();
    }

    @Test
    void noOutputTokensAreNoted() throws IOException {
        String good = text(vllm("none.json", 1, 100, 0, 100, 2));
        Files.writeString(
                folder.resolve("none.json"),
                good.replaceAll("\"total_output_tokens\": [^,}]*", "\"total_output_tokens\": 0"));

        CommandLineRun run = importing(folder.resolve("none.json"));

        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).contains("none.json: no output tokens were generated.");
    }

    /** Whatever was imported can be read, keeps Little's law, and what could not be was not written. */
    @Test
    void whatIsWrittenIsReadAgainWhateverWasMeasured() throws IOException {
        Random random = new Random(17);
        int imported = 0;
        for (int i = 0; i < 120; i++) {
            Files.deleteIfExists(out);
            List<Path> files = new ArrayList<>();
            for (int file = 0; file < 1 + random.nextInt(4); file++) {
                int requests = 1 + random.nextInt(500);
                double rate = Math.pow(10, 4 * random.nextDouble() - 2);
                double seconds = requests / rate * (1 + random.nextDouble());
                double latency = Math.pow(10, 3 * random.nextDouble() - 2);
                files.add(
                        random.nextBoolean()
                                ? vllm("f" + file + ".json", rate, requests, random.nextInt(3), seconds, latency)
                                : burst(
                                        "f" + file + ".json",
                                        requests,
                                        seconds,
                                        latency,
                                        random.nextBoolean() ? "null" : "" + (1 + random.nextInt(64))));
            }
            CommandLineRun run = importing(files.toArray());
            assertThat(run.exitCode()).as(run.err()).isIn(0, 2);
            assertThat(Files.exists(out)).isEqualTo(run.exitCode() == 0);
            if (run.exitCode() == 0) {
                imported++;
                for (MeasuredPoint point : profile().measured()) {
                    double inside = point.requestsPerSecond() * point.meanLatencySeconds();
                    assertThat(point.requestsInFlight().orElseThrow())
                            .isBetween(Math.max(1, inside) * 0.9 - 0.01, inside * 1.001 + 1);
                }
            }
        }
        assertThat(imported).isGreaterThan(20);
    }

    private MeasuredProfile profile() {
        Reading<List<MeasuredProfile>> reading = ProfilesFile.read(out);
        assertThat(reading.whyMalformed()).isEmpty();
        return reading.legalValue().orElseThrow().get(0);
    }

    private CommandLineRun importing(Object... files) {
        List<Object> arguments =
                new ArrayList<>(List.of("profile", "import", "--model", "m", "--gpu", "H100-SXM-80GB", "--out", out));
        arguments.addAll(List.of(files));
        return CommandLineRun.of(arguments.toArray());
    }

    private Path vllm(String name, double rate, int completed, int failed, double seconds, double latency)
            throws IOException {
        return write(name, Double.toString(rate), "null", completed, failed, seconds, latency);
    }

    private Path burst(String name, int completed, double seconds, double latency, String clients) throws IOException {
        return write(name, "\"inf\"", clients, completed, 0, seconds, latency);
    }

    private Path write(
            String name, String rate, String clients, int completed, int failed, double seconds, double latency)
            throws IOException {
        return Files.writeString(
                folder.resolve(name),
                String.format(
                        Locale.ROOT,
                        "{\"backend\": \"openai-chat\", \"num_prompts\": %d, \"request_rate\": %s, \"max_concurrency\": %s,"
                                + " \"duration\": %s, \"completed\": %d, \"failed\": %d, \"total_input_tokens\": %d,"
                                + " \"total_output_tokens\": %d, \"request_throughput\": %s, \"mean_ttft_ms\": %s,"
                                + " \"mean_tpot_ms\": 10.0, \"mean_e2el_ms\": %s}",
                        completed + failed,
                        rate,
                        clients,
                        seconds,
                        completed,
                        failed,
                        completed * 500,
                        completed * 100,
                        completed / seconds,
                        latency * 100,
                        latency * 1000));
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file);
    }
}
