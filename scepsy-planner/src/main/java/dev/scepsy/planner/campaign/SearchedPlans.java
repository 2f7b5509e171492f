package dev.scepsy.planner.campaign;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.predict.AggregateLlmPipeline;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.profile.ProfileKey;
import dev.scepsy.planner.search.Search;
import dev.scepsy.planner.search.SearchResult;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.Placeability;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Plans of the product's own search on an allocation problem whose profiles are slowed by factors, judged by its closed form. A
 * plan is its allocations; where they stand does not matter. Immutable as far as its profiles are.
 */
public final class SearchedPlans implements Planning<List<LlmAllocation>> {

    private final AllocationProblem problem;
    private final Placeability.Factory placement;
    private final AggregateLlmPipeline pipeline;
    private final Map<ProfileKey, Integer> numbers = new HashMap<>();
    private final Map<ProfileKey, LatencyProfile> profiles = new HashMap<>();
    private final double[] weights;

    /**
     * @param problem its candidates that are no combination are not slowed
     * @param combinations in the order of the factors
     * @param usable combinations that plans may use: not those that were seen to fail
     */
    public SearchedPlans(
            AllocationProblem problem,
            List<Combination> combinations,
            Predicate<ProfileKey> usable,
            Placeability.Factory placement) {
        this.placement = placement;
        this.pipeline = AggregateLlmPipeline.of(problem.workflows());
        for (int i = 0; i < combinations.size(); i++) {
            numbers.put(combinations.get(i).key(), i);
        }
        List<AllocationProblem.ModelOptions> options = new ArrayList<>();
        for (AllocationProblem.ModelOptions model : problem.models()) {
            List<AllocationProblem.Candidate> candidates = new ArrayList<>();
            for (AllocationProblem.Candidate candidate : model.candidates()) {
                ProfileKey key = key(model.name(), candidate);
                profiles.put(key, candidate.profile());
                if (usable.test(key)) {
                    candidates.add(candidate);
                }
            }
            options.add(new AllocationProblem.ModelOptions(
                    model.name(), model.minReplicas(), model.maxReplicas(), candidates));
        }
        this.problem = problem.withModels(options);
        this.weights =
                problem.workflows().stream().mapToDouble(WorkflowDemand::weight).toArray();
    }

    private static ProfileKey key(String model, AllocationProblem.Candidate candidate) {
        return new ProfileKey(model, candidate.gpu(), candidate.tensorParallel(), candidate.gpuFraction());
    }

    private static ProfileKey key(LlmAllocation allocation) {
        return new ProfileKey(
                allocation.model(), allocation.gpu(), allocation.tensorParallel(), allocation.gpuFraction());
    }

    @Override
    public Optional<List<LlmAllocation>> best(double[] logFactors) {
        List<AllocationProblem.ModelOptions> options = problem.models().stream()
                .map(model -> new AllocationProblem.ModelOptions(
                        model.name(),
                        model.minReplicas(),
                        model.maxReplicas(),
                        model.candidates().stream()
                                .map(candidate -> candidate.withProfile(
                                        slowed(key(model.name(), candidate), candidate.profile(), logFactors)))
                                .toList()))
                .toList();
        return Search.tryPlan(problem.withModels(options), placement) instanceof SearchResult.Found found
                ? Optional.of(found.plan().allocations())
                : Optional.empty();
    }

    private LatencyProfile slowed(ProfileKey key, LatencyProfile profile, double[] logFactors) {
        Integer number = numbers.get(key);
        return number == null || logFactors[number] == 0
                ? profile
                : new SlowedProfile(profile, Math.exp(logFactors[number]));
    }

    @Override
    public double seconds(List<LlmAllocation> plan, double[] logFactors) {
        LatencyProfile[] served = new LatencyProfile[pipeline.models().size()];
        int[] replicas = new int[served.length];
        if (!sustains(plan, logFactors, 1, served, replicas)) {
            return Double.POSITIVE_INFINITY;
        }
        double[] latencies = new double[weights.length];
        pipeline.latencySeconds(served, replicas, new double[served.length], latencies);
        double sum = 0;
        double total = 0;
        for (int w = 0; w < weights.length; w++) {
            sum += weights[w] * latencies[w];
            total += weights[w];
        }
        return total > 0 ? sum / total : 0;
    }

    @Override
    public boolean isLegal(List<LlmAllocation> plan, double[] logFactors) {
        int models = pipeline.models().size();
        return sustains(plan, logFactors, problem.maxUtilisation(), new LatencyProfile[models], new int[models]);
    }

    /** Fills in what serves every model, as far as it goes. */
    private boolean sustains(
            List<LlmAllocation> plan,
            double[] logFactors,
            double utilisation,
            @Nullable LatencyProfile[] served,
            int[] replicas) {
        for (LlmAllocation allocation : plan) {
            int model = pipeline.models().indexOf(allocation.model());
            LatencyProfile profile = profiles.get(key(allocation));
            if (model < 0 || profile == null) {
                continue;
            }
            LatencyProfile slowed = slowed(key(allocation), profile, logFactors);
            served[model] = slowed;
            replicas[model] = allocation.replicas();
            double capacity = allocation.replicas() * slowed.saturationRequestsPerSecond() * utilisation;
            if (pipeline.requestsPerSecond(model) > capacity * (1 + 1e-9)) {
                return false;
            }
        }
        for (LatencyProfile profile : served) {
            if (profile == null) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean uses(List<LlmAllocation> plan, int i) {
        return plan.stream().anyMatch(allocation -> {
            Integer number = numbers.get(key(allocation));
            return number != null && number == i;
        });
    }
}
