package dev.scepsy.planner.serve.observe;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.execution.ClockSkew;
import dev.scepsy.planner.execution.Execution;
import dev.scepsy.planner.execution.ExecutionAssembler.Assembled;
import dev.scepsy.planner.execution.IncompleteReason;
import dev.scepsy.planner.execution.RootRule;
import dev.scepsy.planner.otlp.TraceReader;
import dev.scepsy.planner.otlp.TraceSource;
import dev.scepsy.planner.recorded.RecordedTraces;
import dev.scepsy.planner.recorded.WholeTrace;
import dev.scepsy.planner.share.ExecutionShares;
import dev.scepsy.planner.share.MergeableEstimator;
import dev.scepsy.planner.share.MergeableStatistics;
import dev.scepsy.planner.share.RunningShares;
import dev.scepsy.planner.share.Stability;
import dev.scepsy.planner.share.WorkflowKey;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;

/**
 * What recorded traces show: the same answers as a running service gives, over executions that have all ended. The last end among them stands
 * for now. Immutable.
 */
public final class RecordedObservations implements Observations {

    /** One workflow, its executions in order of end. */
    private record Seen(
            WorkflowKey key,
            String shown,
            List<ExecutionShares> executions,
            WorkflowStatistics statistics,
            ShareCurve curve,
            List<ExecutionDocument> kept) {}

    private final List<Seen> workflows;
    private final Map<IncompleteReason, Long> incomplete;
    private final MergeableEstimator estimator;
    private final Instant last;

    private RecordedObservations(
            List<Seen> workflows, Map<IncompleteReason, Long> incomplete, MergeableEstimator estimator) {
        this.workflows = workflows;
        this.incomplete = incomplete;
        this.estimator = estimator;
        last = workflows.stream()
                .map(seen -> end(seen.executions().get(seen.executions().size() - 1)))
                .max(Comparator.naturalOrder())
                .orElse(Instant.EPOCH);
    }

    /** What came of reading; {@code malformed} lines were passed over. */
    public record Read(RecordedObservations observations, long spans, long malformed) {}

    /**
     * Reads sources to the end, one after the other.
     *
     * @param keep executions that are kept with their spans, per workflow, newest first
     * @param requiredExecutions below them statistics are marked as not enough data
     * @throws IOException if one cannot be read
     */
    public static Read read(List<TraceSource> sources, int keep, int requiredExecutions) throws IOException {
        try (RecordedTraces traces = new RecordedTraces()) {
            TraceReader reader = new TraceReader(traces::add, line -> {}, InstantSource.system());
            for (TraceSource source : sources) {
                reader.read(source);
            }
            Gathered all = traces.collect(
                    RootRule.DEFAULT, ClockSkew.NONE, () -> new Gathered(keep), Gathered::take, Gathered::add);
            MergeableEstimator estimator = new MergeableEstimator(requiredExecutions);
            List<Seen> seen = new ArrayList<>();
            all.byWorkflow.forEach((key, one) -> seen.add(seen(key, one, all, estimator)));
            return new Read(
                    new RecordedObservations(List.copyOf(seen), all.incomplete, estimator),
                    reader.spanCount(),
                    reader.malformedCount());
        }
    }

    private static Seen seen(WorkflowKey key, OfOne one, Gathered all, MergeableEstimator estimator) {
        List<ExecutionShares> executions = new ArrayList<>(one.executions);
        executions.sort(
                Comparator.comparingLong(ExecutionShares::endEpochNanos).thenComparing(Comparator.naturalOrder()));
        long called = all.byWorkflow.keySet().stream()
                .filter(other -> other.name().equals(key.name()))
                .count();
        String shown = called > 1 ? key.qualified() : key.name();
        ExecutionShares newest = executions.get(executions.size() - 1);
        WorkflowStatistics statistics = estimator
                .estimate(key, shown, MergeableStatistics.of(executions))
                .stating(newest.targetPerSecond(), newest.weight().orElse(1));
        RunningShares running = new RunningShares();
        executions.forEach(running::add);
        List<ExecutionDocument> kept = new ArrayList<>(one.newest);
        kept.sort(Comparator.comparing(ExecutionDocument::end)
                .thenComparing(ExecutionDocument::id)
                .reversed());
        return new Seen(key, shown, executions, statistics, curve(shown, running), kept);
    }

    private static ShareCurve curve(String shown, RunningShares running) {
        var since = running.stableSince(Stability.DEFAULT_PRECISION);
        return new ShareCurve(
                shown,
                running.executions(),
                since.isPresent() ? (Long) since.getAsLong() : null,
                running.points().stream().map(Queries::point).toList());
    }

    private static Instant end(ExecutionShares execution) {
        return Instant.ofEpochSecond(0, execution.endEpochNanos());
    }

    /** What one thread has gathered. */
    private static final class Gathered {
        private final Map<WorkflowKey, OfOne> byWorkflow = new TreeMap<>();
        private final Map<IncompleteReason, Long> incomplete = new EnumMap<>(IncompleteReason.class);
        private final int keep;

        Gathered(int keep) {
            this.keep = keep;
        }

        void take(WholeTrace trace) {
            for (Assembled assembled : trace.assembly().executions()) {
                if (assembled.execution() instanceof Execution.Complete complete) {
                    ExecutionShares shares = ExecutionShares.withAgents(complete);
                    if (Windows.isUsable(shares)) {
                        of(shares.workflow()).add(new ExecutionDocument(assembled, shares), keep);
                    }
                } else if (assembled.execution() instanceof Execution.Incomplete left) {
                    incomplete.merge(left.reason(), 1L, Long::sum);
                }
            }
        }

        void add(Gathered other) {
            other.byWorkflow.forEach((key, one) -> {
                OfOne own = of(key);
                own.executions.addAll(one.executions);
                one.newest.forEach(document -> own.keep(document, keep));
            });
            other.incomplete.forEach((reason, count) -> incomplete.merge(reason, count, Long::sum));
        }

        private OfOne of(WorkflowKey key) {
            return byWorkflow.computeIfAbsent(key, any -> new OfOne());
        }
    }

    private static final class OfOne {
        private final List<ExecutionShares> executions = new ArrayList<>();
        private final PriorityQueue<ExecutionDocument> newest =
                new PriorityQueue<>(Comparator.comparing(ExecutionDocument::end).thenComparing(ExecutionDocument::id));

        void add(ExecutionDocument document, int keep) {
            executions.add(document.shares());
            keep(document, keep);
        }

        void keep(ExecutionDocument document, int keep) {
            newest.add(document);
            if (newest.size() > keep) {
                newest.remove();
            }
        }
    }

    /** When the last execution ended; the epoch where there is none. */
    public Instant last() {
        return last;
    }

    @Override
    public WorkflowShares statistics(Optional<Duration> part) {
        return part.isEmpty()
                ? new WorkflowShares(workflows.stream().map(Seen::statistics).toList(), incomplete)
                : statisticsBetween(last.minus(part.get()), Instant.MAX);
    }

    @Override
    public WorkflowShares statisticsBetween(Instant from, Instant to) {
        List<WorkflowStatistics> part = new ArrayList<>();
        for (Seen seen : workflows) {
            List<ExecutionShares> between = seen.executions().stream()
                    .filter(each -> !end(each).isBefore(from) && end(each).isBefore(to))
                    .toList();
            if (!between.isEmpty()) {
                part.add(estimator
                        .estimate(seen.key(), seen.shown(), MergeableStatistics.of(between))
                        .stating(
                                seen.statistics().targetPerSecond(),
                                seen.statistics().weight()));
            }
        }
        return new WorkflowShares(part, incomplete);
    }

    @Override
    public List<String> workflows() {
        return workflows.stream().map(Seen::shown).sorted().toList();
    }

    private Optional<Seen> seen(String workflow) {
        List<Seen> found = workflows.stream()
                .filter(seen ->
                        seen.shown().equals(workflow) || seen.key().qualified().equals(workflow))
                .toList();
        return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
    }

    @Override
    public Optional<ShareCurve> shares(String workflow) {
        return seen(workflow).map(Seen::curve);
    }

    @Override
    public List<String> candidates(String workflow) {
        return workflows.stream()
                .map(Seen::key)
                .filter(key -> key.name().equals(workflow) || key.qualified().equals(workflow))
                .map(WorkflowKey::qualified)
                .sorted()
                .toList();
    }

    @Override
    public List<JsonNode> executions(String workflow, int limit, Optional<String> before) {
        List<ExecutionDocument> kept = seen(workflow).map(Seen::kept).orElse(List.of());
        int from = 0;
        if (before.isPresent()) {
            List<String> ids = kept.stream().map(ExecutionDocument::id).toList();
            int at = ids.indexOf(before.get());
            from = at < 0 ? kept.size() : at + 1;
        }
        return kept.subList(from, Math.min(kept.size(), from + limit)).stream()
                .<JsonNode>map(ExecutionDocument::json)
                .toList();
    }

    @Override
    public Optional<JsonNode> execution(String id) {
        return workflows.stream()
                .flatMap(seen -> seen.kept().stream())
                .filter(document -> document.id().equals(id))
                .findFirst()
                .map(ExecutionDocument::json);
    }

    @Override
    public Map<String, List<Bin>> rates(Duration bin, Instant from, Instant to) {
        long length = Math.max(1, bin.toSeconds());
        Map<String, List<Bin>> rates = new TreeMap<>();
        for (Seen seen : workflows) {
            TreeMap<Long, Long> counts = new TreeMap<>();
            for (ExecutionShares each : seen.executions()) {
                Instant end = end(each);
                if (!end.isBefore(from) && end.isBefore(to)) {
                    counts.merge(Math.floorDiv(end.getEpochSecond(), length) * length, 1L, Long::sum);
                }
            }
            List<Bin> bins = new ArrayList<>();
            if (!counts.isEmpty()) {
                // the last one may be a part of a bin only
                for (long at = counts.firstKey(); at < counts.lastKey(); at += length) {
                    bins.add(new Bin(Instant.ofEpochSecond(at), Objects.requireNonNullElse(counts.get(at), 0L)));
                }
            }
            rates.put(seen.shown(), bins);
        }
        return rates;
    }

    @Override
    public Counts counts() {
        long complete =
                workflows.stream().mapToLong(seen -> seen.executions().size()).sum();
        Map<String, Long> outcomes = new TreeMap<>();
        outcomes.put("complete", complete);
        incomplete.forEach((reason, count) -> outcomes.put(reason.key(), count));
        return new Counts(0, 0, 0, Map.of(), outcomes, 0, 0, 0);
    }

    @Override
    public void flush() {}

    @Override
    public Optional<String> trouble() {
        return Optional.empty();
    }
}
