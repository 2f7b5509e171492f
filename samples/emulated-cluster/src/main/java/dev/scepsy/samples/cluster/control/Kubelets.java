package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.DeleteOptions;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.engine.Engine;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The kubelets of all nodes, and the controller that notices when a node is down. */
final class Kubelets {
    /** How long pods stay on a node that is down, emulated seconds: Kubernetes' default toleration. */
    private static final double EVICTION_SECONDS = 300;

    private final List<ServingNode> nodes;
    private final NodeObjects nodeObjects;
    private final KubeletContext context;
    private final Map<String, PodRuntime> runtimes;
    private final Set<String> down = new HashSet<>();

    Kubelets(
            List<ServingNode> nodes,
            NodeObjects nodeObjects,
            KubeletContext context,
            Map<String, PodRuntime> runtimes) {
        this.nodes = List.copyOf(nodes);
        this.nodeObjects = nodeObjects;
        this.context = context;
        this.runtimes = runtimes;
    }

    void reconcile() {
        nodes.forEach(this::watchNode);
        Map<String, ObjectNode> bound = new HashMap<>();
        for (ObjectNode object : context.resources().store().list(ResourceKind.POD)) {
            PodView pod = new PodView(object);
            if (!pod.node().isEmpty()) {
                bound.put(pod.uid(), object);
            }
        }
        for (Iterator<Map.Entry<String, PodRuntime>> each = runtimes.entrySet().iterator(); each.hasNext(); ) {
            Map.Entry<String, PodRuntime> entry = each.next();
            if (!bound.containsKey(entry.getKey())) {
                each.remove();
                entry.getValue().kill();
            }
        }
        bound.forEach((uid, pod) -> {
            PodRuntime known = runtimes.get(uid);
            if (known == null) {
                PodRuntime created = RouterPod.isRouter(new PodView(pod))
                        ? new RouterPod(context, pod)
                        : new EnginePod(context, pod);
                runtimes.put(uid, created);
                created.start();
            } else {
                known.observe(pod);
            }
        });
    }

    /** The engine of a pod, if it runs. */
    Optional<Engine> engine(PodView pod) {
        return Optional.ofNullable(runtimes.get(pod.uid())).flatMap(PodRuntime::engine);
    }

    /** Kills all pods. */
    void stop() {
        runtimes.values().forEach(PodRuntime::kill);
        runtimes.clear();
    }

    String log(ObjectNode pod) {
        PodRuntime runtime = runtimes.get(new PodView(pod).uid());
        return runtime == null ? "" : runtime.log();
    }

    Optional<String> metrics(ObjectNode pod) {
        return Optional.ofNullable(runtimes.get(new PodView(pod).uid())).flatMap(PodRuntime::metrics);
    }

    private void watchNode(ServingNode node) {
        ObjectNode object = context.resources().store().get(ResourceKind.NODE, "", node.name());
        boolean isDown = object == null
                || new PodView(object)
                        .annotation(Annotations.NODE_DOWN)
                        .orElse("")
                        .equals("true");
        if (object != null) {
            nodeObjects.reportReady(object, !isDown);
        }
        if (isDown == down.contains(node.name())) {
            return;
        }
        if (isDown) {
            down.add(node.name());
            context.clock().after(EVICTION_SECONDS, () -> evict(node.name()));
        } else {
            down.remove(node.name());
        }
        for (PodRuntime runtime : List.copyOf(runtimes.values())) {
            if (runtime.node().equals(node.name())) {
                runtime.setNodeDown(isDown);
            }
        }
    }

    private void evict(String node) {
        if (!down.contains(node)) {
            return;
        }
        for (ObjectNode object : context.resources().store().list(ResourceKind.POD)) {
            PodView pod = new PodView(object);
            if (pod.node().equals(node) && !pod.isTerminating()) {
                context.resources().delete(ResourceKind.POD, pod.namespace(), pod.name(), DeleteOptions.background());
            }
        }
    }
}
