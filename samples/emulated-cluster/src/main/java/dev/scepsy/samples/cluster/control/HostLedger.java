package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What pods request of a node's processors and memory, against what its kubelet gives out. */
final class HostLedger {

    private static final Map<String, BigDecimal> SUFFIXES = Map.ofEntries(
            Map.entry("m", new BigDecimal("0.001")),
            Map.entry("k", BigDecimal.TEN.pow(3)),
            Map.entry("M", BigDecimal.TEN.pow(6)),
            Map.entry("G", BigDecimal.TEN.pow(9)),
            Map.entry("T", BigDecimal.TEN.pow(12)),
            Map.entry("Ki", BigDecimal.valueOf(1L << 10)),
            Map.entry("Mi", BigDecimal.valueOf(1L << 20)),
            Map.entry("Gi", BigDecimal.valueOf(1L << 30)),
            Map.entry("Ti", BigDecimal.valueOf(1L << 40)));

    private final ObjectNode node;
    private final List<PodView> bound;

    HostLedger(ObjectNode node, Collection<ObjectNode> pods) {
        String name = node.path("metadata").path("name").asText();
        this.node = node;
        this.bound = pods.stream()
                .map(PodView::new)
                .filter(pod -> pod.node().equals(name))
                .toList();
    }

    /** Why the scheduler does not put the pod here, in its words; empty where both resources suffice. */
    Optional<String> lacks(PodView pod) {
        for (String resource : List.of("cpu", "memory")) {
            JsonNode allocatable = node.path("status").path("allocatable").path(resource);
            if (allocatable.isMissingNode()) {
                continue;
            }
            BigDecimal used = bound.stream()
                    .map(other -> requested(other, resource))
                    .reduce(requested(pod, resource), BigDecimal::add);
            if (used.compareTo(amount(allocatable.asText())) > 0) {
                return Optional.of("Insufficient " + resource);
            }
        }
        return Optional.empty();
    }

    /** All containers together, or the largest init container where that is more. */
    private static BigDecimal requested(PodView pod, String resource) {
        BigDecimal sum = BigDecimal.ZERO;
        for (JsonNode container : pod.object().path("spec").path("containers")) {
            sum = sum.add(requested(container, resource));
        }
        for (JsonNode container : pod.object().path("spec").path("initContainers")) {
            sum = sum.max(requested(container, resource));
        }
        return sum;
    }

    private static BigDecimal requested(JsonNode container, String resource) {
        JsonNode resources = container.path("resources");
        JsonNode request = resources.path("requests").path(resource);
        // a limit without a request is a request of as much
        return amount((request.isMissingNode() ? resources.path("limits").path(resource) : request).asText("0"));
    }

    /** @throws IllegalArgumentException naming a quantity that is none */
    static BigDecimal amount(String quantity) {
        String number = quantity.replaceAll("[A-Za-z]+$", "");
        String suffix = quantity.substring(number.length());
        BigDecimal times = suffix.isEmpty() ? BigDecimal.ONE : SUFFIXES.get(suffix);
        if (times == null || number.isEmpty()) {
            throw new IllegalArgumentException("(" + quantity + ") is no quantity");
        }
        return new BigDecimal(number).multiply(times);
    }
}
