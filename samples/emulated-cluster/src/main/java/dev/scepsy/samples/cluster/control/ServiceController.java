package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.DeleteOptions;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import dev.scepsy.samples.cluster.api.Selector;
import dev.scepsy.samples.cluster.api.WriteOptions;
import dev.scepsy.samples.cluster.engine.Engine;
import dev.scepsy.samples.cluster.route.EnginePool;
import io.vertx.core.http.HttpServer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Gives every service a loopback port, and tells the pools behind services and gateway which engines are ready. */
final class ServiceController {
    private static final String MANAGER = "endpoint-controller";
    private static final String MODEL_NAME = "scepsy.dev/model-name";

    private final Resources resources;
    private final KubeletContext context;
    private final Kubelets kubelets;
    private final EnginePool gateway;
    private final Map<String, Address> addresses = new HashMap<>();

    private static final class Address {
        private final EnginePool pool;
        private @Nullable HttpServer server;
        private boolean closed;

        private Address(EnginePool pool) {
            this.pool = pool;
        }

        private void close() {
            closed = true;
            HttpServer listening = server;
            if (listening != null) {
                listening.close();
            }
        }
    }

    ServiceController(Resources resources, KubeletContext context, Kubelets kubelets, EnginePool gateway) {
        this.resources = resources;
        this.context = context;
        this.kubelets = kubelets;
        this.gateway = gateway;
    }

    void reconcile() {
        Set<Engine> allReady = new LinkedHashSet<>();
        Set<String> allKnown = new HashSet<>();
        Set<String> uids = new HashSet<>();
        for (ObjectNode service : resources.store().list(ResourceKind.SERVICE)) {
            String uid = service.path("metadata").path("uid").asText();
            uids.add(uid);
            Address address = addresses.computeIfAbsent(uid, key -> open(service));
            List<PodView> pods = readyPods(service);
            List<Engine> ready = new ArrayList<>();
            pods.forEach(pod -> kubelets.engine(pod).ifPresent(ready::add));
            Set<String> known = knownModels(service);
            writeEndpoints(service, pods);
            address.pool.update(ready, known);
            allReady.addAll(ready);
            allKnown.addAll(known);
        }
        addresses.entrySet().removeIf(entry -> {
            boolean deleted = !uids.contains(entry.getKey());
            if (deleted) {
                entry.getValue().close();
            }
            return deleted;
        });
        for (ObjectNode endpoints : resources.store().list(ResourceKind.ENDPOINTS)) {
            String namespace = endpoints.path("metadata").path("namespace").asText();
            String name = endpoints.path("metadata").path("name").asText();
            if (resources.store().get(ResourceKind.SERVICE, namespace, name) == null) {
                resources.delete(ResourceKind.ENDPOINTS, namespace, name, DeleteOptions.background());
            }
        }
        gateway.update(List.copyOf(allReady), allKnown);
    }

    private Address open(ObjectNode service) {
        EnginePool pool = new EnginePool(context.clock());
        Address address = new Address(pool);
        context.listen(request -> context.openAi().handle(request, pool)).onSuccess(server -> {
            address.server = server;
            if (address.closed) {
                server.close();
                return;
            }
            resources.edit(
                    ResourceKind.SERVICE,
                    service,
                    Resources.Part.WHOLE,
                    MANAGER,
                    next -> next.withObject("/metadata")
                            .withObject("/annotations")
                            .put(Annotations.PORT, Integer.toString(server.actualPort())));
        });
        return address;
    }

    private List<PodView> readyPods(ObjectNode service) {
        Predicate<ObjectNode> selects = selector(service);
        return resources.store().list(ResourceKind.POD).stream()
                .filter(selects)
                .map(PodView::new)
                .filter(pod -> pod.isReady() && !pod.isTerminating())
                .toList();
    }

    private static Predicate<ObjectNode> selector(ObjectNode service) {
        String namespace = service.path("metadata").path("namespace").asText();
        boolean selectsNothing = service.path("spec").path("selector").isEmpty();
        return Selector.ofMap(service.path("spec").path("selector"))
                .and(object -> !selectsNothing
                        && object.path("metadata").path("namespace").asText().equals(namespace));
    }

    /** Names that requests may use, whether or not an engine is ready: they wait rather than fail. */
    private Set<String> knownModels(ObjectNode service) {
        Set<String> known = new HashSet<>();
        PodView asView = new PodView(service);
        asView.annotation(MODEL_NAME).ifPresent(known::add);
        if (!asView.label(Annotations.MODEL_LABEL).isEmpty()) {
            known.add(asView.label(Annotations.MODEL_LABEL));
        }
        Predicate<ObjectNode> selects = selector(service);
        resources.store().list(ResourceKind.POD).stream()
                .filter(selects)
                .forEach(pod -> known.addAll(servedNames(pod)));
        for (ObjectNode deployment : resources.store().list(ResourceKind.DEPLOYMENT)) {
            ObjectNode template = ((ObjectNode) deployment.path("spec").path("template")).deepCopy();
            template.withObject("/metadata")
                    .put(
                            "namespace",
                            deployment.path("metadata").path("namespace").asText());
            if (selects.test(template)) {
                known.addAll(servedNames(template));
            }
        }
        return known;
    }

    private static List<String> servedNames(ObjectNode podOrTemplate) {
        return new CommandLine(new PodView(podOrTemplate).commandLine()).values("--served-model-name");
    }

    private void writeEndpoints(ObjectNode service, List<PodView> pods) {
        String namespace = service.path("metadata").path("namespace").asText();
        String name = service.path("metadata").path("name").asText();
        ObjectNode live = resources.store().get(ResourceKind.ENDPOINTS, namespace, name);
        if (live == null) {
            ObjectNode endpoints = JsonNodeFactory.instance.objectNode();
            endpoints.withObject("/metadata").put("name", name);
            live = resources.create(ResourceKind.ENDPOINTS, namespace, endpoints, WriteOptions.by(MANAGER));
        }
        resources.edit(ResourceKind.ENDPOINTS, live, Resources.Part.WHOLE, MANAGER, next -> {
            ArrayNode subsets = next.putArray("subsets");
            for (PodView pod : pods) {
                // Each pod has its own port here, so each is a subset of its own.
                ObjectNode subset = subsets.addObject();
                ObjectNode address = subset.putArray("addresses").addObject().put("ip", "127.0.0.1");
                address.put("nodeName", pod.node())
                        .putObject("targetRef")
                        .put("kind", "Pod")
                        .put("namespace", namespace)
                        .put("name", pod.name())
                        .put("uid", pod.uid());
                subset.putArray("ports")
                        .addObject()
                        .put("name", "http")
                        .put(
                                "port",
                                Integer.parseInt(
                                        pod.annotation(Annotations.PORT).orElse("0")))
                        .put("protocol", "TCP");
            }
        });
    }
}
