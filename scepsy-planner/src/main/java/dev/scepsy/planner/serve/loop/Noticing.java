package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.file.WorkflowsFile;
import dev.scepsy.planner.planning.Planner;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.serve.engines.EngineLoads.ModelLoad;
import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.serve.loop.ClusterPort.Look;
import dev.scepsy.planner.serve.loop.Operations.EngineView;
import dev.scepsy.planner.serve.observe.Observations.Bin;
import dev.scepsy.planner.serve.settings.ServeSettings.TriggerKind;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import dev.scepsy.planner.topology.Cluster;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Sets the reference that changes are measured against, and notices them. For one thread. */
final class Noticing {

    private static final String NO_REFERENCE = "";

    /** Bins that rates of spans and engines are compared over. */
    private static final int RECENT_BINS = 3;

    private final Surroundings around;
    private final Lifecycle lifecycle;
    private final Situations situations;
    private final Seen seen;
    private final Pending pending;
    private final ChangeSource changes;
    private final SlowEngines slow;
    private final boolean plans;
    private String referenceEntry = NO_REFERENCE;

    /** @param plans whether what is noticed is to be planned for */
    Noticing(
            Surroundings around,
            Lifecycle lifecycle,
            Situations situations,
            Seen seen,
            Pending pending,
            ChangeSource changes,
            boolean plans) {
        this.around = around;
        this.lifecycle = lifecycle;
        this.situations = situations;
        this.seen = seen;
        this.pending = pending;
        this.changes = changes;
        this.slow = new SlowEngines(around.loads(), around.suspects(), around.clock(), this::say);
        this.plans = plans;
    }

    private void say(String text) {
        around.store().journal().write(new Change().event(around.clock().instant(), "service", Map.of("text", text)));
    }

    /** What serves now is what changes are measured against. */
    void reference() {
        Optional<PlanEntry> serving = lifecycle.serving();
        String entry = serving.map(PlanEntry::id).orElse("none");
        Optional<Cluster> hardware = seen.hardware();
        if (entry.equals(referenceEntry) || (around.port().isPresent() && hardware.isEmpty())) {
            return;
        }
        WorkflowShares now = around.observations().statistics(Optional.empty());
        Optional<List<WorkflowStatistics>> planned = serving.map(PlanEntry::workflows)
                .flatMap(json -> WorkflowsFile.parse("workflows of the journal", json.toString())
                        .legalValue());
        if (planned.isEmpty() && now.workflows().stream().allMatch(WorkflowStatistics::notEnoughData)) {
            return; // not yet
        }
        List<WorkflowStatistics> workflows = planned.orElseGet(now::workflows);
        Map<String, Double> targets = new HashMap<>();
        workflows.forEach(workflow -> workflow.targetPerSecond().ifPresent(rate -> targets.put(workflow.name(), rate)));
        if (planned.isEmpty()) {
            targets.putAll(Targets.of(
                            around.settings().targets(),
                            around.settings().targetDefaults(),
                            workflows,
                            situations.rates(),
                            Map.of())
                    .perSecond());
        }
        Map<String, Double> utilisation = new HashMap<>();
        Map<String, Integer> replicas = new HashMap<>();
        serving.flatMap(each -> value(each, workflows, targets))
                .ifPresent(value -> value.models().forEach((model, each) -> {
                    utilisation.put(model, each.utilisation());
                    replicas.put(model, each.replicas());
                }));
        changes.reference(new ChangeSource.Reference(
                around.clock().instant(),
                new WorkflowShares(workflows, Map.of()),
                targets,
                utilisation,
                replicas,
                hardware,
                seen.engines().stream().filter(EngineView::planned).toList()));
        slow.planned();
        referenceEntry = entry;
    }

    private Optional<PlanValue> value(PlanEntry entry, List<WorkflowStatistics> workflows, Map<String, Double> rates) {
        return seen.look()
                .flatMap(there -> Planner.of(around.problems().assembly(there.hardware(), workflows, rates))
                        .problem()
                        .legalValue())
                .flatMap(problem ->
                        PlanText.plan(entry.plan()).map(plan -> PlanValue.of(problem, plan.allocations(), Map.of())));
    }

    /** While a push is under way engines are not those of a plan, and nothing is wrong with that. */
    private Optional<Cluster> standing() {
        return lifecycle.pushing().isPresent() ? Optional.empty() : seen.hardware();
    }

    void notice(List<String> said) {
        Map<String, List<Bin>> rates = situations.rates();
        Duration bin = around.settings().targetDefaults().bin();
        Duration recent = bin.multipliedBy(RECENT_BINS);
        Instant now = around.clock().instant();
        Optional<PlanningProblem> problem = recentProblem(rates, bin, now);
        Map<String, Double> byEngines = new HashMap<>(around.loads().requestsPerSecond(recent));
        byEngines.keySet().retainAll(problem.map(Measured::generating).orElse(Set.of()));
        List<String> apart = problem.map(asked -> Measured.disagreements(
                        Measured.requestsPerSecond(asked, Measured.ratesPerSecond(rates, bin, now.minus(recent), now)),
                        byEngines,
                        recent))
                .orElse(List.of());
        said.addAll(apart);
        Map<String, ModelLoad> loads = around.loads().models();
        List<Trigger> noticed = new ArrayList<>(changes.look(new ChangeSource.Sight(
                now, rates, loads, utilisation(problem, byEngines), standing(), seen.engines())));
        if (standing().isPresent()) {
            noticed.addAll(slow.look(seen.engines()));
        }
        said.addAll(around.suspects().notes());
        List<Trigger> counted = noticed.stream()
                .filter(trigger -> wanted(trigger.kind()))
                .filter(trigger -> apart.isEmpty() || !trigger.kind().equals("rate"))
                .toList();
        pending.notice(counted, plans, now);
    }

    private Optional<PlanningProblem> recentProblem(Map<String, List<Bin>> rates, Duration bin, Instant now) {
        WorkflowShares statistics = around.observations().statistics(Optional.empty());
        return statistics.workflows().isEmpty()
                ? Optional.empty()
                : seen.look()
                        .flatMap(there -> Planner.of(around.problems()
                                        .assembly(
                                                there.hardware(),
                                                statistics.workflows(),
                                                zeroed(
                                                        statistics,
                                                        Measured.ratesPerSecond(
                                                                rates,
                                                                bin,
                                                                now.minus(bin.multipliedBy(RECENT_BINS)),
                                                                now))))
                                .problem()
                                .legalValue());
    }

    private static Map<String, Double> zeroed(WorkflowShares statistics, Map<String, Double> rates) {
        Map<String, Double> all = new HashMap<>();
        statistics.workflows().forEach(workflow -> all.put(workflow.name(), rates.getOrDefault(workflow.name(), 0.0)));
        return all;
    }

    /** Measured: finished requests over what the serving plan's engines take. */
    private Map<String, Double> utilisation(Optional<PlanningProblem> problem, Map<String, Double> byEngines) {
        Map<String, Double> utilisation = new HashMap<>();
        Optional<PlanValue> value = problem.flatMap(asked ->
                seen.look().flatMap(Look::served).map(served -> PlanValue.of(asked, served.allocations(), Map.of())));
        value.ifPresent(now -> now.models().forEach((model, each) -> {
            @Nullable Double finished = byEngines.get(model);
            if (finished != null) {
                utilisation.put(
                        model, finished / (each.replicas() * each.profile().saturationRequestsPerSecond()));
            }
        }));
        return utilisation;
    }

    private boolean wanted(String kind) {
        for (TriggerKind known : TriggerKind.values()) {
            if (known.name().toLowerCase(Locale.ROOT).equals(kind)) {
                return around.settings().replan().triggers().contains(known);
            }
        }
        return true;
    }
}
