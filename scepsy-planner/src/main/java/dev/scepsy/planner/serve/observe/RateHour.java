package dev.scepsy.planner.serve.observe;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * Executions of one workflow that arrived, by minute of one hour, in millionths, so that sums are exact in any order: those seen as
 * spans, each 1/p, and those of the agent's counter where it is there; with where each of the counter's series had got to, so that none of
 * it is counted twice after a restart, and with what the workflow's program states. Guarded by its owner's lock.
 */
final class RateHour {

    static final int MINUTES = 60;

    /** One execution. */
    static final long ONE = 1_000_000;

    private static final long NOT_COUNTED = -1;
    private static final byte FORM = 1;

    private final long[] spans = new long[MINUTES];
    private final long[] counter = new long[MINUTES];
    private final Map<Long, CounterSeries.State> series = new TreeMap<>();
    private OptionalDouble target = OptionalDouble.empty();
    private OptionalDouble weight = OptionalDouble.empty();
    private long statedAtNanos = Long.MIN_VALUE;
    private boolean unsaved;
    private long changes;

    RateHour() {
        Arrays.fill(counter, NOT_COUNTED);
    }

    void addSpans(int minute, long millionths) {
        spans[minute] = sum(spans[minute], millionths);
        changed();
    }

    void addCounter(int minute, long millionths) {
        counter[minute] = sum(Math.max(0, counter[minute]), millionths);
        changed();
    }

    void series(long key, CounterSeries.State state) {
        series.put(key, state);
        changed();
    }

    /** What the root of an execution that started then states; the newest counts. */
    void stated(OptionalDouble targetPerSecond, OptionalDouble statedWeight, long startEpochNanos) {
        if (startEpochNanos > statedAtNanos) {
            if (!target.equals(targetPerSecond) || !weight.equals(statedWeight)) {
                changed();
            }
            target = targetPerSecond;
            weight = statedWeight;
            statedAtNanos = startEpochNanos;
        }
    }

    private void changed() {
        unsaved = true;
        changes++;
    }

    private static long sum(long one, long other) {
        long sum = one + other;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    /**
     * Executions of a minute.
     *
     * @param whole whether the counter is known to cover all of it
     */
    double executions(int minute, boolean whole) {
        long own = counter[minute];
        return (own == NOT_COUNTED ? spans[minute] : whole ? own : Math.max(own, spans[minute])) / (double) ONE;
    }

    OptionalDouble target() {
        return target;
    }

    OptionalDouble weight() {
        return weight;
    }

    /** Nanoseconds of the epoch; the smallest number where nothing was stated. */
    long statedAtNanos() {
        return statedAtNanos;
    }

    Map<Long, CounterSeries.State> series() {
        return series;
    }

    boolean isUnsaved() {
        return unsaved;
    }

    long changes() {
        return changes;
    }

    void saved(long changesThen) {
        unsaved = changes != changesThen;
    }

    byte[] bytes() {
        ByteBuffer out = ByteBuffer.allocate(64 + 16 * MINUTES + 40 * series.size());
        out.put(FORM);
        for (int i = 0; i < MINUTES; i++) {
            out.putLong(spans[i]).putLong(counter[i]);
        }
        out.putDouble(target.orElse(Double.NaN))
                .putDouble(weight.orElse(Double.NaN))
                .putLong(statedAtNanos);
        out.putInt(series.size());
        series.forEach((key, state) -> out.putLong(key)
                .putLong(state.startEpochNanos())
                .putLong(state.timeEpochNanos())
                .putDouble(state.value()));
        return Arrays.copyOf(out.array(), out.position());
    }

    /** @throws IllegalArgumentException if they are of a newer form, or of none */
    static RateHour read(byte[] bytes) {
        try {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            if (in.get() != FORM) {
                throw new IllegalArgumentException("Saved rates are of form " + bytes[0] + "; this program reads form "
                        + FORM + ". Use the program that wrote them, or a newer one.");
            }
            RateHour hour = new RateHour();
            for (int i = 0; i < MINUTES; i++) {
                hour.spans[i] = in.getLong();
                hour.counter[i] = in.getLong();
            }
            hour.target = optional(in.getDouble());
            hour.weight = optional(in.getDouble());
            hour.statedAtNanos = in.getLong();
            for (int left = in.getInt(); left > 0; left--) {
                hour.series.put(in.getLong(), new CounterSeries.State(in.getLong(), in.getLong(), in.getDouble()));
            }
            return hour;
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("Saved rates are damaged: they break off.", e);
        }
    }

    private static OptionalDouble optional(double value) {
        return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
}
