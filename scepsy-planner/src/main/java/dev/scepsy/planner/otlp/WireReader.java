package dev.scepsy.planner.otlp;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads protobuf's wire format in place: one message at a time, field by field. Lengths are checked against the message
 * that holds them. Not thread-safe.
 */
final class WireReader {

    static final int VARINT = 0;
    static final int FIXED_64 = 1;
    static final int LENGTH_DELIMITED = 2;
    static final int FIXED_32 = 5;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    final byte[] bytes;
    private int at;
    private int end;
    private int wireType;
    private int from;
    private int to;
    private long number;

    WireReader(byte[] bytes) {
        this.bytes = bytes;
        end = bytes.length;
    }

    /** Begins to read the message that lies there. */
    void enter(int messageFrom, int messageTo) {
        at = messageFrom;
        end = messageTo;
    }

    /** Where it goes on; with {@link #end} what {@link #enter} needs to come back. */
    int at() {
        return at;
    }

    int end() {
        return end;
    }

    /** Goes to the next field and past its value: the field's number; 0 at the end of the message. */
    int next() throws MalformedOtlpException {
        if (at >= end) {
            return 0;
        }
        long tag = varint();
        wireType = (int) tag & 7;
        switch (wireType) {
            case VARINT -> number = varint();
            case FIXED_64 -> {
                fixed(Long.BYTES);
                number = (long) LONG.get(bytes, from);
            }
            case FIXED_32 -> {
                fixed(Integer.BYTES);
                number = Integer.toUnsignedLong((int) INT.get(bytes, from));
            }
            case LENGTH_DELIMITED -> {
                long length = varint();
                if (length < 0 || length > end - at) {
                    throw tooLong();
                }
                from = at;
                to = at + (int) length;
                at = to;
            }
            default -> throw new MalformedOtlpException("protobuf wire type " + wireType + " is not known");
        }
        long field = tag >>> 3;
        if (field <= 0 || field > Integer.MAX_VALUE) {
            throw new MalformedOtlpException("a protobuf field has no legal number");
        }
        return (int) field;
    }

    private void fixed(int length) throws MalformedOtlpException {
        if (length > end - at) {
            throw tooLong();
        }
        from = at;
        at += length;
    }

    private static MalformedOtlpException tooLong() {
        return new MalformedOtlpException("a protobuf field is longer than the request");
    }

    /** Where the field's text, bytes or message begins. */
    int from() throws MalformedOtlpException {
        expect(LENGTH_DELIMITED);
        return from;
    }

    /** Where it ends; after {@link #from}. */
    int to() {
        return to;
    }

    long integer() throws MalformedOtlpException {
        expect(VARINT);
        return number;
    }

    long fixed64() throws MalformedOtlpException {
        expect(FIXED_64);
        return number;
    }

    long fixed32() throws MalformedOtlpException {
        expect(FIXED_32);
        return number;
    }

    double decimal() throws MalformedOtlpException {
        return Double.longBitsToDouble(fixed64());
    }

    private void expect(int expected) throws MalformedOtlpException {
        if (wireType != expected) {
            throw new MalformedOtlpException("a protobuf field has the wrong type");
        }
    }

    private long varint() throws MalformedOtlpException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (at >= end) {
                throw new MalformedOtlpException("not an export request in protobuf: cut short");
            }
            byte next = bytes[at++];
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new MalformedOtlpException("a protobuf integer is longer than ten bytes");
    }
}
