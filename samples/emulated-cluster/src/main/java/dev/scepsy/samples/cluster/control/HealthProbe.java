package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.samples.cluster.engine.EventClock;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks a container over HTTP, every period, whether it is well, and reports when its mind is made up. */
final class HealthProbe {
    /** Real time: whoever is asked is never busy for so long. */
    private static final long TIMEOUT_MILLIS = 5000;

    private final HttpClient http;
    private final EventClock clock;
    private final String host;
    private final int port;
    private final String path;
    private final double periodSeconds;
    private final int failureThreshold;
    private final int successThreshold;
    private final Consumer<Boolean> verdict;
    private EventClock.@Nullable Event next;
    private int successes;
    private int failures;

    /**
     * @param probe a {@code startupProbe}, {@code readinessProbe} or {@code livenessProbe}; its seconds are emulated
     * @param verdict called with true after enough successes in a row, with false after enough failures, each time anew
     */
    HealthProbe(HttpClient http, EventClock clock, String host, int port, JsonNode probe, Consumer<Boolean> verdict) {
        this.http = http;
        this.clock = clock;
        this.host = host;
        this.port = port;
        this.path = probe.path("httpGet").path("path").asText("/health");
        this.periodSeconds = Math.max(1, probe.path("periodSeconds").asInt(10));
        this.failureThreshold = Math.max(1, probe.path("failureThreshold").asInt(3));
        this.successThreshold = Math.max(1, probe.path("successThreshold").asInt(1));
        this.verdict = verdict;
        this.next = clock.after(probe.path("initialDelaySeconds").asInt(0), this::ask);
    }

    void stop() {
        EventClock.Event pending = next;
        next = null;
        if (pending != null) {
            pending.cancel();
        }
    }

    private void ask() {
        http.request(new RequestOptions()
                        .setMethod(HttpMethod.GET)
                        .setHost(host)
                        .setPort(port)
                        .setURI(path)
                        .setTimeout(TIMEOUT_MILLIS))
                .compose(request -> request.send())
                .onComplete(
                        answer -> heard(answer.succeeded() && answer.result().statusCode() < 400));
    }

    private void heard(boolean well) {
        if (next == null) {
            return;
        }
        successes = well ? successes + 1 : 0;
        failures = well ? 0 : failures + 1;
        next = clock.after(periodSeconds, this::ask);
        if (successes >= successThreshold) {
            verdict.accept(true);
        } else if (failures >= failureThreshold) {
            verdict.accept(false);
        }
    }
}
