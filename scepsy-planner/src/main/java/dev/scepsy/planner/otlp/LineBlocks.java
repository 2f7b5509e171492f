package dev.scepsy.planner.otlp;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream into blocks of whole lines, so that several may be read at once. Line ends are {@code \n} or {@code \r\n}; a byte
 * order mark is left out; a last line without an end counts. A line longer than {@link #longestLineBytes} is passed over
 * without being held. Not thread-safe.
 */
final class LineBlocks {

    /** Of a block, unless one line is longer. */
    static final int BLOCK_BYTES = 1 << 20;

    private static final int LONGEST_LINE_BYTES = 256 << 20;
    private static final byte[] NOTHING = new byte[0];
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private final InputStream stream;
    private final int longestLineBytes;
    private final Queue<byte[]> used = new ConcurrentLinkedQueue<>();
    private byte[] rest = NOTHING;
    private int restLength;
    private boolean first = true;
    private boolean ended;
    private @Nullable IOException damage;

    LineBlocks(InputStream stream) {
        this(stream, longestLineBytes(Runtime.getRuntime().maxMemory()));
    }

    LineBlocks(InputStream stream, int longestLineBytes) {
        this.stream = stream;
        this.longestLineBytes = longestLineBytes;
    }

    /** 256 MiB, or an eighth of the heap where that is less. */
    static int longestLineBytes(long heapBytes) {
        return (int) Math.min(LONGEST_LINE_BYTES, Math.max(BLOCK_BYTES, heapBytes / 8));
    }

    /**
     * Some whole lines.
     *
     * @param bytes holds them
     * @param from the first byte of the first line
     * @param to behind the last line's end
     * @param tooLong whether they stand for one line that was too long to be held, and are empty
     * @param used where its bytes wait for another block
     */
    record Block(byte[] bytes, int from, int to, boolean tooLong, Queue<byte[]> used) {

        /** It was read: its bytes may hold another. From any thread, once. */
        void done() {
            if (bytes.length == BLOCK_BYTES) {
                used.add(bytes);
            }
        }
    }

    /**
     * The next lines; null at the end.
     *
     * @throws IOException if the stream cannot be read, after all whole lines before that place
     */
    @Nullable
    Block next() throws IOException {
        if (damage != null) {
            throw damage;
        }
        if (ended) {
            return null;
        }
        byte[] buffer = rest;
        int filled = restLength;
        int scanned = 0;
        rest = NOTHING;
        restLength = 0;
        if (buffer.length < BLOCK_BYTES) {
            buffer = Arrays.copyOf(buffer, BLOCK_BYTES);
        }
        while (true) {
            if (filled == buffer.length) {
                if (buffer.length >= longestLineBytes) {
                    return passOver();
                }
                buffer = Arrays.copyOf(buffer, (int) Math.min(longestLineBytes, 2L * buffer.length));
            }
            int read = read(buffer, filled);
            if (read < 0) {
                ended = true;
                int to = damage == null ? filled : lastLineEnd(buffer, scanned, filled);
                return block(buffer, Math.max(0, to));
            }
            filled += read;
            if (filled < BLOCK_BYTES && filled < buffer.length) {
                continue;
            }
            int end = lastLineEnd(buffer, scanned, filled);
            if (end >= 0) {
                keep(buffer, end, filled);
                return block(buffer, end);
            }
            scanned = filled;
        }
    }

    /** Keeps what stands behind a block for the next one. */
    private void keep(byte[] buffer, int from, int to) {
        restLength = to - from;
        byte[] next = restLength < BLOCK_BYTES / 2 ? used.poll() : null;
        rest = next != null ? next : new byte[Math.max(BLOCK_BYTES, Math.min(longestLineBytes, 2 * restLength))];
        System.arraycopy(buffer, from, rest, 0, restLength);
    }

    /** Behind the last line end in the range, or -1. */
    private static int lastLineEnd(byte[] buffer, int from, int to) {
        for (int i = to - 1; i >= from; i--) {
            if (buffer[i] == '\n') {
                return i + 1;
            }
        }
        return -1;
    }

    private @Nullable Block block(byte[] buffer, int to) throws IOException {
        int from = 0;
        if (first) {
            first = false;
            int mark = BYTE_ORDER_MARK.length;
            if (to >= mark && Arrays.equals(buffer, 0, mark, BYTE_ORDER_MARK, 0, mark)) {
                from = mark;
            }
        }
        if (from == to) {
            if (damage != null) {
                throw damage;
            }
            return null;
        }
        return new Block(buffer, from, to, false, used);
    }

    /** Reads on to the end of a line that is too long. */
    private Block passOver() {
        first = false;
        byte[] buffer = new byte[BLOCK_BYTES];
        while (true) {
            int read = read(buffer, 0);
            if (read < 0) {
                ended = true;
                break;
            }
            int end = 0;
            while (end < read && buffer[end] != '\n') {
                end++;
            }
            if (end < read) {
                keep(buffer, end + 1, read);
                break;
            }
        }
        return new Block(NOTHING, 0, 0, true, used);
    }

    /** Bytes read, -1 at the end; where the data are damaged, they end, and that is said later. */
    private int read(byte[] buffer, int from) {
        try {
            return stream.read(buffer, from, buffer.length - from);
        } catch (EOFException | ZipException e) {
            damage = new IOException("the gzip data is damaged or cut short: " + e.getMessage());
        } catch (IOException e) {
            damage = e;
        }
        return -1;
    }
}
