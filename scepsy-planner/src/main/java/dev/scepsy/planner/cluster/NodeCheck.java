package dev.scepsy.planner.cluster;

import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.HostNeed;
import dev.scepsy.planner.topology.HostResource;
import dev.scepsy.planner.topology.HostRoom;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Occupied;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import dev.scepsy.planner.transition.Engine;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Whether the nodes that an intent starts engines on take them now: asked before a push begins. */
final class NodeCheck {

    private static final double TOLERANCE = 1e-9;

    private final LiveNodes nodes;
    private final LiveEngines live;

    NodeCheck(LiveNodes nodes, LiveEngines live) {
        this.nodes = nodes;
        this.live = live;
    }

    /**
     * What was found.
     *
     * @param obstacles why engines cannot start where they are planned; empty where all can
     * @param doubts what may keep them from it, and only the server can say
     */
    record Found(List<String> obstacles, List<String> doubts) {}

    Found check(Intent target) {
        List<String> obstacles = new ArrayList<>();
        List<String> doubts = new ArrayList<>();
        Map<String, List<Engine>> missing = new TreeMap<>();
        counts(target).forEach((engine, wanted) -> {
            int serving = live.group(engine).map(LiveEngines.Group::serving).orElse(0);
            if (serving < wanted) {
                missing.computeIfAbsent(engine.node(), node -> new ArrayList<>())
                        .add(engine);
            }
        });
        missing.forEach((node, engines) -> check(target, node, engines, obstacles, doubts));
        return new Found(obstacles, doubts);
    }

    private void check(Intent target, String name, List<Engine> starting, List<String> obstacles, List<String> doubts) {
        if (!nodes.has(name)) {
            obstacles.add(nodes.withHostname(name)
                    .map(real -> "The plan uses node (" + name + "), which is the hostname label of node (" + real
                            + "). Nodes are named by metadata.name: write " + real + ".")
                    .orElse("The plan uses node (" + name + "), which the Kubernetes cluster does not have. It has "
                            + nodes.names() + "."));
            return;
        }
        String who =
                "Engine " + starting.get(0) + (starting.size() > 1 ? " and " + (starting.size() - 1) + " more" : "")
                        + " cannot start on node (" + name + "): ";
        Optional<GpuNode> found = nodes.gpu(name);
        if (found.isEmpty()) {
            nodes.lost(name).ifPresent(why -> obstacles.add(who + why + "."));
            return; // GPUs that no device plugin and no label speaks of: pinned ids need neither
        }
        GpuNode node = found.get();
        node.use().closed().forEach(why -> obstacles.add(who + why + "."));
        for (NodeTaint taint : node.use().taints()) {
            if (!taint.toleratedBy(tolerations(target, starting.get(0)))) {
                (taint.isOfGpus() ? doubts : obstacles).add(who + taint.sentence() + ".");
            }
        }
        room(target, node).ifPresent(why -> obstacles.add(who + why));
        hostRoom(target, node).forEach(why -> obstacles.add(who + why));
    }

    private static List<Toleration> tolerations(Intent target, Engine engine) {
        List<Toleration> tolerations = Manifests.of(target)
                .deployment(engine, 1)
                .getSpec()
                .getTemplate()
                .getSpec()
                .getTolerations();
        return tolerations == null ? List.of() : tolerations;
    }

    /** Where the device plugin gives GPUs out: whether it has as many as all engines of the plan take there. */
    private static Optional<String> room(Intent target, GpuNode node) {
        boolean given = target.cluster().nodes().stream()
                .filter(planned -> planned.name().equals(node.name()))
                .anyMatch(planned -> planned.sharing() instanceof Sharing.EqualParts
                        || planned.sharing().mode() == Sharing.Mode.NONE);
        if (!given) {
            return Optional.empty();
        }
        double taken = target.engines().stream()
                .filter(engine -> engine.node().equals(node.name()))
                .mapToDouble(engine ->
                        engine.shape().gpuFraction().toDouble() * engine.shape().tensorParallel())
                .sum();
        double held = (double) node.use().foreignShares() / node.replicas().orElse(1);
        double free = node.use().allocatable() - held;
        if (taken <= free + TOLERANCE) {
            return Optional.empty();
        }
        return Optional.of(
                "the plan's engines take " + number(taken) + " GPU(s) there, and of its " + node.gpus() + " GPUs "
                        + node.use().allocatable() + " are allocatable"
                        + (held > 0
                                ? ", of which " + number(held) + " are held by "
                                        + String.join(", ", node.use().foreignPods())
                                : "")
                        + ".");
    }

    /** Whether the scheduler finds the processors and the memory that all engines of the plan request there. */
    private static List<String> hostRoom(Intent target, GpuNode node) {
        List<HostNeed> needs = target.engines().stream()
                .filter(engine -> engine.node().equals(node.name()))
                .map(target::need)
                .toList();
        GpuNode.Host host = node.use().host();
        List<String> lacking = new ArrayList<>();
        for (HostResource resource : HostResource.values()) {
            double needed =
                    needs.stream().mapToDouble(need -> need.of(resource)).sum();
            double left = host.left(resource).orElse(Double.POSITIVE_INFINITY);
            if (needed > left * (1 + TOLERANCE) + TOLERANCE) {
                lacking.add("the plan's " + needs.size() + " engine(s) there request " + number(needed) + " "
                        + resource.unit() + " of " + resource.words() + ", and of the "
                        + number(host.allocatable().of(resource).orElse(0)) + " that are allocatable pods of others"
                        + " request " + number(host.held().of(resource)) + ". Lower " + resource.modelKey()
                        + ", or give the node's " + resource.nodeKey() + " in the cluster file and plan again.");
            }
        }
        return lacking;
    }

    private static String number(double gpus) {
        return gpus == Math.rint(gpus) ? Long.toString((long) gpus) : String.format(Locale.ROOT, "%.3f", gpus);
    }

    /**
     * The hardware of {@code target} as far as engines may use it now: nothing is free on nodes that take no engines, none
     * stands in there; of the others' processors and memory what pods of others leave.
     */
    Cluster open(Cluster hardware) {
        return new Cluster(hardware.racks().stream()
                .map(rack -> new Rack(
                        rack.name(),
                        rack.nodes().stream()
                                .map(node -> isClosed(node.name()) ? full(node) : node.withHost(host(node)))
                                .toList()))
                .toList());
    }

    private HostRoom host(Node node) {
        return new HostRoom(left(node, HostResource.PROCESSORS), left(node, HostResource.MEMORY));
    }

    /** The lesser of what the plan's cluster says and of what there is. */
    private OptionalDouble left(Node node, HostResource resource) {
        OptionalDouble planned = node.host().of(resource);
        OptionalDouble now = nodes.gpu(node.name())
                .map(found -> found.use().host().left(resource))
                .orElse(OptionalDouble.empty());
        return now.isPresent()
                ? OptionalDouble.of(
                        Math.max(TOLERANCE, Math.min(planned.orElse(Double.POSITIVE_INFINITY), now.getAsDouble())))
                : planned;
    }

    /** Whether nobody answers on the node. */
    boolean isLost(String name) {
        return nodes.lost(name).isPresent();
    }

    private boolean isClosed(String name) {
        return nodes.lost(name).isPresent()
                || nodes.gpu(name)
                        .filter(node -> !node.use().closed().isEmpty())
                        .isPresent();
    }

    private static Node full(Node node) {
        return new Node(
                node.name(),
                node.gpu(),
                node.gpus(),
                node.domainSize(),
                node.sharing(),
                IntStream.range(0, node.gpus())
                        .mapToObj(gpu -> Occupied.wholly(gpu, node.gpu()))
                        .toList());
    }

    private static Map<Engine, Integer> counts(Intent target) {
        Map<Engine, Integer> counts = new TreeMap<>(Engine.ORDER);
        target.engines().forEach(engine -> counts.merge(engine, 1, Integer::sum));
        return counts;
    }
}
