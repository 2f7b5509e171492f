package dev.scepsy.samples.cluster;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Requests at a fixed rate, whether or not earlier ones were answered, to addresses that a client of the cluster would use. Every third is a
 * stream that takes a while, so that engines that leave have something to finish.
 */
final class OpenLoopLoad implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int SHORT_TOKENS = 16;
    private static final int LONG_TOKENS = 300;

    private final HttpClient http = HttpClient.newHttpClient();
    private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
    private final Queue<CompletableFuture<?>> sent = new ConcurrentLinkedQueue<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger answers = new AtomicInteger();

    private OpenLoopLoad() {}

    /** @param addresses base URL by model, such as {@code http://127.0.0.1:1234/v1} */
    static OpenLoopLoad start(Map<String, String> addresses, double requestsPerSecond) {
        OpenLoopLoad load = new OpenLoopLoad();
        long everyMicros = Math.round(1e6 / requestsPerSecond);
        addresses.forEach((model, address) -> {
            AtomicInteger number = new AtomicInteger();
            load.clock.scheduleAtFixedRate(
                    () -> load.send(model, address, number.getAndIncrement()), 0, everyMicros, TimeUnit.MICROSECONDS);
        });
        return load;
    }

    private void send(String model, String address, int number) {
        boolean streamed = number % 3 == 0;
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/chat/completions"))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"" + model + "\",\"stream\":" + streamed
                        + ",\"ignore_eos\":true,\"max_tokens\":" + (streamed ? LONG_TOKENS : SHORT_TOKENS)
                        + ",\"messages\":[{\"role\":\"user\",\"content\":\"Question " + number + "\"}]}"))
                .build();
        sent.add(http.sendAsync(request, HttpResponse.BodyHandlers.ofString()).handle((response, failure) -> {
            if (failure != null) {
                failures.add(model + " " + number + ": " + failure);
            } else if (response.statusCode() != 200) {
                failures.add(model + " " + number + ": " + response.statusCode() + " " + response.body());
            } else if (streamed && !response.body().contains("data: [DONE]")) {
                failures.add(model + " " + number + ": the stream ended early");
            } else {
                answers.incrementAndGet();
            }
            return response;
        }));
    }

    /** Waits until so many more requests were answered. */
    void awaitAnswers(int more) {
        int wanted = answers.get() + more;
        Engines.await(wanted + " answers", () -> answers.get() >= wanted || !failures.isEmpty());
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    int answers() {
        return answers.get();
    }

    /** Sends no more and waits for what is on its way; how many requests there were. */
    int finish() {
        clock.shutdownNow();
        CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).join();
        return sent.size();
    }

    @Override
    public void close() {
        finish();
    }
}
