package dev.scepsy.planner.planning;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.AllocationProblem.Candidate;
import dev.scepsy.planner.search.choice.AllocationProblem.ModelOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a plan must give a model; what is empty is free. Immutable.
 *
 * @param model under its own name; one that no workflow calls gets nothing all the same
 * @param gpu type
 * @param replicas exactly so many, at least 1
 * @param said who wants it and why, for the reasons of a problem without a plan; may be empty
 */
public record PinnedShape(
        String model,
        Optional<String> gpu,
        Optional<GpuFraction> gpuFraction,
        OptionalInt tensorParallel,
        OptionalInt replicas,
        String said) {

    /** @throws IllegalArgumentException naming the value outside its range */
    public PinnedShape {
        if (replicas.isPresent() && replicas.getAsInt() < 1) {
            throw new IllegalArgumentException(
                    "The replicas (" + replicas.getAsInt() + ") pinned for model (" + model + ") must be at least 1.");
        }
        if (tensorParallel.isPresent() && tensorParallel.getAsInt() < 1) {
            throw new IllegalArgumentException("The tensorParallel (" + tensorParallel.getAsInt()
                    + ") pinned for model (" + model + ") must be at least 1.");
        }
    }

    private boolean allows(Candidate candidate) {
        return gpu.map(candidate.gpu()::equals).orElse(true)
                && gpuFraction.map(candidate.gpuFraction()::equals).orElse(true)
                && (tensorParallel.isEmpty() || tensorParallel.getAsInt() == candidate.tensorParallel());
    }

    /** Whether {@code allocation} is what this asks for. */
    public boolean allows(LlmAllocation allocation) {
        return gpu.map(allocation.gpu()::equals).orElse(true)
                && gpuFraction.map(allocation.gpuFraction()::equals).orElse(true)
                && (tensorParallel.isEmpty() || tensorParallel.getAsInt() == allocation.tensorParallel())
                && (replicas.isEmpty() || replicas.getAsInt() == allocation.replicas());
    }

    /** Shapes that the pins do not allow taken away, numbers of replicas fixed. */
    public static AllocationProblem restrict(AllocationProblem problem, List<PinnedShape> pins) {
        if (pins.isEmpty()) {
            return problem;
        }
        Map<String, PinnedShape> byModel = new HashMap<>();
        pins.forEach(pin -> byModel.put(pin.model(), pin));
        return problem.withModels(problem.models().stream()
                .map(model -> {
                    PinnedShape pin = byModel.get(model.name());
                    return pin == null ? model : pin.restrict(model);
                })
                .toList());
    }

    private ModelOptions restrict(ModelOptions model) {
        return new ModelOptions(
                model.name(),
                replicas.orElse(model.minReplicas()),
                replicas.isPresent() ? replicas : model.maxReplicas(),
                model.candidates().stream().filter(this::allows).toList());
    }

    /** Sentences on those pins that leave their model nothing, or ask what the models file forbids. */
    public static List<String> impossible(AllocationProblem problem, List<PinnedShape> pins) {
        List<String> sentences = new ArrayList<>();
        for (PinnedShape pin : pins) {
            problem.models().stream()
                    .filter(model -> model.name().equals(pin.model())
                            && !model.candidates().isEmpty())
                    .filter(model -> model.candidates().stream().noneMatch(pin::allows))
                    .forEach(model -> sentences.add("The pin of model (" + pin.model() + ") to " + pin.words()
                            + pin.who() + " leaves it no shape that has a profile and that the cluster hosts."
                            + " Take the pin away, or pin a shape that is there."));
        }
        return sentences;
    }

    private String who() {
        return said.isEmpty() ? "" : " (" + said + ")";
    }

    /** What is pinned, such as {@code gpu L4-24GB, 2 replicas}. */
    public String words() {
        List<String> parts = new ArrayList<>();
        gpu.ifPresent(type -> parts.add("gpu " + type));
        gpuFraction.ifPresent(fraction -> parts.add("gpuFraction " + fraction));
        tensorParallel.ifPresent(degree -> parts.add("tensorParallel " + degree));
        replicas.ifPresent(count -> parts.add(count + (count == 1 ? " replica" : " replicas")));
        return parts.isEmpty() ? "any shape" : String.join(", ", parts);
    }
}
