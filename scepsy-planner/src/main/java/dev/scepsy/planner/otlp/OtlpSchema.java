package dev.scepsy.planner.otlp;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Field numbers, JSON names and types of the messages of a trace export request, from opentelemetry-proto 1.11
 * ({@code trace.proto}, {@code common.proto}, {@code resource.proto}). A table instead of generated classes: it is all that a
 * transcoder needs, and keeps protobuf's runtime out of the agent.
 */
final class OtlpSchema {

    private OtlpSchema() {}

    /** How a field is encoded on the wire and in JSON. */
    enum Type {
        MESSAGE(2),
        TEXT(2),
        HEX(2),
        BASE64(2),
        FIXED_64(1),
        DECIMAL(1),
        INTEGER_64(0),
        INTEGER_32(0),
        BOOLEAN(0),
        FIXED_32(5);

        final int wireType;

        Type(int wireType) {
            this.wireType = wireType;
        }
    }

    /** One field; {@code messageName} only for messages, by name because values nest in themselves. */
    record Field(int number, String name, Type type, boolean repeated, String messageName) {
        Message message() {
            return Message.valueOf(messageName);
        }
    }

    /** One message type. */
    enum Message {
        REQUEST(messages(1, "resourceSpans", "RESOURCE_SPANS")),
        RESOURCE_SPANS(
                message(1, "resource", "RESOURCE"),
                messages(2, "scopeSpans", "SCOPE_SPANS"),
                field(3, "schemaUrl", Type.TEXT)),
        RESOURCE(messages(1, "attributes", "KEY_VALUE"), field(2, "droppedAttributesCount", Type.INTEGER_32)),
        SCOPE_SPANS(message(1, "scope", "SCOPE"), messages(2, "spans", "SPAN"), field(3, "schemaUrl", Type.TEXT)),
        SCOPE(
                field(1, "name", Type.TEXT),
                field(2, "version", Type.TEXT),
                messages(3, "attributes", "KEY_VALUE"),
                field(4, "droppedAttributesCount", Type.INTEGER_32)),
        SPAN(
                field(1, "traceId", Type.HEX),
                field(2, "spanId", Type.HEX),
                field(3, "traceState", Type.TEXT),
                field(4, "parentSpanId", Type.HEX),
                field(5, "name", Type.TEXT),
                field(6, "kind", Type.INTEGER_32),
                field(7, "startTimeUnixNano", Type.FIXED_64),
                field(8, "endTimeUnixNano", Type.FIXED_64),
                messages(9, "attributes", "KEY_VALUE"),
                field(10, "droppedAttributesCount", Type.INTEGER_32),
                messages(11, "events", "EVENT"),
                field(12, "droppedEventsCount", Type.INTEGER_32),
                messages(13, "links", "LINK"),
                field(14, "droppedLinksCount", Type.INTEGER_32),
                message(15, "status", "STATUS"),
                field(16, "flags", Type.FIXED_32)),
        EVENT(
                field(1, "timeUnixNano", Type.FIXED_64),
                field(2, "name", Type.TEXT),
                messages(3, "attributes", "KEY_VALUE"),
                field(4, "droppedAttributesCount", Type.INTEGER_32)),
        LINK(
                field(1, "traceId", Type.HEX),
                field(2, "spanId", Type.HEX),
                field(3, "traceState", Type.TEXT),
                messages(4, "attributes", "KEY_VALUE"),
                field(5, "droppedAttributesCount", Type.INTEGER_32),
                field(6, "flags", Type.FIXED_32)),
        STATUS(field(2, "message", Type.TEXT), field(3, "code", Type.INTEGER_32)),
        KEY_VALUE(field(1, "key", Type.TEXT), message(2, "value", "ANY_VALUE")),
        ANY_VALUE(
                field(1, "stringValue", Type.TEXT),
                field(2, "boolValue", Type.BOOLEAN),
                field(3, "intValue", Type.INTEGER_64),
                field(4, "doubleValue", Type.DECIMAL),
                message(5, "arrayValue", "ARRAY"),
                message(6, "kvlistValue", "KEY_VALUE_LIST"),
                field(7, "bytesValue", Type.BASE64)),
        ARRAY(messages(1, "values", "ANY_VALUE")),
        KEY_VALUE_LIST(messages(1, "values", "KEY_VALUE"));

        private final List<Field> fields;

        Message(Field... fields) {
            this.fields = List.of(fields);
        }

        List<Field> fields() {
            return fields;
        }

        @Nullable
        Field numbered(int number) {
            for (Field field : fields) {
                if (field.number() == number) {
                    return field;
                }
            }
            return null;
        }
    }

    private static Field field(int number, String name, Type type) {
        return new Field(number, name, type, false, "");
    }

    private static Field message(int number, String name, String messageName) {
        return new Field(number, name, Type.MESSAGE, false, messageName);
    }

    private static Field messages(int number, String name, String messageName) {
        return new Field(number, name, Type.MESSAGE, true, messageName);
    }
}
