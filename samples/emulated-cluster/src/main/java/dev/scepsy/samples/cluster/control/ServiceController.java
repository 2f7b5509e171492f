package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.DeleteOptions;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import dev.scepsy.samples.cluster.api.WriteOptions;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The endpoints controller and kube-proxy: gives every TCP port of a service that has a cluster IP a loopback port that leads to its ready
 * pods, connection by connection, and writes the endpoints of all services, headless ones too.
 */
final class ServiceController {
    private static final String MANAGER = "endpoint-controller";

    private final Resources resources;
    private final KubeletContext context;
    private final long seed;
    private final Map<String, ServicePort> ports = new HashMap<>();

    /** @param seed of the choices of endpoints; each port draws from a stream of its own */
    ServiceController(Resources resources, KubeletContext context, long seed) {
        this.resources = resources;
        this.context = context;
        this.seed = seed;
    }

    void reconcile() {
        Set<String> wanted = new HashSet<>();
        for (ObjectNode service : resources.store().list(ResourceKind.SERVICE)) {
            JsonNode spec = service.path("spec");
            boolean selects = !spec.path("selector").isEmpty();
            Map<String, List<Endpoint>> byPort = new LinkedHashMap<>();
            boolean first = true;
            for (JsonNode port : spec.path("ports")) {
                List<Endpoint> endpoints = Endpoint.of(resources, service, port);
                String name = port.path("name").asText("");
                byPort.put(name, endpoints);
                if (hasClusterIp(spec) && port.path("protocol").asText("TCP").equals("TCP")) {
                    String key = service.path("metadata").path("uid").asText() + "/" + name;
                    wanted.add(key);
                    String annotation = first ? Annotations.PORT : Annotations.PORT + "-" + name;
                    ports.computeIfAbsent(key, fresh -> open(service, annotation, name))
                            .route(endpoints.stream().map(Endpoint::backend).toList());
                }
                first = false;
            }
            if (selects) {
                writeEndpoints(service, byPort);
            }
        }
        ports.entrySet().removeIf(entry -> {
            boolean gone = !wanted.contains(entry.getKey());
            if (gone) {
                entry.getValue().close();
            }
            return gone;
        });
        for (ObjectNode endpoints : resources.store().list(ResourceKind.ENDPOINTS)) {
            String namespace = endpoints.path("metadata").path("namespace").asText();
            String name = endpoints.path("metadata").path("name").asText();
            if (resources.store().get(ResourceKind.SERVICE, namespace, name) == null) {
                resources.delete(ResourceKind.ENDPOINTS, namespace, name, DeleteOptions.background());
            }
        }
    }

    private static boolean hasClusterIp(JsonNode spec) {
        return !spec.path("clusterIP").asText().equals("None")
                && !spec.path("type").asText().equals("ExternalName");
    }

    private ServicePort open(ObjectNode service, String annotation, String portName) {
        String namespace = service.path("metadata").path("namespace").asText();
        String name = service.path("metadata").path("name").asText();
        long stream = seed * 31 + (namespace + "/" + name + "/" + portName).hashCode();
        return new ServicePort(context, stream, port -> {
            ObjectNode live = resources.store().get(ResourceKind.SERVICE, namespace, name);
            if (live != null) {
                resources.edit(
                        ResourceKind.SERVICE,
                        live,
                        Resources.Part.WHOLE,
                        MANAGER,
                        next -> next.withObject("/metadata")
                                .withObject("/annotations")
                                .put(annotation, Integer.toString(port)));
            }
        });
    }

    private void writeEndpoints(ObjectNode service, Map<String, List<Endpoint>> byPort) {
        String namespace = service.path("metadata").path("namespace").asText();
        String name = service.path("metadata").path("name").asText();
        ObjectNode live = resources.store().get(ResourceKind.ENDPOINTS, namespace, name);
        if (live == null) {
            ObjectNode endpoints = JsonNodeFactory.instance.objectNode();
            endpoints.withObject("/metadata").put("name", name);
            live = resources.create(ResourceKind.ENDPOINTS, namespace, endpoints, WriteOptions.by(MANAGER));
        }
        Map<String, ObjectNode> subsetByPod = new LinkedHashMap<>();
        byPort.values()
                .forEach(endpoints -> endpoints.forEach(endpoint -> {
                    // Each engine has its own port here, so each pod is a subset of its own.
                    ObjectNode subset =
                            subsetByPod.computeIfAbsent(endpoint.pod().uid(), fresh -> subset(endpoint, namespace));
                    ObjectNode port = ((ArrayNode) subset.path("ports")).addObject();
                    if (!endpoint.portName().isEmpty()) {
                        port.put("name", endpoint.portName());
                    }
                    port.put("port", endpoint.port() > 0 ? endpoint.port() : endpoint.targetPort())
                            .put("protocol", "TCP");
                }));
        resources.edit(
                ResourceKind.ENDPOINTS,
                live,
                Resources.Part.WHOLE,
                MANAGER,
                next -> next.putArray("subsets").addAll(subsetByPod.values()));
    }

    private static ObjectNode subset(Endpoint endpoint, String namespace) {
        PodView pod = endpoint.pod();
        ObjectNode subset = JsonNodeFactory.instance.objectNode();
        subset.putArray("addresses")
                .addObject()
                .put("ip", endpoint.ip())
                .put("nodeName", pod.node())
                .putObject("targetRef")
                .put("kind", "Pod")
                .put("namespace", namespace)
                .put("name", pod.name())
                .put("uid", pod.uid());
        subset.putArray("ports");
        return subset;
    }
}
