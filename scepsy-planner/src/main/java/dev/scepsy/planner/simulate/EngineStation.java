package dev.scepsy.planner.simulate;

import dev.scepsy.planner.profile.EngineModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Consumer;

/** A replica that schedules as vLLM does; neighbours on its GPUs contend for memory bandwidth while they compute. */
final class EngineStation implements Station, SimulatedGpu.Tenant {

    /** A call inside, and who wants to know of its end. */
    private record Inside(ServedCall call, Consumer<ServedCall> answered) {}

    private final EngineModel model;
    private final int mostTokens;
    private final EventQueue events;
    private final Runnable stepEnd = this::completeStep;
    private final List<SimulatedGpu> shared = new ArrayList<>();
    private final Map<Long, Inside> inside = new LinkedHashMap<>();
    private EngineCore engine;
    private Tally earlierLives = Tally.NOTHING;
    private boolean stepping;
    private long submitted;
    private long refused;
    private int life;
    private double slowness = 1;

    EngineStation(EngineModel model, OptionalInt mostTokens, EventQueue events) {
        this.model = model;
        this.mostTokens = mostTokens.orElse(Integer.MAX_VALUE);
        this.engine = new EngineCore(model);
        this.events = events;
    }

    @Override
    public void shares(SimulatedGpu gpu) {
        shared.add(gpu);
    }

    @Override
    public void submit(ServedCall call, Consumer<ServedCall> answered) {
        if ((long) call.inputTokens + call.outputTokens > mostTokens
                || !engine.canHold(call.inputTokens, call.outputTokens)) {
            refused++;
            events.at(events.nowSeconds(), () -> answered.accept(call));
            return;
        }
        long id = submitted++;
        int sameLife = life;
        inside.put(id, new Inside(call, answered));
        double overhead = model.firstTokenOverheadSeconds(call.inputTokens);
        events.at(events.nowSeconds() + overhead, () -> {
            if (life == sameLife) {
                contend();
                engine.submit(id, call.inputTokens, call.outputTokens, call.blocks, events.nowSeconds());
                scheduleStep();
            }
        });
    }

    private void scheduleStep() {
        if (!stepping && engine.stepEndSeconds() < Double.POSITIVE_INFINITY) {
            stepping = true;
            events.at(engine.stepEndSeconds(), stepEnd);
        }
    }

    private void completeStep() {
        if (engine.stepEndSeconds() != events.nowSeconds()) {
            // of an engine that has failed since
            return;
        }
        do {
            contend();
            engine.advance();
            for (int i = 0; i < engine.finishedCount(); i++) {
                Inside done = inside.remove(engine.finished(i));
                if (done != null) {
                    done.answered().accept(done.call());
                }
            }
        } while (events.skipTo(engine.stepEndSeconds()));
        stepping = false;
        scheduleStep();
    }

    private void contend() {
        double contention = 1;
        for (int i = 0; i < shared.size(); i++) {
            contention = Math.max(contention, shared.get(i).contention());
        }
        engine.setBandwidthContention(contention);
    }

    @Override
    public double bandwidthDemand() {
        return engine.bandwidthDemand();
    }

    @Override
    public int inside() {
        return inside.size();
    }

    @Override
    public List<ServedCall> fail() {
        List<ServedCall> lost = inside.values().stream().map(Inside::call).toList();
        earlierLives = tally();
        inside.clear();
        engine = new EngineCore(model);
        engine.setSlowness(slowness);
        refused = 0;
        stepping = false;
        life++;
        return lost;
    }

    @Override
    public void restart() {}

    @Override
    public void slow(double factor) {
        slowness = factor;
        engine.setSlowness(factor);
    }

    @Override
    public Tally tally() {
        // the part of the step in progress that is still to come is not work done yet
        double unfinished = Math.max(0, engine.nextStepEndSeconds().orElse(0) - events.nowSeconds());
        return earlierLives.plus(new Tally(
                engine.busySeconds() - unfinished,
                engine.queuedSeconds(),
                engine.firstTokens(),
                engine.firstTokenSeconds(),
                engine.preemptions(),
                refused,
                engine.prefixQueryTokens(),
                engine.prefixHitTokens(),
                engine.steps()));
    }
}
