package dev.scepsy.planner.serve.view;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.WorkflowPrediction;
import dev.scepsy.planner.file.PlanFile;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.serve.journal.Freeze;
import dev.scepsy.planner.serve.journal.Pin;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.loop.NodeViews;
import dev.scepsy.planner.serve.loop.Operations;
import dev.scepsy.planner.serve.observe.Observations.Bin;
import dev.scepsy.planner.serve.settings.Actor;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What files say of cluster, models and plan. What runs is not known, and nothing can be decided. Immutable. */
final class FolderOperations implements Operations {

    private static final Duration RECENT = Duration.ofMinutes(15);
    private static final Duration BIN = Duration.ofMinutes(1);

    private final Folder folder;
    private final FolderJournal journal;
    private final FolderObservations observations;

    FolderOperations(Folder folder, FolderJournal journal, FolderObservations observations) {
        this.folder = folder;
        this.journal = journal;
        this.observations = observations;
    }

    private Optional<Plan> plan() {
        return folder.planned()
                .or(() -> journal.newestPlan()
                        .flatMap(entry ->
                                PlanFile.parse("plan", entry.plan().toString()).legalValue()));
    }

    @Override
    public ClusterView cluster() {
        Instant now = observations.last().orElse(Instant.EPOCH);
        return new ClusterView(
                journal.newestPlan().map(PlanEntry::id).orElse(null),
                null,
                folder.cluster().map(NodeViews::of).orElseThrow(() -> Folder.missing("cluster.yaml")),
                List.of(),
                List.of(),
                journal.pins().stream()
                        .filter(pin -> pin.until() == null || now.isBefore(pin.until()))
                        .toList(),
                List.of(),
                journal.freeze().orElse(null),
                null,
                true);
    }

    @Override
    public List<ModelView> models() {
        List<ServedModel> described =
                folder.models().orElseThrow(() -> Folder.missing("models.yaml")).models();
        Map<String, Integer> replicas = new HashMap<>();
        plan().ifPresent(plan ->
                plan.allocations().forEach((LlmAllocation each) -> replicas.put(each.model(), each.replicas())));
        Optional<WorkflowShares> known = observations.known();
        return described.stream()
                .sorted(Comparator.comparing(ServedModel::name))
                .map(model -> new ModelView(
                        model.name(),
                        model.external(),
                        replicas.get(model.name()),
                        null,
                        null,
                        null,
                        null,
                        null,
                        known.map(shares -> wantedPerSecond(shares, model)).orElse(null),
                        known.map(shares -> callSeconds(shares, model)).orElse(null),
                        null,
                        null,
                        null,
                        List.of()))
                .toList();
    }

    /** Σ target · calls; null where a workflow that calls it has no target. */
    private static @Nullable Double wantedPerSecond(WorkflowShares shares, ServedModel model) {
        double sum = 0;
        for (WorkflowStatistics workflow : shares.workflows()) {
            for (ModelStatistics each : workflow.models()) {
                if (model.allNames().contains(each.model())) {
                    if (workflow.targetPerSecond().isEmpty()) {
                        return null;
                    }
                    sum += workflow.targetPerSecond().getAsDouble() * each.callsPerExecution();
                }
            }
        }
        return sum;
    }

    private static @Nullable Double callSeconds(WorkflowShares shares, ServedModel model) {
        double calls = 0;
        double seconds = 0;
        for (WorkflowStatistics workflow : shares.workflows()) {
            for (ModelStatistics each : workflow.models()) {
                if (model.allNames().contains(each.model())
                        && each.meanCallSeconds().isPresent()) {
                    double here = workflow.executions().orElse(1) * each.callsPerExecution();
                    calls += here;
                    seconds += here * each.meanCallSeconds().getAsDouble();
                }
            }
        }
        return calls > 0 ? (Double) (seconds / calls) : null;
    }

    @Override
    public LoopView loop() {
        Map<String, WorkflowPrediction> predictions = new HashMap<>();
        Map<String, Double> predicted = new TreeMap<>();
        plan().ifPresent(plan -> plan.predictions().forEach(each -> {
            predictions.put(each.workflow(), each);
            each.latencySeconds().ifPresent(seconds -> predicted.put(each.workflow(), seconds));
        }));
        List<WorkflowStatistics> workflows =
                observations.known().map(WorkflowShares::workflows).orElse(List.of());
        Map<String, Double> measured = new TreeMap<>();
        workflows.forEach(workflow ->
                workflow.endToEndSeconds().ifPresent(seconds -> measured.put(workflow.name(), seconds.mean())));
        Map<String, Double> rates = rates();
        return new LoopView(
                "files",
                null,
                Map.of(),
                predicted,
                measured,
                folder.warnings(),
                0,
                workflows.stream()
                        .map(workflow -> view(workflow, predictions.get(workflow.name()), measured, rates))
                        .sorted(Comparator.comparing(WorkflowView::workflow))
                        .toList());
    }

    private Map<String, Double> rates() {
        Map<String, Double> rates = new HashMap<>();
        observations
                .last()
                .ifPresent(last -> observations
                        .rates(BIN, last.minus(RECENT), last.plus(BIN))
                        .forEach((workflow, bins) -> bins.stream()
                                .mapToDouble(Bin::executions)
                                .average()
                                .ifPresent(mean -> rates.put(workflow, mean / BIN.toSeconds()))));
        return rates;
    }

    private static WorkflowView view(
            WorkflowStatistics workflow,
            @Nullable WorkflowPrediction prediction,
            Map<String, Double> measured,
            Map<String, Double> rates) {
        OptionalDouble target =
                prediction != null ? OptionalDouble.of(prediction.targetPerSecond()) : workflow.targetPerSecond();
        return new WorkflowView(
                workflow.name(),
                orNull(target),
                prediction != null ? "configured" : target.isPresent() ? "stated" : null,
                null,
                rates.get(workflow.name()),
                prediction == null ? null : orNull(prediction.latencySeconds()),
                measured.get(workflow.name()),
                prediction == null ? null : orNull(prediction.maxThroughputPerSecond()));
    }

    private static @Nullable Double orNull(OptionalDouble value) {
        return value.isPresent() ? (Double) value.getAsDouble() : null;
    }

    @Override
    public Optional<String> trouble() {
        return Optional.empty();
    }

    private static ConflictException onlyShown() {
        return new ConflictException("Files are only shown.", "readOnly");
    }

    @Override
    public Proposal plan(Actor actor, Map<String, Double> targets, @Nullable String reason) throws ConflictException {
        throw onlyShown();
    }

    @Override
    public WhatIfAnswer whatIf(String session, WhatIfQuestion question) throws ConflictException {
        throw onlyShown();
    }

    @Override
    public Proposal approve(Actor actor, String proposal, @Nullable String reason) throws ConflictException {
        throw onlyShown();
    }

    @Override
    public Proposal reject(Actor actor, String proposal, @Nullable String reason) throws ConflictException {
        throw onlyShown();
    }

    @Override
    public PlanEntry rollBack(Actor actor, @Nullable String reason) throws ConflictException {
        throw onlyShown();
    }

    @Override
    public Pin pin(Actor actor, Pin wanted) throws ConflictException {
        throw onlyShown();
    }

    @Override
    public void unpin(Actor actor, String model, @Nullable String reason) throws UnknownException {
        throw new UnknownException("Files are only shown.");
    }

    @Override
    public Freeze freeze(Actor actor, @Nullable String reason, @Nullable Instant until) throws BadRequestException {
        throw new BadRequestException(List.of("Files are only shown."));
    }

    @Override
    public void unfreeze(Actor actor, @Nullable String reason) throws UnknownException {
        throw new UnknownException("Files are only shown.");
    }

    @Override
    public void trust(Actor actor, String node, @Nullable String reason) throws UnknownException {
        throw new UnknownException("Files are only shown.");
    }
}
