package dev.scepsy.javaagent.hook;

import dev.scepsy.javaagent.install.HookTable;
import dev.scepsy.javaagent.install.Target;
import dev.scepsy.javaagent.trace.CoroutineElement;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.Token;
import dev.scepsy.javaagent.trace.Tracer;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reactor's, RxJava's, Mutiny's and Kotlin's own places for things that travel with a pipeline or coroutine: what a scheduler is handed works
 * under the operation it was handed over in, a callback under the one it was assembled in, a coroutine under the one it was
 * started in.
 */
final class PipelineHooks {

    private final Tracer tracer;

    PipelineHooks(Tracer tracer) {
        this.tracer = tracer;
    }

    void register(HookTable hooks) {
        for (Target schedule : List.of(Target.REACTOR_SCHEDULE, Target.RX_SCHEDULE)) {
            hooks.put(
                    schedule,
                    (self, arguments) -> exchanging(task -> tracer.capture(task, Runnable.class.descriptorString())));
        }
        hooks.put(Target.MUTINY_CALLBACK, (self, arguments) -> exchanging(tracer::assembled));
        for (Target publisher : List.of(Target.FLOW_PUBLISHER, Target.REACTIVE_STREAMS_PUBLISHER)) {
            hooks.put(publisher, (self, arguments) -> tracer.publications().subscribe(self, arguments));
        }
        hooks.put(Target.COROUTINE_CONTEXT, (self, arguments) -> exchanging(this::carrying));
    }

    /** The context of a coroutine that is started here. */
    private Object carrying(Object context) {
        Operation current = tracer.current();
        Object with = current == null ? null : CoroutineElement.in(context, current);
        return with == null ? context : with;
    }

    private @Nullable Token exchanging(UnaryOperator<Object> captured) {
        Operation current = tracer.current();
        return current == null
                ? null
                : new Token(tracer, current) {
                    @Override
                    protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                        // The thread has been restored to what it was at: the same operation.
                        return result == null || error != null ? result : captured.apply(result);
                    }
                };
    }
}
