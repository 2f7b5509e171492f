package dev.scepsy.planner.cluster;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a node says of its taints where the scheduler does not: from Kubernetes 1.36 it speaks of {@code untolerated taint(s)}, be it a
 * node that restarts or one that is kept for somebody else.
 */
final class UnnamedTaints {

    private static final String UNNAMED = "untolerated taint(s)";

    private UnnamedTaints() {}

    /**
     * An engine's trouble.
     *
     * @param outlook whether waiting may help
     * @param sentences what keeps it from being ready; empty where nothing is known
     */
    record Seen(Outlook outlook, List<String> sentences) {}

    /** What is known of {@code group}, asking its node where that says more. */
    static Seen look(LiveEngines.Group group, KubernetesCluster cluster) {
        Seen told = new Seen(group.outlook(), group.troubles());
        if (told.outlook() == Outlook.NONE
                || told.sentences().stream().noneMatch(sentence -> sentence.contains(UNNAMED))) {
            return told;
        }
        return node(group.engine().node(), cluster)
                .map(node -> new Seen(outlook(node, told.outlook()), named(told.sentences(), node)))
                .orElse(told);
    }

    private static Optional<Node> node(String name, KubernetesCluster cluster) {
        try {
            return cluster.nodes().stream()
                    .filter(node -> name.equals(node.getMetadata().getName()))
                    .findFirst();
        } catch (KubernetesClientException unreadable) {
            return Optional.empty(); // what the scheduler says is told as it is
        }
    }

    /** A node that is not ready or cordoned may come back; other taints are for somebody to take away. */
    private static Outlook outlook(Node node, Outlook told) {
        return GpuNodes.taints(node).isEmpty() && !GpuNodes.closed(node).isEmpty() ? Outlook.DOUBTFUL : told;
    }

    private static List<String> named(List<String> sentences, Node node) {
        List<String> why = new ArrayList<>(GpuNodes.closed(node));
        GpuNodes.taints(node).forEach(taint -> why.add(taint.sentence()));
        return why.isEmpty()
                ? sentences
                : sentences.stream()
                        .map(sentence -> sentence.contains(UNNAMED)
                                ? sentence + " Of node " + node.getMetadata().getName() + ": "
                                        + why.stream().collect(Collectors.joining("; ", "", "."))
                                : sentence)
                        .toList();
    }
}
