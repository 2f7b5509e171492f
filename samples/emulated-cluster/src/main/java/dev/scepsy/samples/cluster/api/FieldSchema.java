package dev.scepsy.samples.cluster.api;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How lists and maps merge, by place: lists by key, lists as sets, everything else atomic; maps field by field unless
 * named atomic. The table carries over the {@code x-kubernetes-list-type}, {@code -list-map-keys} and {@code -map-type}
 * markers of the Kubernetes API types for the kinds served here; places it does not name follow the defaults.
 *
 * <p>A place is the dotted path of field names without list elements, such as {@code spec.template.spec.containers}.
 */
final class FieldSchema {

    /** How a list merges. */
    sealed interface ListType {
        /** Replaced as a whole. */
        record Atomic() implements ListType {}

        /** Elements are scalars, united. */
        record AsSet() implements ListType {}

        /** Elements are objects, matched by the values of {@code keys}. */
        record ByKey(List<String> keys) implements ListType {}
    }

    private static final ListType ATOMIC = new ListType.Atomic();

    // Longest suffix first where one rule's place ends with another's.
    private static final List<Map.Entry<String, ListType>> LISTS = List.of(
            byKey("containers.ports", "containerPort", "protocol"),
            byKey("initContainers.ports", "containerPort", "protocol"),
            byKey("containers.env", "name"),
            byKey("initContainers.env", "name"),
            byKey("volumeMounts", "mountPath"),
            byKey("volumeDevices", "devicePath"),
            byKey("resources.claims", "name"),
            byKey("spec.containers", "name"),
            byKey("spec.initContainers", "name"),
            byKey("spec.volumes", "name"),
            byKey("spec.imagePullSecrets", "name"),
            byKey("spec.hostAliases", "ip"),
            byKey("spec.resourceClaims", "name"),
            byKey("spec.topologySpreadConstraints", "topologyKey", "whenUnsatisfiable"),
            byKey("spec.ports", "port", "protocol"),
            byKey("metadata.ownerReferences", "uid"),
            Map.entry("metadata.finalizers", new ListType.AsSet()),
            byKey("status.conditions", "type"),
            byKey("status.addresses", "type"),
            byKey("status.podIPs", "ip"));

    private static final List<String> ATOMIC_MAPS = List.of(
            "spec.selector",
            "spec.nodeSelector",
            "labelSelector",
            "configMapKeyRef",
            "secretKeyRef",
            "fieldRef",
            "resourceFieldRef",
            "requiredDuringSchedulingIgnoredDuringExecution",
            "ownerReferences");

    private static final Map<String, String> KEY_DEFAULTS = Map.of("protocol", "TCP");

    private final Map<String, ListType> listTypes = new HashMap<>();
    private final Map<String, Boolean> atomicMaps = new HashMap<>();

    ListType listAt(String place) {
        return listTypes.computeIfAbsent(
                place,
                at -> LISTS.stream()
                        .filter(rule -> endsWith(at, rule.getKey()))
                        .map(Map.Entry::getValue)
                        .findFirst()
                        .orElse(ATOMIC));
    }

    boolean isAtomicMap(String place) {
        return atomicMaps.computeIfAbsent(place, at -> ATOMIC_MAPS.stream().anyMatch(suffix -> endsWith(at, suffix)));
    }

    /** Value a list key takes when an element leaves it out; empty string if it has none. */
    static String keyDefault(String key) {
        return KEY_DEFAULTS.getOrDefault(key, "");
    }

    static String below(String place, String field) {
        return place.isEmpty() ? field : place + "." + field;
    }

    private static boolean endsWith(String place, String suffix) {
        return place.equals(suffix) || place.endsWith("." + suffix);
    }

    private static Map.Entry<String, ListType> byKey(String suffix, String... keys) {
        return Map.entry(suffix, new ListType.ByKey(List.of(keys)));
    }
}
