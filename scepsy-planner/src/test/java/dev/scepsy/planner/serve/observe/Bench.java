package dev.scepsy.planner.serve.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.otlp.OtlpDecoder.Form;
import dev.scepsy.planner.receive.Outcome;
import dev.scepsy.planner.receive.ReceivedRequest;
import dev.scepsy.planner.receive.Signal;
import dev.scepsy.planner.serve.journal.StatisticsStore;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.settings.ServeSettings.StatisticsSettings;
import dev.scepsy.planner.serve.settings.ServiceTime;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An observer without threads whose times are the test's. */
final class Bench {

    static final StatisticsSettings SETTINGS = new StatisticsSettings(
            Duration.ofHours(24), 30, Duration.ofSeconds(10), Duration.ofMinutes(15), 100_000, 1, "default");

    /** Noon of a day, at a whole hour. */
    static final Instant START = Instant.parse("2026-03-02T12:00:00Z");

    static final class Times implements ServiceTime {
        Instant now = START;
        long steadyNanos;

        void pass(Duration time) {
            now = now.plus(time);
            steadyNanos += time.toNanos();
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public Duration real(Duration serviceTime) {
            return serviceTime;
        }
    }

    final Times times;
    final MemoryStore store;
    final List<FoldedExecution> folded = new ArrayList<>();
    boolean leads = true;

    /** 0: another one is known to have led. */
    long term = 1;

    Observer observer;

    Bench() {
        this(SETTINGS, new Times(), new MemoryStore());
    }

    Bench(StatisticsSettings settings, Times times, MemoryStore store) {
        this.times = times;
        this.store = store;
        observer = observer(settings, store);
        observer.look();
    }

    private Observer observer(StatisticsSettings settings, StatisticsStore saved) {
        return new Observer(
                settings,
                5,
                saved,
                new Leading() {
                    @Override
                    public boolean now() {
                        return leads;
                    }

                    @Override
                    public long term() {
                        return term;
                    }
                },
                times,
                () -> times.steadyNanos,
                new ServiceLog(new PrintStream(OutputStream.nullOutputStream()), true, times),
                folded::add);
    }

    /** Another process on the same store; nothing was told to the one before. */
    void killAndStart(StatisticsSettings settings) {
        observer = observer(settings, store);
        observer.look();
    }

    Outcome send(List<OtlpBytes.Sent> spans) {
        return send("shop", spans);
    }

    Outcome send(String service, List<OtlpBytes.Sent> spans) {
        return take(Signal.TRACES, OtlpBytes.traces(service, spans));
    }

    Outcome take(Signal signal, byte[] message) {
        Outcome outcome = observer.take(new ReceivedRequest(signal, Form.PROTOBUF, message, false, message));
        observer.drain();
        return outcome;
    }

    void accept(List<OtlpBytes.Sent> spans) {
        assertThat(send(spans)).isEqualTo(Outcome.ACCEPTED);
    }

    void settleAfter(Duration time) {
        times.pass(time);
        observer.settle(false);
    }

    static long nanos(Instant time) {
        return Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano());
    }

    static OtlpBytes.Sent workflow(long trace, String name, Instant start, Duration lasting) {
        return new OtlpBytes.Sent(
                7,
                trace,
                1,
                0,
                "invoke_workflow " + name,
                1,
                nanos(start),
                nanos(start.plus(lasting)),
                "",
                false,
                Map.of("gen_ai.operation.name", "invoke_workflow", "gen_ai.workflow.name", name));
    }

    static OtlpBytes.Sent call(long trace, long span, long parent, String model, Instant start, Duration lasting) {
        return new OtlpBytes.Sent(
                7,
                trace,
                span,
                parent,
                "chat " + model,
                3,
                nanos(start),
                nanos(start.plus(lasting)),
                "",
                false,
                Map.of(
                        "gen_ai.operation.name",
                        "chat",
                        "gen_ai.request.model",
                        model,
                        "gen_ai.usage.input_tokens",
                        100,
                        "gen_ai.usage.output_tokens",
                        20,
                        "gen_ai.input.messages",
                        "secret content"));
    }

    /** Four seconds: one of the planner, two of the writer, one of neither. */
    static List<OtlpBytes.Sent> rag(long trace, Instant start) {
        return List.of(
                workflow(trace, "rag", start, Duration.ofSeconds(4)),
                call(trace, 2, 1, "planner", start, Duration.ofSeconds(1)),
                call(trace, 3, 1, "writer", start.plusSeconds(1), Duration.ofSeconds(2)));
    }
}
