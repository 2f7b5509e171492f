package dev.scepsy.planner.search.explain;

import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.AllocationProblem.ModelOptions;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A change to a problem, to be planned again and compared. Immutable; each is a pure function of problems. */
public sealed interface WhatIf {

    /** The problem after the change. */
    AllocationProblem apply(AllocationProblem problem);

    /**
     * Reads {@code load*2}, {@code gpus+8}, {@code without=MODEL} or {@code tensorParallel(MODEL)=4}.
     *
     * @return empty when it is none of them
     */
    static Optional<WhatIf> parse(String text) {
        Matcher load = Pattern.compile("load\\*([0-9]*\\.?[0-9]+)").matcher(text);
        if (load.matches()) {
            return Optional.of(new ScaledLoad(Double.parseDouble(load.group(1))));
        }
        Matcher gpus = Pattern.compile("gpus\\+([1-9][0-9]{0,5})(?::(.+))?").matcher(text);
        if (gpus.matches()) {
            return Optional.of(new MoreGpus(Integer.parseInt(gpus.group(1)), Optional.ofNullable(gpus.group(2))));
        }
        Matcher without = Pattern.compile("without=(.+)").matcher(text);
        if (without.matches()) {
            return Optional.of(new Without(without.group(1)));
        }
        Matcher width =
                Pattern.compile("tensorParallel\\((.+)\\)=([1-9][0-9]{0,3})").matcher(text);
        if (width.matches()) {
            return Optional.of(new FixedTensorParallel(width.group(1), Integer.parseInt(width.group(2))));
        }
        return Optional.empty();
    }

    /** The model the change is about; empty when it is about none. */
    default Optional<String> model() {
        return Optional.empty();
    }

    /** All targets times a factor. */
    record ScaledLoad(double factor) implements WhatIf {
        @Override
        public AllocationProblem apply(AllocationProblem problem) {
            return problem.withTargetsTimes(factor);
        }
    }

    /**
     * More GPUs, as further nodes like the first one of their type (the last node smaller).
     *
     * @param gpu type; empty: the type the cluster has most of
     */
    record MoreGpus(int gpus, Optional<String> gpu) implements WhatIf {
        @Override
        public AllocationProblem apply(AllocationProblem problem) {
            Cluster cluster = problem.cluster();
            String type = gpu.orElseGet(() -> cluster.nodes().stream()
                    .collect(Collectors.groupingBy(
                            node -> node.gpu().name(), java.util.TreeMap::new, Collectors.summingInt(Node::gpus)))
                    .entrySet()
                    .stream()
                    .max(java.util.Map.Entry.comparingByValue())
                    .orElseThrow()
                    .getKey());
            Optional<Node> like = cluster.nodes().stream()
                    .filter(node -> node.gpu().name().equals(type))
                    .findFirst();
            if (like.isEmpty()) {
                return problem;
            }
            List<Rack> racks = new ArrayList<>(cluster.racks());
            List<Node> added = new ArrayList<>();
            int left = gpus;
            while (left > 0) {
                int here = Math.min(left, like.get().gpus());
                added.add(new Node(
                        "what-if-" + (added.size() + 1),
                        like.get().gpu(),
                        here,
                        Math.min(here, like.get().domainSize()),
                        like.get().sharing(),
                        List.of(),
                        like.get().host()));
                left -= here;
            }
            racks.add(new Rack("what-if", added));
            return problem.withCluster(new Cluster(racks));
        }
    }

    /** As if no workflow called the model. */
    record Without(String name) implements WhatIf {
        @Override
        public Optional<String> model() {
            return Optional.of(name);
        }

        @Override
        public AllocationProblem apply(AllocationProblem problem) {
            Set<String> others =
                    problem.models().stream().map(ModelOptions::name).collect(Collectors.toCollection(HashSet::new));
            others.remove(name);
            return problem.withOnly(others);
        }
    }

    /** One model restricted to one tensor parallelism. */
    record FixedTensorParallel(String name, int tensorParallel) implements WhatIf {
        @Override
        public Optional<String> model() {
            return Optional.of(name);
        }

        @Override
        public AllocationProblem apply(AllocationProblem problem) {
            List<ModelOptions> models = problem.models().stream()
                    .map(model -> !model.name().equals(name)
                            ? model
                            : new ModelOptions(
                                    model.name(),
                                    model.minReplicas(),
                                    model.maxReplicas(),
                                    model.candidates().stream()
                                            .filter(candidate -> candidate.tensorParallel() == tensorParallel)
                                            .toList()))
                    .toList();
            return problem.withModels(models);
        }
    }
}
