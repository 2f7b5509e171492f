package dev.scepsy.planner.serve.observe;

import dev.scepsy.planner.share.MergeableBytes;
import dev.scepsy.planner.share.MergeableStatistics;
import java.io.ByteArrayOutputStream;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Statistics as they are kept, in memory and in the store: a byte that says the form, the length of what follows unpacked in four bytes,
 * then {@link MergeableBytes}, deflated. A day of many workflows fits a heap only so.
 */
final class PackedStatistics {

    /** Of no execution. */
    static final byte[] NONE = {};

    private static final byte FORM = 1;
    private static final int HEADER = 5;
    private static final int LARGEST = 1 << 28;

    private PackedStatistics() {}

    static byte[] of(MergeableStatistics statistics) {
        if (statistics.executions() == 0) {
            return NONE;
        }
        byte[] plain = MergeableBytes.of(statistics);
        ByteArrayOutputStream out = new ByteArrayOutputStream(plain.length / 2 + HEADER);
        out.write(FORM);
        for (int shift = 24; shift >= 0; shift -= 8) {
            out.write(plain.length >>> shift);
        }
        Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        try {
            deflater.setInput(plain);
            deflater.finish();
            byte[] chunk = new byte[4096];
            while (!deflater.finished()) {
                out.write(chunk, 0, deflater.deflate(chunk));
            }
        } finally {
            deflater.end();
        }
        return out.toByteArray();
    }

    /** @throws IllegalArgumentException if they are of a newer form, or of none */
    static MergeableStatistics read(byte[] packed) {
        if (packed.length == 0) {
            return MergeableStatistics.EMPTY;
        }
        if (packed.length < HEADER || packed[0] != FORM) {
            throw new IllegalArgumentException("Saved statistics are of form " + packed[0]
                    + "; this program reads form " + FORM + ". Use the program that wrote them, or a newer one.");
        }
        int length = 0;
        for (int i = 1; i < HEADER; i++) {
            length = (length << 8) | (packed[i] & 0xFF);
        }
        if (length < 0 || length > LARGEST) {
            throw new IllegalArgumentException("Saved statistics are damaged: no legal length.");
        }
        byte[] plain = new byte[length];
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(packed, HEADER, packed.length - HEADER);
            int read = 0;
            while (read < length && !inflater.finished()) {
                int more = inflater.inflate(plain, read, length - read);
                if (more == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
                    break;
                }
                read += more;
            }
            if (read != length) {
                throw new IllegalArgumentException("Saved statistics are damaged: they break off.");
            }
        } catch (DataFormatException e) {
            throw new IllegalArgumentException("Saved statistics are damaged.", e);
        } finally {
            inflater.end();
        }
        return MergeableBytes.read(plain);
    }
}
