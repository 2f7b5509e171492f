package dev.scepsy.planner.otlp;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Cuts a stream into lines without copying them into strings: the current line is a range of {@link #bytes}, valid until the
 * next one is asked for. Line ends are {@code \n} or {@code \r\n}; a byte order mark is left out. Not thread-safe.
 */
final class LineReader {

    private static final int FIRST_BUFFER_BYTES = 1 << 18;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private final InputStream stream;
    private byte[] buffer = new byte[FIRST_BUFFER_BYTES];
    private int filled;
    private int lineStart;
    private int lineEnd;
    private int next;
    private boolean ended;
    private boolean first = true;

    LineReader(InputStream stream) {
        this.stream = stream;
    }

    /** Goes to the next line; false at the end. A last line without a line end counts, an empty one does not. */
    boolean next() throws IOException {
        lineStart = next;
        int scanned = next;
        while (true) {
            int end = indexOfLineEnd(scanned);
            if (end >= 0) {
                lineEnd = end > lineStart && buffer[end - 1] == '\r' ? end - 1 : end;
                next = end + 1;
                break;
            }
            if (ended) {
                if (lineStart == filled) {
                    return false;
                }
                lineEnd = filled;
                next = filled;
                break;
            }
            int length = filled - lineStart;
            fill();
            scanned = lineStart + length;
        }
        if (first) {
            first = false;
            skipByteOrderMark();
        }
        return true;
    }

    byte[] bytes() {
        return buffer;
    }

    int offset() {
        return lineStart;
    }

    int length() {
        return lineEnd - lineStart;
    }

    boolean isBlank() {
        for (int i = lineStart; i < lineEnd; i++) {
            if (buffer[i] != ' ' && buffer[i] != '\t' && buffer[i] != '\r') {
                return false;
            }
        }
        return true;
    }

    private int indexOfLineEnd(int from) {
        for (int i = from; i < filled; i++) {
            if (buffer[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** Makes room by moving the unfinished line to the front, or by growing, then reads on. */
    private void fill() throws IOException {
        if (lineStart > 0) {
            System.arraycopy(buffer, lineStart, buffer, 0, filled - lineStart);
            filled -= lineStart;
            lineStart = 0;
        } else if (filled == buffer.length) {
            buffer = Arrays.copyOf(buffer, (int) Math.min(2L * buffer.length, Integer.MAX_VALUE - 16));
        }
        if (filled == buffer.length) {
            throw new IOException("A line is longer than 2 GB.");
        }
        int read = stream.read(buffer, filled, buffer.length - filled);
        if (read < 0) {
            ended = true;
        } else {
            filled += read;
        }
    }

    private void skipByteOrderMark() {
        if (length() >= BYTE_ORDER_MARK.length
                && Arrays.equals(
                        buffer,
                        lineStart,
                        lineStart + BYTE_ORDER_MARK.length,
                        BYTE_ORDER_MARK,
                        0,
                        BYTE_ORDER_MARK.length)) {
            lineStart += BYTE_ORDER_MARK.length;
        }
    }
}
