package dev.scepsy.javaagent.hook;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.scepsy.javaagent.trace.GenAi;
import dev.scepsy.javaagent.trace.Operation;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What requests and responses say whose types only some versions of LangChain4j have: read by the accessor's name, looked up
 * once per class.
 */
final class Responses {

    private static final ClassValue<Map<String, Accessor>> ACCESSORS = new ClassValue<>() {
        @Override
        protected Map<String, Accessor> computeValue(Class<?> type) {
            return new ConcurrentHashMap<>();
        }
    };

    private record Accessor(@Nullable MethodHandle handle) {}

    private Responses() {}

    /** The whole answer, if this is a stream's last event; null for any other. */
    static @Nullable Object completed(@Nullable Object event) {
        return event == null ? null : read(event, "chatResponse");
    }

    /** The model that a request asks for; null when it names none. */
    static @Nullable Object modelNamedBy(Object request) {
        return read(request, "modelName");
    }

    /** What a text segment, a prompt, a message says; null for anything else. */
    static @Nullable Object textOf(Object part) {
        return part instanceof CharSequence ? part : read(part, "text");
    }

    /** The embeddings that an answer of newer versions holds. */
    static @Nullable Object embeddingsIn(Object answer) {
        return read(answer, "embeddings");
    }

    /** Tokens, model and dimension, where the response has them. */
    static void describe(Operation operation, Object response) {
        if (response instanceof Response<?> older) {
            Tokens.describe(operation, older.tokenUsage());
            describeContent(operation, older.content());
            return;
        }
        if (read(response, "tokenUsage") instanceof TokenUsage usage) {
            Tokens.describe(operation, usage);
        }
        if (read(response, "modelName") instanceof String name) {
            operation.put(GenAi.RESPONSE_MODEL, name);
        }
        describeContent(operation, read(response, "embeddings"));
    }

    private static void describeContent(Operation operation, @Nullable Object content) {
        Object first = content instanceof List<?> list && !list.isEmpty() ? list.get(0) : content;
        if (first instanceof Embedding embedding) {
            operation.put(GenAi.EMBEDDINGS_DIMENSION_COUNT, (long) embedding.dimension());
        }
    }

    /** What an accessor of this name says; null where there is none. */
    static @Nullable Object read(Object from, String name) {
        MethodHandle handle = ACCESSORS
                .get(from.getClass())
                .computeIfAbsent(name, key -> accessor(from.getClass(), key))
                .handle();
        if (handle == null) {
            return null;
        }
        try {
            return handle.invoke(from);
        } catch (Throwable unreadable) {
            return null;
        }
    }

    private static Accessor accessor(Class<?> type, String name) {
        try {
            Method method = type.getMethod(name);
            return new Accessor(
                    method.trySetAccessible() ? MethodHandles.lookup().unreflect(method) : null);
        } catch (ReflectiveOperationException | RuntimeException absent) {
            return new Accessor(null);
        }
    }
}
