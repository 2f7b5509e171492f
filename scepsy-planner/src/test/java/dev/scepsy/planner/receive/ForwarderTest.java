package dev.scepsy.planner.receive;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.scepsy.planner.otlp.OtlpDecoder.Form;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ForwarderTest {

    private static final Forwarder.Patience SHORT = new Forwarder.Patience(
            Duration.ofSeconds(10),
            Duration.ofMillis(5),
            Duration.ofMillis(20),
            Duration.ofMinutes(1),
            Duration.ofSeconds(10));

    private final List<String> told = new CopyOnWriteArrayList<>();
    private final Notices notices = new Notices(told::add);
    private final BlockingQueue<String> came = new LinkedBlockingQueue<>();
    private final AtomicInteger failures = new AtomicInteger();
    private HttpServer target;
    private volatile int failure = 503;

    @BeforeEach
    void start() throws IOException {
        target = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        target.createContext("/", this::answer);
        target.start();
    }

    @AfterEach
    void stop() {
        target.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        int bytes = exchange.getRequestBody().readAllBytes().length;
        boolean fails = failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
        if (!fails) {
            came.add(exchange.getRequestURI().getPath() + " "
                    + exchange.getRequestHeaders().getFirst("Content-Type") + " "
                    + exchange.getRequestHeaders().getFirst("Content-Encoding") + " " + bytes);
        }
        exchange.sendResponseHeaders(fails ? failure : 200, -1);
        exchange.close();
    }

    @Test
    void everyRequestGoesOnAsItCameToThePathOfItsSignal() throws InterruptedException {
        try (Forwarder forwarder = forwarder(10_000)) {
            forwarder.pass(new ReceivedRequest(Signal.TRACES, Form.JSON, new byte[7], false, new byte[7]));
            forwarder.pass(new ReceivedRequest(Signal.METRICS, Form.PROTOBUF, new byte[8], true, new byte[0]));

            assertThat(List.of(
                            String.valueOf(came.poll(10, TimeUnit.SECONDS)),
                            String.valueOf(came.poll(10, TimeUnit.SECONDS))))
                    .containsExactlyInAnyOrder(
                            "/v1/traces application/json null 7", "/v1/metrics application/x-protobuf gzip 8");
        }
    }

    @Test
    void whatTheTargetCannotTakeNowIsSentAgainAndToldOnce() {
        failures.set(6);
        Forwarder forwarder = forwarder(10_000);
        try (forwarder) {
            forwarder.pass(traces(10));
            forwarder.pass(traces(11));
            eventually(() -> forwarder.sent() == 2);
        }
        assertThat(forwarder.dropped()).isZero();
        assertThat(told.get(0)).contains("does not take requests (answer 503)");
        assertThat(told)
                .filteredOn(text -> text.contains("takes requests again"))
                .isNotEmpty();
    }

    @Test
    void whatTheTargetRefusesIsDroppedAndCounted() {
        failures.set(1);
        failure = 400;
        Forwarder forwarder = forwarder(10_000);
        try (forwarder) {
            forwarder.pass(traces(10));
            eventually(() -> forwarder.dropped() == 1);
            forwarder.pass(traces(11));
        }
        assertThat(forwarder.sent()).isEqualTo(1);
        assertThat(told).singleElement().asString().contains("refused a request: answer 400");
    }

    @Test
    void aFullQueueDropsInsteadOfWaiting() {
        failures.set(Integer.MAX_VALUE);
        Forwarder forwarder = forwarder(2 * 522 + 5);
        try (forwarder) {
            forwarder.pass(traces(10));
            forwarder.pass(traces(10));
            forwarder.pass(traces(10));
            assertThat(forwarder.dropped()).isEqualTo(1);
        }
        // and what could not be sent by the end is counted too
        assertThat(forwarder.dropped()).isEqualTo(3);
        assertThat(told).anyMatch(text -> text.contains("the queue is full"));
    }

    @Test
    void closingSendsWhatIsQueued() {
        Forwarder forwarder = forwarder(100_000);
        try (forwarder) {
            for (int i = 0; i < 50; i++) {
                forwarder.pass(traces(10));
            }
        }
        assertThat(forwarder.sent()).isEqualTo(50);
    }

    private Forwarder forwarder(long mostBytes) {
        URI endpoint = URI.create("http://127.0.0.1:" + target.getAddress().getPort() + "/");
        return new Forwarder(endpoint, mostBytes, SHORT, notices);
    }

    private static ReceivedRequest traces(int bytes) {
        return new ReceivedRequest(Signal.TRACES, Form.PROTOBUF, new byte[bytes], false, new byte[bytes]);
    }

    private static void eventually(java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
