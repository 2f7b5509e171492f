package dev.scepsy.planner.problem;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Source;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.topology.Cluster;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/**
 * Restrictions of the models file that contradict the cluster: whatever a profile says, no node hosts what they leave.
 * By themselves they make a problem infeasible, not malformed; here they are named with line and remedy.
 */
final class Restrictions {

    private final Map<String, Hosting> hostings;
    private final boolean sharingIsKnown;

    private Restrictions(Map<String, Hosting> hostings, boolean sharingIsKnown) {
        this.hostings = hostings;
        this.sharingIsKnown = sharingIsKnown;
    }

    /**
     * One sentence per contradiction.
     *
     * @param sharingIsKnown false where the cluster file does not say it right: then nothing is said of fractions
     * @param described all models, in the order of the file
     * @param used those of them that are to be served
     */
    static List<Problem> contradictions(
            Cluster cluster,
            boolean sharingIsKnown,
            List<ServedModel> described,
            Collection<ServedModel> used,
            Source source) {
        Restrictions restrictions = new Restrictions(Hosting.of(cluster), sharingIsKnown);
        List<Problem> found = new ArrayList<>();
        for (int i = 0; i < described.size(); i++) {
            ServedModel model = described.get(i);
            if (used.contains(model) && !model.external()) {
                String path = "models[" + i + "]";
                restrictions
                        .contradiction(model)
                        .ifPresent(wrong -> found.add(source.problem(path + "." + wrong.key(), wrong.message())));
            }
        }
        return found;
    }

    private record Contradiction(String key, String message) {}

    private Optional<Contradiction> contradiction(ServedModel model) {
        Map<String, Hosting> allowed = new TreeMap<>(hostings);
        if (!model.gpus().isEmpty()) {
            allowed.keySet().retainAll(model.gpus());
        }
        if (allowed.isEmpty()) {
            return Optional.of(new Contradiction(
                    "gpus",
                    "No node of the cluster has one of the gpus " + sorted(model.gpus()) + " of model (" + model.name()
                            + "). Name one of " + hostings.keySet() + ", or leave the gpus out."));
        }
        int widest =
                allowed.values().stream().mapToInt(Hosting::widestDomain).max().orElse(0);
        if (!model.tensorParallel().isEmpty() && model.tensorParallel().stream().allMatch(degree -> degree > widest)) {
            return Optional.of(new Contradiction(
                    "tensorParallel",
                    "The tensorParallel " + sorted(model.tensorParallel()) + " of model (" + model.name()
                            + ") is wider than any domain of " + String.join(", ", allowed.keySet()) + " (" + widest
                            + " GPUs). Allow " + widest + " or less, or leave the tensorParallel out."));
        }
        if (!sharingIsKnown) {
            return Optional.empty();
        }
        if (!model.gpuFractions().isEmpty()
                && allowed.values().stream()
                        .allMatch(hosting -> onGrid(model, hosting).isEmpty())) {
            return Optional.of(new Contradiction(
                    "gpuFractions",
                    "The gpuFractions " + written(model) + " of model (" + model.name()
                            + ") are on the sharing grid of no node with " + String.join(", ", allowed.keySet())
                            + ". Allow one that is, or leave the gpuFractions out."));
        }
        if (allowed.values().stream().noneMatch(hosting -> hosts(model, hosting))) {
            return Optional.of(new Contradiction(
                    model.tensorParallel().isEmpty() ? "gpuFractions" : "tensorParallel",
                    "No node with " + String.join(", ", allowed.keySet()) + " takes the tensorParallel "
                            + sorted(model.tensorParallel()) + " of model (" + model.name()
                            + ") together with its gpuFractions " + written(model)
                            + ". Allow tensorParallel 1 or gpuFraction 1, or let the nodes share with tensorParallel:"
                            + " true."));
        }
        return Optional.empty();
    }

    private static boolean hosts(ServedModel model, Hosting hosting) {
        List<GpuFraction> fractions = model.gpuFractions().isEmpty()
                ? StreamSupport.stream(hosting.fractions().spliterator(), false).toList()
                : onGrid(model, hosting);
        Collection<Integer> degrees = model.tensorParallel().isEmpty()
                ? IntStream.rangeClosed(1, hosting.widestDomain()).boxed().toList()
                : model.tensorParallel();
        return degrees.stream()
                .anyMatch(degree -> fractions.stream().anyMatch(fraction -> hosting.hosts(degree, fraction)));
    }

    private static List<GpuFraction> onGrid(ServedModel model, Hosting hosting) {
        return model.gpuFractions().stream()
                .flatMap(written -> hosting.onGrid(written).stream())
                .toList();
    }

    private static List<GpuFraction> byValue(Collection<GpuFraction> fractions) {
        return fractions.stream()
                .sorted(Comparator.comparingDouble(GpuFraction::toDouble))
                .toList();
    }

    private static String written(ServedModel model) {
        return byValue(model.gpuFractions()).stream()
                .map(fraction -> fraction.toDecimal().stripTrailingZeros().toPlainString())
                .collect(Collectors.joining(", ", "[", "]"));
    }

    private static <T extends Comparable<T>> List<T> sorted(Collection<T> values) {
        return values.stream().sorted().toList();
    }
}
