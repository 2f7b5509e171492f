package dev.scepsy.planner.serve.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.scepsy.planner.serve.journal.Documents;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** The stream of events: from where it was left, alive, and not for ever for those who do not read. */
class EventsTest {

    private static final WebLimits QUICK = new WebLimits(
            Running.LIMITS.bodyTimeout(),
            Running.LIMITS.answerTimeout(),
            Running.LIMITS.connections(),
            2,
            500,
            Duration.ofMillis(100));

    @Test
    void aReaderGetsWhatHappensWithItsIdAndType() throws IOException {
        try (Running running = Running.open();
                Reader reader = new Reader(running, "")) {
            reader.until("retry: 3000");
            running.event("proposal", Map.of("id", "p-1", "name", "a\nb\u2028</script>"));

            List<String> lines = reader.until("data: ");
            assertThat(lines).contains("id: 1", "event: proposal");
            JsonNode data = Documents.parse(lines.get(lines.size() - 1).substring(6));
            assertThat(data.at("/data/name").textValue()).isEqualTo("a\nb\u2028</script>");
            ObjectNode schema = OpenApi.DOCUMENT.at("/components/schemas/Event").deepCopy();
            assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                            .getSchema(schema)
                            .validate(new ObjectMapper().readTree(data.toString())))
                    .isEmpty();
            assertThat(reader.head()).contains("text/event-stream", "no-store", "nosniff");
        }
    }

    @Test
    void aReaderComesBackToWhereItLeft() throws IOException {
        try (Running running = Running.open()) {
            for (int i = 0; i < 20; i++) {
                running.event("step", Map.of("number", i));
            }
            try (Reader reader = new Reader(running, "Last-Event-ID: 15\r\n")) {
                assertThat(ids(reader.until("id: 20"))).containsExactly(16, 17, 18, 19, 20);
                running.event("step", Map.of());
                assertThat(ids(reader.until("id: "))).containsExactly(21);
            }
            try (Reader upToDate = new Reader(running, "Last-Event-ID: 21\r\n")) {
                upToDate.until("retry");
                running.event("step", Map.of());
                assertThat(ids(upToDate.until("id: "))).containsExactly(22);
            }
            try (Reader ofAnotherStore = new Reader(running, "Last-Event-ID: 100000\r\n")) {
                ofAnotherStore.until("retry");
                running.event("step", Map.of());
                assertThat(ids(ofAnotherStore.until("id: "))).containsExactly(23);
            }
        }
    }

    @Test
    void whoWasAwayTooLongIsToldOfTheGap() throws IOException {
        try (Running running = Running.open()) {
            for (int i = 0; i < 1100; i++) {
                running.event("step", Map.of());
            }
            try (Reader reader = new Reader(running, "Last-Event-ID: 5\r\n")) {
                List<String> lines = reader.until("id: 1100");
                assertThat(lines).contains("event: gap", "data: {\"after\":5,\"next\":101}");
                assertThat(ids(lines)).hasSize(1000).startsWith(101);
            }
        }
    }

    @Test
    void nothingIsLostOrDoubledWhileAReaderJoins() throws Exception {
        try (Running running = Running.open()) {
            Thread writer = new Thread(() -> {
                for (int i = 0; i < 900; i++) {
                    running.event("step", Map.of());
                }
            });
            writer.start();
            try (Reader reader = new Reader(running, "Last-Event-ID: 0\r\n")) {
                List<Integer> ids = ids(reader.until("id: 900"));
                assertThat(ids).hasSize(900).doesNotHaveDuplicates().isSorted();
            }
            writer.join();
        }
    }

    @Test
    void aWrongIdIsRefusedAndSoAreTooManyReaders() throws IOException {
        try (Running running = Running.open(QUICK)) {
            assertThat(running.get("/api/v1/events", "Last-Event-ID", "x").status())
                    .isEqualTo(400);
            try (Reader one = new Reader(running, "");
                    Reader two = new Reader(running, "")) {
                one.until("retry");
                two.until("retry");
                assertThat(running.get("/api/v1/events").status()).isEqualTo(503);
            }
            poll(() -> running.server.eventStreams() == 0);
            try (Reader again = new Reader(running, "")) {
                again.until("retry");
            }
        }
    }

    @Test
    void aQuietStreamIsKeptAlive() throws IOException {
        try (Running running = Running.open(QUICK);
                Reader reader = new Reader(running, "")) {
            assertThat(reader.until(": alive")).isNotEmpty();
            reader.until(": alive");
        }
    }

    @Test
    void aReaderThatTakesNothingIsCutOffAndOthersAreNot() throws IOException {
        try (Running running = Running.open(QUICK);
                Reader stuck = new Reader(running, "");
                Reader other = new Reader(running, "")) {
            stuck.until("retry");
            other.until("retry");
            String large = "x".repeat(50_000);
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (running.server.eventStreams() == 2 && System.nanoTime() < deadline) {
                running.event("step", Map.of("text", large));
                other.until("data: ");
            }
            assertThat(running.server.eventStreams()).isEqualTo(1);
            running.event("step", Map.of("text", "still"));
            assertThat(other.until("data: ")).isNotEmpty();
        }
    }

    @Test
    void aStreamEndsWithItsTokenAndWithTheService() throws IOException {
        try (Running running = Running.guarded(QUICK)) {
            assertThat(running.get("/api/v1/events").status()).isEqualTo(401);
            assertThat(running.get("/api/v1/events", "Authorization", Running.bearer("sender-token"))
                            .status())
                    .isEqualTo(403);
            try (Reader reader = new Reader(running, "Authorization: Bearer viewer-token\r\n")) {
                reader.until("retry");
                running.tokens.remove("viewer-token");
                reader.toTheEnd();
            }
            try (Reader reader = new Reader(running, "Authorization: Bearer operator-token\r\n")) {
                reader.until("retry");
                running.close();
                reader.toTheEnd();
            }
            assertThat(running.journal.listeners()).isZero();
        }
    }

    private static List<Integer> ids(List<String> lines) {
        return lines.stream()
                .filter(line -> line.startsWith("id: "))
                .map(line -> Integer.parseInt(line.substring(4)))
                .toList();
    }

    private static void poll(BooleanSupplier until) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!until.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }

    /** A reader of the stream, line by line, chunk marks left out. */
    private static final class Reader implements AutoCloseable {
        private final Socket socket;
        private final BufferedReader in;
        private final StringBuilder head = new StringBuilder();

        Reader(Running running, String headers) throws IOException {
            socket = new Socket();
            // little room, so that one who does not read is noticed soon
            socket.setReceiveBufferSize(8 << 10);
            socket.connect(running.server.address());
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        }

        List<String> until(String beginning) throws IOException {
            List<String> lines = new ArrayList<>();
            while (true) {
                String line = in.readLine();
                assertThat(line).as("the end, before %s", beginning).isNotNull();
                if (head.indexOf("\n\n") < 0) {
                    head.append(line).append('\n');
                    continue;
                }
                lines.add(line);
                if (line.startsWith(beginning)) {
                    return lines;
                }
            }
        }

        void toTheEnd() throws IOException {
            String line = in.readLine();
            while (line != null && !line.equals("0")) {
                line = in.readLine();
            }
        }

        String head() {
            return head.toString();
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
