package dev.scepsy.samples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TracesTest {

    private static final ScaledClock CLOCK = new ScaledClock(10, 1_000_000_000L);

    @TempDir
    Path folder;

    @Test
    void stretchesTimesAwayFromTheOriginAndNamesTheFactor() throws IOException {
        Path recording =
                Files.writeString(folder.resolve("raw.jsonl"), request("a", 2_000_000_000L, 2_500_000_000L, 0.25));

        int traces = Traces.read(recording, CLOCK).write(folder.resolve("out.jsonl"), 0, Long.MAX_VALUE);

        String line = Files.readString(folder.resolve("out.jsonl"));
        assertThat(traces).isEqualTo(1);
        assertThat(line)
                .contains("\"startTimeUnixNano\":\"11000000000\"")
                .contains("\"endTimeUnixNano\":\"16000000000\"")
                .contains("\"doubleValue\":2.5")
                .contains("scepsy.time_scale")
                .contains("research-assistant");
    }

    @Test
    void gathersATraceFromSeveralRequestsAndChoosesByItsStart() throws IOException {
        Path recording = Files.writeString(
                folder.resolve("raw.jsonl"),
                request("a", 2_000_000_000L, 2_500_000_000L, 0)
                        + request("b", 5_000_000_000L, 5_500_000_000L, 0)
                        + request("a", 3_000_000_000L, 3_500_000_000L, 0));

        int traces = Traces.read(recording, CLOCK).write(folder.resolve("out.jsonl"), 2_000_000_000L, 5_000_000_000L);

        assertThat(traces).isEqualTo(1);
        assertThat(Files.readAllLines(folder.resolve("out.jsonl")))
                .hasSize(1)
                .first(org.assertj.core.api.InstanceOfAssertFactories.STRING)
                .contains("\"11000000000\"", "\"21000000000\"")
                .doesNotContain("\"41000000000\"");
    }

    static String request(String trace, long start, long end, double backoff) {
        return """
                {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"research-assistant"}}]},\
                "scopeSpans":[{"spans":[{"traceId":"%s","spanId":"1%s%d","name":"chat executor",\
                "startTimeUnixNano":"%d","endTimeUnixNano":"%d","attributes":[\
                {"key":"gen_ai.request.model","value":{"stringValue":"executor"}},\
                {"key":"scepsy.call.backoff_seconds","value":{"doubleValue":%s}}]}]}]}]}
                """.formatted(trace, trace, start, start, end, backoff);
    }
}
