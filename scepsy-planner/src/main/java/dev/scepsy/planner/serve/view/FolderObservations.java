package dev.scepsy.planner.serve.view;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.serve.engines.EngineLoads;
import dev.scepsy.planner.serve.observe.Observations;
import dev.scepsy.planner.serve.observe.RecordedObservations;
import dev.scepsy.planner.serve.web.NotShownException;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the traces of a folder show once they are read; without traces, what {@code workflows.json} says. Engines are not asked by anybody here.
 * Thread-safe.
 */
final class FolderObservations implements Observations, EngineLoads {

    private static final String TRACES = "traces (*.jsonl, *.jsonl.gz)";

    private final Folder folder;
    private volatile Optional<RecordedObservations> recorded = Optional.empty();
    private volatile Optional<String> failure = Optional.empty();

    FolderObservations(Folder folder) {
        this.folder = folder;
    }

    void read(RecordedObservations observations) {
        recorded = Optional.of(observations);
    }

    /** @param sentence why the traces cannot be read */
    void failed(String sentence) {
        failure = Optional.of(sentence);
    }

    /** @throws NotShownException where there are none, or not yet */
    private RecordedObservations traces() {
        if (folder.traces().isEmpty()) {
            throw Folder.missing(TRACES);
        }
        return recorded.orElseThrow(() -> failure.map(NotShownException::missing)
                .orElseGet(() -> NotShownException.later("The traces are being read.")));
    }

    private boolean onlyWorkflows() {
        return folder.traces().isEmpty() && folder.workflows().isPresent();
    }

    @Override
    public WorkflowShares statistics(Optional<Duration> last) {
        if (onlyWorkflows()) {
            return new WorkflowShares(folder.workflows().get(), Map.of());
        }
        return traces().statistics(last);
    }

    /** What is known by now; empty where nothing is yet. */
    Optional<WorkflowShares> known() {
        return onlyWorkflows() || recorded.isPresent() ? Optional.of(statistics(Optional.empty())) : Optional.empty();
    }

    /** When the last execution ended; now is then. */
    Optional<Instant> last() {
        return recorded.map(RecordedObservations::last);
    }

    @Override
    public WorkflowShares statisticsBetween(Instant from, Instant to) {
        return traces().statisticsBetween(from, to);
    }

    @Override
    public List<String> workflows() {
        return onlyWorkflows()
                ? folder.workflows().get().stream()
                        .map(WorkflowStatistics::name)
                        .toList()
                : traces().workflows();
    }

    @Override
    public Optional<ShareCurve> shares(String workflow) {
        return traces().shares(workflow);
    }

    @Override
    public List<String> candidates(String workflow) {
        return traces().candidates(workflow);
    }

    @Override
    public List<JsonNode> executions(String workflow, int limit, Optional<String> before) {
        return traces().executions(workflow, limit, before);
    }

    @Override
    public Optional<JsonNode> execution(String id) {
        return traces().execution(id);
    }

    @Override
    public Map<String, List<Bin>> rates(Duration bin, Instant from, Instant to) {
        return recorded.map(known -> known.rates(bin, from, to)).orElse(Map.of());
    }

    @Override
    public Counts counts() {
        return recorded.map(RecordedObservations::counts)
                .orElseGet(() -> new Counts(0, 0, 0, Map.of(), Map.of(), 0, 0, 0));
    }

    @Override
    public void flush() {}

    @Override
    public Optional<String> trouble() {
        return Optional.empty();
    }

    @Override
    public Map<String, ModelLoad> models() {
        return Map.of();
    }

    @Override
    public Map<String, Double> requestsPerSecond(Duration window) {
        return Map.of();
    }

    @Override
    public Map<String, List<ModelLoad>> samples(Duration window) {
        return Map.of();
    }

    @Override
    public Map<String, Map<String, Double>> secondsPerToken() {
        return Map.of();
    }

    @Override
    public List<EngineWork> work(Instant from, Instant to) {
        return List.of();
    }

    @Override
    public Map<String, Double> hitRatesToPlanBy() {
        return Map.of();
    }

    @Override
    public List<String> troubles() {
        return List.of();
    }
}
