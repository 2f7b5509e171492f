package dev.scepsy.planner.serve.observe;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.StatisticsStore;
import dev.scepsy.planner.serve.journal.StatisticsStore.Kept;
import dev.scepsy.planner.share.MergeableEstimator;
import dev.scepsy.planner.share.MergeableStatistics;
import dev.scepsy.planner.share.RunningShares;
import dev.scepsy.planner.share.Stability;
import dev.scepsy.planner.share.WorkflowKey;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Answers of the windows and of the store. The windows' monitor is held for the time of a copy; sums are made outside. Thread-safe. */
final class Queries {

    /** Newest first; those of one time by id. */
    private static final Comparator<Kept> NEWEST =
            Comparator.comparing(Kept::end).thenComparing(Kept::id).reversed();

    private final Windows windows;
    private final StatisticsStore store;
    private final InstantSource clock;
    private final Duration window;
    private final Duration settle;
    private final MergeableEstimator estimator;

    Queries(
            Windows windows,
            StatisticsStore store,
            InstantSource clock,
            Duration window,
            Duration settle,
            int requiredExecutions) {
        this.windows = windows;
        this.store = store;
        this.clock = clock;
        this.window = window;
        this.settle = settle;
        estimator = new MergeableEstimator(requiredExecutions);
    }

    WorkflowShares statistics(Optional<Duration> last) {
        Instant now = clock.instant();
        if (last.isPresent() && last.get().compareTo(window) < 0) {
            return between(now.minus(last.get()), Instant.MAX, true);
        }
        return between(now.minus(window), Instant.MAX, false);
    }

    WorkflowShares between(Instant from, Instant to) {
        return between(from, to, true);
    }

    private WorkflowShares between(Instant from, Instant to, boolean part) {
        List<WorkflowWindow> all;
        Map<WorkflowKey, String> shown;
        Map<dev.scepsy.planner.execution.IncompleteReason, Long> incomplete;
        synchronized (windows) {
            all = windows.all();
            shown = windows.shown();
            incomplete = windows.incomplete(minute(from), to.getEpochSecond());
        }
        List<WorkflowStatistics> workflows = new ArrayList<>();
        for (WorkflowWindow own : all) {
            WorkflowWindow.View view;
            WorkflowWindow.Stated stated;
            synchronized (windows) {
                view = part ? own.view(from.getEpochSecond(), to.getEpochSecond()) : own.view();
                stated = own.stated();
            }
            MergeableStatistics sum = view.statistics();
            if (sum.executions() > 0) {
                String name = shown.getOrDefault(own.key(), own.key().qualified());
                workflows.add(
                        estimator.estimate(own.key(), name, sum).stating(stated.targetPerSecond(), stated.weight()));
            }
            WorkflowWindow.Summed summed = part ? null : WorkflowWindow.sumOf(view);
            if (summed != null) {
                synchronized (windows) {
                    own.remember(view, summed);
                }
            }
        }
        return new WorkflowShares(workflows, incomplete);
    }

    private static long minute(Instant time) {
        return Math.floorDiv(time.getEpochSecond(), WorkflowWindow.MINUTE) * WorkflowWindow.MINUTE;
    }

    List<String> workflows() {
        synchronized (windows) {
            return windows.shown().values().stream().sorted().toList();
        }
    }

    List<String> candidates(String workflow) {
        synchronized (windows) {
            return windows.shown().keySet().stream()
                    .filter(key ->
                            key.name().equals(workflow) || key.qualified().equals(workflow))
                    .map(WorkflowKey::qualified)
                    .sorted()
                    .toList();
        }
    }

    private @Nullable WorkflowKey key(String workflow) {
        synchronized (windows) {
            List<WorkflowKey> found = windows.shown().entrySet().stream()
                    .filter(entry -> entry.getValue().equals(workflow)
                            || entry.getKey().qualified().equals(workflow))
                    .map(Map.Entry::getKey)
                    .toList();
            return found.size() == 1 ? found.get(0) : null;
        }
    }

    Optional<Observations.ShareCurve> shares(String workflow) {
        WorkflowKey key = key(workflow);
        if (key == null) {
            return Optional.empty();
        }
        synchronized (windows) {
            WorkflowWindow own = windows.existing(key);
            if (own == null) {
                return Optional.empty();
            }
            RunningShares curve = own.curve();
            var since = curve.stableSince(Stability.DEFAULT_PRECISION);
            return Optional.of(new Observations.ShareCurve(
                    windows.shown(key),
                    curve.executions(),
                    since.isPresent() ? (Long) since.getAsLong() : null,
                    curve.points().stream().map(Queries::point).toList()));
        }
    }

    static Observations.SharePoint point(RunningShares.Point point) {
        Map<String, Double> parts = new TreeMap<>();
        List<Observations.ModelShare> models = new ArrayList<>();
        for (RunningShares.Model model : point.models()) {
            parts.merge(model.model(), model.part(), Double::sum);
            boolean known = Double.isFinite(model.halfWidth());
            models.add(new Observations.ModelShare(
                    model.model(),
                    model.share(),
                    known ? (Double) Math.max(0, model.share() - model.halfWidth()) : null,
                    known ? (Double) Math.min(1, model.share() + model.halfWidth()) : null));
        }
        parts.merge("other", point.other(), Double::sum);
        return new Observations.SharePoint(
                point.executions(), Instant.ofEpochSecond(0, point.endEpochNanos()), parts, models);
    }

    List<JsonNode> executions(String workflow, int limit, Optional<String> before) {
        WorkflowKey key = key(workflow);
        if (key == null) {
            return List.of();
        }
        List<ExecutionDocument> unsaved;
        synchronized (windows) {
            unsaved = windows.kept(key);
        }
        Map<String, Kept> known = new HashMap<>();
        unsaved.forEach(document -> known.put(document.id(), document.kept()));
        Kept earlier = before.map(id -> known.containsKey(id)
                        ? known.get(id)
                        : store.execution(id).orElse(null))
                .orElse(null);
        if (before.isPresent() && earlier == null) {
            return List.of();
        }
        boolean beforeIsSaved = before.isPresent() && !known.containsKey(before.get());
        String service = Objects.requireNonNullElse(key.service(), "");
        // as many more as there are unsaved ones: some of them may have been saved meanwhile
        store.executions(key.name(), service, limit + known.size(), beforeIsSaved ? before : Optional.empty())
                .forEach(kept -> known.putIfAbsent(kept.id(), kept));
        return known.values().stream()
                .filter(kept -> earlier == null || NEWEST.compare(kept, earlier) > 0)
                .sorted(NEWEST)
                .limit(limit)
                .map(kept -> Documents.parse(kept.document()))
                .toList();
    }

    Optional<JsonNode> execution(String id) {
        if (FoldedIds.of(id) == null) {
            return Optional.empty();
        }
        List<ExecutionDocument> unsaved;
        synchronized (windows) {
            unsaved = windows.kept();
        }
        for (ExecutionDocument document : unsaved) {
            if (document.id().equals(id)) {
                return Optional.of(document.json());
            }
        }
        return store.execution(id).map(kept -> Documents.parse(kept.document()));
    }

    /** Bins begin at whole minutes and are whole minutes long; one is finished when nothing of it is waited for any more. */
    Map<String, List<Observations.Bin>> rates(Duration bin, Instant from, Instant to) {
        long length = Math.max(1, Math.round(bin.toSeconds() / (double) WorkflowWindow.MINUTE)) * WorkflowWindow.MINUTE;
        long begin = Math.max(minute(from), minute(clock.instant().minus(window)));
        long finished =
                Math.min(to.getEpochSecond(), clock.instant().minus(settle).getEpochSecond());
        Map<String, List<Observations.Bin>> rates = new TreeMap<>();
        synchronized (windows) {
            for (WorkflowWindow own : windows.all()) {
                List<Observations.Bin> bins = new ArrayList<>();
                for (long at = begin; at + length <= finished; at += length) {
                    bins.add(new Observations.Bin(Instant.ofEpochSecond(at), own.arrivals(at, at + length)));
                }
                rates.put(windows.shown(own.key()), bins);
            }
        }
        return rates;
    }
}
