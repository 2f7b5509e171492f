package dev.scepsy.samples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoadsTest {

    private final ScaledClock clock = new ScaledClock(10, 0);
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(4);
    private HttpServer server;
    private LoadGenerator generator;
    private int status = 200;

    /** Answers every question after 20 ms, which are 0.2 scaled seconds, one at a time. */
    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.createContext(
                "/research",
                exchange -> timer.schedule(
                        () -> {
                            exchange.sendResponseHeaders(status, -1);
                            exchange.close();
                            return status;
                        },
                        20,
                        TimeUnit.MILLISECONDS));
        server.start();
        generator = new LoadGenerator(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort()), clock);
    }

    @AfterEach
    void stop() {
        server.stop(0);
        timer.shutdownNow();
    }

    @Test
    void offersAtTheRateWhateverTheAnswersDo() throws IOException {
        List<Execution> offered =
                generator.offer(LoadGenerator.Arrivals.POISSON, 5, 1, 0, offers -> offers.size() == 40);
        generator.drain();

        long spanNanos = offered.get(39).offeredNanos() - offered.get(0).offeredNanos();
        assertThat(clock.scaledSeconds(spanNanos)).as("39 gaps at 5/s").isBetween(4.0, 14.0);
        assertThat(Latency.of(offered, clock).meanSeconds()).isGreaterThanOrEqualTo(0.2);
        assertThat(generator.failures()).isZero();
    }

    @Test
    void countsWhatWasNotAnswered() throws IOException {
        status = 500;
        generator.offer(LoadGenerator.Arrivals.PACED, 50, 1, 0, offers -> offers.size() == 5);
        generator.drain();
        assertThat(generator.failures()).isEqualTo(5);
        assertThat(generator.firstFailure()).startsWith("500");
    }

    @Test
    void asksTheSameQuestionsAgain() {
        assertThat(Question.of(1, 7)).isEqualTo(Question.of(1, 7)).isNotEqualTo(Question.of(1, 8));
        assertThat(Question.of(1, 7).json()).contains("\"seed\": 10007");
    }
}
