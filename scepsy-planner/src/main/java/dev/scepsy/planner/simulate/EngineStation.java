package dev.scepsy.planner.simulate;

import dev.scepsy.planner.profile.EngineModel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** A replica that schedules as vLLM does; neighbours on its GPUs contend for memory bandwidth while they compute. */
final class EngineStation implements Station {

    private final EngineCore engine;
    private final EventQueue events;
    private final List<EngineStation> neighbours = new ArrayList<>();
    private final Map<Long, Runnable> answers = new HashMap<>();
    private boolean stepScheduled;
    private long submitted;
    private long refused;
    private int inside;

    EngineStation(EngineModel model, EventQueue events) {
        this.engine = new EngineCore(model);
        this.events = events;
    }

    void addNeighbour(EngineStation neighbour) {
        neighbours.add(neighbour);
    }

    @Override
    public void submit(int inputTokens, int outputTokens, Runnable done) {
        if (!engine.canHold(inputTokens, outputTokens)) {
            refused++;
            events.at(events.nowSeconds(), done);
            return;
        }
        inside++;
        long id = submitted++;
        double overhead = engine.model().firstTokenOverheadSeconds(inputTokens);
        events.at(events.nowSeconds() + overhead, () -> {
            answers.put(id, done);
            contend();
            engine.submit(id, inputTokens, outputTokens, events.nowSeconds());
            scheduleStep();
        });
    }

    private void scheduleStep() {
        OptionalDouble end = engine.nextStepEndSeconds();
        if (!stepScheduled && end.isPresent()) {
            stepScheduled = true;
            events.at(end.getAsDouble(), this::completeStep);
        }
    }

    private void completeStep() {
        stepScheduled = false;
        contend();
        StepOutcome outcome = engine.completeStep();
        scheduleStep();
        outcome.finished().forEach(id -> {
            Runnable done = answers.remove(id);
            inside--;
            if (done != null) {
                done.run();
            }
        });
    }

    /** Bandwidth is not partitioned: what all demand together beyond one card stretches everybody's traffic. */
    private void contend() {
        if (neighbours.isEmpty()) {
            return;
        }
        double demand = Math.max(engine.bandwidthDemand(), 0);
        for (EngineStation neighbour : neighbours) {
            demand += neighbour.engine.bandwidthDemand();
        }
        engine.setBandwidthContention(Math.max(1, demand));
    }

    @Override
    public int inside() {
        return inside;
    }

    @Override
    public double busySeconds() {
        return engine.busySeconds();
    }

    @Override
    public long refused() {
        return refused;
    }

    @Override
    public long preemptions() {
        return engine.preemptions();
    }

    long steps() {
        return engine.steps();
    }
}
