package dev.scepsy.planner.serve.observe;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.share.WorkflowShares;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What applications are seen to do. Snapshots; never blocks receiving. Thread-safe. */
public interface Observations {

    /** Statistics of the window, or of its last part; workflows under the names they are shown by. */
    WorkflowShares statistics(Optional<Duration> last);

    /** Statistics of executions whose roots ended in [from, to), minutes at a time. */
    WorkflowShares statisticsBetween(Instant from, Instant to);

    /** Names as shown, in order. */
    List<String> workflows();

    /** A workflow by its shown name or {@code name@service}; empty where none or, see {@link #candidates}, several have it. */
    Optional<ShareCurve> shares(String workflow);

    /** Full names of the workflows that a plain name may mean. */
    List<String> candidates(String workflow);

    /** Newest first; documents as in {@link dev.scepsy.planner.serve.journal.StatisticsStore.Kept}. */
    List<JsonNode> executions(String workflow, int limit, Optional<String> before);

    Optional<JsonNode> execution(String id);

    /** Arrivals per bin, oldest first, bins without any included, the unfinished last one not; by workflow as shown. */
    Map<String, List<Bin>> rates(Duration bin, Instant from, Instant to);

    /** What it was sent and what became of it. */
    Counts counts();

    /** Once more about everything: settles and folds what can be, saves; for a clean end. */
    void flush();

    /** Why it takes nothing now, a sentence; empty where it does. */
    Optional<String> trouble();

    /**
     * Executions that arrived, each trace counted 1/p; or by the agent's counter where it is there.
     *
     * @param begin of the bin
     * @param executions complete and incomplete
     */
    record Bin(Instant begin, double executions) {}

    /**
     * Shares over executions in order of end.
     *
     * @param stableSince execution count from which shares are stable; null: they are not yet
     */
    record ShareCurve(
            String workflow, long executions, @Nullable Long stableSince, List<SharePoint> points) {}

    /**
     * After so many executions.
     *
     * @param pathShares time on the critical path over end-to-end time by model, with {@code other}; they add up to 1
     */
    record SharePoint(long executions, Instant end, Map<String, Double> pathShares, List<ModelShare> models) {}

    /** A model's part of the execution time with its 95 % band; nulls: not enough data. */
    record ModelShare(
            String model,
            double executionShare,
            @Nullable Double low,
            @Nullable Double high) {}

    /**
     * Counts since the start.
     *
     * @param refused spans of requests that were refused or deferred
     * @param executions by outcome: {@code complete}, reasons of incompleteness, {@code tooOld}, {@code future}, {@code late} (spans)
     */
    record Counts(
            long spansReceived,
            long spansRefused,
            long spansDropped,
            Map<String, Long> requests,
            Map<String, Long> executions,
            long openExecutions,
            long openSpans,
            long failures) {}
}
