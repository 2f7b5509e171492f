package dev.scepsy.samples.cluster;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** Asks each model one short question after the other until it is closed, and remembers what failed. */
final class RequestLoad implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final AtomicBoolean going = new AtomicBoolean(true);
    private final AtomicInteger answers = new AtomicInteger();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final List<Thread> askers = new ArrayList<>();

    private RequestLoad() {}

    static RequestLoad start(String openAiBaseUrl, List<String> models) {
        RequestLoad load = new RequestLoad();
        HttpClient http = HttpClient.newHttpClient();
        for (String model : models) {
            Thread asker = new Thread(() -> load.ask(http, openAiBaseUrl, model), "asker-" + model);
            load.askers.add(asker);
            asker.start();
        }
        return load;
    }

    private void ask(HttpClient http, String openAiBaseUrl, String model) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(openAiBaseUrl + "/chat/completions"))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"" + model
                        + "\",\"max_tokens\":16,\"messages\":[{\"role\":\"user\",\"content\":\"How are you?\"}]}"))
                .build();
        while (going.get()) {
            try {
                HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
                if (response.statusCode() == 200) {
                    answers.incrementAndGet();
                } else {
                    failures.add(model + ": " + response.statusCode() + " " + response.body());
                }
            } catch (IOException e) {
                failures.add(model + ": " + e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Waits until so many more requests were answered. */
    void awaitAnswers(int more) {
        int wanted = answers.get() + more;
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (answers.get() < wanted && failures.isEmpty() && System.nanoTime() < deadline) {
            Thread.onSpinWait();
            Thread.yield();
        }
        if (answers.get() < wanted && failures.isEmpty()) {
            throw new AssertionError("only " + answers + " of " + wanted + " answers within " + PATIENCE);
        }
    }

    int answers() {
        return answers.get();
    }

    List<String> failures() {
        return List.copyOf(failures);
    }

    @Override
    public void close() throws InterruptedException {
        going.set(false);
        for (Thread asker : askers) {
            asker.join();
        }
    }
}
