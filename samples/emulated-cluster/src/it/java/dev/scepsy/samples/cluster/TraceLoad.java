package dev.scepsy.samples.cluster;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * An application's spans without the application: executions of workflow {@code research} (a generator's call, then a few of the
 * critic, one after the other) as OTLP over HTTP, at a rate, each sent when it ends. What was refused or did not arrive is sent again, as
 * exporters do.
 */
final class TraceLoad implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final String url;
    private final Supplier<Instant> now;
    private final Random random;
    private final AtomicLong acknowledged = new AtomicLong();
    private volatile double criticCalls = 2;
    private long number;

    private TraceLoad(ServiceProcess service, long seed) {
        this.url = service.otlpUrl() + "/v1/traces";
        this.now = service::now;
        this.random = new Random(seed);
    }

    /** @param perSecond executions per real second */
    static TraceLoad start(ServiceProcess service, double perSecond, long seed) {
        TraceLoad load = new TraceLoad(service, seed);
        load.clock.scheduleAtFixedRate(load::execution, 0, Math.round(1e6 / perSecond), TimeUnit.MICROSECONDS);
        return load;
    }

    /** Mean calls of the critic per execution from now on. */
    void criticCalls(double mean) {
        criticCalls = mean;
    }

    /** Executions that the receiver has taken. */
    long acknowledged() {
        return acknowledged.get();
    }

    void awaitAcknowledged(long count) {
        Engines.await(count + " executions", () -> acknowledged() >= count);
    }

    private void execution() {
        String body = request();
        while (!sent(body)) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            if (clock.isShutdown()) {
                return;
            }
        }
        acknowledged.incrementAndGet();
    }

    private boolean sent(String body) {
        try {
            return http.send(
                                    HttpRequest.newBuilder(URI.create(url))
                                            .timeout(PATIENCE)
                                            .header("Content-Type", "application/json")
                                            .POST(HttpRequest.BodyPublishers.ofString(body))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .statusCode()
                    == 200;
        } catch (IOException notNow) {
            return false;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private String request() {
        long execution = number++;
        String trace = "%016x%016x".formatted(random.nextLong(), execution + 1);
        String root = "%016x".formatted(execution * 100 + 1);
        int critics = (int) Math.floor(criticCalls + random.nextDouble());
        long end = now.get().toEpochMilli();
        long at = end;
        StringBuilder spans = new StringBuilder();
        for (int call = critics; call >= 0; call--) {
            long millis = 1000 + random.nextInt(call == 0 ? 4000 : 2000);
            spans.append(span(
                            trace,
                            "%016x".formatted(execution * 100 + 2 + call),
                            root,
                            "chat",
                            at - millis,
                            at,
                            attribute("gen_ai.operation.name", "chat")
                                    + "," + attribute("gen_ai.request.model", call == 0 ? "generator" : "critic")
                                    + "," + number("gen_ai.usage.input_tokens", 200 + random.nextInt(100))
                                    + "," + number("gen_ai.usage.output_tokens", 50 + random.nextInt(50))))
                    .append(',');
            at -= millis;
        }
        spans.append(span(
                trace,
                root,
                "",
                "research",
                at - 20,
                end,
                attribute("gen_ai.operation.name", "invoke_workflow") + ","
                        + attribute("gen_ai.workflow.name", "research")));
        return "{\"resourceSpans\":[{\"resource\":{\"attributes\":[" + attribute("service.name", "load")
                + "]},\"scopeSpans\":[{\"spans\":[" + spans + "]}]}]}";
    }

    private static String span(
            String trace, String id, String parent, String name, long startMillis, long endMillis, String attributes) {
        return "{\"traceId\":\"" + trace + "\",\"spanId\":\"" + id + "\",\"parentSpanId\":\"" + parent
                + "\",\"name\":\"" + name + "\",\"kind\":1,\"startTimeUnixNano\":\"" + startMillis
                + "000000\",\"endTimeUnixNano\":\"" + endMillis + "000000\",\"attributes\":[" + attributes + "]}";
    }

    private static String attribute(String key, String value) {
        return "{\"key\":\"" + key + "\",\"value\":{\"stringValue\":\"" + value + "\"}}";
    }

    private static String number(String key, long value) {
        return "{\"key\":\"" + key + "\",\"value\":{\"intValue\":\"" + value + "\"}}";
    }

    /** Sends no more. */
    @Override
    public void close() {
        clock.shutdownNow();
        try {
            clock.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
