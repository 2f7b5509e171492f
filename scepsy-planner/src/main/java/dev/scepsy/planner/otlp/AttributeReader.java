package dev.scepsy.planner.otlp;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.scepsy.planner.span.GenAi;
import dev.scepsy.planner.span.Origin;
import dev.scepsy.planner.span.SpanAttribute;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Reads one OTLP attribute ({@code {"key": ..., "value": {"stringValue": ...}}}, in either order) into the facts of a span
 * or of a resource. Lists, maps and bytes are well-formed values that no statistic reads. Reusable; not thread-safe.
 */
final class AttributeReader {

    private static final KeyTable<SpanAttribute> SPAN_KEYS = new KeyTable<>(
            java.util.Arrays.stream(SpanAttribute.values())
                    .map(SpanAttribute::key)
                    .toArray(String[]::new),
            SpanAttribute.values());
    private static final KeyTable<String> RESOURCE_KEYS =
            new KeyTable<>(Origin.KEYS.toArray(String[]::new), Origin.KEYS.toArray(String[]::new));

    private static final SerializableString KEY = new SerializedString("key");
    private static final SerializableString VALUE = new SerializedString("value");
    private static final SerializableString STRING_VALUE = new SerializedString("stringValue");

    private enum Type {
        NONE,
        TEXT,
        WHOLE_NUMBER,
        DECIMAL
    }

    private final TextCache texts;
    private Type type = Type.NONE;
    private String text = "";
    private long wholeNumber;
    private double decimal;

    /** @param texts makes the texts of values */
    AttributeReader(TextCache texts) {
        this.texts = texts;
    }

    /** The parser stands on the attribute's start, and on its end afterwards; whether statistics read its key. */
    boolean read(JsonParser parser, GenAi.Builder genAi) throws IOException {
        SpanAttribute attribute = read(parser, SPAN_KEYS);
        if (attribute == null) {
            return false;
        }
        switch (type) {
            case TEXT -> genAi.attribute(attribute, text);
            case WHOLE_NUMBER -> genAi.attribute(attribute, wholeNumber);
            case DECIMAL -> genAi.attribute(attribute, decimal);
            case NONE -> {}
        }
        return true;
    }

    /** The same for an attribute of a resource. */
    void read(JsonParser parser, Origin.Builder resource) throws IOException {
        String key = read(parser, RESOURCE_KEYS);
        if (key != null && type == Type.TEXT) {
            resource.attribute(key, text);
        } else if (key != null && type == Type.WHOLE_NUMBER) {
            resource.attribute(key, Long.toString(wholeNumber));
        }
    }

    /** Nearly all attributes are written in one order, which the parser knows by its bytes; others are read name by name. */
    private <V> @Nullable V read(JsonParser parser, KeyTable<V> keys) throws IOException {
        type = Type.NONE;
        if (parser.nextFieldName(KEY)) {
            V found = key(parser, parser.nextToken(), keys);
            if (!parser.nextFieldName(VALUE)) {
                return readOn(parser, keys, found, true);
            }
            value(parser, parser.nextToken(), found != null);
            return parser.nextToken() == JsonToken.END_OBJECT ? found : readOn(parser, keys, found, true);
        }
        return readOn(parser, keys, null, false);
    }

    /** The parser stands on a name, or on the end. */
    private <V> @Nullable V readOn(JsonParser parser, KeyTable<V> keys, @Nullable V keyFound, boolean keyKnown)
            throws IOException {
        V found = keyFound;
        boolean keySeen = keyKnown;
        for (JsonToken at = parser.currentToken(); at == JsonToken.FIELD_NAME; at = parser.nextToken()) {
            String field = parser.currentName();
            JsonToken token = parser.nextToken();
            switch (field) {
                case "key" -> {
                    found = key(parser, token, keys);
                    keySeen = true;
                }
                case "value" -> value(parser, token, !keySeen || found != null);
                default -> parser.skipChildren();
            }
        }
        return found;
    }

    private static <V> @Nullable V key(JsonParser parser, JsonToken token, KeyTable<V> keys) throws IOException {
        if (token != JsonToken.VALUE_STRING) {
            throw new MalformedOtlpException("an attribute's key is not a text");
        }
        return keys.get(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
    }

    private void value(JsonParser parser, JsonToken token, boolean wanted) throws IOException {
        if (!wanted || token == JsonToken.VALUE_NULL) {
            parser.skipChildren();
            return;
        }
        if (token != JsonToken.START_OBJECT) {
            throw new MalformedOtlpException("the value of an attribute is not an object");
        }
        if (parser.nextFieldName(STRING_VALUE)) {
            text(parser, parser.nextToken());
            parser.nextToken();
        }
        for (JsonToken at = parser.currentToken(); at == JsonToken.FIELD_NAME; at = parser.nextToken()) {
            String field = parser.currentName();
            JsonToken content = parser.nextToken();
            switch (field) {
                case "stringValue", "string_value" -> text(parser, content);
                case "intValue", "int_value" -> {
                    type = Type.WHOLE_NUMBER;
                    wholeNumber = OtlpScalars.wholeNumber(parser, field);
                }
                case "doubleValue", "double_value" -> {
                    type = Type.DECIMAL;
                    decimal = decimal(parser, content);
                }
                default -> parser.skipChildren();
            }
        }
    }

    private void text(JsonParser parser, JsonToken content) throws IOException {
        if (content == JsonToken.VALUE_STRING) {
            type = Type.TEXT;
            text = texts.of(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
        } else {
            parser.skipChildren();
        }
    }

    private static double decimal(JsonParser parser, JsonToken token) throws IOException {
        if (token == JsonToken.VALUE_STRING) {
            try {
                return Double.parseDouble(parser.getText());
            } catch (NumberFormatException e) {
                throw new MalformedOtlpException(
                        "doubleValue (" + OtlpScalars.cut(parser.getText()) + ") is not a number");
            }
        }
        if (token.isNumeric()) {
            return parser.getDoubleValue();
        }
        throw new MalformedOtlpException("doubleValue is not a number");
    }
}
