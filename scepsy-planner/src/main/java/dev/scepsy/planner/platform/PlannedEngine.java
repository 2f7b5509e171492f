package dev.scepsy.planner.platform;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.cluster.EngineLaunch;
import dev.scepsy.planner.topology.Node;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One engine of a plan: what is started, and where. Immutable.
 *
 * @param name unique in the plan; lower-case letters, digits and hyphens, at most 63
 * @param launch how it is started
 * @param replica its number among the engines of its model, from 0
 * @param node where it is
 * @param gpus its GPUs there, ascending, one per shard, counted in the order of the bus
 * @param gpuFraction share of each GPU's compute
 * @param memoryGiBPerGpu what one shard occupies, GiB
 * @param port where it listens if it has the host's ports to itself; unique on its node
 */
public record PlannedEngine(
        String name,
        EngineLaunch launch,
        int replica,
        Node node,
        List<Integer> gpus,
        GpuFraction gpuFraction,
        double memoryGiBPerGpu,
        int port) {

    public PlannedEngine {
        gpus = gpus.stream().sorted().toList();
    }

    public String model() {
        return launch.model();
    }

    /** GPUs that it spans. */
    public int tensorParallel() {
        return gpus.size();
    }

    /** Its GPUs as CUDA takes them: {@code 0,1}. */
    String gpuList() {
        return gpus.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    boolean sharesGpuWith(PlannedEngine other) {
        return node.name().equals(other.node.name()) && !Collections.disjoint(gpus, other.gpus);
    }

    /** Share of a GPU's threads, percent, as CUDA MPS takes it. */
    String threadPercentage() {
        return BigDecimal.valueOf(100)
                .multiply(gpuFraction.toDecimal())
                .setScale(0, RoundingMode.DOWN)
                .max(BigDecimal.ONE)
                .toPlainString();
    }

    /** Memory that CUDA MPS lets it pin on each of the GPUs it sees: {@code 0=40960M,1=40960M}. */
    String pinnedMemoryLimit() {
        List<String> limits = new ArrayList<>();
        for (int shard = 0; shard < gpus.size(); shard++) {
            limits.add(shard + "=" + Math.round(memoryGiBPerGpu * 1024) + "M");
        }
        return String.join(",", limits);
    }

    /** Its arguments with the value after {@code flag} replaced: {@code --host} and {@code --port} belong to the place. */
    List<String> argumentsWith(String flag, String value) {
        List<String> arguments = new ArrayList<>(launch.arguments());
        int at = arguments.indexOf(flag);
        if (at < 0 || at + 1 >= arguments.size()) {
            throw new IllegalStateException("The arguments of engine (" + name + ") lack " + flag + ".");
        }
        arguments.set(at + 1, value);
        return arguments;
    }

    /** What people read in a file's comments: {@code critic, replica 0, GPU 0,1, f = 0.5}. */
    String story() {
        return model() + ", replica " + replica + ", GPU " + gpuList() + ", f = " + gpuFraction;
    }
}
