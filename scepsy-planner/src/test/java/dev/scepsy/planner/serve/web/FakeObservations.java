package dev.scepsy.planner.serve.web;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.execution.IncompleteReason;
import dev.scepsy.planner.serve.engines.EngineLoads;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.observe.Observations;
import dev.scepsy.planner.share.CallClass;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.TokenStatistics;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Has seen one workflow whose name a test may choose, and two that are called the same. */
final class FakeObservations implements Observations, EngineLoads {

    static final String ID = "5b8efff798038103d269b633813fc60c-eee19b7ec3c1b174";

    volatile String workflow = "research";
    volatile @Nullable String trouble;
    volatile long folded;
    final List<Optional<Duration>> windows = new CopyOnWriteArrayList<>();

    @Override
    public WorkflowShares statistics(Optional<Duration> last) {
        windows.add(last);
        ModelStatistics model = new ModelStatistics(
                "large",
                3.2,
                1.6,
                2,
                OptionalDouble.of(1),
                OptionalDouble.of(1.9),
                OptionalDouble.empty(),
                Optional.of(new TokenStatistics(900, OptionalDouble.of(4000))),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.<CallClass>of(),
                Optional.empty());
        return new WorkflowShares(
                List.of(new WorkflowStatistics(
                        workflow,
                        OptionalLong.of(200),
                        OptionalDouble.empty(),
                        1,
                        0.4,
                        Optional.of(new WorkflowStatistics.EndToEnd(6.1, 5, 14.2, 20.9)),
                        List.of(model),
                        false,
                        OptionalInt.empty(),
                        OptionalDouble.empty(),
                        null,
                        0,
                        0)),
                Map.of(IncompleteReason.ROOT_MISSING, 3L));
    }

    @Override
    public WorkflowShares statisticsBetween(Instant from, Instant to) {
        throw new AssertionError("not asked by the API");
    }

    @Override
    public List<String> workflows() {
        return List.of(workflow, "twin@a", "twin@b");
    }

    @Override
    public Optional<ShareCurve> shares(String name) {
        return name.equals(workflow)
                ? Optional.of(new ShareCurve(
                        workflow,
                        2,
                        null,
                        List.of(new SharePoint(
                                2,
                                FakeOperations.AT,
                                Map.of("large", 0.75, "other", 0.25),
                                List.of(new ModelShare("large", 1, null, null))))))
                : Optional.empty();
    }

    @Override
    public List<String> candidates(String name) {
        if (name.equals("twin")) {
            return List.of("twin@a", "twin@b");
        }
        return workflows().contains(name) ? List.of(name) : List.of();
    }

    @Override
    public List<JsonNode> executions(String name, int limit, Optional<String> before) {
        return name.equals(workflow) && before.isEmpty()
                ? List.of(Documents.parse("{\"id\":\"" + ID + "\",\"limit\":" + limit + "}"))
                : List.of();
    }

    @Override
    public Optional<JsonNode> execution(String id) {
        return id.equals(ID) ? Optional.of(Documents.parse("{\"id\":\"" + ID + "\",\"spans\":[]}")) : Optional.empty();
    }

    @Override
    public Map<String, List<Bin>> rates(Duration bin, Instant from, Instant to) {
        throw new AssertionError("not asked by the API");
    }

    @Override
    public Counts counts() {
        return new Counts(0, 0, 0, Map.of(), Map.of("complete", folded), 0, 0, 0);
    }

    @Override
    public void flush() {
        throw new AssertionError("not asked by the API");
    }

    @Override
    public Optional<String> trouble() {
        return Optional.ofNullable(trouble);
    }

    @Override
    public Map<String, ModelLoad> models() {
        return Map.of(
                "org/large",
                new ModelLoad(
                        "org/large",
                        FakeOperations.AT,
                        2,
                        1,
                        0,
                        0.5,
                        null,
                        null,
                        1.5,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null));
    }

    @Override
    public Map<String, Double> requestsPerSecond(Duration window) {
        throw new AssertionError("not asked by the API");
    }

    @Override
    public Map<String, List<ModelLoad>> samples(Duration window) {
        throw new AssertionError("not asked by the API");
    }

    @Override
    public List<String> troubles() {
        return List.of("engine 2 of large did not answer");
    }

    @Override
    public Map<String, Double> hitRatesToPlanBy() {
        return Map.of();
    }

    @Override
    public List<EngineWork> work(Instant from, Instant to) {
        return List.of();
    }

    @Override
    public Map<String, Map<String, Double>> secondsPerToken() {
        return Map.of();
    }
}
