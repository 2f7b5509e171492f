package dev.scepsy.samples.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.serve.observe.Observations;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Observations that a test states. */
final class StatedObservations implements Observations {

    volatile List<WorkflowStatistics> window = List.of();
    volatile List<WorkflowStatistics> between = List.of();
    volatile Map<String, List<Bin>> rates = Map.of();

    @Override
    public WorkflowShares statistics(Optional<Duration> last) {
        return new WorkflowShares(window, Map.of());
    }

    @Override
    public WorkflowShares statisticsBetween(Instant from, Instant to) {
        return new WorkflowShares(between, Map.of());
    }

    @Override
    public Map<String, List<Bin>> rates(Duration bin, Instant from, Instant to) {
        return rates;
    }

    @Override
    public List<String> workflows() {
        return window.stream().map(WorkflowStatistics::name).toList();
    }

    @Override
    public Optional<ShareCurve> shares(String workflow) {
        return Optional.empty();
    }

    @Override
    public List<String> candidates(String workflow) {
        return List.of();
    }

    @Override
    public List<JsonNode> executions(String workflow, int limit, Optional<String> before) {
        return List.of();
    }

    @Override
    public Optional<JsonNode> execution(String id) {
        return Optional.empty();
    }

    @Override
    public Counts counts() {
        return new Counts(0, 0, 0, Map.of(), Map.of(), 0, 0, 0);
    }

    @Override
    public void flush() {}

    @Override
    public Optional<String> trouble() {
        return Optional.empty();
    }
}
