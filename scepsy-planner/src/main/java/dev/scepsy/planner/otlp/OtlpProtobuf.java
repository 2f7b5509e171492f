package dev.scepsy.planner.otlp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.scepsy.planner.otlp.OtlpSchema.Field;
import dev.scepsy.planner.otlp.OtlpSchema.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Turns an {@code ExportTraceServiceRequest} from protobuf's wire format into one line of OTLP JSON, all fields kept, driven
 * by {@link OtlpSchema}. Both encodings are then read by the same parser, and a recorded line says what was sent.
 *
 * <p>Wire format: protobuf.dev/programming-guides/encoding. Unknown fields are skipped. Not thread-safe.
 */
final class OtlpProtobuf {

    private static final JsonFactory JSON = new JsonFactory();
    private static final int MAX_DEPTH = 100;

    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED_32 = 5;

    /** Per occurrence: field number, start and end of its value in the buffer. */
    private static final int OCCURRENCE_INTS = 3;

    private final ByteBuffer buffer;

    /** Occurrences of the fields of the messages being written, innermost last. */
    private int[] occurrences = new int[256];

    private int occurrenceEnd;

    private OtlpProtobuf(byte[] protobuf) {
        buffer = ByteBuffer.wrap(protobuf).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The request as JSON without line breaks.
     *
     * @throws MalformedOtlpException if it is not protobuf of that shape
     */
    static byte[] toJson(byte[] protobuf) throws MalformedOtlpException {
        ByteArrayOutputStream json = new ByteArrayOutputStream(protobuf.length * 3 + 64);
        try (JsonGenerator generator = JSON.createGenerator(json)) {
            new OtlpProtobuf(protobuf).writeMessage(generator, Message.REQUEST, 0, protobuf.length, 0);
        } catch (MalformedOtlpException e) {
            throw e;
        } catch (IOException | IndexOutOfBoundsException | java.nio.BufferUnderflowException e) {
            throw new MalformedOtlpException("not an ExportTraceServiceRequest in protobuf: cut short");
        }
        return json.toByteArray();
    }

    private void writeMessage(JsonGenerator json, Message message, int from, int to, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new MalformedOtlpException("protobuf nested deeper than " + MAX_DEPTH);
        }
        int first = occurrenceEnd;
        collect(message, from, to);
        int last = occurrenceEnd;
        json.writeStartObject();
        for (Field field : message.fields()) {
            if (field.repeated()) {
                writeRepeated(json, field, first, last, depth);
            } else {
                writeLast(json, field, first, last, depth);
            }
        }
        json.writeEndObject();
        occurrenceEnd = first;
    }

    /** Notes where the fields of one message lie: JSON wants repeated ones together, wherever the wire has them. */
    private void collect(Message message, int from, int to) throws MalformedOtlpException {
        buffer.limit(to).position(from);
        while (buffer.hasRemaining()) {
            long tag = readVarint();
            int number = (int) (tag >>> 3);
            int wireType = (int) tag & 7;
            int start = buffer.position();
            int end;
            switch (wireType) {
                case VARINT -> {
                    readVarint();
                    end = buffer.position();
                }
                case FIXED_64 -> end = start + Long.BYTES;
                case FIXED_32 -> end = start + Integer.BYTES;
                case LENGTH_DELIMITED -> {
                    long length = readVarint();
                    start = buffer.position();
                    if (length < 0 || length > to - start) {
                        throw new MalformedOtlpException("a protobuf field is longer than the request");
                    }
                    end = start + (int) length;
                }
                default -> throw new MalformedOtlpException("protobuf wire type " + wireType + " is not known");
            }
            if (end > to) {
                throw new MalformedOtlpException("a protobuf field is longer than the request");
            }
            buffer.position(end);
            Field field = message.numbered(number);
            if (field != null) {
                if (field.type().wireType != wireType) {
                    throw new MalformedOtlpException("protobuf field " + field.name() + " has the wrong type");
                }
                addOccurrence(number, start, end);
            }
        }
        buffer.limit(buffer.capacity());
    }

    private void addOccurrence(int number, int start, int end) {
        if (occurrenceEnd + OCCURRENCE_INTS > occurrences.length) {
            occurrences = Arrays.copyOf(occurrences, occurrences.length * 2);
        }
        occurrences[occurrenceEnd] = number;
        occurrences[occurrenceEnd + 1] = start;
        occurrences[occurrenceEnd + 2] = end;
        occurrenceEnd += OCCURRENCE_INTS;
    }

    private void writeRepeated(JsonGenerator json, Field field, int first, int last, int depth) throws IOException {
        boolean open = false;
        for (int i = first; i < last; i += OCCURRENCE_INTS) {
            if (occurrences[i] == field.number()) {
                if (!open) {
                    json.writeArrayFieldStart(field.name());
                    open = true;
                }
                writeValue(json, field, occurrences[i + 1], occurrences[i + 2], depth);
            }
        }
        if (open) {
            json.writeEndArray();
        }
    }

    private void writeLast(JsonGenerator json, Field field, int first, int last, int depth) throws IOException {
        for (int i = last - OCCURRENCE_INTS; i >= first; i -= OCCURRENCE_INTS) {
            if (occurrences[i] == field.number()) {
                json.writeFieldName(field.name());
                writeValue(json, field, occurrences[i + 1], occurrences[i + 2], depth);
                return;
            }
        }
    }

    private void writeValue(JsonGenerator json, Field field, int start, int end, int depth) throws IOException {
        switch (field.type()) {
            case MESSAGE -> writeMessage(json, field.message(), start, end, depth + 1);
            case TEXT -> json.writeString(new String(buffer.array(), start, end - start, StandardCharsets.UTF_8));
            case HEX -> json.writeString(HexFormat.of().formatHex(buffer.array(), start, end));
            case BASE64 ->
                json.writeString(Base64.getEncoder().encodeToString(Arrays.copyOfRange(buffer.array(), start, end)));
            case FIXED_64 -> json.writeString(Long.toUnsignedString(buffer.getLong(start)));
            case INTEGER_64 -> json.writeString(Long.toString(varintAt(start)));
            case INTEGER_32 -> json.writeNumber(varintAt(start));
            case BOOLEAN -> json.writeBoolean(varintAt(start) != 0);
            case DECIMAL -> json.writeNumber(buffer.getDouble(start));
            case FIXED_32 -> json.writeNumber(Integer.toUnsignedLong(buffer.getInt(start)));
        }
    }

    private long varintAt(int start) throws MalformedOtlpException {
        buffer.position(start);
        return readVarint();
    }

    private long readVarint() throws MalformedOtlpException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = buffer.get();
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new MalformedOtlpException("a protobuf integer is longer than ten bytes");
    }
}
