package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.WorkflowPrediction;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.planning.Planner;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.serve.engines.EngineLoads.ModelLoad;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.loop.ClusterPort.Look;
import dev.scepsy.planner.serve.loop.Operations.ClusterView;
import dev.scepsy.planner.serve.loop.Operations.LoopView;
import dev.scepsy.planner.serve.loop.Operations.ModelView;
import dev.scepsy.planner.serve.loop.Operations.WorkflowView;
import dev.scepsy.planner.serve.observe.Observations;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is shown of cluster, models and loop. Thread-safe. */
final class Views {

    private static final int RATE_BINS = 3;

    private final Surroundings around;
    private final Lifecycle lifecycle;
    private final Constraints constraints;
    private final Situations situations;
    private final Cycle cycle;

    Views(Surroundings around, Lifecycle lifecycle, Constraints constraints, Situations situations, Cycle cycle) {
        this.around = around;
        this.lifecycle = lifecycle;
        this.constraints = constraints;
        this.situations = situations;
        this.cycle = cycle;
    }

    ClusterView cluster() {
        Journal journal = around.store().journal();
        Optional<PlanEntry> serving = lifecycle.serving();
        Optional<Look> look = cycle.look();
        List<String> differences = new ArrayList<>();
        cycle.trouble().ifPresent(differences::add);
        look.ifPresent(there -> {
            differences.addAll(there.differences());
            differences.addAll(there.whyUnknown());
            differences.addAll(there.notes());
            there.hardware().whyMalformed().forEach(problem -> differences.add(problem.toString()));
        });
        Instant now = around.clock().instant();
        return new ClusterView(
                serving.map(PlanEntry::id).orElse(null),
                serving.map(PlanEntry::clusterPlanId).orElse(null),
                look.map(NodeViews::of).orElse(List.of()),
                look.map(Look::engines).orElse(List.of()),
                differences,
                journal.pins().stream()
                        .filter(pin -> Situations.holds(pin, now))
                        .toList(),
                around.suspects().now(),
                constraints.freeze().orElse(null),
                lifecycle
                        .pushing()
                        .map(entry -> (entry.kind().equals("proposal") ? "Moving to plan " : "Going back to plan ")
                                + entry.clusterPlanId()
                                + (entry.steps().isEmpty()
                                        ? "."
                                        : ": "
                                                + entry.steps()
                                                        .get(entry.steps().size() - 1)
                                                        .text()))
                        .orElse(null));
    }

    /** What the serving plan is predicted to do at the measured rates. */
    private record Now(Optional<PlanValue> value, WorkflowShares statistics, Map<String, Double> requestsPerSecond) {}

    private Now now() {
        Duration bin = around.settings().targetDefaults().bin();
        Instant now = around.clock().instant();
        Map<String, Double> measured =
                Measured.ratesPerSecond(situations.rates(), bin, now.minus(bin.multipliedBy(RATE_BINS)), now);
        WorkflowShares statistics = around.observations().statistics(Optional.empty());
        Map<String, Double> rates = new HashMap<>();
        statistics
                .workflows()
                .forEach(workflow -> rates.put(workflow.name(), measured.getOrDefault(workflow.name(), 0.0)));
        Optional<PlanningProblem> problem = statistics.workflows().isEmpty()
                ? Optional.empty()
                : cycle.look()
                        .flatMap(look -> Planner.of(
                                        around.problems().assembly(look.hardware(), statistics.workflows(), rates))
                                .problem()
                                .legalValue());
        return new Now(
                problem.map(asked -> PlanValue.of(asked, serving(), Map.of())),
                statistics,
                problem.map(asked -> Measured.requestsPerSecond(asked, measured))
                        .orElse(Map.of()));
    }

    private List<LlmAllocation> serving() {
        return cycle.look()
                .flatMap(Look::served)
                .map(ClusterPort.Served::allocations)
                .or(() -> lifecycle
                        .serving()
                        .flatMap(entry -> PlanText.plan(entry.plan()))
                        .map(plan -> plan.allocations()))
                .orElse(List.of());
    }

    List<ModelView> models() {
        List<ServedModel> described = around.problems()
                .models()
                .legalValue()
                .map(ModelsFile.Described::models)
                .orElse(List.of());
        Now now = now();
        Map<String, ModelLoad> loads = around.loads().models();
        Duration recent = around.settings().targetDefaults().bin().multipliedBy(RATE_BINS);
        Map<String, Double> finished = around.loads().requestsPerSecond(recent);
        Map<String, Double> planned = plannedPerSecond();
        return described.stream()
                .sorted(Comparator.comparing(ServedModel::name))
                .map(model -> view(model, now, loads.get(model.name()), finished.get(model.name()), planned))
                .toList();
    }

    private static ModelView view(
            ServedModel model,
            Now now,
            @Nullable ModelLoad load,
            @Nullable Double finished,
            Map<String, Double> planned) {
        PlanValue.@Nullable ModelValue value =
                now.value().map(each -> each.models().get(model.name())).orElse(null);
        @Nullable
        Double measured = finished != null ? finished : now.requestsPerSecond().get(model.name());
        List<String> notes = new ArrayList<>();
        if (!model.external() && value == null) {
            notes.add("Nothing is known to serve it, or no workflow of the window calls it.");
        }
        return new ModelView(
                model.name(),
                model.external(),
                value == null ? null : value.replicas(),
                load == null ? null : (Double) load.running(),
                load == null ? null : (Double) load.waiting(),
                load == null ? null : load.cacheUse(),
                load == null ? null : load.prefixCacheHitRate(),
                measured,
                planned.get(model.name()),
                load != null && load.latencySeconds() != null ? load.latencySeconds() : callSeconds(now, model),
                value == null ? null : (Double) value.latencySeconds(),
                value == null || finished == null
                        ? null
                        : (Double)
                                (finished / (value.replicas() * value.profile().saturationRequestsPerSecond())),
                value == null ? null : (Double) value.utilisation(),
                notes);
    }

    private static @Nullable Double callSeconds(Now now, ServedModel model) {
        double calls = 0;
        double seconds = 0;
        for (WorkflowStatistics workflow : now.statistics().workflows()) {
            for (ModelStatistics each : workflow.models()) {
                if (model.allNames().contains(each.model())
                        && each.meanCallSeconds().isPresent()) {
                    double here = workflow.executions().orElse(0) * each.callsPerExecution();
                    calls += here;
                    seconds += here * each.meanCallSeconds().getAsDouble();
                }
            }
        }
        return calls > 0 ? (Double) (seconds / calls) : null;
    }

    /** What the serving plan was made for, by model. */
    private Map<String, Double> plannedPerSecond() {
        Map<String, Double> planned = new HashMap<>();
        lifecycle
                .serving()
                .map(PlanEntry::workflows)
                .flatMap(json -> dev.scepsy.planner.file.WorkflowsFile.parse("workflows", json.toString())
                        .legalValue())
                .ifPresent(workflows -> workflows.forEach(workflow -> workflow.models()
                        .forEach(model -> planned.merge(
                                model.model(),
                                workflow.targetPerSecond().orElse(0) * model.callsPerExecution(),
                                Double::sum))));
        return planned;
    }

    LoopView loop() {
        List<WorkflowPrediction> plan = lifecycle
                .serving()
                .flatMap(entry -> PlanText.plan(entry.plan()))
                .map(Plan::predictions)
                .orElse(List.of());
        Map<String, Double> predicted = new TreeMap<>();
        Map<String, Double> throughput = new HashMap<>();
        for (WorkflowPrediction each : plan) {
            each.latencySeconds().ifPresent(seconds -> predicted.put(each.workflow(), seconds));
            each.maxThroughputPerSecond().ifPresent(most -> throughput.put(each.workflow(), most));
        }
        Map<String, Double> measured = new TreeMap<>();
        around.observations()
                .statistics(Optional.of(around.settings().replan().verify().after()))
                .workflows()
                .forEach(workflow ->
                        workflow.endToEndSeconds().ifPresent(seconds -> measured.put(workflow.name(), seconds.mean())));
        List<String> notes = new ArrayList<>(cycle.notes());
        cycle.trouble().ifPresent(notes::add);
        return new LoopView(
                Objects.requireNonNull(cycle.mode().name().toLowerCase(Locale.ROOT)),
                cycle.cooldownUntil().orElse(null),
                around.stages().snapshot(),
                predicted,
                measured,
                notes,
                around.failures().count(),
                workflows(predicted, measured, throughput));
    }

    private List<WorkflowView> workflows(
            Map<String, Double> predicted, Map<String, Double> measured, Map<String, Double> throughput) {
        List<WorkflowStatistics> seen =
                around.observations().statistics(Optional.empty()).workflows();
        Map<String, List<Observations.Bin>> bins = situations.rates();
        Targets targets =
                Targets.of(around.settings().targets(), around.settings().targetDefaults(), seen, bins, Map.of());
        Duration bin = around.settings().targetDefaults().bin();
        Instant now = around.clock().instant();
        Map<String, Double> rates = Measured.ratesPerSecond(bins, bin, now.minus(bin.multipliedBy(RATE_BINS)), now);
        return seen.stream()
                .map(WorkflowStatistics::name)
                .sorted()
                .map(name -> new WorkflowView(
                        name,
                        targets.perSecond().get(name),
                        targets.from(name),
                        targets.latencyLimitSeconds().get(name),
                        rates.get(name),
                        predicted.get(name),
                        measured.get(name),
                        throughput.get(name)))
                .toList();
    }
}
