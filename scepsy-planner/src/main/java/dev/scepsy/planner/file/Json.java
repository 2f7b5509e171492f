package dev.scepsy.planner.file;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.OptionalDouble;

/** JSON text: keys in the order they are written, doubles in their shortest round-trip form, lines end in LF. */
public final class Json {

    private static final JsonFactory FACTORY = new JsonFactory();

    private final JsonGenerator generator;

    private Json(JsonGenerator generator) {
        this.generator = generator;
    }

    /** Writes values through a {@link Json}. */
    @FunctionalInterface
    public interface Body {
        void write(Json json) throws IOException;
    }

    /** The object whose fields {@code body} writes, as a text that ends in a line feed. */
    public static String object(Body body) {
        StringWriter text = new StringWriter();
        Separators separators =
                Separators.createDefaultInstance().withObjectFieldValueSpacing(Separators.Spacing.AFTER);
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter(separators)
                .withObjectIndenter(new DefaultIndenter("  ", "\n"))
                .withArrayIndenter(new DefaultIndenter("  ", "\n"));
        try (JsonGenerator generator = FACTORY.createGenerator(text).setPrettyPrinter(printer)) {
            generator.writeStartObject();
            body.write(new Json(generator));
            generator.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.append('\n').toString();
    }

    /** The object whose fields {@code body} writes, on one line that ends in a line feed. */
    public static String line(Body body) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(text)) {
            generator.writeStartObject();
            body.write(new Json(generator));
            generator.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.append('\n').toString();
    }

    public Json field(String key, String value) throws IOException {
        generator.writeStringField(key, value);
        return this;
    }

    public Json field(String key, long value) throws IOException {
        generator.writeNumberField(key, value);
        return this;
    }

    public Json field(String key, double value) throws IOException {
        generator.writeNumberField(key, value);
        return this;
    }

    public Json field(String key, boolean value) throws IOException {
        generator.writeBooleanField(key, value);
        return this;
    }

    /** Leaves the key out when there is no value. */
    public Json fieldIfPresent(String key, OptionalDouble value) throws IOException {
        return value.isPresent() ? field(key, value.getAsDouble()) : this;
    }

    /** Writes null when there is no value. */
    public Json fieldOrNull(String key, OptionalDouble value) throws IOException {
        return value.isPresent() ? field(key, value.getAsDouble()) : nullField(key);
    }

    public Json nullField(String key) throws IOException {
        generator.writeNullField(key);
        return this;
    }

    /** An object under {@code key}. */
    public Json object(String key, Body body) throws IOException {
        generator.writeObjectFieldStart(key);
        body.write(this);
        generator.writeEndObject();
        return this;
    }

    /** An object under {@code key}; leaves the key out when there is no value. */
    public <T> Json objectIfPresent(String key, Optional<T> value, Item<T> body) throws IOException {
        return value.isPresent() ? object(key, json -> body.write(json, value.get())) : this;
    }

    /** A list of objects under {@code key}, one per item. */
    public <T> Json objects(String key, Iterable<T> items, Item<T> body) throws IOException {
        generator.writeArrayFieldStart(key);
        for (T item : items) {
            generator.writeStartObject();
            body.write(this, item);
            generator.writeEndObject();
        }
        generator.writeEndArray();
        return this;
    }

    /** A list of numbers under {@code key}, on one line. */
    public Json numbers(String key, double... values) throws IOException {
        StringBuilder text = new StringBuilder("[");
        for (double value : values) {
            text.append(text.length() > 1 ? ", " : "").append(value);
        }
        generator.writeFieldName(key);
        generator.writeRawValue(text.append(']').toString());
        return this;
    }

    /** A list of whole numbers under {@code key}, on one line. */
    public Json integers(String key, Iterable<Integer> values) throws IOException {
        StringBuilder text = new StringBuilder("[");
        for (int value : values) {
            text.append(text.length() > 1 ? ", " : "").append(value);
        }
        generator.writeFieldName(key);
        generator.writeRawValue(text.append(']').toString());
        return this;
    }

    /** A list of texts under {@code key}. */
    public Json texts(String key, Iterable<String> values) throws IOException {
        generator.writeArrayFieldStart(key);
        for (String value : values) {
            generator.writeString(value);
        }
        generator.writeEndArray();
        return this;
    }

    /** Writes the fields of one item of a list. */
    @FunctionalInterface
    public interface Item<T> {
        void write(Json json, T item) throws IOException;
    }
}
