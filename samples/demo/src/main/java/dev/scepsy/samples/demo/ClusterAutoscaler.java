package dev.scepsy.samples.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.simulate.Autoscaling;
import dev.scepsy.planner.simulate.HorizontalScaling;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Does on the emulated cluster what {@code simulate --baseline hpa} simulates, as HorizontalPodAutoscalers with a metric of requests would: every
 * 15 emulated seconds it reads what every ready engine has running and waiting, and scales the model's Deployment through the API. Where
 * no engine of a model answers, nothing is done, as the controller does without metrics. One thread, ended by {@link #close}.
 */
final class ClusterAutoscaler implements AutoCloseable {

    /** As {@code simulate} has them where nothing else is said. */
    private static final double REQUESTS_PER_REPLICA = 8;

    private static final int MOST_REPLICAS = 10;

    private static final Pattern INSIDE =
            Pattern.compile("(?m)^vllm:num_requests_(?:running|waiting)(?:\\{[^}]*\\})? (\\S+)");

    private static final class Scaled {
        final HorizontalScaling rule;
        int wanted;
        int told;

        Scaled(int replicas) {
            rule = new HorizontalScaling(1, Math.max(MOST_REPLICAS, replicas), REQUESTS_PER_REPLICA);
            wanted = replicas;
            told = replicas;
        }
    }

    private final ClusterApi api;
    private final ModelDeployments deployments;
    private final ScaledClock clock;
    private final Map<String, Scaled> models = new TreeMap<>();
    private final Thread thread = new Thread(this::run, "autoscaler");
    private long beganNanos;
    private volatile boolean over;
    private volatile int changes;

    private ClusterAutoscaler(ClusterApi api, ScaledClock clock) {
        this.api = api;
        this.deployments = new ModelDeployments(api);
        this.clock = clock;
        thread.setDaemon(true);
    }

    /** Takes over the engines of a plan that serves, and scales them from {@link #begin} on. */
    static ClusterAutoscaler of(ClusterApi api, Plan plan, ScaledClock clock) throws IOException {
        ClusterAutoscaler autoscaler = new ClusterAutoscaler(api, clock);
        autoscaler
                .deployments
                .takeOver(plan)
                .forEach((model, replicas) -> autoscaler.models.put(model, new Scaled(replicas)));
        return autoscaler;
    }

    /** Its seconds count from here. */
    void begin() {
        beganNanos = System.nanoTime();
        thread.start();
    }

    /** How many times it has asked for another number of replicas. */
    int changes() {
        return changes;
    }

    private void run() {
        long due = System.nanoTime();
        while (!over) {
            due += clock.real(Autoscaling.SYNC_SECONDS).toNanos();
            for (long left = due - System.nanoTime(); left > 0 && !over; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            try {
                if (!over) {
                    look();
                }
            } catch (IOException | DemoFailure e) {
                System.out.println("  the autoscaler could not look: " + e.getMessage());
            }
        }
    }

    private void look() throws IOException {
        Map<String, Double> inside = new TreeMap<>();
        for (JsonNode pod : deployments.pods()) {
            if (ModelDeployments.isReady(pod)) {
                try {
                    inside.merge(
                            ModelDeployments.modelOf(pod),
                            inside(pod.path("metadata").path("name").asText()),
                            Double::sum);
                } catch (IOException unanswered) {
                    // It ended meanwhile, or its node is gone: a pod without metrics.
                }
            }
        }
        double now = clock.scaledSeconds(System.nanoTime() - beganNanos);
        for (Map.Entry<String, Scaled> each : models.entrySet()) {
            Double total = inside.get(each.getKey());
            if (total == null) {
                continue;
            }
            Scaled scaled = each.getValue();
            scaled.wanted = scaled.rule.desired(now, Math.max(1, scaled.wanted), total);
            if (scaled.wanted != scaled.told) {
                deployments.scale(each.getKey(), scaled.wanted);
                System.out.printf(
                        Locale.ROOT,
                        "  %6.0f s  autoscaler: %s from %d to %d replicas, %.0f requests inside%n",
                        now,
                        each.getKey(),
                        scaled.told,
                        scaled.wanted,
                        total);
                scaled.told = scaled.wanted;
                changes++;
            }
        }
    }

    private double inside(String pod) throws IOException {
        Matcher gauges = INSIDE.matcher(api.text(ModelDeployments.PODS + "/" + pod + ":8000/proxy/metrics"));
        double sum = 0;
        while (gauges.find()) {
            sum += Double.parseDouble(gauges.group(1));
        }
        return sum;
    }

    @Override
    public void close() {
        over = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
