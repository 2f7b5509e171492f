package dev.scepsy.planner.search.explain;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Objective;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.WorkflowPrediction;
import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.search.Search;
import dev.scepsy.planner.search.SearchResult;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.Choice;
import dev.scepsy.planner.search.choice.ChoiceSpace;
import dev.scepsy.planner.search.choice.Dominance;
import dev.scepsy.planner.search.choice.HostChange;
import dev.scepsy.planner.search.choice.Placeability;
import dev.scepsy.planner.search.choice.SpaceShape;
import dev.scepsy.planner.search.explain.Explanation.Alternative;
import dev.scepsy.planner.search.explain.Explanation.Contribution;
import dev.scepsy.planner.search.explain.Explanation.ModelStory;
import dev.scepsy.planner.search.explain.Explanation.OneMoreGpu;
import dev.scepsy.planner.search.explain.Explanation.Resources;
import dev.scepsy.planner.search.explain.Explanation.WorkflowStory;
import dev.scepsy.planner.topology.HostResource;
import dev.scepsy.planner.topology.ReplicaShape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Explains a plan of a problem. Pure. */
public final class Explainer {

    private final AllocationProblem problem;
    private final Plan plan;
    private final Placeability.Factory placement;
    private final ChoiceSpace space;
    private final Placeability placeability;
    private final List<Choice> chosen = new ArrayList<>();
    private final List<List<Choice>> choices = new ArrayList<>();
    /** What of nodes beside GPUs keeps some model from being faster. */
    private final EnumSet<HostResource> hosts = EnumSet.noneOf(HostResource.class);

    private Explainer(AllocationProblem problem, Plan plan, Placeability.Factory placement) {
        this.problem = problem;
        this.plan = plan;
        this.placement = placement;
        this.space = ChoiceSpace.of(problem, 1);
        this.placeability = placement.on(problem.cluster(), space.placementShapes());
        for (int model = 0; model < space.models(); model++) {
            chosen.add(chosen(model));
            choices.add(Dominance.undominated(space, model));
        }
    }

    /**
     * Explains {@code plan}, which a search of {@code problem} found.
     *
     * @param whatIfs whether to plan again with one more GPU, which takes as long as the plan did; otherwise its value is
     *     bounded from below
     */
    public static Explanation explain(
            AllocationProblem problem, Plan plan, Placeability.Factory placement, boolean whatIfs) {
        return new Explainer(problem, plan, placement).run(whatIfs);
    }

    private Explanation run(boolean whatIfs) {
        List<ModelStory> models = new ArrayList<>();
        for (int model = 0; model < space.models(); model++) {
            models.add(story(model));
        }
        Optional<OneMoreGpu> oneMoreGpu =
                plan.goal().isPresent() ? Optional.empty() : whatIfs ? oneMoreGpu() : oneMoreReplica();
        return new Explanation(
                models,
                workflows(),
                resources(models, oneMoreGpu),
                oneMoreGpu,
                new Rivals(space, choices, placeability).judge());
    }

    private Choice chosen(int model) {
        String name = space.model(model).name();
        LlmAllocation allocation = plan.allocations().stream()
                .filter(candidate -> candidate.model().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("The plan has no allocation of model (" + name + ")."));
        return space.shapes(model).stream()
                .filter(shape -> shape.shape().isOf(allocation))
                .findFirst()
                .map(shape -> space.choice(shape, allocation.replicas()))
                .orElseThrow(() -> new IllegalArgumentException(
                        "The plan's allocation of model (" + name + ") has no profile in the problem."));
    }

    private ModelStory story(int model) {
        Choice choice = chosen.get(model);
        double load = space.load(model).requestsPerSecond().doubleValue();
        double saturation = choice.shape().profile().saturationRequestsPerSecond();
        List<Alternative> alternatives = alternatives(model);
        return new ModelStory(
                space.model(model).name(),
                load,
                load / (choice.replicas() * saturation),
                choice.shape().profile().meanLatencySeconds(load / choice.replicas(), choice.replicas()),
                choice.cost(),
                limit(model, alternatives),
                alternatives.stream()
                        .filter(Alternative::placeable)
                        .limit(ExplainConstants.ALTERNATIVES)
                        .toList());
    }

    /** Best placeable choice of every other (gpu, t, f), and the fastest choice that is not placeable. */
    private List<Alternative> alternatives(int model) {
        Choice mine = chosen.get(model);
        List<Alternative> found = new ArrayList<>();
        List<Choice> byCost = new ArrayList<>(choices.get(model));
        byCost.sort(Comparator.comparingDouble(Choice::cost).thenComparingLong(Choice::compute));
        boolean[] seen = new boolean[space.shapes().size()];
        boolean refusedSeen = false;
        for (Choice other : byCost) {
            boolean same = other.shape().index() == mine.shape().index();
            if (seen[other.shape().index()] || (same && other.replicas() <= mine.replicas())) {
                continue;
            }
            boolean better = other.cost() < mine.cost();
            if (better && refusedSeen) {
                continue;
            }
            boolean fits = fits(model, other);
            if (fits && !same) {
                seen[other.shape().index()] = true;
                found.add(alternative(other, mine, true));
            } else if (better && !fits) {
                refusedSeen = true;
                found.add(alternative(other, mine, false));
            }
            if (found.size() > ExplainConstants.ALTERNATIVES + 1) {
                break;
            }
        }
        return found;
    }

    private static Alternative alternative(Choice other, Choice mine, boolean placeable) {
        ReplicaShape shape = other.shape().shape();
        return new Alternative(
                shape.gpu(),
                shape.tensorParallel(),
                shape.gpuFraction().toDouble(),
                other.replicas(),
                other.cost() - mine.cost(),
                placeable);
    }

    private boolean fits(int model, Choice other) {
        return fits(model, other, placeability);
    }

    private boolean fits(int model, Choice other, Placeability asked) {
        int[] shapes = new int[chosen.size()];
        int[] replicas = new int[chosen.size()];
        for (int i = 0; i < shapes.length; i++) {
            Choice choice = i == model ? other : chosen.get(i);
            shapes[i] = choice.shape().index();
            replicas[i] = choice.replicas();
        }
        return asked.check(shapes, replicas) == Placeability.Verdict.PLACEABLE;
    }

    private LimitedBy limit(int model, List<Alternative> alternatives) {
        Choice mine = chosen.get(model);
        if (problem.objective() == Objective.GPUS || problem.objective() == Objective.COST) {
            return new LimitedBy.OfObjective(problem.objective());
        }
        if (space.load(model).secondsWeight() == 0) {
            return new LimitedBy.OfWeight();
        }
        Optional<LimitedBy> beyondHosts = beyondHosts(model);
        if (beyondHosts.isPresent()) {
            return beyondHosts.get();
        }
        Optional<Alternative> refused = alternatives.stream()
                .filter(other -> !other.placeable() && isWorthTelling(other))
                .findFirst();
        if (refused.isPresent()) {
            Alternative other = refused.get();
            return new LimitedBy.OfSpace(new LimitedBy.Faster(
                    other.replicas(), other.tensorParallel(), other.gpuFraction(), -other.extraSeconds()));
        }
        int most = space.model(model).maxReplicas().orElse(Integer.MAX_VALUE);
        return mine.replicas() >= most ? new LimitedBy.OfMaxReplicas(most) : new LimitedBy.Nothing();
    }

    private boolean isWorthTelling(Alternative faster) {
        return -faster.extraSeconds() > ExplainConstants.NOTICEABLE * plan.objectiveSeconds();
    }

    /** The fastest choice that only the processors or the memory of nodes keep the model from; empty where it is the GPUs. */
    private Optional<LimitedBy> beyondHosts(int model) {
        if (!space.hostUnits().bind()) {
            return Optional.empty();
        }
        Choice mine = chosen.get(model);
        long left = space.compute()
                + mine.compute()
                - chosen.stream().mapToLong(Choice::compute).sum();
        List<Choice> faster = Dominance.undominated(ChoiceSpace.of(HostChange.lifted(problem), 1), model).stream()
                .filter(choice -> choice.cost() < mine.cost() && choice.compute() <= left)
                .sorted(Comparator.comparingDouble(Choice::cost))
                .limit(ExplainConstants.MOST_BEYOND_HOSTS)
                .toList();
        Set<HostResource> all = EnumSet.allOf(HostResource.class);
        Placeability free = without(all);
        for (Choice choice : faster) {
            if (fits(model, choice, free)) {
                Set<HostResource> scarce = Stream.of(HostResource.values())
                        .<Set<HostResource>>map(EnumSet::of)
                        .filter(one -> fits(model, choice, without(one)))
                        .findFirst()
                        .orElse(all);
                hosts.addAll(scarce);
                return Optional.of(new LimitedBy.OfHosts(
                        scarce,
                        new LimitedBy.Faster(
                                (int) choice.replicas(),
                                choice.shape().tensorParallel(),
                                choice.shape().shape().gpuFraction().toDouble(),
                                mine.cost() - choice.cost())));
            }
        }
        return Optional.empty();
    }

    private Placeability without(Set<HostResource> lifted) {
        return placement.on(HostChange.lifted(problem, lifted).cluster(), space.placementShapes());
    }

    private List<WorkflowStory> workflows() {
        List<WorkflowStory> stories = new ArrayList<>();
        for (int i = 0; i < problem.workflows().size(); i++) {
            WorkflowDemand workflow = problem.workflows().get(i);
            WorkflowPrediction prediction = plan.predictions().get(i);
            List<Contribution> contributions = new ArrayList<>();
            for (ModelCalls calls : workflow.calls()) {
                chosen.stream()
                        .filter(choice ->
                                space.model(choice.shape().model()).name().equals(calls.model()))
                        .findFirst()
                        .ifPresent(choice -> contributions.add(new Contribution(
                                calls.model(),
                                calls.sequentialCalls()
                                        * choice.shape()
                                                .profile()
                                                .meanLatencySeconds(
                                                        space.load(choice.shape()
                                                                                .model())
                                                                        .requestsPerSecond()
                                                                        .doubleValue()
                                                                / choice.replicas(),
                                                        choice.replicas()))));
            }
            contributions.sort(
                    Comparator.comparingDouble(Contribution::seconds).reversed().thenComparing(Contribution::model));
            stories.add(new WorkflowStory(
                    workflow.name(),
                    workflow.targetPerSecond(),
                    prediction.latencySeconds().orElse(Double.POSITIVE_INFINITY),
                    workflow.fixedSeconds(),
                    contributions,
                    Optional.ofNullable(prediction.bottleneck()),
                    prediction.maxThroughputPerSecond()));
        }
        return stories;
    }

    private Resources resources(List<ModelStory> models, Optional<OneMoreGpu> oneMoreGpu) {
        double memoryGiB = problem.cluster().freeMemoryGiB();
        double memoryGiBUsed = plan.allocations().stream()
                .mapToDouble(allocation ->
                        (double) allocation.replicas() * allocation.tensorParallel() * allocation.memoryGiBPerGpu())
                .sum();
        double gpus = problem.cluster().freeGpus();
        return new Resources(
                gpus,
                plan.gpusUsed(),
                memoryGiB,
                memoryGiBUsed,
                binding(models, oneMoreGpu, gpus - plan.gpusUsed(), memoryGiB - memoryGiBUsed));
    }

    private Binding binding(
            List<ModelStory> models, Optional<OneMoreGpu> oneMoreGpu, double freeGpus, double freeMemoryGiB) {
        boolean noGain = oneMoreGpu.filter(OneMoreGpu::planned).isPresent()
                && oneMoreGpu.get().objectiveSeconds() >= plan.objectiveSeconds() * (1 - ExplainConstants.NO_GAIN);
        // one more GPU may be too few for what is faster
        if (noGain && models.stream().noneMatch(model -> model.limit() instanceof LimitedBy.OfSpace)) {
            return new Binding.Nothing();
        }
        if (freeGpus >= ExplainConstants.NO_GPU && !hosts.isEmpty()) {
            return new Binding.Hosts(freeGpus, hosts.stream().map(this::taken).toList());
        }
        return freeGpus < ExplainConstants.NO_GPU
                ? new Binding.Compute()
                : freeMemoryGiB < ExplainConstants.NO_MEMORY
                        ? new Binding.Memory()
                        : new Binding.Places(freeGpus, freeMemoryGiB);
    }

    private Binding.Taken taken(HostResource resource) {
        double needed = plan.allocations().stream()
                .mapToDouble(allocation ->
                        allocation.replicas() * problem.need(allocation).of(resource))
                .sum();
        double given = problem.cluster().nodes().stream()
                .mapToDouble(node -> node.host().of(resource).orElse(Double.POSITIVE_INFINITY))
                .sum();
        return new Binding.Taken(
                resource, needed, Double.isInfinite(given) ? OptionalDouble.empty() : OptionalDouble.of(given));
    }

    private Optional<OneMoreGpu> oneMoreGpu() {
        return mostUsedGpu().flatMap(gpu -> {
            SearchResult more = Search.plan(new WhatIf.MoreGpus(1, Optional.of(gpu)).apply(problem), placement);
            return more instanceof SearchResult.Found found
                    ? Optional.of(new OneMoreGpu(gpu, found.plan().objectiveSeconds(), true))
                    : Optional.empty();
        });
    }

    /** What one more GPU is worth at least: to the model that gains most from filling it with its own replicas. */
    private Optional<OneMoreGpu> oneMoreReplica() {
        return mostUsedGpu().map(gpu -> {
            double gain = 0;
            for (int model = 0; model < space.models(); model++) {
                Choice mine = chosen.get(model);
                SpaceShape shape = mine.shape();
                if (!shape.shape().gpu().equals(gpu) || shape.tensorParallel() > 1) {
                    continue;
                }
                long most = space.model(model).maxReplicas().orElse(Integer.MAX_VALUE);
                long replicas = Math.min(most, mine.replicas() + Math.max(1, perGpu(shape)));
                gain = Math.max(
                        gain, mine.cost() - space.choice(shape, replicas).cost());
            }
            return new OneMoreGpu(gpu, plan.objectiveSeconds() - gain, false);
        });
    }

    private long perGpu(SpaceShape shape) {
        long byCompute = space.units().computePerGpu() / shape.compute();
        return shape.memory() == 0
                ? byCompute
                : Math.min(byCompute, space.units().memoryPerGpu(shape.shape().gpu()) / shape.memory());
    }

    private Optional<String> mostUsedGpu() {
        Map<String, Double> used = new TreeMap<>();
        plan.allocations().forEach(allocation -> used.merge(allocation.gpu(), allocation.gpus(), Double::sum));
        return used.entrySet().stream().max(Map.Entry.comparingByValue()).map(Map.Entry::getKey);
    }
}
