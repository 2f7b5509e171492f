package dev.scepsy.planner.simulate;

import java.util.Map;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

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

    /** Of the calls made so far, where some continue others. */
    private final @Nullable Conversation[] conversations;

    private final long firstConversation;

    /**
     * @param number unique among the executions of the simulation
     * @param ended gets the seconds it took
     * @param failed runs when a call of it is lost; calls under way go on, no other starts
     */
    RunningExecution(
            ExecutionScript script,
            Map<String, ModelService> services,
            EventQueue events,
            long number,
            DoubleConsumer ended,
            Runnable failed) {
        this.script = script;
        this.services = services;
        this.events = events;
        this.ended = ended;
        this.failed = failed;
        this.startSeconds = events.nowSeconds();
        this.unfinishedCalls = script.calls().size();
        this.conversations = new Conversation[script.hasConversations() ? unfinishedCalls : 0];
        this.firstConversation = number << 20;
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
            service.call(call, blocks(number, call), () -> done(number), this::fail);
        }
    }

    private @Nullable PromptBlocks blocks(int number, CallScript call) {
        if (!script.hasConversations()) {
            return null;
        }
        int tokens = call.inputTokens() + call.outputTokens();
        Conversation continued =
                call.continues().isPresent() ? conversations[call.continues().getAsInt()] : null;
        conversations[number] = new Conversation(firstConversation + number, tokens, continued);
        return conversations[number];
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
