package dev.scepsy.planner.otlp;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.scepsy.planner.span.GenAi;
import java.io.IOException;
import java.util.function.UnaryOperator;

/**
 * Reads one OTLP attribute ({@code {"key": ..., "value": {"stringValue": ...}}}, in either order) into the facts of a span.
 * Lists, maps and bytes are well-formed values that no statistic reads. Reusable; not thread-safe.
 */
final class AttributeReader {

    private enum Type {
        NONE,
        TEXT,
        WHOLE_NUMBER,
        DECIMAL
    }

    private Type type = Type.NONE;
    private String text = "";
    private long wholeNumber;
    private double decimal;

    /** The parser stands on the attribute's start, and on its end afterwards; whether statistics read its key. */
    boolean read(JsonParser parser, GenAi.Builder genAi, UnaryOperator<String> shared) throws IOException {
        String key = null;
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
                wanted = GenAi.reads(key);
            } else if (field.equals("value") && wanted && token != JsonToken.VALUE_NULL) {
                if (token != JsonToken.START_OBJECT) {
                    throw new MalformedOtlpException("the value of attribute (" + key + ") is not an object");
                }
                readValue(parser);
            } else {
                parser.skipChildren();
            }
        }
        if (key == null || !wanted) {
            return false;
        }
        switch (type) {
            case TEXT -> genAi.attribute(key, shared.apply(text));
            case WHOLE_NUMBER -> genAi.attribute(key, wholeNumber);
            case DECIMAL -> genAi.attribute(key, decimal);
            case NONE -> {}
        }
        return true;
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
