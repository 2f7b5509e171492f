package dev.scepsy.javaagent.hook;

import dev.scepsy.javaagent.install.HookTable;
import dev.scepsy.javaagent.install.Lambda;
import dev.scepsy.javaagent.install.Target;
import dev.scepsy.javaagent.trace.GenAi;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.OperationKind;
import dev.scepsy.javaagent.trace.StreamState;
import dev.scepsy.javaagent.trace.Token;
import dev.scepsy.javaagent.trace.Tracer;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Models without a conversation: embedding, scoring, moderation, image, language, audio. One hook for all of them, whether
 * they answer at once or with a future.
 */
final class ModelHooks {

    private final Tracer tracer;

    ModelHooks(Tracer tracer) {
        this.tracer = tracer;
    }

    void register(HookTable hooks) {
        hooks.put(Target.EMBEDDING, (self, arguments) -> call(OperationKind.EMBEDDINGS, self, arguments[0]));
        hooks.put(Target.SCORING, (self, arguments) -> call(OperationKind.RERANK, self, arguments[0]));
        hooks.put(Target.MODERATION, (self, arguments) -> call(OperationKind.MODERATION, self, arguments[0]));
        hooks.put(Target.IMAGE, (self, arguments) -> call(OperationKind.IMAGE, self, arguments[0]));
        hooks.put(Target.LANGUAGE, (self, arguments) -> call(OperationKind.TEXT_COMPLETION, self, arguments[0]));
        hooks.put(Target.TRANSCRIPTION, (self, arguments) -> call(OperationKind.TRANSCRIPTION, self, arguments[0]));
        hooks.put(Target.SPEECH, (self, arguments) -> call(OperationKind.SPEECH, self, arguments[0]));
    }

    private @Nullable Token call(OperationKind kind, @Nullable Object model, @Nullable Object request) {
        if (model == null) {
            return null;
        }
        Operation current = tracer.current();
        if (current != null && current.isCallOf(kind, model)) {
            return null;
        }
        Operation operation = tracer.begin(kind, "", model);
        Wrapping.begins(current, operation, request);
        ContentCapture.OF_THIS_JVM.begun(operation);
        return new Token(tracer, operation) {
            @Override
            protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                if (request != null && Responses.modelNamedBy(request) instanceof String name) {
                    operation.put(GenAi.REQUEST_MODEL, name);
                }
                describe(operation, model);
                if (error == null && result instanceof CompletionStage<?> stage) {
                    Wrapping.promises(operation, stage);
                    stage.whenComplete((response, failure) -> end(operation, response, failure));
                } else {
                    end(operation, result, error);
                }
                return result;
            }
        };
    }

    private static void end(Operation operation, @Nullable Object response, @Nullable Throwable error) {
        try {
            Wrapping.answers(operation, response, error);
            if (response != null) {
                Responses.describe(operation, response);
            }
        } finally {
            StreamState.end(operation, error);
        }
    }

    /** Model, provider and the span's name. */
    static void describe(Operation operation, Object model) {
        if (!(operation.get(GenAi.REQUEST_MODEL) instanceof String)) {
            operation.put(GenAi.REQUEST_MODEL, ModelNames.of(model));
        }
        operation.name(operation.kind().operationName() + " " + operation.get(GenAi.REQUEST_MODEL));
        operation.put(
                GenAi.PROVIDER_NAME, model instanceof Lambda lambda ? lambda.modelName() : Providers.nameOf(model));
    }
}
