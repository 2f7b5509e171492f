package dev.scepsy.planner.serve.observe;

import dev.scepsy.planner.execution.ExecutionId;
import dev.scepsy.planner.execution.IncompleteReason;
import dev.scepsy.planner.otlp.CounterPoints.Point;
import dev.scepsy.planner.serve.journal.StatisticsStore.Bucket;
import dev.scepsy.planner.serve.journal.StatisticsStore.Recovered;
import dev.scepsy.planner.serve.journal.StatisticsStore.Settled;
import dev.scepsy.planner.share.ExecutionShares;
import dev.scepsy.planner.share.ModelUse;
import dev.scepsy.planner.share.WorkflowKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All workflows' windows, which executions have been counted, and what the store does not have yet. Every method is called with
 * the object's own monitor held.
 */
final class Windows {

    /** Names beyond these are taken for a mistake, such as an id in the name. */
    private static final int MOST_WORKFLOWS = 2_000;

    /** Models of one execution. */
    private static final int MOST_MODELS = 200;

    /** Characters of a workflow's or a model's name, or of a service's. */
    private static final int LONGEST_NAME = 512;

    /** Executions with their spans that wait to be saved. */
    private static final int MOST_UNSAVED_KEPT = 20_000;

    private final int keep;
    private final long generationNanos;
    private final Map<WorkflowKey, WorkflowWindow> windows = new TreeMap<>();
    private final Map<WorkflowKey, ArrayDeque<ExecutionDocument>> kept = new TreeMap<>();
    private final CounterSeries series = new CounterSeries();
    private final TreeMap<Long, Map<IncompleteReason, Long>> incomplete = new TreeMap<>();
    private List<Settled> settled = new ArrayList<>();
    private FoldedIds folded;
    private int keptCount;
    private Map<WorkflowKey, String> shown = Map.of();

    Windows(int keep, Duration remembered) {
        this.keep = keep;
        this.generationNanos = remembered.toNanos();
        folded = new FoldedIds(generationNanos, 0);
    }

    /** Whether the execution has not been counted; from now on it has. */
    boolean isNew(ExecutionId id, long endEpochNanos, long nowNanos) {
        if (!folded.add(id, nowNanos)) {
            return false;
        }
        settled.add(new Settled(FoldedIds.text(id), Instant.ofEpochSecond(0, endEpochNanos)));
        return true;
    }

    /** The window of a workflow; null where its name cannot be one, or there are too many. */
    @Nullable
    WorkflowWindow window(WorkflowKey key) {
        WorkflowWindow window = windows.get(key);
        if (window == null && windows.size() < MOST_WORKFLOWS && isName(key.name()) && isName(key.service())) {
            window = new WorkflowWindow(key);
            windows.put(key, window);
            shown = WorkflowKey.shown(windows.keySet());
        }
        return window;
    }

    private static boolean isName(@Nullable String name) {
        return name == null || name.length() <= LONGEST_NAME;
    }

    /** Whether statistics can take the execution. */
    static boolean isUsable(ExecutionShares shares) {
        List<ModelUse> models = shares.models();
        return models.size() <= MOST_MODELS && models.stream().allMatch(use -> isName(use.model()));
    }

    void keep(ExecutionDocument document) {
        ArrayDeque<ExecutionDocument> own =
                kept.computeIfAbsent(document.shares().workflow(), key -> new ArrayDeque<>());
        if (keep == 0 || (own.isEmpty() && keptCount >= MOST_UNSAVED_KEPT)) {
            return;
        }
        if (own.size() >= keep || keptCount >= MOST_UNSAVED_KEPT) {
            own.removeFirst();
            keptCount--;
        }
        own.addLast(document);
        keptCount++;
    }

    void incomplete(IncompleteReason reason, Instant now) {
        incomplete
                .computeIfAbsent(
                        Math.floorDiv(now.getEpochSecond(), WorkflowWindow.MINUTE) * WorkflowWindow.MINUTE,
                        minute -> new EnumMap<>(IncompleteReason.class))
                .merge(reason, 1L, Long::sum);
    }

    /** Incomplete executions of minutes in [from, to), by when they were given up. */
    Map<IncompleteReason, Long> incomplete(long from, long to) {
        Map<IncompleteReason, Long> sum = new EnumMap<>(IncompleteReason.class);
        incomplete
                .subMap(from, Math.max(from, to))
                .values()
                .forEach(counts -> counts.forEach((reason, count) -> sum.merge(reason, count, Long::sum)));
        return sum;
    }

    /** A point of the agent's counter, which counted executions of that workflow; whether it could be used. */
    boolean counted(WorkflowKey key, Point point) {
        WorkflowWindow window = window(key);
        if (window == null) {
            return false;
        }
        CounterSeries.Addition addition = series.addition(point);
        if (addition != null) {
            window.counted(addition);
            series.take(addition);
        }
        return true;
    }

    String shown(WorkflowKey key) {
        return shown.getOrDefault(key, key.qualified());
    }

    Map<WorkflowKey, String> shown() {
        return shown;
    }

    List<WorkflowWindow> all() {
        return new ArrayList<>(windows.values());
    }

    @Nullable
    WorkflowWindow existing(WorkflowKey key) {
        return windows.get(key);
    }

    /** Those not saved yet, oldest first. */
    List<ExecutionDocument> kept(WorkflowKey key) {
        ArrayDeque<ExecutionDocument> own = kept.get(key);
        return own == null ? List.of() : List.copyOf(own);
    }

    /** Those of all workflows. */
    List<ExecutionDocument> kept() {
        List<ExecutionDocument> all = new ArrayList<>(keptCount);
        kept.values().forEach(all::addAll);
        return all;
    }

    void keptSaved(List<ExecutionDocument> saved) {
        for (ExecutionDocument document : saved) {
            ArrayDeque<ExecutionDocument> own = kept.get(document.shares().workflow());
            // those that made room for newer ones are gone already
            ExecutionDocument first = own == null ? null : own.peekFirst();
            if (own != null && first != null && first.id().equals(document.id())) {
                own.removeFirst();
                keptCount--;
            }
        }
        kept.values().removeIf(ArrayDeque::isEmpty);
    }

    /** Executions counted that the store does not know; what is returned does not change. */
    List<Settled> unsavedIds() {
        return List.copyOf(settled);
    }

    int unsavedIdCount() {
        return settled.size();
    }

    void idsSaved(int count) {
        settled = new ArrayList<>(settled.subList(count, settled.size()));
    }

    /** Lets go of what ended before {@code oldest}. */
    void forget(long oldest) {
        boolean gone = windows.values().removeIf(window -> window.forget(oldest) && !kept.containsKey(window.key()));
        incomplete.headMap(oldest).clear();
        if (gone) {
            shown = WorkflowKey.shown(windows.keySet());
        }
    }

    /** Forgets everything: another service may have written since. */
    void clear(long nowNanos) {
        windows.clear();
        kept.clear();
        keptCount = 0;
        series.clear();
        incomplete.clear();
        settled = new ArrayList<>();
        folded = new FoldedIds(generationNanos, nowNanos);
        shown = Map.of();
    }

    /**
     * Takes what was saved.
     *
     * @throws IllegalArgumentException if a value is of a newer form, or damaged
     */
    void recover(Recovered recovered, long nowNanos) {
        for (Bucket bucket : recovered.buckets()) {
            if (!bucket.workflow().isEmpty()) {
                WorkflowKey key =
                        new WorkflowKey(bucket.workflow(), bucket.service().isEmpty() ? null : bucket.service());
                windows.computeIfAbsent(key, WorkflowWindow::new).recover(bucket, series);
            }
        }
        windows.values().forEach(WorkflowWindow::recovered);
        windows.values()
                .removeIf(window -> !window.hasExecutions() && window.rates().isEmpty());
        shown = WorkflowKey.shown(windows.keySet());
        for (Settled each : recovered.settled()) {
            ExecutionId id = FoldedIds.of(each.id());
            if (id != null) {
                folded.add(id, nowNanos);
            }
        }
    }
}
