package dev.scepsy.planner.otlp;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.scepsy.planner.span.GenAi;
import dev.scepsy.planner.span.Origin;
import dev.scepsy.planner.span.SpanAttribute;
import java.io.IOException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads one OTLP attribute ({@code {"key": ..., "value": {"stringValue": ...}}}, in either order) into the facts of a span
 * or of a resource. Lists, maps and bytes are well-formed values that no statistic reads. Reusable; not thread-safe.
 */
final class AttributeReader {

    private enum Type {
        NONE,
        TEXT,
        WHOLE_NUMBER,
        DECIMAL
    }

    private @Nullable String key;
    private Type type = Type.NONE;
    private String text = "";
    private long wholeNumber;
    private double decimal;

    /** Whether a key is worth reading the value for. */
    private interface Wanted {
        boolean test(String key);
    }

    /** The parser stands on the attribute's start, and on its end afterwards; whether statistics read its key. */
    boolean read(JsonParser parser, GenAi.Builder genAi, UnaryOperator<String> shared) throws IOException {
        read(parser, GenAi::reads);
        SpanAttribute attribute = key == null ? null : SpanAttribute.named(key);
        if (attribute == null) {
            return false;
        }
        switch (type) {
            case TEXT -> genAi.attribute(attribute, shared.apply(text));
            case WHOLE_NUMBER -> genAi.attribute(attribute, wholeNumber);
            case DECIMAL -> genAi.attribute(attribute, decimal);
            case NONE -> {}
        }
        return true;
    }

    /** The same for an attribute of a resource. */
    void read(JsonParser parser, Origin.Builder resource) throws IOException {
        read(parser, Origin::reads);
        if (key != null && type == Type.TEXT) {
            resource.attribute(key, text);
        } else if (key != null && type == Type.WHOLE_NUMBER) {
            resource.attribute(key, Long.toString(wholeNumber));
        }
    }

    private void read(JsonParser parser, Wanted keys) throws IOException {
        key = null;
        boolean wanted = true;
        type = Type.NONE;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            JsonToken token = parser.nextToken();
            if (field.equals("key")) {
                if (token != JsonToken.VALUE_STRING) {
                    throw new MalformedOtlpException("an attribute's key is not a text");
                }
                key = parser.getText();
                wanted = keys.test(key);
            } else if (field.equals("value") && wanted && token != JsonToken.VALUE_NULL) {
                if (token != JsonToken.START_OBJECT) {
                    throw new MalformedOtlpException("the value of attribute (" + key + ") is not an object");
                }
                readValue(parser);
            } else {
                parser.skipChildren();
            }
        }
        if (!wanted) {
            key = null;
        }
    }

    private void readValue(JsonParser parser) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            JsonToken token = parser.nextToken();
            switch (field) {
                case "stringValue", "string_value" -> {
                    if (token == JsonToken.VALUE_STRING) {
                        type = Type.TEXT;
                        text = parser.getText();
                    } else {
                        parser.skipChildren();
                    }
                }
                case "intValue", "int_value" -> {
                    type = Type.WHOLE_NUMBER;
                    wholeNumber = OtlpJson.wholeNumber(parser, field);
                }
                case "doubleValue", "double_value" -> {
                    type = Type.DECIMAL;
                    decimal = decimal(parser, token);
                }
                default -> parser.skipChildren();
            }
        }
    }

    private static double decimal(JsonParser parser, JsonToken token) throws IOException {
        if (token == JsonToken.VALUE_STRING) {
            try {
                return Double.parseDouble(parser.getText());
            } catch (NumberFormatException e) {
                throw new MalformedOtlpException("doubleValue (" + parser.getText() + ") is not a number");
            }
        }
        if (token.isNumeric()) {
            return parser.getDoubleValue();
        }
        throw new MalformedOtlpException("doubleValue is not a number");
    }
}
