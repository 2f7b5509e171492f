package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.WorkflowPrediction;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.planning.Planner;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.serve.journal.PlanEntry;
import dev.scepsy.planner.serve.journal.Proposal;
import dev.scepsy.planner.serve.journal.Scorecard;
import dev.scepsy.planner.serve.journal.Scorecard.ModelScore;
import dev.scepsy.planner.serve.settings.ServeSettings.Verify;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what a plan is judged by once it has served for a while, and judges. Where the wall's clock jumps meanwhile it is measured anew from
 * there: times before and after a jump are not of one scale.
 */
final class Verifying {

    private static final double NANOS = 1e9;

    private final Surroundings around;

    Verifying(Surroundings around) {
        this.around = around;
    }

    /** The scorecard; empty where it is too early, or too little was measured yet. */
    Optional<Scorecard> of(PlanEntry entry, Optional<ClusterPort.Look> look) {
        Verify verify = around.settings().replan().verify();
        Instant applied = Objects.requireNonNullElse(entry.appliedAt(), entry.startedAt());
        Instant now = around.clock().instant();
        Ages.Measured age = around.ages().measured(entry.id(), applied);
        Duration waited = age.unbroken();
        boolean last = age.whole().compareTo(verify.after().multipliedBy(Verification.MOST_WAITS)) >= 0;
        if (waited.compareTo(verify.after()) < 0 && !last) {
            return Optional.empty();
        }
        Map<String, Double> formerly = before(entry, waited);
        Instant from = now.minus(waited).plus(lead(formerly, verify.after()));
        WorkflowShares since = around.observations().statisticsBetween(from, now);
        Map<String, Double> rates = rates(since, from, now);
        Verification.Evidence evidence = new Verification.Evidence(
                since.workflows(),
                rates,
                new HashMap<>(stated(entry)),
                new HashMap<>(),
                formerly,
                targets(entry),
                List.of());
        Optional<PlanningProblem> problem = look.flatMap(there -> problem(there, since, rates));
        Optional<PlanValue> value = problem.flatMap(
                asked -> PlanText.plan(entry.plan()).map(plan -> PlanValue.of(asked, plan.allocations(), Map.of())));
        value.ifPresent(predicted -> predicted.predictions().stream()
                .filter(each -> each.latencySeconds().isPresent())
                .forEach(each -> evidence.predicted()
                        .put(each.workflow(), each.latencySeconds().getAsDouble())));
        problem.ifPresent(asked -> former(entry, asked)
                .ifPresent(former -> former.predictions()
                        .forEach(each -> evidence.former()
                                .put(each.workflow(), each.latencySeconds().orElse(Double.POSITIVE_INFINITY)))));
        return Verification.of(
                new Verification.Evidence(
                        evidence.since(),
                        rates,
                        evidence.predicted(),
                        evidence.former(),
                        evidence.before(),
                        evidence.targets(),
                        models(value, waited, since)),
                verify,
                around.settings().statistics().requiredExecutions(),
                from,
                now,
                last);
    }

    /** Executions that end soon after a move began before it: what took as long as one on average is not counted, half of the time at most. */
    private static Duration lead(Map<String, Double> beforeSeconds, Duration after) {
        double mean = beforeSeconds.values().stream()
                .mapToDouble(seconds -> seconds)
                .max()
                .orElse(0);
        Duration lead = Duration.ofNanos((long) (mean * NANOS));
        Duration half = after.dividedBy(2);
        return lead.compareTo(half) < 0 ? lead : half;
    }

    /** Why the plan before {@code entry} would be no better, though this one is worse than it should be; ends a sentence. Empty: go back. */
    Optional<String> whyNotBack(PlanEntry entry, Optional<ClusterPort.Look> look) {
        Optional<Plan> former = Optional.ofNullable(entry.previous())
                .flatMap(around.store().journal()::plan)
                .flatMap(previous -> PlanText.plan(previous.plan()));
        Optional<ClusterFile.Described> hardware =
                look.flatMap(there -> there.hardware().legalValue());
        if (former.isEmpty() || hardware.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Integer> gpus = new HashMap<>();
        hardware.get()
                .cluster()
                .racks()
                .forEach(rack -> rack.nodes().forEach(node -> gpus.put(node.name(), node.gpus())));
        Optional<String> lost = former.get().placements().stream()
                .filter(place -> place.gpus().stream().anyMatch(gpu -> gpu >= gpus.getOrDefault(place.node(), 0)))
                .map(place -> place.node())
                .findFirst();
        if (lost.isPresent()) {
            return Optional.of("the plan before it needs node " + lost.get() + ", which is not there as it was.");
        }
        Instant now = around.clock().instant();
        Instant applied = Objects.requireNonNullElse(entry.appliedAt(), entry.startedAt());
        Instant from = now.minus(around.ages().measured(entry.id(), applied).unbroken());
        WorkflowShares since = around.observations().statisticsBetween(from, now);
        boolean overloaded = look.flatMap(there -> problem(there, since, rates(since, from, now)))
                .flatMap(asked -> former(entry, asked))
                .map(value -> value.predictions().stream()
                        .anyMatch(each -> each.latencySeconds().isEmpty()))
                .orElse(false);
        return overloaded ? Optional.of("the plan before it cannot hold the load that is measured.") : Optional.empty();
    }

    /** Arrivals since then by bins; where no bin has ended yet, complete executions. */
    private Map<String, Double> rates(WorkflowShares since, Instant from, Instant to) {
        Duration bin = around.settings().targetDefaults().bin();
        Map<String, Double> rates =
                Measured.ratesPerSecond(around.observations().rates(bin, from, to), bin, from, to);
        double seconds = Duration.between(from, to).toNanos() / NANOS;
        for (WorkflowStatistics workflow : since.workflows()) {
            rates.putIfAbsent(workflow.name(), workflow.executions().orElse(0) / seconds);
        }
        return rates;
    }

    private Optional<PlanningProblem> problem(ClusterPort.Look there, WorkflowShares since, Map<String, Double> rates) {
        List<WorkflowStatistics> atItsPace = SuspectGpus.slowed(
                since.workflows(),
                SuspectGpus.paces(there.served(), around.suspects().now()),
                around.problems()::described);
        return since.workflows().isEmpty()
                ? Optional.empty()
                : Planner.of(around.problems().assembly(there.hardware(), atItsPace, rates))
                        .problem()
                        .legalValue();
    }

    private Optional<PlanValue> former(PlanEntry entry, PlanningProblem problem) {
        return Optional.ofNullable(entry.previous())
                .flatMap(around.store().journal()::plan)
                .flatMap(previous -> PlanText.plan(previous.plan()))
                .map(plan -> PlanValue.of(problem, plan.allocations(), Map.of()));
    }

    /** What the plan itself says, at its targets. */
    private static Map<String, Double> stated(PlanEntry entry) {
        Map<String, Double> stated = new TreeMap<>();
        PlanText.plan(entry.plan()).map(Plan::predictions).orElse(List.of()).stream()
                .filter(prediction -> prediction.latencySeconds().isPresent())
                .forEach(prediction -> stated.put(
                        prediction.workflow(), prediction.latencySeconds().getAsDouble()));
        return stated;
    }

    /** As long before the push as the plan is measured after it. */
    private Map<String, Double> before(PlanEntry entry, Duration as) {
        Map<String, Double> before = new TreeMap<>();
        around.observations()
                .statisticsBetween(entry.startedAt().minus(as), entry.startedAt())
                .workflows()
                .forEach(workflow ->
                        workflow.endToEndSeconds().ifPresent(seconds -> before.put(workflow.name(), seconds.mean())));
        return before;
    }

    private Map<String, Double> targets(PlanEntry entry) {
        Map<String, Double> targets = new TreeMap<>();
        Optional.ofNullable(entry.proposal())
                .flatMap(around.store().journal()::proposal)
                .map(Proposal::targetsPerSecond)
                .ifPresent(targets::putAll);
        if (targets.isEmpty()) {
            PlanText.plan(entry.plan()).map(Plan::predictions).orElse(List.<WorkflowPrediction>of()).stream()
                    .forEach(prediction -> targets.put(prediction.workflow(), prediction.targetPerSecond()));
        }
        return targets;
    }

    private List<ModelScore> models(Optional<PlanValue> value, Duration waited, WorkflowShares since) {
        Map<String, Double> finished = around.loads().requestsPerSecond(waited);
        List<ModelScore> scores = new ArrayList<>();
        value.ifPresent(predicted -> new TreeMap<>(predicted.models()).forEach((model, each) -> {
            @Nullable Double rate = finished.get(model);
            scores.add(new ModelScore(
                    model,
                    each.utilisation(),
                    rate == null
                            ? null
                            : rate / (each.replicas() * each.profile().saturationRequestsPerSecond()),
                    each.latencySeconds(),
                    callSeconds(since, model)));
        }));
        return scores;
    }

    /** Mean over workflows' calls, weighted by calls. */
    private static @Nullable Double callSeconds(WorkflowShares since, String model) {
        double calls = 0;
        double seconds = 0;
        for (WorkflowStatistics workflow : since.workflows()) {
            for (var statistics : workflow.models()) {
                if (statistics.model().equals(model)
                        && statistics.meanCallSeconds().isPresent()) {
                    double here = workflow.executions().orElse(0) * statistics.callsPerExecution();
                    calls += here;
                    seconds += here * statistics.meanCallSeconds().getAsDouble();
                }
            }
        }
        return calls > 0 ? (Double) (seconds / calls) : null;
    }
}
