package dev.scepsy.planner.serve.observe;

import dev.scepsy.planner.serve.journal.StatisticsStore.Bucket;
import dev.scepsy.planner.share.ExecutionShares;
import dev.scepsy.planner.share.MergeableStatistics;
import dev.scepsy.planner.share.RunningShares;
import dev.scepsy.planner.share.WorkflowKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one workflow: statistics by minute, from two hours back by hour; arrivals; the curve of its shares. Times are
 * seconds of the epoch. Guarded by its owner's lock, views excepted.
 */
final class WorkflowWindow {

    static final long MINUTE = 60;
    static final long HOUR = 3600;

    /** How long minutes are kept apart. */
    private static final long MERGE_AFTER = 2 * HOUR;

    /** Minutes below the newest that the remembered sum leaves out: they still change. */
    private static final long STILL_CHANGING = 5 * MINUTE;

    static final String MINUTE_KIND = "statistics";
    static final String HOUR_KIND = "hour";
    static final String RATE_KIND = "rate";

    private final WorkflowKey key;
    private final TreeMap<Long, StatisticsBucket> minutes = new TreeMap<>();
    private final TreeMap<Long, StatisticsBucket> hours = new TreeMap<>();
    private final TreeMap<Long, RateHour> rates = new TreeMap<>();
    private final TreeMap<Long, Boolean> emptied = new TreeMap<>();
    private RunningShares curve = new RunningShares();
    private long forgottenExecutions;
    private long counterUntilNanos = Long.MIN_VALUE;

    /** Sum of all buckets before {@link #summedUntil}; null: not known. */
    private byte @Nullable [] summed;

    private long summedUntil = Long.MIN_VALUE;

    WorkflowWindow(WorkflowKey key) {
        this.key = key;
    }

    WorkflowKey key() {
        return key;
    }

    private static long floor(long second, long unit) {
        return Math.floorDiv(second, unit) * unit;
    }

    void add(ExecutionShares execution) {
        long second = Math.floorDiv(execution.endEpochNanos(), 1_000_000_000L);
        StatisticsBucket bucket = hours.get(floor(second, HOUR));
        long begin = bucket != null ? floor(second, HOUR) : floor(second, MINUTE);
        if (bucket == null) {
            bucket = minutes.computeIfAbsent(begin, minute -> new StatisticsBucket(PackedStatistics.NONE));
        }
        bucket.add(execution);
        changedAt(begin);
        curve.add(execution);
    }

    void arrived(long endEpochNanos, long millionths) {
        long second = Math.floorDiv(endEpochNanos, 1_000_000_000L);
        rate(second).addSpans(minuteOfHour(second), millionths);
    }

    void stated(OptionalDouble target, OptionalDouble weight, long startEpochNanos, long endEpochNanos) {
        rate(Math.floorDiv(endEpochNanos, 1_000_000_000L)).stated(target, weight, startEpochNanos);
    }

    /** Spreads a counter's addition evenly over its time, in whole millionths. */
    void counted(CounterSeries.Addition addition) {
        long from = addition.fromEpochNanos();
        long to = addition.state().timeEpochNanos();
        long toSecond = Math.floorDiv(to, 1_000_000_000L);
        long minuteNanos = MINUTE * 1_000_000_000L;
        long whole = Math.round(Math.min(addition.executions(), Long.MAX_VALUE / 4.0 / RateHour.ONE) * RateHour.ONE);
        long given = 0;
        for (long at = Math.floorDiv(from, minuteNanos) * minuteNanos; at < to; at += minuteNanos) {
            long reached = Math.min(to, at + minuteNanos);
            long soFar = reached == to ? whole : (long) (whole * ((double) (reached - from) / (to - from)));
            long second = Math.floorDiv(at, 1_000_000_000L);
            rate(second).addCounter(minuteOfHour(second), soFar - given);
            given = soFar;
        }
        if (from >= to) {
            rate(toSecond).addCounter(minuteOfHour(toSecond), whole);
        }
        rate(toSecond).series(addition.key(), addition.state());
        counterUntilNanos = Math.max(counterUntilNanos, to);
    }

    private RateHour rate(long second) {
        return rates.computeIfAbsent(floor(second, HOUR), hour -> new RateHour());
    }

    private static int minuteOfHour(long second) {
        return (int) (Math.floorMod(second, HOUR) / MINUTE);
    }

    private void changedAt(long begin) {
        if (begin < summedUntil) {
            forgetSum();
        }
    }

    private void forgetSum() {
        summed = null;
        summedUntil = Long.MIN_VALUE;
    }

    /** Executions that arrived in [from, to), whole minutes. */
    double arrivals(long from, long to) {
        double sum = 0;
        for (long minute = from; minute < to; minute += MINUTE) {
            RateHour hour = rates.get(floor(minute, HOUR));
            if (hour != null) {
                sum += hour.executions(minuteOfHour(minute), (minute + MINUTE) * 1_000_000_000L <= counterUntilNanos);
            }
        }
        return sum;
    }

    /** What the newest root states. */
    Stated stated() {
        RateHour newest = null;
        for (RateHour hour : rates.values()) {
            if (newest == null || hour.statedAtNanos() > newest.statedAtNanos()) {
                newest = hour;
            }
        }
        return newest == null
                ? new Stated(OptionalDouble.empty(), 1)
                : new Stated(newest.target(), newest.weight().orElse(1));
    }

    record Stated(OptionalDouble targetPerSecond, double weight) {}

    RunningShares curve() {
        return curve;
    }

    /** Buckets at one moment; {@link #statistics} adds them, outside the lock. */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record View(
            WorkflowKey key, byte @Nullable [] summed, long summedUntil, TreeMap<Long, StatisticsBucket.View> parts) {

        MergeableStatistics statistics() {
            List<MergeableStatistics> all = new ArrayList<>(parts.size() + 1);
            if (summed != null) {
                all.add(PackedStatistics.read(summed));
            }
            parts.values().forEach(part -> all.add(part.statistics()));
            return MergeableStatistics.sum(all);
        }
    }

    /** Everything. */
    View view() {
        return new View(key, summed, summedUntil, parts(summedUntil, summedUntil, Long.MAX_VALUE));
    }

    /** Minutes that begin in [from, to), and hours that overlap it. */
    View view(long from, long to) {
        return new View(key, null, Long.MIN_VALUE, parts(floor(from, MINUTE), from - HOUR + 1, to));
    }

    private TreeMap<Long, StatisticsBucket.View> parts(long firstMinute, long firstHour, long to) {
        TreeMap<Long, StatisticsBucket.View> parts = new TreeMap<>();
        hours.headMap(to).tailMap(firstHour).forEach((begin, bucket) -> parts.put(begin, bucket.view()));
        minutes.headMap(to).tailMap(firstMinute).forEach((begin, bucket) -> parts.put(begin, bucket.view()));
        return parts;
    }

    /** Remembers the sum of what no longer changes, if nothing of it has changed since the view; the work is done outside the lock. */
    static @Nullable Summed sumOf(View view) {
        if (view.parts().size() < 30) {
            return null;
        }
        long until = view.parts().lastKey() - STILL_CHANGING;
        List<MergeableStatistics> closed = new ArrayList<>();
        if (view.summed() != null) {
            closed.add(PackedStatistics.read(view.summed()));
        }
        Map<Long, StatisticsBucket.View> older = view.parts().headMap(until);
        older.values().forEach(part -> closed.add(part.statistics()));
        return new Summed(PackedStatistics.of(MergeableStatistics.sum(closed)), until, new TreeMap<>(older));
    }

    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    record Summed(byte[] bytes, long until, TreeMap<Long, StatisticsBucket.View> of) {}

    void remember(View view, Summed sum) {
        boolean same = view.summed() == summed
                && view.summedUntil() == summedUntil
                && sum.of().values().stream().allMatch(part -> part.bucket().changes() == part.changes());
        long from = view.summedUntil();
        if (same
                && minutes.headMap(sum.until()).tailMap(from).size()
                                + hours.headMap(sum.until()).tailMap(from).size()
                        == sum.of().size()) {
            summed = sum.bytes();
            summedUntil = sum.until();
        }
    }

    /** Takes a bucket that the store does not have as it is. */
    @FunctionalInterface
    interface Unsaved {
        void take(String kind, long begin, StatisticsBucket.View view);
    }

    void forEachUnsaved(Unsaved sink) {
        minutes.forEach((begin, bucket) -> {
            if (bucket.isUnsaved()) {
                sink.take(MINUTE_KIND, begin, bucket.view());
            }
        });
        hours.forEach((begin, bucket) -> {
            if (bucket.isUnsaved()) {
                sink.take(HOUR_KIND, begin, bucket.view());
            }
        });
    }

    Map<Long, RateHour> rates() {
        return rates;
    }

    /** Minutes that have become parts of hours, to be emptied in the store. */
    List<Long> emptied() {
        return List.copyOf(emptied.keySet());
    }

    void emptiedSaved(List<Long> saved) {
        saved.forEach(emptied::remove);
    }

    /** The oldest hour whose minutes are old enough to become one; null where there is none. */
    @Nullable
    Long hourToMerge(long now) {
        if (minutes.isEmpty()) {
            return null;
        }
        long hour = floor(minutes.firstKey(), HOUR);
        return hour + HOUR + MERGE_AFTER <= now ? (Long) hour : null;
    }

    /** The minutes of an hour, to be added outside the lock. */
    View ofHour(long hour) {
        TreeMap<Long, StatisticsBucket.View> views = new TreeMap<>();
        minutes.subMap(hour, hour + HOUR).forEach((begin, bucket) -> views.put(begin, bucket.view()));
        return new View(key, null, Long.MIN_VALUE, views);
    }

    /** Makes an hour of its minutes unless they have changed since. */
    void merge(long hour, View view, byte[] bytes) {
        Map<Long, StatisticsBucket> now = minutes.subMap(hour, hour + HOUR);
        boolean same = now.size() == view.parts().size()
                && view.parts().values().stream().allMatch(part -> part.bucket().changes() == part.changes());
        if (same) {
            now.keySet().forEach(minute -> emptied.put(minute, true));
            now.clear();
            StatisticsBucket bucket = new StatisticsBucket(PackedStatistics.NONE);
            bucket.replace(bytes);
            hours.put(hour, bucket);
            if (summedUntil > hour && summedUntil < hour + HOUR) {
                // it has a part of the hour only
                forgetSum();
            }
        }
    }

    /** Lets go of what ended before {@code oldest}; whether nothing is left. */
    boolean forget(long oldest) {
        boolean gone = false;
        while (!hours.isEmpty() && hours.firstKey() + HOUR <= oldest) {
            forgottenExecutions +=
                    hours.pollFirstEntry().getValue().view().statistics().executions();
            gone = true;
        }
        while (!minutes.isEmpty() && minutes.firstKey() + MINUTE <= oldest) {
            forgottenExecutions +=
                    minutes.pollFirstEntry().getValue().view().statistics().executions();
            gone = true;
        }
        while (!rates.isEmpty() && rates.firstKey() + HOUR <= oldest) {
            rates.pollFirstEntry();
        }
        if (gone) {
            forgetSum();
            if (forgottenExecutions * 4 > curve.executions()) {
                redraw();
            }
        }
        return hours.isEmpty() && minutes.isEmpty() && rates.isEmpty();
    }

    /** The curve of what is left, a point a bucket. */
    private void redraw() {
        curve = new RunningShares();
        forgottenExecutions = 0;
        TreeMap<Long, StatisticsBucket> all = new TreeMap<>(minutes);
        all.putAll(hours);
        all.forEach((begin, bucket) -> curve.add(
                bucket.view().statistics(), (begin + (hours.containsKey(begin) ? HOUR : MINUTE)) * 1_000_000_000L));
    }

    /** Takes what was saved; {@link #recovered} follows. */
    void recover(Bucket saved, CounterSeries series) {
        long begin = saved.minute().getEpochSecond();
        if (saved.value().length == 0) {
            return;
        }
        switch (saved.kind()) {
            case MINUTE_KIND -> minutes.put(begin, new StatisticsBucket(saved.value()));
            case HOUR_KIND -> hours.put(begin, new StatisticsBucket(saved.value()));
            case RATE_KIND -> {
                RateHour hour = RateHour.read(saved.value());
                rates.put(begin, hour);
                hour.series().forEach((id, state) -> {
                    series.recover(id, state);
                    counterUntilNanos = Math.max(counterUntilNanos, state.timeEpochNanos());
                });
            }
            default -> {}
        }
    }

    /** All of it has been taken. */
    void recovered() {
        hours.keySet().forEach(hour -> minutes.subMap(hour, hour + HOUR).clear());
        redraw();
    }

    Bucket bucket(String kind, long begin, byte[] value) {
        String service = key.service();
        return new Bucket(key.name(), service == null ? "" : service, Instant.ofEpochSecond(begin), kind, value);
    }

    boolean hasExecutions() {
        return !minutes.isEmpty() || !hours.isEmpty();
    }
}
