package dev.scepsy.planner.serve.observe;

import dev.scepsy.planner.serve.journal.StatisticsStore;
import dev.scepsy.planner.serve.journal.StatisticsStore.Batch;
import dev.scepsy.planner.serve.journal.StatisticsStore.Bucket;
import dev.scepsy.planner.serve.journal.StatisticsStore.Kept;
import dev.scepsy.planner.serve.journal.StatisticsStore.Recovered;
import dev.scepsy.planner.serve.journal.StatisticsStore.Settled;
import dev.scepsy.planner.serve.journal.StoreException;
import dev.scepsy.planner.span.Span;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Between the windows and the store. What is written together was taken at one moment: statistics, and the executions that are in them; so
 * that after a restart none counts twice and none that was saved is missing. Values replace, so that a batch may be written again.
 * Packing and adding are done outside the windows' monitor. Used by one thread at a time.
 */
final class Saving {

    private static final String OPEN_KIND = "open-";

    /** Spans in one value. */
    private static final int OPEN_SPANS_PER_VALUE = 10_000;

    private final Windows windows;
    private final StatisticsStore store;
    private final InstantSource clock;
    private final Duration window;
    private final int keep;

    /** Values of open spans that the store has: to be emptied with the next batch. */
    private List<Bucket> openSaved = new ArrayList<>();

    private boolean retained;

    Saving(Windows windows, StatisticsStore store, InstantSource clock, Duration window, int keep) {
        this.windows = windows;
        this.store = store;
        this.clock = clock;
        this.window = window;
        this.keep = keep;
    }

    /**
     * Takes what the store has; the spans of executions that were open at a clean end.
     *
     * @throws StoreException if it cannot be used now
     * @throws IllegalArgumentException if a newer program wrote it, or it is damaged
     */
    List<Span> load(long steadyNanos) {
        Recovered recovered = store.load(clock.instant().minus(window).minusSeconds(WorkflowWindow.HOUR));
        List<Span> open = new ArrayList<>();
        List<Bucket> saved = new ArrayList<>();
        for (Bucket bucket : recovered.buckets()) {
            if (bucket.kind().startsWith(OPEN_KIND) && bucket.value().length > 0) {
                open.addAll(OpenSpans.read(bucket.value()));
                saved.add(new Bucket("", "", bucket.minute(), bucket.kind(), PackedStatistics.NONE));
            }
        }
        synchronized (windows) {
            windows.clear(steadyNanos);
            windows.recover(recovered, steadyNanos);
        }
        openSaved = saved;
        return open;
    }

    /** A batch, and what is to be told of its being durable. */
    private record Taken(
            List<Packing> packings,
            Map<RateHour, Long> rates,
            List<Bucket> rateBuckets,
            Map<WorkflowWindow, List<Long>> emptied,
            List<ExecutionDocument> kept,
            List<Settled> settled) {}

    /** A value to be packed. */
    private record Packing(WorkflowWindow window, String kind, long begin, StatisticsBucket.View view) {}

    /**
     * Writes what the store does not have.
     *
     * @param open spans of executions that are still open, at a clean end
     * @throws StoreException if it cannot be used now; nothing is forgotten then
     */
    void save(List<Span> open) {
        mergeHours();
        Taken taken;
        synchronized (windows) {
            taken = take();
        }
        List<Bucket> buckets = new ArrayList<>(taken.rateBuckets());
        Map<StatisticsBucket.View, byte[]> packed = new IdentityHashMap<>();
        for (Packing packing : taken.packings()) {
            byte[] bytes = packing.view().since().isEmpty()
                    ? packing.view().packed()
                    : PackedStatistics.of(packing.view().statistics());
            packed.put(packing.view(), bytes);
            buckets.add(packing.window().bucket(packing.kind(), packing.begin(), bytes));
        }
        synchronized (windows) {
            packed.forEach((view, bytes) -> view.bucket().pack(view, bytes));
        }
        taken.emptied()
                .forEach((own, minutes) -> minutes.forEach(
                        minute -> buckets.add(own.bucket(WorkflowWindow.MINUTE_KIND, minute, PackedStatistics.NONE))));
        List<Bucket> openNow = open(open);
        List<Bucket> emptiedOpen = openSaved;
        buckets.addAll(emptiedOpen);
        buckets.addAll(openNow);
        List<Kept> kept = taken.kept().stream().map(ExecutionDocument::kept).toList();
        if (buckets.isEmpty() && kept.isEmpty() && taken.settled().isEmpty()) {
            return;
        }
        store.save(new Batch(buckets, kept, taken.settled()));
        openSaved = new ArrayList<>();
        synchronized (windows) {
            packed.keySet().forEach(view -> view.bucket().saved(view));
            taken.rates().forEach(RateHour::saved);
            taken.emptied().forEach(WorkflowWindow::emptiedSaved);
            windows.keptSaved(taken.kept());
            windows.idsSaved(taken.settled().size());
        }
        if (!retained) {
            // the store learns how many executions are kept, and need not wait for the first round of forgetting
            retain();
        }
    }

    private Taken take() {
        List<Packing> packings = new ArrayList<>();
        Map<RateHour, Long> rates = new HashMap<>();
        List<Bucket> rateBuckets = new ArrayList<>();
        Map<WorkflowWindow, List<Long>> emptied = new HashMap<>();
        for (WorkflowWindow own : windows.all()) {
            own.forEachUnsaved((kind, begin, view) -> packings.add(new Packing(own, kind, begin, view)));
            own.rates().forEach((begin, hour) -> {
                if (hour.isUnsaved()) {
                    rates.put(hour, hour.changes());
                    rateBuckets.add(own.bucket(WorkflowWindow.RATE_KIND, begin, hour.bytes()));
                }
            });
            if (!own.emptied().isEmpty()) {
                emptied.put(own, own.emptied());
            }
        }
        return new Taken(packings, rates, rateBuckets, emptied, windows.kept(), windows.unsavedIds());
    }

    private List<Bucket> open(List<Span> spans) {
        Instant minute = Instant.ofEpochSecond(
                Math.floorDiv(clock.instant().getEpochSecond(), WorkflowWindow.MINUTE) * WorkflowWindow.MINUTE);
        Map<String, Bucket> buckets = new TreeMap<>();
        for (int at = 0; at < spans.size(); at += OPEN_SPANS_PER_VALUE) {
            String kind = OPEN_KIND + at / OPEN_SPANS_PER_VALUE;
            List<Span> some = spans.subList(at, Math.min(spans.size(), at + OPEN_SPANS_PER_VALUE));
            buckets.put(kind, new Bucket("", "", minute, kind, OpenSpans.bytes(some)));
        }
        // one value must not be emptied and filled in one batch
        openSaved.removeIf(saved -> saved.minute().equals(minute) && buckets.containsKey(saved.kind()));
        return List.copyOf(buckets.values());
    }

    /** Minutes of two hours ago become hours. */
    private void mergeHours() {
        List<WorkflowWindow> all;
        synchronized (windows) {
            all = windows.all();
        }
        long now = clock.instant().getEpochSecond();
        for (WorkflowWindow own : all) {
            Long hour;
            WorkflowWindow.View view;
            synchronized (windows) {
                hour = own.hourToMerge(now);
                view = hour == null ? null : own.ofHour(hour);
            }
            if (hour != null && view != null) {
                byte[] bytes = PackedStatistics.of(view.statistics());
                synchronized (windows) {
                    own.merge(hour, view, bytes);
                }
            }
        }
    }

    /** Lets go of what is older than the window, here and in the store. */
    void retain() {
        Instant oldest = clock.instant().minus(window);
        synchronized (windows) {
            windows.forget(oldest.getEpochSecond());
        }
        store.retain(oldest.minusSeconds(WorkflowWindow.HOUR), keep);
        retained = true;
    }
}
