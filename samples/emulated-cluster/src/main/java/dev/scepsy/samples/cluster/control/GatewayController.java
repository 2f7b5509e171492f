package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import dev.scepsy.samples.cluster.engine.Engine;
import dev.scepsy.samples.cluster.route.IdealRouter;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Tells the gateway which engines are ready behind any service, and which models it may hear of. */
final class GatewayController {
    private static final String MODEL_NAME = "scepsy.dev/model-name";

    private final Resources resources;
    private final Kubelets kubelets;
    private final IdealRouter gateway;

    GatewayController(Resources resources, Kubelets kubelets, IdealRouter gateway) {
        this.resources = resources;
        this.kubelets = kubelets;
        this.gateway = gateway;
    }

    void reconcile() {
        Set<Engine> ready = new LinkedHashSet<>();
        Set<String> known = new HashSet<>();
        for (ObjectNode service : resources.store().list(ResourceKind.SERVICE)) {
            Endpoint.readyPods(resources, service)
                    .forEach(pod -> kubelets.engine(pod).ifPresent(ready::add));
            known.addAll(knownModels(service));
        }
        gateway.update(List.copyOf(ready), known);
    }

    /** Names that requests may use, whether or not an engine is ready: they wait rather than fail. */
    private Set<String> knownModels(ObjectNode service) {
        Set<String> known = new HashSet<>();
        PodView asView = new PodView(service);
        asView.annotation(MODEL_NAME).ifPresent(known::add);
        if (!asView.label(Annotations.MODEL_LABEL).isEmpty()) {
            known.add(asView.label(Annotations.MODEL_LABEL));
        }
        Predicate<ObjectNode> selects = Endpoint.selector(service);
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
}
