package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import dev.scepsy.samples.cluster.api.Selector;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Where a pod would rather not be, or must not be, because of pods there: anti-affinity to pods, and topology spread constraints. */
final class Spread {
    private final Resources resources;

    Spread(Resources resources) {
        this.resources = resources;
    }

    /** The nodes, those with the least against them first; otherwise in their order. */
    List<ServingNode> order(List<ServingNode> nodes, PodView pod) {
        Map<String, Long> against = new HashMap<>();
        nodes.forEach(node -> against.put(node.name(), against(pod, node)));
        return nodes.stream()
                .sorted(Comparator.comparingLong(node -> against.getOrDefault(node.name(), 0L)))
                .toList();
    }

    /** Why the pod must not be on this node, in the scheduler's words. */
    Optional<String> forbids(PodView pod, ServingNode node) {
        JsonNode spec = pod.object().path("spec");
        for (JsonNode term : spec.at("/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution")) {
            if (there(pod, node, term) > 0) {
                return Optional.of("node(s) didn't match pod anti-affinity rules");
            }
        }
        for (JsonNode constraint : spec.path("topologySpreadConstraints")) {
            if (constraint.path("whenUnsatisfiable").asText("DoNotSchedule").equals("DoNotSchedule")
                    && there(pod, node, constraint) + 1 - fewest(pod, constraint)
                            > constraint.path("maxSkew").asInt(1)) {
                return Optional.of("node(s) didn't match pod topology spread constraints");
            }
        }
        return Optional.empty();
    }

    private long against(PodView pod, ServingNode node) {
        JsonNode spec = pod.object().path("spec");
        long sum = 0;
        for (JsonNode preferred :
                spec.at("/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution")) {
            sum += preferred.path("weight").asLong(1) * there(pod, node, preferred.path("podAffinityTerm"));
        }
        for (JsonNode constraint : spec.path("topologySpreadConstraints")) {
            sum += there(pod, node, constraint);
        }
        return sum;
    }

    /** Pods that the term selects on nodes of the same topology; 0 for a node without it. */
    private long there(PodView pod, ServingNode node, JsonNode term) {
        String domain = domain(node.name(), term);
        return domain.isEmpty() ? 0 : countByDomain(pod, term).getOrDefault(domain, 0L);
    }

    private long fewest(PodView pod, JsonNode term) {
        Map<String, Long> counts = countByDomain(pod, term);
        return resources.store().list(ResourceKind.NODE).stream()
                .map(node -> domain(new PodView(node).name(), term))
                .filter(domain -> !domain.isEmpty())
                .mapToLong(domain -> counts.getOrDefault(domain, 0L))
                .min()
                .orElse(0);
    }

    private Map<String, Long> countByDomain(PodView pod, JsonNode term) {
        Predicate<ObjectNode> selects = Selector.of(term.path("labelSelector"));
        Map<String, Long> counts = new HashMap<>();
        for (ObjectNode object : resources.store().list(ResourceKind.POD)) {
            PodView other = new PodView(object);
            if (!other.node().isEmpty()
                    && !other.isTerminating()
                    && other.namespace().equals(pod.namespace())
                    && selects.test(object)) {
                counts.merge(domain(other.node(), term), 1L, Long::sum);
            }
        }
        return counts;
    }

    private String domain(String node, JsonNode term) {
        ObjectNode object = resources.store().get(ResourceKind.NODE, "", node);
        return object == null
                ? ""
                : new PodView(object).label(term.path("topologyKey").asText());
    }
}
