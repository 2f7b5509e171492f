package dev.scepsy.javaagent.hook;

import dev.scepsy.javaagent.install.HookTable;
import dev.scepsy.javaagent.install.Target;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.OperationKind;
import dev.scepsy.javaagent.trace.Token;
import dev.scepsy.javaagent.trace.Tracer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The application's listeners: what one calls (a judge of the answer, say) is not part of the call that it listens to, but of
 * what made that call.
 */
final class ListenerHooks {

    private final Tracer tracer;

    ListenerHooks(Tracer tracer) {
        this.tracer = tracer;
    }

    void register(HookTable hooks) {
        List.of(Target.CHAT_LISTENER, Target.EMBEDDING_LISTENER, Target.MODERATION_LISTENER, Target.RETRIEVER_LISTENER)
                .forEach(target -> hooks.put(target, (self, arguments) -> beside()));
    }

    private @Nullable Token beside() {
        Operation heard = tracer.current();
        if (heard == null || !isHeard(heard)) {
            return null;
        }
        Operation around = heard;
        while (around != null && isHeard(around)) {
            around = around.parent();
        }
        return new Token(tracer, around) {
            @Override
            protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                return result;
            }
        };
    }

    private static boolean isHeard(Operation operation) {
        return operation.kind().isModelCall() || operation.kind() == OperationKind.RETRIEVAL;
    }
}
