package dev.scepsy.javaagent.hook;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The name of the model (or source) behind an object whose type has no accessor for it: rerankers, image and language
 * models, retrievers, a user's own. A method {@code modelName()}, {@code model()} ..., else a text field of such a name, else
 * the class's simple name.
 * What to read is looked up once per class.
 */
final class ModelNames {

    private static final List<String> NAMES = List.of("modelName", "model", "modelId", "deploymentName", "displayName");

    @FunctionalInterface
    private interface Reader {
        @Nullable
        Object read(Object model) throws ReflectiveOperationException;
    }

    /** What {@code EmbeddingModel.modelName()} says where a model has not told. */
    private static final String UNKNOWN = "unknown";

    private static final ClassValue<List<Reader>> READERS = new ClassValue<>() {
        @Override
        protected List<Reader> computeValue(Class<?> type) {
            return readers(type);
        }
    };

    private ModelNames() {}

    static String of(Object model) {
        for (Reader reader : READERS.get(model.getClass())) {
            try {
                Object name = reader.read(model);
                if (name instanceof String text && !text.isBlank() && !text.equals(UNKNOWN)) {
                    return text;
                }
            } catch (ReflectiveOperationException | RuntimeException unreadable) {
                // The next may be readable, and the class's name is an answer too.
            }
        }
        return ClassNames.simple(model.getClass());
    }

    private static List<Reader> readers(Class<?> type) {
        List<Reader> readers = new ArrayList<>();
        for (String name : NAMES) {
            try {
                Method method = type.getMethod(name);
                if (method.getReturnType() == String.class && method.trySetAccessible()) {
                    readers.add(method::invoke);
                }
            } catch (NoSuchMethodException | RuntimeException next) {
                continue;
            }
        }
        for (Class<?> declaring = type; declaring != null; declaring = declaring.getSuperclass()) {
            for (String name : NAMES) {
                try {
                    Field field = declaring.getDeclaredField(name);
                    if (field.getType() == String.class && field.trySetAccessible()) {
                        readers.add(field::get);
                    }
                } catch (NoSuchFieldException | RuntimeException next) {
                    continue;
                }
            }
        }
        return readers;
    }
}
