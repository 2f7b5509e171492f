package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The probes of one run of a container: first the startup probe, then readiness and liveness together. */
final class PodProbes {

    /** Hears what the probes find. */
    interface Listener {
        /** {@link #isStartedUp} or {@link #answersReady} has changed. */
        void changed();

        /** The container has to be restarted. */
        void unhealthy(String message);
    }

    private final KubeletContext context;
    private final int port;
    private final JsonNode container;
    private final Listener listener;
    private final List<HealthProbe> running = new ArrayList<>();
    private boolean startedUp;
    private boolean answersReady;

    /** @param container its spec; a probe it lacks counts as passed */
    PodProbes(KubeletContext context, int port, JsonNode container, Listener listener) {
        this.context = context;
        this.port = port;
        this.container = container;
        this.listener = listener;
        this.startedUp = !container.has("startupProbe");
        this.answersReady = !container.has("readinessProbe");
        if (startedUp) {
            startSteady();
        } else {
            start("startupProbe", this::heardStartup);
        }
    }

    boolean isStartedUp() {
        return startedUp;
    }

    boolean answersReady() {
        return answersReady;
    }

    void stop() {
        running.forEach(HealthProbe::stop);
        running.clear();
    }

    private void heardStartup(boolean well) {
        if (well) {
            startedUp = true;
            stop();
            startSteady();
            listener.changed();
        } else {
            listener.unhealthy("Container engine failed startup probe, will be restarted");
        }
    }

    private void startSteady() {
        if (container.has("readinessProbe")) {
            start("readinessProbe", well -> {
                if (well != answersReady) {
                    answersReady = well;
                    listener.changed();
                }
            });
        }
        if (container.has("livenessProbe")) {
            start("livenessProbe", well -> {
                if (!well) {
                    listener.unhealthy("Container engine failed liveness probe, will be restarted");
                }
            });
        }
    }

    private void start(String name, Consumer<Boolean> verdict) {
        running.add(new HealthProbe(context.http(), context.clock(), port, container.path(name), verdict));
    }
}
