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
    private final String host;
    private final int port;
    private final JsonNode container;
    private final Listener listener;
    private final List<HealthProbe> running = new ArrayList<>();
    private boolean startedUp;
    private boolean answersReady;
    private boolean leaving;

    /**
     * @param port where it listens; 0: where each probe says
     * @param container its spec; a probe it lacks counts as passed
     */
    PodProbes(KubeletContext context, String host, int port, JsonNode container, Listener listener) {
        this.context = context;
        this.host = host;
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

    /** The pod is terminating: as the kubelet does, only readiness is looked at from now on. */
    void leave() {
        leaving = true;
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
        } else if (!leaving) {
            listener.unhealthy(
                    "Container " + container.path("name").asText() + " failed startup probe, will be restarted");
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
                if (!well && !leaving) {
                    listener.unhealthy("Container " + container.path("name").asText()
                            + " failed liveness probe, will be restarted");
                }
            });
        }
    }

    private void start(String name, Consumer<Boolean> verdict) {
        JsonNode probe = container.path(name);
        int asked = port > 0 ? port : port(probe.path("httpGet").path("port"));
        running.add(new HealthProbe(context.http(), context.clock(), host, asked, probe, verdict));
    }

    private int port(JsonNode named) {
        if (named.isInt()) {
            return named.asInt();
        }
        for (JsonNode each : container.path("ports")) {
            if (each.path("name").asText("").equals(named.asText())) {
                return each.path("containerPort").asInt();
            }
        }
        // Nobody listens at a name that no port has.
        return 1;
    }
}
