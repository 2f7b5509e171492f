package dev.scepsy.planner.serve.observe;

import dev.scepsy.planner.otlp.CounterPoints.Point;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where each series of a counter has got to: what a point adds to what was known. A cumulative series begins anew with its start
 * time, or where it falls without saying one; a delta is its own addition, once. Guarded by its owner's lock.
 */
final class CounterSeries {

    /** Series that are told apart; beyond, the oldest go. */
    private static final int MOST_SERIES = 20_000;

    /** Of a series that is first seen, only what it counted since then: how its count spreads over a longer time is not known. */
    private static final long MOST_BEFORE_NANOS = 3_600_000_000_000L;

    private final Map<Long, State> series = new HashMap<>();

    /**
     * The newest point of a series.
     *
     * @param startEpochNanos since when it counts; of deltas the beginning of the last
     */
    record State(long startEpochNanos, long timeEpochNanos, double value) {}

    /**
     * What a point adds.
     *
     * @param key of its series
     * @param state the series from now on
     * @param fromEpochNanos beginning of the time in which the executions were; before {@code state}'s time
     */
    record Addition(long key, State state, long fromEpochNanos, double executions) {}

    /** What the point adds; null where it says nothing new. It counts once {@link #take} is called. */
    @Nullable
    Addition addition(Point point) {
        long key = key(point);
        State before = series.get(key);
        long time = point.timeEpochNanos();
        if (before != null && time <= before.timeEpochNanos()) {
            return null;
        }
        long start = point.startEpochNanos() < time ? point.startEpochNanos() : 0;
        State now = new State(start, time, point.value());
        long reach = before != null ? before.timeEpochNanos() : start != 0 ? start : time;
        if (!point.cumulative()) {
            return new Addition(
                    key, now, Math.max(start == 0 ? reach : start, time - MOST_BEFORE_NANOS), point.value());
        }
        if (before != null) {
            double more = point.value() - before.value();
            return new Addition(key, now, reach, more >= 0 ? more : point.value());
        }
        if (start == 0) {
            return new Addition(key, now, time, 0);
        }
        double part = Math.min(1, (double) MOST_BEFORE_NANOS / (time - start));
        return new Addition(key, now, Math.max(start, time - MOST_BEFORE_NANOS), point.value() * part);
    }

    void take(Addition addition) {
        recover(addition.key(), addition.state());
    }

    /** A series as it was saved; the newest counts. */
    void recover(long key, State state) {
        State known = series.get(key);
        if (known != null && known.timeEpochNanos() >= state.timeEpochNanos()) {
            return;
        }
        if (known == null && series.size() >= MOST_SERIES) {
            long oldest = series.entrySet().stream()
                    .min(Map.Entry.comparingByValue(java.util.Comparator.comparingLong(State::timeEpochNanos)))
                    .orElseThrow()
                    .getKey();
            series.remove(oldest);
        }
        series.put(key, state);
    }

    void clear() {
        series.clear();
    }

    /** FNV-1a of everything that tells series apart; of cumulative ones the start too, so that two instances without ids stay two. */
    private static long key(Point point) {
        long hash = 0xcbf29ce484222325L;
        for (Map<String, String> attributes :
                java.util.List.of(new TreeMap<>(point.resource()), new TreeMap<>(point.attributes()))) {
            for (Map.Entry<String, String> attribute : attributes.entrySet()) {
                hash = hash(hash(hash, attribute.getKey()), attribute.getValue());
            }
            hash = (hash ^ 0x1FFFF) * 0x100000001b3L;
        }
        if (point.cumulative()) {
            hash = (hash ^ point.startEpochNanos()) * 0x100000001b3L;
        }
        return hash;
    }

    private static long hash(long seed, String text) {
        long hash = seed;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return (hash ^ 0xFFFF) * 0x100000001b3L;
    }
}
