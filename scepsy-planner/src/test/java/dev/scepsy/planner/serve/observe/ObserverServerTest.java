package dev.scepsy.planner.serve.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.receive.Notices;
import dev.scepsy.planner.receive.OtlpServer;
import dev.scepsy.planner.receive.ReceiverLimits;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.ServeSettings.StatisticsSettings;
import dev.scepsy.planner.serve.settings.ServiceTime;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** With its threads, behind the receiver: what was accepted is counted, all of it and once, and is there after a restart. */
class ObserverServerTest {

    private static final StatisticsSettings AT_ONCE = new StatisticsSettings(
            Duration.ofHours(24), 30, Duration.ofMillis(200), Duration.ofMinutes(15), 100_000, 1, "default");

    private static Observer start(MemoryStore store) {
        return Observer.start(
                AT_ONCE,
                20,
                store,
                () -> true,
                ServiceTime.WALL,
                new ServiceLog(new PrintStream(OutputStream.nullOutputStream()), true, ServiceTime.WALL),
                execution -> {});
    }

    private static long executions(Observer observer) {
        return observer.statistics(Optional.empty()).workflows().stream()
                .mapToLong(workflow -> workflow.executions().orElse(0))
                .sum();
    }

    @Test
    void whatWasAcceptedIsCountedOnceAndSurvives() throws Exception {
        MemoryStore store = new MemoryStore();
        LoadRequest request = new LoadRequest(Instant.now().minusSeconds(60));
        AtomicInteger accepted = new AtomicInteger();
        try (Observer observer = start(store);
                OtlpServer server = OtlpServer.start(
                        List.of(new InetSocketAddress("127.0.0.1", 0)),
                        observer,
                        ReceiverLimits.defaults(),
                        new Notices(sentence -> {}))) {
            URI address =
                    URI.create("http://127.0.0.1:" + server.addresses().get(0).getPort() + "/v1/traces");
            HttpClient client = HttpClient.newHttpClient();
            List<CompletableFuture<Void>> answers = new ArrayList<>();
            for (int number = 0; number < 40; number++) {
                answers.add(client.sendAsync(
                                HttpRequest.newBuilder(address)
                                        .header("Content-Type", "application/x-protobuf")
                                        .POST(HttpRequest.BodyPublishers.ofByteArray(request.numbered(number)))
                                        .build(),
                                HttpResponse.BodyHandlers.discarding())
                        .thenAccept(answer -> accepted.addAndGet(answer.statusCode() == 200 ? 1 : 0)));
            }
            answers.forEach(CompletableFuture::join);
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (executions(observer) < (long) accepted.get() * LoadRequest.TRACES && System.nanoTime() < deadline) {
                LockSupport.parkNanos(20_000_000);
            }
            assertThat(executions(observer)).isEqualTo((long) accepted.get() * LoadRequest.TRACES);
            assertThat(observer.counts().failures()).isZero();
        }
        assertThat(accepted.get()).isPositive();
        try (Observer again = start(store)) {
            assertThat(executions(again)).isEqualTo((long) accepted.get() * LoadRequest.TRACES);
        }
    }

    @Test
    void readingWhileFoldingAndSavingNeitherBlocksNorMiscounts() throws Exception {
        MemoryStore store = new MemoryStore();
        LoadRequest request = new LoadRequest(Instant.now().minusSeconds(60));
        try (Observer observer = start(store)) {
            CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> {
                for (int i = 0; i < 50; i++) {
                    observer.statistics(Optional.empty());
                    observer.workflows().forEach(observer::shares);
                    observer.flush();
                }
            });
            IntStream.range(0, 30).parallel().forEach(number -> {
                byte[] body = request.numbered(number);
                observer.take(new dev.scepsy.planner.receive.ReceivedRequest(
                        dev.scepsy.planner.receive.Signal.TRACES,
                        dev.scepsy.planner.otlp.OtlpDecoder.Form.PROTOBUF,
                        body,
                        false,
                        body));
            });
            reading.join();
            observer.flush();
            assertThat(executions(observer)).isEqualTo(30L * LoadRequest.TRACES);
            assertThat(observer.statistics(Optional.empty()).workflows().stream()
                            .map(WorkflowStatistics::name)
                            .collect(Collectors.toList()))
                    .containsExactlyElementsOf(observer.workflows());
        }
    }
}
