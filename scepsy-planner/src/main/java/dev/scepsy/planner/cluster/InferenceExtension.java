package dev.scepsy.planner.cluster;

import dev.scepsy.planner.router.RoutedModel;
import dev.scepsy.planner.router.Routing;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Objects of the Gateway API Inference Extension: a pool of engines and a route for each model. The Gateway, an endpoint picker
 * {@code SERVICE-epp} for each pool and what copies the body's model into the header are the cluster's own.
 */
final class InferenceExtension {

    static final String POOL_GROUP = "inference.networking.k8s.io";
    static final String ROUTE_GROUP = "gateway.networking.k8s.io";
    private static final String VERSION = "v1";
    private static final String MODEL_HEADER = "X-Gateway-Model-Name";
    private static final int PICKER_PORT = 9002;

    private InferenceExtension() {}

    /** The API groups that the cluster must know, as paths of their discovery. */
    static List<String> apis() {
        return List.of("/apis/" + POOL_GROUP + "/" + VERSION, "/apis/" + ROUTE_GROUP + "/" + VERSION);
    }

    static List<HasMetadata> objects(Routing routing, ServingOptions options, Function<String, ObjectMeta> meta) {
        List<HasMetadata> objects = new ArrayList<>();
        String gateway = routing.settings().gateway().orElse("");
        for (RoutedModel model : routing.models()) {
            objects.add(object(POOL_GROUP, "InferencePool", meta.apply(model.service()), pool(model, options)));
            objects.add(object(ROUTE_GROUP, "HTTPRoute", meta.apply(model.service()), route(model, gateway)));
        }
        return objects;
    }

    private static GenericKubernetesResource object(
            String group, String kind, ObjectMeta meta, Map<String, Object> spec) {
        return new GenericKubernetesResourceBuilder()
                .withApiVersion(group + "/" + VERSION)
                .withKind(kind)
                .withMetadata(meta)
                .addToAdditionalProperties("spec", spec)
                .build();
    }

    private static Map<String, Object> pool(RoutedModel model, ServingOptions options) {
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put(
                "selector",
                Map.of("matchLabels", ordered(Names.MODEL, Names.label(model.name()), Names.SERVING, "true")));
        spec.put("targetPorts", List.of(Map.of("number", options.port())));
        spec.put(
                "endpointPickerRef",
                ordered(
                        "name",
                        model.service() + "-epp",
                        "port",
                        Map.of("number", PICKER_PORT),
                        "failureMode",
                        "FailOpen"));
        return spec;
    }

    private static Map<String, Object> route(RoutedModel model, String gateway) {
        String[] parts = gateway.split("/", 2);
        Map<String, Object> parent = ordered("group", ROUTE_GROUP, "kind", "Gateway", "name", parts[parts.length - 1]);
        if (parts.length > 1) {
            parent.put("namespace", parts[0]);
        }
        List<Object> matches = new ArrayList<>();
        for (String name : model.names()) {
            matches.add(Map.of("headers", List.of(ordered("type", "Exact", "name", MODEL_HEADER, "value", name))));
        }
        Map<String, Object> rule = ordered(
                "matches",
                matches,
                "backendRefs",
                List.of(ordered("group", POOL_GROUP, "kind", "InferencePool", "name", model.service())));
        return ordered("parentRefs", List.of(parent), "rules", List.of(rule));
    }

    private static Map<String, Object> ordered(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }
}
