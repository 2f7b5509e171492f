package dev.scepsy.planner.cluster;

import dev.scepsy.planner.transition.Engine;
import dev.scepsy.planner.transition.Step;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells whoever looks with {@code kubectl describe} or {@code kubectl get events} what a push does: an Event at every Deployment
 * that it changes, and at the config map of plans for the push as a whole. Written on a thread of its own, so that a slow server
 * delays no step; an event that cannot be written is counted and said once, at the end, and stops nothing.
 */
final class PushEvents implements Consumer<PushEvent>, AutoCloseable {

    /** Events that may wait to be written; a wave of a large plan starts some hundred engines at once. */
    static final int MOST_WAITING = 2000;

    /** Given to what waits when the push has ended, s. */
    static final int MOST_SECONDS_AT_END = 5;

    /** After so many failures in a row nothing more is tried. */
    static final int MOST_FAILURES = 3;

    /** The API server takes no more. */
    private static final int LONGEST_MESSAGE = 1024;

    private static final int NAME_LENGTH = 200;

    private final KubernetesCluster cluster;
    private final InstantSource clock;
    private final String holder;
    private final Consumer<PushEvent> next;
    private final AtomicInteger unwritten = new AtomicInteger();
    private final AtomicInteger failuresInARow = new AtomicInteger();
    private final AtomicReference<@Nullable String> reason = new AtomicReference<>();
    private final AtomicInteger number = new AtomicInteger();
    private final ThreadPoolExecutor writer;
    private String planId = "";

    /** @param next hears everything too, first */
    PushEvents(KubernetesCluster cluster, InstantSource clock, String holder, Consumer<PushEvent> next) {
        this.cluster = cluster;
        this.clock = clock;
        this.holder = holder;
        this.next = next;
        this.writer =
                new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MOST_WAITING), work -> {
                    Thread thread = new Thread(work, "scepsy-push-events");
                    thread.setDaemon(true);
                    return thread;
                });
    }

    @Override
    public void accept(PushEvent event) {
        next.accept(event);
        if (event instanceof PushEvent.Planned planned) {
            planId = planned.planId();
            ofPlan(
                    "Normal",
                    "PushBegan",
                    "Plan " + planId + ": " + planned.steps().size() + " step(s) begin.");
        } else if (event instanceof PushEvent.Started started && started.step() instanceof Step.Stop) {
            ofEngine(started.step(), "EngineStopping", "is drained and stopped", started.number(), started.of());
        } else if (event instanceof PushEvent.Finished finished) {
            boolean starts = finished.step() instanceof Step.Start;
            ofEngine(
                    finished.step(),
                    starts ? "EngineStarted" : "EngineStopped",
                    (starts ? "serves after " : "is gone after ") + Math.round(finished.seconds()) + " s",
                    finished.number(),
                    finished.of());
        } else if (event instanceof PushEvent.RollingBack back) {
            ofPlan("Warning", "PushFailed", back.reason() + " What ran before is being restored.");
        }
    }

    /** How the push ended; a refused one has changed nothing and leaves no event. */
    void ended(PushOutcome outcome) {
        if (outcome instanceof PushOutcome.Applied applied) {
            ofPlan(
                    "Normal",
                    "PlanApplied",
                    "Plan " + applied.planId() + " is served after "
                            + applied.done().size() + " step(s).");
        } else if (outcome instanceof PushOutcome.RolledBack back) {
            ofPlan("Warning", "PlanRolledBack", "Plan " + planId + " was taken back: " + back.reason());
        } else if (outcome instanceof PushOutcome.StoppedMidway stopped) {
            ofPlan(
                    "Warning",
                    "PushStopped",
                    "Plan " + planId + " stopped midway, " + stopped.left().size() + " step(s) left: "
                            + stopped.reason());
        }
    }

    private void ofEngine(Step step, String eventReason, String what, int step1, int of) {
        Engine engine = step.engine();
        String deployment = Names.deployment(engine);
        write(
                "Normal",
                eventReason,
                "Engine " + engine + " " + what + " (plan " + planId + ", step " + step1 + " of " + of + ").",
                "apps/v1",
                "Deployment",
                deployment,
                () -> cluster.found(
                        Deployment.class,
                        "/apis/apps/v1/namespaces/" + cluster.namespace() + "/deployments/" + deployment));
    }

    private void ofPlan(String type, String eventReason, String message) {
        write(
                type,
                eventReason,
                message,
                "v1",
                "ConfigMap",
                PlanRecord.NAME,
                () -> cluster.found(
                        ConfigMap.class,
                        "/api/v1/namespaces/" + cluster.namespace() + "/configmaps/" + PlanRecord.NAME));
    }

    private void write(
            String type,
            String eventReason,
            String message,
            String apiVersion,
            String kind,
            String name,
            java.util.function.Supplier<Optional<? extends HasMetadata>> regarding) {
        Instant at = clock.instant();
        Runnable work = () -> {
            if (failuresInARow.get() >= MOST_FAILURES) {
                unwritten.incrementAndGet();
                return;
            }
            try {
                // kubectl describe finds events by the object's uid
                String uid = regarding
                        .get()
                        .map(found -> found.getMetadata().getUid())
                        .orElse(null);
                cluster.create(event(type, eventReason, message, apiVersion, kind, name, uid, at));
                failuresInARow.set(0);
            } catch (KubernetesClientException refused) {
                unwritten.incrementAndGet();
                failuresInARow.incrementAndGet();
                reason.compareAndSet(null, KubernetesCluster.refusal(refused));
            }
        };
        try {
            writer.execute(work);
        } catch (RejectedExecutionException full) {
            unwritten.incrementAndGet();
            reason.compareAndSet(null, "more than " + MOST_WAITING + " waited to be written");
        }
    }

    private Event event(
            String type,
            String eventReason,
            String message,
            String apiVersion,
            String kind,
            String name,
            @Nullable String uid,
            Instant at) {
        String second = at.truncatedTo(ChronoUnit.SECONDS).toString();
        return new EventBuilder()
                .withNewMetadata()
                .withName((name.length() > NAME_LENGTH ? name.substring(0, NAME_LENGTH) : name) + "."
                        + Long.toHexString(at.toEpochMilli()) + "-" + Integer.toHexString(number.incrementAndGet()))
                .withNamespace(cluster.namespace())
                .addToLabels(Names.MANAGED_BY, Names.FIELD_MANAGER)
                .endMetadata()
                .withNewInvolvedObject()
                .withApiVersion(apiVersion)
                .withKind(kind)
                .withNamespace(cluster.namespace())
                .withName(name)
                .withUid(uid)
                .endInvolvedObject()
                .withType(type)
                .withReason(eventReason)
                .withMessage(message.length() > LONGEST_MESSAGE ? message.substring(0, LONGEST_MESSAGE) : message)
                .withCount(1)
                .withFirstTimestamp(second)
                .withLastTimestamp(second)
                .withNewSource()
                .withComponent(Names.FIELD_MANAGER)
                .endSource()
                .withReportingComponent("scepsy.dev/" + Names.FIELD_MANAGER)
                .withReportingInstance(holder)
                .build();
    }

    /** Writes what waits, for a few seconds at most, and says what could not be written. */
    @Override
    public void close() {
        writer.shutdown();
        try {
            if (!writer.awaitTermination(MOST_SECONDS_AT_END, TimeUnit.SECONDS)) {
                unwritten.addAndGet(writer.shutdownNow().size());
                reason.compareAndSet(null, "the API server took too long");
            }
        } catch (InterruptedException asked) {
            writer.shutdownNow();
            Thread.currentThread().interrupt();
        }
        if (unwritten.get() > 0) {
            next.accept(
                    new PushEvent.Note(unwritten.get() + " Kubernetes event(s) about this push could not be written ("
                            + reason.get()
                            + "); the push itself is not concerned. The role in docs/reference/kubernetes-calls.md"
                            + " has the right to create events."));
        }
    }
}
