package dev.scepsy.planner.cluster;

import io.fabric8.kubernetes.api.model.Node;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the UUIDs that HAMi's device plugin writes on its nodes: {@code hami.io/node-nvidia-register}, either
 * colon-separated records that begin with {@code GPU-...,} or JSON with an {@code "id"} per device. The order is the
 * device order.
 */
final class GpuUuids {

    private static final String REGISTER = "hami.io/node-nvidia-register";
    private static final Pattern UUID = Pattern.compile("GPU-[0-9a-fA-F-]+");

    private GpuUuids() {}

    static Map<String, List<String>> of(List<Node> nodes) {
        Map<String, List<String>> uuids = new HashMap<>();
        for (Node node : nodes) {
            Map<String, String> annotations =
                    Optional.ofNullable(node.getMetadata().getAnnotations()).orElse(Map.of());
            Matcher found = UUID.matcher(annotations.getOrDefault(REGISTER, ""));
            List<String> ids =
                    found.results().map(result -> result.group()).distinct().toList();
            if (!ids.isEmpty()) {
                uuids.put(node.getMetadata().getName(), ids);
            }
        }
        return uuids;
    }
}
