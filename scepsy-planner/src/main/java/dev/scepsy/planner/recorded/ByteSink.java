package dev.scepsy.planner.recorded;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Bytes in chunks that never cut a record in two. Not thread-safe. */
final class ByteSink {

    /** How {@link #fixed} writes. */
    static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final int FIRST_CHUNK_BYTES = 512;
    private static final int CHUNK_BYTES = 1 << 16;

    /** The fixed part of a record and its numbers take less; texts that are written out ask for more. */
    private static final int RECORD_BYTES = 256;

    private final List<byte[]> full = new ArrayList<>();
    private byte[] chunk = new byte[0];
    private int size;
    private int recordStart;

    /** Says that a record begins here. */
    void beginRecord() {
        recordStart = size;
        room(RECORD_BYTES);
    }

    /** Bytes written since the last {@link #clear}. */
    long length() {
        long length = size;
        for (byte[] each : full) {
            length += each.length;
        }
        return length;
    }

    void fixed(long value) {
        room(Long.BYTES);
        LONGS.set(chunk, size, value);
        size += Long.BYTES;
    }

    void varying(long value) {
        room(10);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            chunk[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        chunk[size++] = (byte) rest;
    }

    void bytes(byte[] bytes) {
        varying(bytes.length);
        room(bytes.length);
        System.arraycopy(bytes, 0, chunk, size, bytes.length);
        size += bytes.length;
    }

    private void room(int bytes) {
        if (size + bytes <= chunk.length) {
            return;
        }
        if (chunk.length < CHUNK_BYTES || recordStart == 0) {
            chunk = Arrays.copyOf(chunk, Math.max(Math.max(FIRST_CHUNK_BYTES, 2 * chunk.length), size + bytes));
            return;
        }
        byte[] begun = Arrays.copyOfRange(chunk, recordStart, size);
        full.add(Arrays.copyOf(chunk, recordStart));
        chunk = Arrays.copyOf(begun, Math.max(CHUNK_BYTES, begun.length + bytes));
        size = begun.length;
        recordStart = 0;
    }

    /** What can be read of it now. */
    List<SpanCodec.Input> inputs() {
        List<SpanCodec.Input> inputs = new ArrayList<>(full.size() + 1);
        full.forEach(each -> inputs.add(new SpanCodec.Input(each, 0, each.length)));
        if (size > 0) {
            inputs.add(new SpanCodec.Input(chunk, 0, size));
        }
        return inputs;
    }

    void writeTo(OutputStream out) throws IOException {
        for (byte[] each : full) {
            out.write(each);
        }
        out.write(chunk, 0, size);
    }

    void clear() {
        full.clear();
        chunk = new byte[0];
        size = 0;
        recordStart = 0;
    }
}
