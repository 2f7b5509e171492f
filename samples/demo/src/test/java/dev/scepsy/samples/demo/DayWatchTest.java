package dev.scepsy.samples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A service that answers from a script. */
@Timeout(60)
class DayWatchTest {

    private final ScaledClock clock = new ScaledClock(10, System.currentTimeMillis() * 1_000_000);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final AtomicBoolean notices = new AtomicBoolean(true);
    private final AtomicInteger asked = new AtomicInteger();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/api/v1/events", this::events);
        server.createContext("/api/v1/proposals", this::proposals);
        server.start();
    }

    @AfterEach
    void stop() {
        closing.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void aPhaseEndsWhenWhatHappenedWasNoticedAndItsProposalHasEnded() {
        DayOutcome outcome = watch(new DayPhase("critic", "c", Set.of("drift"), 5, 300));

        assertThat(outcome.asItShould()).isTrue();
        assertThat(outcome.trigger()).isEqualTo("drift");
        assertThat(outcome.noticedAfterSeconds()).isBetween(0.0, 200.0);
        assertThat(outcome.states()).isEqualTo("kept");
        assertThat(outcome.moves()).isEqualTo(3);
        assertThat(outcome.toSeconds() - outcome.fromSeconds()).isGreaterThanOrEqualTo(5);
    }

    @Test
    void aPhaseInWhichNothingIsNoticedEndsInTimeAndSaysSo() {
        notices.set(false);

        DayOutcome outcome = watch(new DayPhase("rate", "r", Set.of("rate"), 1, 15));

        assertThat(outcome.asItShould()).isFalse();
        assertThat(outcome.trigger()).isEqualTo("none");
    }

    private DayOutcome watch(DayPhase phase) {
        URI web = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        try (ServiceEvents events = new ServiceEvents(web)) {
            DayWatch watch = new DayWatch(() -> {}, new ServiceApi(web), events, clock);
            watch.dayBegins();
            return watch.watch(phase, watch.seconds());
        }
    }

    private String now() {
        long nanos = clock.scaledEpochNanos(System.currentTimeMillis() * 1_000_000);
        return Instant.ofEpochSecond(nanos / 1_000_000_000, nanos % 1_000_000_000)
                .toString();
    }

    private void events(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            if (notices.get()) {
                String said = "id: 1\nevent: trigger\ndata: {\"kind\":\"drift\",\"at\":\"" + now()
                        + "\",\"sentence\":\"calls of critic: 1.2 -> 3.6\"}\n\n";
                out.write(said.getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
            closing.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void proposals(HttpExchange exchange) throws IOException {
        int times = asked.incrementAndGet();
        String state = times < 5 ? "verifying" : "kept";
        String body = notices.get() && times > 1 // What was there before the phase is none of its own.
                ? "[{\"id\":\"p\",\"state\":\"" + state + "\",\"createdAt\":\"" + now()
                        + "\",\"planEntry\":\"e\",\"cost\":{\"moves\":3},\"gain\":{\"latencySecondsAfter\":2}}]"
                : "[]";
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, bytes.length);
        try (exchange) {
            exchange.getResponseBody().write(bytes);
        }
    }

    @Test
    void theReportHasALineForEachPhaseAndFailsWhereOneWasMissed() {
        LatencySeries flat = new LatencySeries(List.of(new LatencySeries.Point(10, 12.5)), 0);
        LatencySeries worse = new LatencySeries(List.of(new LatencySeries.Point(10, 80)), 0);
        DayOutcome quiet = new DayOutcome(DayPhase.STATIONARY, 0, 100, null, Double.NaN, List.of());
        DayOutcome missed = new DayOutcome(DayPhase.RATE, 100, 200, null, Double.NaN, List.of());
        DayReport good = new DayReport(List.of(quiet), flat, worse, flat, Optional.empty(), 30, 0, 25);

        assertThat(good.isAsItShould()).isTrue();
        assertThat(good.lastLines())
                .contains("DAY phase=stationary", "noticed=notAsked", "meanSeconds=12.5 firstPlanMeanSeconds=80.0")
                .contains("DAY requests=30 failed=0 timeScale=25", "result=ok");
        assertThat(new DayReport(List.of(quiet, missed), flat, worse, flat, Optional.empty(), 30, 0, 25).lastLines())
                .contains("DAY phase=rate", "noticed=false", "result=failed");
        assertThat(new DayReport(List.of(quiet), flat, worse, flat, Optional.empty(), 30, 1, 25).isAsItShould())
                .isFalse();
        assertThat(good.table()).contains("stationary load on the first plan", "12.5", "80.0");
        assertThat(DayPicture.svg(good))
                .startsWith("<svg")
                .contains("polyline", "stationary", "10 s")
                .endsWith("</svg>\n");
    }

    @Test
    void whatWasEmulatedStandsBesideWhatWasSimulatedAndTheReportSaysWhereTheyAreApart() {
        LatencySeries flat = new LatencySeries(List.of(new LatencySeries.Point(10, 12.5)), 0);
        LatencySeries near = new LatencySeries(List.of(new LatencySeries.Point(10, 13.5)), 0);
        LatencySeries far = new LatencySeries(List.of(new LatencySeries.Point(10, 20)), 2);
        DayOutcome quiet = new DayOutcome(DayPhase.STATIONARY, 0, 100, null, Double.NaN, List.of());
        DayReport report = new DayReport(
                List.of(quiet), flat, flat, flat, Optional.of(new DayReport.Emulated(near, far)), 30, 0, 25);

        assertThat(report.isAsItShould()).isTrue();
        assertThat(report.table())
                .contains("both on the emulated cluster")
                .contains("requests that failed: service 0, first plan 0, autoscaler 2")
                .contains("apart: autoscaler, stationary: emulated 20.0 s, simulated 12.5 s (+60 %)")
                .doesNotContain("apart: first plan");
        assertThat(report.lastLines())
                .contains("emulatedFirstPlanMeanSeconds=13.5 emulatedAutoscaledMeanSeconds=20.0")
                .contains("emulatedAutoscaledFailed=2 result=ok");
        assertThat(DayPicture.svg(report)).contains("dashed: simulated", "stroke-dasharray=\"5 4\"");
    }
}
