package dev.scepsy.planner.problem;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.file.EngineStart;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Source;
import dev.scepsy.planner.predict.AggregateLlmPipeline;
import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.predict.PredictionIntervals;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.profile.AloneCurve;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.HostNeed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A well-formed problem: cluster, models and workflows that fit together. Asking it for profiles of the same replica
 * twice costs the engine model only once. Not thread-safe.
 */
public final class PlanningProblem {

    private final Cluster cluster;
    private final List<ServedModel> models;
    private final Map<String, EngineStart> starts;
    private final List<Demands.Resolved> resolved;
    private final Profiles profiles;

    PlanningProblem(
            Cluster cluster,
            List<ServedModel> models,
            Map<String, EngineStart> starts,
            List<Demands.Resolved> resolved,
            Profiles profiles) {
        this.cluster = cluster;
        this.models = models;
        this.starts = starts;
        this.resolved = resolved;
        this.profiles = profiles;
    }

    /** The hardware. */
    public Cluster cluster() {
        return cluster;
    }

    /** What the workflows ask for, in the order of their file; models under their own names. */
    public List<WorkflowDemand> demands() {
        return resolved.stream().map(Demands.Resolved::demand).toList();
    }

    /** The demands at a quantile of the statistics' intervals. */
    public RobustDemands robustDemands(double quantile) {
        return RobustDemands.of(resolved, quantile);
    }

    /** The statistics behind each demand, in the same order; models under their own names, aliases merged. */
    public List<List<ModelStatistics>> statistics() {
        return resolved.stream().map(Demands.Resolved::models).toList();
    }

    /** The described model that requests for {@code name} go to: its own name or an alias. */
    public Optional<ServedModel> modelServing(String name) {
        return new ModelNames(models).find(name);
    }

    /** The closed form of the demands. */
    public AggregateLlmPipeline pipeline() {
        return AggregateLlmPipeline.of(demands());
    }

    /** The self-hosted models that some workflow calls, in name order. */
    public List<ServedModel> usedModels() {
        Set<String> used = resolved.stream()
                .flatMap(workflow -> workflow.demand().calls().stream())
                .map(ModelCalls::model)
                .collect(Collectors.toSet());
        return models.stream()
                .filter(model -> used.contains(model.name()))
                .sorted(Comparator.comparing(ServedModel::name))
                .toList();
    }

    /** Prompt and answer of the longest request that engines of {@code model} take; empty: nobody says. */
    public OptionalInt mostTokens(ServedModel model) {
        return profiles.mostTokens(model);
    }

    /** The described model called {@code name}; aliases are not looked up. */
    public Optional<ServedModel> model(String name) {
        return models.stream().filter(model -> model.name().equals(name)).findFirst();
    }

    /** What one engine of {@code model} over {@code tensorParallel} GPUs takes of its node beside them. */
    public HostNeed hostNeed(ServedModel model, int tensorParallel) {
        EngineStart start = starts.get(model.name());
        return start == null
                ? HostNeed.of(OptionalDouble.empty(), OptionalDouble.empty(), tensorParallel)
                : HostNeed.of(start.cpuCores(), start.hostMemoryGiB(), tensorParallel);
    }

    /** How one replica of {@code model} behaves; empty when nothing says so or it cannot run there. */
    public Optional<LatencyProfile> profile(ServedModel model, String gpu, int tensorParallel, GpuFraction fraction) {
        return profiles.find(model, gpu, tensorParallel, fraction);
    }

    /** The measured curve of one replica before neighbours were added to it; empty where none are. */
    public Optional<AloneCurve> aloneCurve(ServedModel model, String gpu, int tensorParallel, GpuFraction fraction) {
        return profiles.aloneCurve(model, gpu, tensorParallel, fraction);
    }

    /** How the engine of one replica would be started, where the engine model speaks for it; empty elsewhere. */
    public Optional<EngineSetup> engineSetup(ServedModel model, String gpu, int tensorParallel, GpuFraction fraction) {
        return profiles.engineSetup(model, gpu, tensorParallel, fraction);
    }

    /** What the engine model computes {@code model} on {@code gpu} with: calibrated where curves were measured there. */
    public EngineCoefficients engineCoefficients(ServedModel model, String gpu) {
        return profiles.coefficients(model, gpu);
    }

    /**
     * Relative standard error of the latency that {@link #profile} gives: of a measured curve what repeats of one
     * measurement differ by, of the engine model what it misses on rows like it that it was not fitted on.
     */
    public double relativeError(ServedModel model, String gpu, int tensorParallel, GpuFraction fraction) {
        return profiles.relativeError(model, gpu, tensorParallel, fraction);
    }

    /** By workflow and model: how sure calls and sequential calls are, where the statistics say so. */
    public Map<String, Map<String, PredictionIntervals.Spread>> spreads() {
        Map<String, Map<String, PredictionIntervals.Spread>> spreads = new HashMap<>();
        for (Demands.Resolved workflow : resolved) {
            Map<String, PredictionIntervals.Spread> known = new HashMap<>();
            for (ModelStatistics statistics : workflow.models()) {
                statistics.interval95().ifPresent(intervals -> {
                    if (intervals.callsPerExecution().isPresent()
                            && intervals.sequentialCalls().isPresent()) {
                        known.put(
                                statistics.model(),
                                new PredictionIntervals.Spread(
                                        intervals.callsPerExecution().get(),
                                        intervals.sequentialCalls().get()));
                    }
                });
            }
            spreads.put(workflow.demand().name(), known);
        }
        return spreads;
    }

    /** Why {@link #profile} is empty, for people; no full stop. */
    public String whyNoProfile(ServedModel model, String gpu, int tensorParallel, GpuFraction fraction) {
        return profiles.whyNone(model, gpu, tensorParallel, fraction);
    }

    /** Why the cluster hosts no shape of {@code model}, where it hosts none: one sentence per GPU type. */
    public List<String> whyNoCandidate(ServedModel model) {
        return profiles.whyNoCandidate(model);
    }

    /** Every rule of a legal plan that {@code plan}, which stands in {@code source}, breaks on this problem. */
    public List<Problem> brokenRules(Plan plan, Source source) {
        return new PlanRules(this, plan, source).broken();
    }

    /** What the search works on; tabulates the engine model for every shape the cluster can host. */
    public AllocationProblem allocationProblem(double maxUtilisation) {
        List<AllocationProblem.ModelOptions> options = usedModels().stream()
                .map(model -> {
                    List<AllocationProblem.Candidate> candidates = new ArrayList<>();
                    profiles.forEach(
                            model,
                            (gpu, tensorParallel, fraction, profile) -> candidates.add(new AllocationProblem.Candidate(
                                    gpu, tensorParallel, fraction, profile, hostNeed(model, tensorParallel))));
                    return new AllocationProblem.ModelOptions(
                            model.name(), model.minReplicas(), model.maxReplicas(), candidates);
                })
                .toList();
        return new AllocationProblem(cluster, options, demands(), maxUtilisation);
    }
}
