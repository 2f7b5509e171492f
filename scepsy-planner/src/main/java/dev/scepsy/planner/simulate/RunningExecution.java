package dev.scepsy.planner.simulate;

import java.util.Map;
import java.util.function.DoubleConsumer;

/** One execution on its way through its calls. Mutable, confined to its simulation. */
final class RunningExecution {

    private final ExecutionScript script;
    private final Map<String, ModelService> services;
    private final EventQueue events;
    private final DoubleConsumer ended;
    private final double startSeconds;
    private final int[] waitsFor;
    private int unfinishedCalls;

    RunningExecution(
            ExecutionScript script, Map<String, ModelService> services, EventQueue events, DoubleConsumer ended) {
        this.script = script;
        this.services = services;
        this.events = events;
        this.ended = ended;
        this.startSeconds = events.nowSeconds();
        this.unfinishedCalls = script.calls().size();
        this.waitsFor =
                script.calls().stream().mapToInt(call -> call.after().size()).toArray();
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
        events.at(events.nowSeconds() + call.gapSeconds(), () -> run(number, call));
    }

    private void run(int number, CallScript call) {
        ModelService service = call.model().map(services::get).orElse(null);
        if (service == null) {
            events.at(events.nowSeconds() + call.fixedSeconds(), () -> done(number));
        } else {
            service.call(call.inputTokens(), call.outputTokens(), () -> done(number));
        }
    }

    private void done(int number) {
        unfinishedCalls--;
        for (int i = number + 1; i < waitsFor.length; i++) {
            if (script.calls().get(i).after().contains(number) && --waitsFor[i] == 0) {
                startAfterGap(i);
            }
        }
        if (unfinishedCalls == 0) {
            close();
        }
    }

    private void close() {
        double end = events.nowSeconds() + script.closingSeconds();
        events.at(end, () -> ended.accept(end - startSeconds));
    }
}
