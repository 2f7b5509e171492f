package dev.scepsy.planner.platform;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.cluster.EngineLaunch;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.cluster.ServingOptions;
import dev.scepsy.planner.topology.Node;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A plan with the start of every engine and all its places, as platforms take it. Equal plans give equal bytes on every platform.
 * Immutable.
 *
 * @param intent the same as the cluster client takes it
 * @param engines by node, then model, then replica
 */
public record PlacedPlan(Intent intent, List<PlannedEngine> engines) {

    private static final int LONGEST_NAME = 63;

    public PlacedPlan {
        engines = List.copyOf(engines);
    }

    /**
     * @param plan what {@code intent} was made of: it names the GPUs also where on Kubernetes the kubelet picks them
     * @throws IllegalArgumentException if they do not belong together
     */
    public static PlacedPlan of(Plan plan, Intent intent) {
        Map<String, EngineLaunch> launches = EngineLaunch.of(intent);
        Map<String, LlmAllocation> allocations = new HashMap<>();
        plan.allocations().forEach(allocation -> allocations.put(allocation.model(), allocation));
        Map<String, Node> nodes = new HashMap<>();
        intent.cluster().nodes().forEach(node -> nodes.put(node.name(), node));
        Map<String, Integer> ports = new HashMap<>();
        List<PlannedEngine> engines = new ArrayList<>();
        List<ReplicaPlacement> ordered = plan.placements().stream()
                .sorted(Comparator.comparing(ReplicaPlacement::node)
                        .thenComparing(ReplicaPlacement::model)
                        .thenComparing(ReplicaPlacement::replica))
                .toList();
        for (ReplicaPlacement placement : ordered) {
            EngineLaunch launch = launches.get(placement.model());
            LlmAllocation allocation = allocations.get(placement.model());
            Node node = nodes.get(placement.node());
            if (launch == null || allocation == null || node == null) {
                throw new IllegalArgumentException("The intent does not belong to the plan: it lacks replica "
                        + placement.replica() + " of model (" + placement.model() + ") on node (" + placement.node()
                        + ").");
            }
            int port = ports.merge(node.name(), intent.options().port(), (last, first) -> last + 1);
            engines.add(new PlannedEngine(
                    name(placement.model(), placement.replica()),
                    launch,
                    placement.replica(),
                    node,
                    placement.gpus(),
                    allocation.gpuFraction(),
                    allocation.memoryGiBPerGpu(),
                    port));
        }
        return new PlacedPlan(intent, engines);
    }

    public String planId() {
        return intent.planId();
    }

    public ServingOptions options() {
        return intent.options();
    }

    /** Nodes that have engines, in name order. */
    public List<Node> nodes() {
        return List.copyOf(
                byNode().values().stream().map(engines -> engines.get(0).node()).toList());
    }

    /** Engines by the name of their node, in name order. */
    Map<String, List<PlannedEngine>> byNode() {
        return by(engine -> engine.node().name());
    }

    /** Engines by model, in name order. */
    Map<String, List<PlannedEngine>> byModel() {
        return by(PlannedEngine::model);
    }

    private Map<String, List<PlannedEngine>> by(java.util.function.Function<PlannedEngine, String> key) {
        Map<String, List<PlannedEngine>> groups = new TreeMap<>();
        engines.forEach(engine -> groups.computeIfAbsent(key.apply(engine), each -> new ArrayList<>())
                .add(engine));
        return groups;
    }

    /** The same plan with the engines of one node only. */
    public PlacedPlan on(String node) {
        return new PlacedPlan(
                intent,
                engines.stream()
                        .filter(engine -> engine.node().name().equals(node))
                        .toList());
    }

    /**
     * The engines of one node in groups that are started one after the other: no two engines of a group have a GPU in common. Two engines
     * that start on one GPU at a time measure each other's memory, and one of them ends.
     */
    static List<List<PlannedEngine>> waves(List<PlannedEngine> ofOneNode) {
        List<List<PlannedEngine>> waves = new ArrayList<>();
        Map<PlannedEngine, Integer> at = new HashMap<>();
        for (PlannedEngine engine : ofOneNode) {
            int wave = startsAfter(engine, ofOneNode).stream()
                    .mapToInt(before -> Objects.requireNonNull(at.get(before)) + 1)
                    .max()
                    .orElse(0);
            at.put(engine, wave);
            if (wave == waves.size()) {
                waves.add(new ArrayList<>());
            }
            waves.get(wave).add(engine);
        }
        return waves;
    }

    /** The engines before {@code engine} in {@code ordered} that have a GPU in common with it: they have to be ready first. */
    static List<PlannedEngine> startsAfter(PlannedEngine engine, List<PlannedEngine> ordered) {
        return ordered.subList(0, ordered.indexOf(engine)).stream()
                .filter(engine::sharesGpuWith)
                .toList();
    }

    /** A name for one engine: the model's own where that is a DNS label, else with a digest. */
    static String name(String model, int replica) {
        return label(model, LONGEST_NAME - 12) + "-" + replica;
    }

    static String label(String text, int longest) {
        String label =
                text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
        String named = label.isEmpty() || !Character.isLetter(label.charAt(0)) ? "m-" + label : label;
        return named.equals(text) && named.length() <= longest
                ? named
                : named.substring(0, Math.min(named.length(), longest - 7)).replaceAll("-+$", "") + "-"
                        + digest(text).substring(0, 6);
    }

    /** SHA-256 of the text, in hexadecimal. */
    static String digest(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("Every Java platform has SHA-256.", impossible);
        }
    }
}
