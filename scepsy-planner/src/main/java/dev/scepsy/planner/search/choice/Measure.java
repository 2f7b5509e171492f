package dev.scepsy.planner.search.choice;

import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * What a search makes small: a constant plus a sum over choices.
 *
 * @param fixed the constant
 * @param of what one choice adds, 0 or more
 * @param inCompute whether it is measured in compute, so that spending less of it also spends less compute
 */
public record Measure(double fixed, ToDoubleFunction<Choice> of, boolean inCompute) {

    /** Weighted mean latency, seconds. */
    public static Measure latency(ChoiceSpace space) {
        return new Measure(space.fixedSeconds(), Choice::cost, false);
    }

    /** Compute units: GPUs exactly, as whole numbers. */
    public static Measure compute() {
        return new Measure(0, Choice::compute, true);
    }

    /** Cost per hour; every GPU type some model may use must have a price. */
    public static Measure price(ChoiceSpace space) {
        double gpu = space.units().computePerGpu();
        Map<String, Double> prices = space.problem().cluster().nodes().stream()
                .map(Node::gpu)
                .distinct()
                .collect(Collectors.toMap(
                        GpuType::name, type -> type.costPerHour().orElse(0)));
        return new Measure(
                0,
                choice -> choice.compute()
                        / gpu
                        * prices.getOrDefault(choice.shape().shape().gpu(), 0.0),
                true);
    }
}
