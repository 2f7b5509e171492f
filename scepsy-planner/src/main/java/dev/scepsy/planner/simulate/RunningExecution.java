package dev.scepsy.planner.simulate;

import java.util.Map;
import java.util.function.DoubleConsumer;

/** One execution on its way through its calls. Mutable, confined to its simulation. */
final class RunningExecution {

    private final ExecutionScript script;
    private final Map<String, ModelService> services;
    private final EventQueue events;
    private final DoubleConsumer ended;
    private final Runnable failed;
    private final double startSeconds;
    private final int[] waitsFor;
    private int unfinishedCalls;
    private boolean hasFailed;

    /**
     * @param ended gets the seconds it took
     * @param failed runs when a call of it is lost; calls under way go on, no other starts
     */
    RunningExecution(
            ExecutionScript script,
            Map<String, ModelService> services,
            EventQueue events,
            DoubleConsumer ended,
            Runnable failed) {
        this.script = script;
        this.services = services;
        this.events = events;
        this.ended = ended;
        this.failed = failed;
        this.startSeconds = events.nowSeconds();
        this.unfinishedCalls = script.calls().size();
        this.waitsFor = new int[unfinishedCalls];
        for (int i = 0; i < waitsFor.length; i++) {
            waitsFor[i] = script.calls().get(i).after().size();
        }
    }

    void start() {
        if (unfinishedCalls == 0) {
            close();
        }
        for (int i = 0; i < waitsFor.length; i++) {
            if (waitsFor[i] == 0) {
                startAfterGap(i);
            }
        }
    }

    private void startAfterGap(int number) {
        CallScript call = script.calls().get(number);
        if (call.gapSeconds() == 0) {
            run(number, call);
        } else {
            events.at(events.nowSeconds() + call.gapSeconds(), () -> run(number, call));
        }
    }

    private void run(int number, CallScript call) {
        if (hasFailed) {
            return;
        }
        ModelService service = call.model().map(services::get).orElse(null);
        if (service == null) {
            events.at(events.nowSeconds() + call.fixedSeconds(), () -> done(number));
        } else {
            service.call(call, () -> done(number), this::fail);
        }
    }

    private void done(int number) {
        if (hasFailed) {
            return;
        }
        unfinishedCalls--;
        for (int next : script.followers(number)) {
            if (--waitsFor[next] == 0) {
                startAfterGap(next);
            }
        }
        if (unfinishedCalls == 0) {
            close();
        }
    }

    private void fail() {
        if (!hasFailed) {
            hasFailed = true;
            failed.run();
        }
    }

    private void close() {
        double end = events.nowSeconds() + script.closingSeconds();
        events.at(end, () -> ended.accept(end - startSeconds));
    }
}
