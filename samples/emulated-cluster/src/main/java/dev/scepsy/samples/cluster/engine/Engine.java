package dev.scepsy.samples.cluster.engine;

import dev.scepsy.planner.simulate.EngineCore;
import dev.scepsy.planner.simulate.StepOutcome;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * One emulated vLLM: the steppable engine core on the cluster's event clock. It loads, serves, drains and stops as its
 * pod's life goes. Confined to the event loop.
 */
public final class Engine {

    /** Where an engine is in its life. */
    public enum State {
        LOADING,
        SERVING,
        STOPPED
    }

    private final EngineSpec spec;
    private final EventClock clock;
    private final EngineCore core;
    private final EngineMetrics metrics;
    private final @Nullable EngineSpans spans;
    private final Map<Long, EngineRequest> requests = new HashMap<>();
    private final Deque<EngineRequest> notAdmitted = new ArrayDeque<>();
    private State state = State.LOADING;
    private boolean healthy = true;
    private EventClock.@Nullable Event step;
    private double stepStartedSeconds;
    private int notYetSubmitted;
    private long lastRequestId;

    public Engine(EngineSpec spec, EventClock clock) {
        this.spec = spec;
        this.clock = clock;
        this.core = new EngineCore(spec.model());
        this.metrics = new EngineMetrics(
                spec.name(), spec.maxModelLength(), InstantSource.system().millis() / 1000.0);
        this.spans = spec.tracesEndpoint()
                .map(endpoint -> new EngineSpans(endpoint, spec.name(), clock, InstantSource.system()))
                .orElse(null);
    }

    public EngineSpec spec() {
        return spec;
    }

    public State state() {
        return state;
    }

    /** The model is in memory. */
    public void serve() {
        state = State.SERVING;
        spec.gpus().forEach(gpu -> gpu.add(this));
    }

    /** A fault: the engine serves on, but says that it is ill. */
    public void setHealthy(boolean healthy) {
        this.healthy = healthy;
    }

    /** A fault: all steps from the next one on take so many times as long, and its metrics say what they took; 1: it is well. */
    public void setSlowness(double factor) {
        core.setSlowness(factor);
    }

    /** What {@code /health} says. */
    public boolean isHealthy() {
        return state == State.SERVING && healthy;
    }

    /** Requests inside, those included that have not reached the scheduler. */
    public int load() {
        return requests.size() + notYetSubmitted;
    }

    /** Time spent in steps, emulated seconds. */
    public double busySeconds() {
        return core.busySeconds();
    }

    public double kvCacheUsage() {
        return core.kvCacheUsage();
    }

    /** Every request inside is lost; the engine will never do anything again. */
    public void stop() {
        if (state == State.SERVING) {
            if (step != null) {
                idle();
            }
            spec.gpus().forEach(gpu -> gpu.remove(this));
        }
        state = State.STOPPED;
        List<EngineRequest> lost = new ArrayList<>(requests.values());
        requests.clear();
        notAdmitted.clear();
        lost.forEach(request -> request.listener().lost());
    }

    /** What it publishes at {@code /metrics}. */
    public String metrics() {
        return metrics.write(core, notYetSubmitted);
    }

    /** Whether prompt and answer fit into the model's window and the cache. */
    boolean canHold(int inputTokens, int outputTokens) {
        return inputTokens + outputTokens <= spec.maxModelLength() && core.canHold(inputTokens, outputTokens);
    }

    /**
     * Takes a request in. It reaches the scheduler after what tokenising and the front end take.
     *
     * @return its id, for {@link #abort}
     */
    long submit(EngineRequest request) {
        long id = ++lastRequestId;
        notYetSubmitted++;
        clock.after(spec.model().firstTokenOverheadSeconds(request.inputTokens()), () -> {
            notYetSubmitted--;
            if (state != State.SERVING) {
                request.listener().lost();
                return;
            }
            requests.put(id, request);
            notAdmitted.addLast(request);
            updateContention();
            core.submit(id, request.inputTokens(), request.outputTokens(), clock.nowSeconds());
            noteAdmissions(clock.nowSeconds());
            scheduleStep(clock.nowSeconds());
        });
        return id;
    }

    /** The client has gone. */
    void abort(long requestId) {
        EngineRequest request = requests.remove(requestId);
        if (request != null && core.abort(requestId)) {
            notAdmitted.remove(request);
            metrics.aborted();
        }
    }

    /** Part of a GPU's bandwidth that it would take right now if it had the GPU for itself, in [0, 1]. */
    double bandwidthDemand() {
        return step == null ? 0 : core.bandwidthDemand();
    }

    private void updateContention() {
        core.setBandwidthContention(
                spec.gpus().stream().mapToDouble(SharedGpu::contention).max().orElse(1));
    }

    private void scheduleStep(double nowSeconds) {
        OptionalDouble end = core.nextStepEndSeconds();
        if (end.isPresent() && step == null) {
            stepStartedSeconds = nowSeconds;
            spec.gpus().forEach(gpu -> gpu.activated(nowSeconds));
            step = clock.at(end.getAsDouble(), this::completeStep);
        }
    }

    private void completeStep() {
        if (state != State.SERVING) {
            return;
        }
        double now = clock.nowSeconds();
        double stepSeconds = now - stepStartedSeconds;
        spec.gpus()
                .forEach(gpu -> gpu.computed(stepSeconds, spec.model().setup().gpuFraction()));
        updateContention();
        StepOutcome outcome = core.completeStep();
        noteAdmissions(now);
        OptionalDouble next = core.nextStepEndSeconds();
        if (next.isPresent()) {
            stepStartedSeconds = now;
            step = clock.at(next.getAsDouble(), this::completeStep);
        } else {
            idle();
        }
        outcome.tokens().forEach(id -> {
            EngineRequest request = requests.get(id);
            if (request != null) {
                request.token(now, metrics);
            }
        });
        outcome.finished().forEach(id -> {
            EngineRequest request = requests.remove(id);
            if (request != null) {
                request.finished(now);
                metrics.finished(request, now, spec.model().setup().prefixCacheHitRate());
                if (spans != null) {
                    spans.finished(request, now);
                }
                request.listener().finished();
            }
        });
    }

    private void idle() {
        EventClock.Event pending = step;
        if (pending != null) {
            pending.cancel();
        }
        step = null;
        spec.gpus().forEach(gpu -> gpu.idled(clock.nowSeconds()));
    }

    // Admission is first come, first served, so the number still waiting says who was admitted.
    private void noteAdmissions(double nowSeconds) {
        while (notAdmitted.size() > core.waiting()) {
            notAdmitted.removeFirst().admitted(nowSeconds);
        }
    }
}
