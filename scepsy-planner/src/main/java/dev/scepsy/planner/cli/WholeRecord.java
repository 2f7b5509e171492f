package dev.scepsy.planner.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.serve.journal.Documents;
import java.lang.reflect.RecordComponent;
import org.jspecify.annotations.Nullable;

/** Records out of JSON that somebody else wrote: what must not be null is not. */
final class WholeRecord {

    private WholeRecord() {}

    /**
     * The value that {@code json} is the tree of.
     *
     * @throws JsonProcessingException also where a part is missing that the record has always
     */
    static <T> T of(JsonNode json, Class<T> type) throws JsonProcessingException {
        T value = Documents.mapper().treeToValue(json, type);
        check(type.getSimpleName(), value);
        return value;
    }

    private static void check(String place, @Nullable Object value) throws JsonProcessingException {
        if (value == null) {
            throw JsonMappingException.from((JsonParser) null, place + " is missing");
        }
        if (value instanceof Iterable<?> items) {
            for (Object item : items) {
                check(place, item);
            }
        } else if (value instanceof Record) {
            for (RecordComponent component : value.getClass().getRecordComponents()) {
                if (!component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                    check(place + "." + component.getName(), read(component, value));
                }
            }
        }
    }

    private static @Nullable Object read(RecordComponent component, Object value) {
        try {
            return component.getAccessor().invoke(value);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("The accessors of the journal's records are public.", e);
        }
    }
}
