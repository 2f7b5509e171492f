package dev.scepsy.javaagent.hook;

import dev.langchain4j.rag.content.Content;
import dev.langchain4j.rag.query.Query;
import dev.scepsy.javaagent.install.HookTable;
import dev.scepsy.javaagent.install.Target;
import dev.scepsy.javaagent.trace.GenAi;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.OperationKind;
import dev.scepsy.javaagent.trace.Token;
import dev.scepsy.javaagent.trace.Tracer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Content retrievers; the source is the retriever's display name, else its class. */
final class RetrievalHooks {

    private final Tracer tracer;

    RetrievalHooks(Tracer tracer) {
        this.tracer = tracer;
    }

    void register(HookTable hooks) {
        hooks.put(Target.RETRIEVER, (self, arguments) -> self == null ? null : retrieve(self, arguments[0]));
    }

    private @Nullable Token retrieve(Object retriever, @Nullable Object query) {
        Operation current = tracer.current();
        if (current != null && current.isCallOf(OperationKind.RETRIEVAL, retriever)) {
            return null;
        }
        if (current != null && Wrapping.retrievesFor(current, retriever, query)) {
            current.stepAside();
        }
        String source = sourceOf(retriever);
        Operation operation = tracer.begin(OperationKind.RETRIEVAL, "retrieval " + source, retriever);
        operation.put(GenAi.DATA_SOURCE_ID, source);
        if (query != null) {
            operation.keep(query);
        }
        ContentCapture.OF_THIS_JVM.searched(operation, query instanceof Query asked ? asked : null);
        operation.whenReturned(result -> found(operation, result));
        return new Token(tracer, operation) {
            @Override
            protected @Nullable Object exit(@Nullable Object result, @Nullable Throwable error) {
                return tracer.endings().end(operation, result, error, "");
            }
        };
    }

    private static void found(Operation operation, Object result) {
        if (result instanceof List<?> documents) {
            operation.put(GenAi.RETRIEVED_DOCUMENTS, (long) documents.size());
            List<Content> contents = new ArrayList<>();
            for (Object document : documents) {
                if (document instanceof Content content) {
                    contents.add(content);
                }
            }
            ContentCapture.OF_THIS_JVM.found(operation, contents);
        }
    }

    /** A display name that somebody gave it, else its class. */
    private static String sourceOf(Object retriever) {
        String name = ModelNames.of(retriever);
        return name.equals("Default") ? ClassNames.simple(retriever.getClass()) : name;
    }
}
