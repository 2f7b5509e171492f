package dev.scepsy.planner.serve.observe;

import dev.scepsy.planner.execution.ExecutionId;
import dev.scepsy.planner.span.SpanId;
import dev.scepsy.planner.span.TraceId;
import org.jspecify.annotations.Nullable;

/**
 * Executions that have been counted, so that none is counted twice. Two generations of 64-bit digests: when the younger is full or
 * old enough the older is forgotten. Used by one thread at a time.
 */
final class FoldedIds {

    /** Ids of one generation, 16 bytes each at most. */
    private static final int MOST_IDS = 1 << 21;

    private static final int FIRST_SLOTS = 1 << 10;

    private final long generationNanos;
    private final int mostIds;
    private long[] younger = new long[FIRST_SLOTS];
    private long[] older = new long[FIRST_SLOTS];
    private int youngerSize;
    private long since;

    FoldedIds(long generationNanos, long nowNanos) {
        this(generationNanos, nowNanos, MOST_IDS);
    }

    FoldedIds(long generationNanos, long nowNanos, int mostIds) {
        this.generationNanos = generationNanos;
        this.mostIds = mostIds;
        since = nowNanos;
    }

    /** Whether the execution is new; it is known from now on. */
    boolean add(ExecutionId id, long nowNanos) {
        long digest = digest(id);
        if (holds(younger, digest) || holds(older, digest)) {
            return false;
        }
        if (youngerSize >= mostIds || (nowNanos - since > generationNanos && youngerSize > 0)) {
            older = younger;
            younger = new long[FIRST_SLOTS];
            youngerSize = 0;
            since = nowNanos;
        }
        if (youngerSize * 2 >= younger.length) {
            long[] larger = new long[younger.length * 2];
            for (long each : younger) {
                if (each != 0) {
                    put(larger, each);
                }
            }
            younger = larger;
        }
        put(younger, digest);
        youngerSize++;
        return true;
    }

    /** {@code {traceId}-{rootSpanId}}. */
    static String text(ExecutionId id) {
        return id.traceId().toHex() + "-" + SpanId.toHex(id.rootSpanId());
    }

    /** The id that a text of {@link #text} names; null for any other. */
    static @Nullable ExecutionId of(String text) {
        if (text.length() != TraceId.HEX_DIGITS + 1 + SpanId.HEX_DIGITS || text.charAt(TraceId.HEX_DIGITS) != '-') {
            return null;
        }
        try {
            return new ExecutionId(
                    TraceId.ofHex(text.substring(0, TraceId.HEX_DIGITS)),
                    SpanId.ofHex(text.substring(TraceId.HEX_DIGITS + 1)));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static boolean holds(long[] slots, long digest) {
        for (int at = slot(slots, digest); slots[at] != 0; at = (at + 1) & (slots.length - 1)) {
            if (slots[at] == digest) {
                return true;
            }
        }
        return false;
    }

    private static void put(long[] slots, long digest) {
        int at = slot(slots, digest);
        while (slots[at] != 0) {
            at = (at + 1) & (slots.length - 1);
        }
        slots[at] = digest;
    }

    private static int slot(long[] slots, long digest) {
        return (int) (digest >>> 20) & (slots.length - 1);
    }

    /** SplitMix64's finisher over the three words (Steele, Lea, Flood, 2014); 0 is kept for empty slots. */
    private static long digest(ExecutionId id) {
        long mixed = mix(mix(mix(id.traceId().high()) + id.traceId().low()) + id.rootSpanId());
        return mixed == 0 ? 1 : mixed;
    }

    private static long mix(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
