package dev.scepsy.samples.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Listens to the service's events, and again from the last one where the connection ends. Thread-safe. */
final class ServiceEvents implements AutoCloseable {

    private static final long PAUSE_NANOS = 300_000_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * One event.
     *
     * @param data what it says; an empty object where that is no JSON
     * @param receivedNanos by {@code System.nanoTime()}
     */
    record Event(String type, JsonNode data, long receivedNanos) {}

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final List<Event> events = new CopyOnWriteArrayList<>();
    private final URI address;
    private final Thread thread = new Thread(this::listen, "service-events");
    private volatile boolean over;
    private String lastId = "";

    ServiceEvents(URI web) {
        this.address = web.resolve("/api/v1/events");
        thread.setDaemon(true);
        thread.start();
    }

    /** All so far. */
    List<Event> all() {
        return List.copyOf(events);
    }

    private void listen() {
        while (!over) {
            HttpRequest.Builder request = HttpRequest.newBuilder(address).header("Accept", "text/event-stream");
            if (!lastId.isEmpty()) {
                request.header("Last-Event-ID", lastId);
            }
            try {
                HttpResponse<Stream<String>> answer = http.send(request.build(), BodyHandlers.ofLines());
                try (Stream<String> lines = answer.body()) {
                    read(lines);
                }
            } catch (IOException | RuntimeException again) {
                LockSupport.parkNanos(PAUSE_NANOS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** As server-sent events are written: fields by line, an event ends with an empty one. */
    private void read(Stream<String> lines) {
        StringBuilder data = new StringBuilder();
        String type = "message";
        for (String line : (Iterable<String>) lines::iterator) {
            String value = line.substring(Math.min(line.length(), line.indexOf(':') + 1))
                    .stripLeading();
            if (line.startsWith("id:")) {
                lastId = value;
            } else if (line.startsWith("event:")) {
                type = value;
            } else if (line.startsWith("data:")) {
                data.append(value);
            } else if (line.isEmpty() && data.length() > 0) {
                events.add(new Event(type, json(data.toString()), System.nanoTime()));
                data.setLength(0);
                type = "message";
            }
        }
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException noJson) {
            return JSON.createObjectNode();
        }
    }

    @Override
    public void close() {
        over = true;
        thread.interrupt();
    }
}
