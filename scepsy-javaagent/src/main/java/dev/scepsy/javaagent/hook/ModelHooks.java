package dev.scepsy.javaagent.hook;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.scepsy.javaagent.install.HookTable;
import dev.scepsy.javaagent.install.Target;
import dev.scepsy.javaagent.trace.GenAi;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.OperationKind;
import dev.scepsy.javaagent.trace.Token;
import dev.scepsy.javaagent.trace.Tracer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Models without a conversation: embedding, scoring, moderation, image, language, audio. One hook for all of them. */
final class ModelHooks {

    private final Tracer tracer;

    ModelHooks(Tracer tracer) {
        this.tracer = tracer;
    }

    void register(HookTable hooks) {
        hooks.put(Target.EMBEDDING, (self, arguments) -> call(OperationKind.EMBEDDINGS, self));
        hooks.put(Target.SCORING, (self, arguments) -> call(OperationKind.RERANK, self));
        hooks.put(Target.MODERATION, (self, arguments) -> call(OperationKind.MODERATION, self));
        hooks.put(Target.IMAGE, (self, arguments) -> call(OperationKind.IMAGE, self));
        hooks.put(Target.LANGUAGE, (self, arguments) -> call(OperationKind.TEXT_COMPLETION, self));
        hooks.put(Target.TRANSCRIPTION, (self, arguments) -> call(OperationKind.TRANSCRIPTION, self));
    }

    private @Nullable Token call(OperationKind kind, @Nullable Object model) {
        if (model == null) {
            return null;
        }
        Operation current = tracer.current();
        if (current != null && current.isCallOf(kind, model)) {
            return null;
        }
        Operation operation = tracer.begin(kind, "", model);
        return new Token(tracer, operation) {
            @Override
            protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                try {
                    String name = nameOf(model);
                    operation.name(kind.operationName() + " " + name);
                    operation.put(GenAi.REQUEST_MODEL, name);
                    operation.put(GenAi.PROVIDER_NAME, Providers.ofClass(model.getClass()));
                    if (result instanceof Response<?> response) {
                        describe(operation, response);
                    }
                } finally {
                    operation.end(error);
                }
                return result;
            }
        };
    }

    private static String nameOf(Object model) {
        if (model instanceof EmbeddingModel embedding) {
            String name = embedding.modelName();
            if (name != null && !name.equals("unknown")) {
                return name;
            }
        }
        return ModelNames.of(model);
    }

    private static void describe(Operation operation, Response<?> response) {
        Chat.describeUsage(operation, response.tokenUsage());
        Object content = response.content();
        if (content instanceof List<?> list && !list.isEmpty()) {
            content = list.get(0);
        }
        if (content instanceof Embedding embedding) {
            operation.put(GenAi.EMBEDDINGS_DIMENSION_COUNT, (long) embedding.dimension());
        }
    }
}
