package dev.scepsy.planner.serve.store;

import dev.scepsy.planner.serve.journal.StatisticsStore.Settled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Executions of one minute that were folded, many in one row: thousands come at a time, and nobody ever asks for one of them alone. Its
 * content is a byte that says the form, then of each execution its end (nanoseconds since 1970, eight bytes) and its id: 24 bytes where it
 * is {@code {traceId}-{rootSpanId}} in lower-case hex digits; else a length with its sign changed, and UTF-16.
 *
 * @param minuteNanos the minute in which all of them ended, by its beginning
 * @param executions how many they are
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record FoldedBlock(long minuteNanos, int executions, byte[] content) {

    private static final long MINUTE_NANOS = 60_000_000_000L;

    /** A block lies in its row up to this size. */
    private static final int MOST_BYTES = 60_000;

    private static final byte FORM = 1;
    private static final int TRACE_DIGITS = 32;
    private static final int SPAN_DIGITS = 16;
    private static final int ID_CHARACTERS = TRACE_DIGITS + 1 + SPAN_DIGITS;
    private static final byte HEX_ID = 0;
    private static final byte TEXT_ID = 1;
    private static final int HEX_BYTES = 1 + Long.BYTES + 3 * Long.BYTES;
    private static final String DIGITS = "0123456789abcdef";

    /** Of executions in any order; in order of their minutes. */
    static List<FoldedBlock> of(Iterable<Settled> settled) {
        Map<Long, List<Settled>> minutes = new TreeMap<>();
        for (Settled one : settled) {
            minutes.computeIfAbsent(minuteOf(Stored.nanos(one.end())), minute -> new ArrayList<>())
                    .add(one);
        }
        List<FoldedBlock> blocks = new ArrayList<>();
        minutes.forEach((minute, all) -> {
            int from = 0;
            int bytes = 1;
            for (int i = 0; i < all.size(); i++) {
                int more = bytesOf(all.get(i).id());
                if (i > from && bytes + more > MOST_BYTES) {
                    blocks.add(block(minute, all.subList(from, i), bytes));
                    from = i;
                    bytes = 1;
                }
                bytes += more;
            }
            blocks.add(block(minute, all.subList(from, all.size()), bytes));
        });
        return blocks;
    }

    /** The first minute in which blocks may lie of executions that ended at {@code nanos} or later. */
    static long minuteOf(long nanos) {
        long within = Math.max(Long.MIN_VALUE + MINUTE_NANOS, nanos);
        return within - Math.floorMod(within, MINUTE_NANOS);
    }

    private static FoldedBlock block(long minute, List<Settled> settled, int bytes) {
        ByteBuffer out = ByteBuffer.allocate(bytes).put(FORM);
        for (Settled one : settled) {
            boolean hex = isHex(one.id());
            out.put(hex ? HEX_ID : TEXT_ID).putLong(Stored.nanos(one.end()));
            if (hex) {
                out.putLong(hex(one.id(), 0))
                        .putLong(hex(one.id(), SPAN_DIGITS))
                        .putLong(hex(one.id(), TRACE_DIGITS + 1));
            } else {
                // halves of surrogate pairs too
                out.putInt(one.id().length());
                one.id().chars().forEach(each -> out.putChar((char) each));
            }
        }
        return new FoldedBlock(minute, settled.size(), out.array());
    }

    private static int bytesOf(String id) {
        return isHex(id) ? HEX_BYTES : 1 + Long.BYTES + Integer.BYTES + Character.BYTES * id.length();
    }

    private static boolean isHex(String id) {
        if (id.length() != ID_CHARACTERS || id.charAt(TRACE_DIGITS) != '-') {
            return false;
        }
        for (int i = 0; i < ID_CHARACTERS; i++) {
            if (i != TRACE_DIGITS && DIGITS.indexOf(id.charAt(i)) < 0) {
                return false;
            }
        }
        return true;
    }

    private static long hex(String id, int from) {
        return Long.parseUnsignedLong(id, from, from + SPAN_DIGITS, 16);
    }

    /** The same executions have the same key, so that writing twice is writing once. */
    String key() {
        return Stored.digest(new String(content, StandardCharsets.ISO_8859_1));
    }

    /**
     * Those that ended at {@code sinceNanos} or later.
     *
     * @throws IllegalArgumentException if it is of a newer form
     */
    List<Settled> settled(long sinceNanos) {
        ByteBuffer in = ByteBuffer.wrap(content);
        byte form = in.get();
        if (form != FORM) {
            throw new IllegalArgumentException("Saved executions are of form " + form + "; this program reads form "
                    + FORM + ". Use the program that wrote them, or a newer one.");
        }
        List<Settled> settled = new ArrayList<>(executions);
        while (in.hasRemaining()) {
            byte kind = in.get();
            long end = in.getLong();
            String id = kind == HEX_ID ? hexId(in) : text(in);
            if (end >= sinceNanos) {
                settled.add(new Settled(id, Stored.instant(end)));
            }
        }
        return settled;
    }

    private static String hexId(ByteBuffer in) {
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(in.getLong()) + hex.toHexDigits(in.getLong()) + "-" + hex.toHexDigits(in.getLong());
    }

    private static String text(ByteBuffer in) {
        char[] text = new char[in.getInt()];
        for (int i = 0; i < text.length; i++) {
            text[i] = in.getChar();
        }
        return new String(text);
    }
}
