package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import dev.scepsy.samples.cluster.api.Selector;
import dev.scepsy.samples.cluster.route.ConnectionProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Predicate;

/**
 * A ready pod as one port of a service reaches it.
 *
 * @param portName the service port's name; empty where it has none
 * @param targetPort the port of the pod that the service leads to
 * @param port where that is on this machine; 0: the pod does not listen there
 */
record Endpoint(PodView pod, String portName, int targetPort, String ip, int port) {
    /** Where {@code vllm serve} listens unless {@code --port} says otherwise. */
    private static final int VLLM_PORT = 8000;

    /** The endpoints of one port of a service, as Kubernetes' endpoints controllers find them. */
    static List<Endpoint> of(Resources resources, ObjectNode service, JsonNode port) {
        List<Endpoint> endpoints = new ArrayList<>();
        for (PodView pod : readyPods(resources, service)) {
            // A pod without a port of that name is no endpoint; a number is believed, whoever listens there.
            resolve(port, pod)
                    .ifPresent(number -> endpoints.add(new Endpoint(
                            pod, port.path("name").asText(""), number, pod.ip(), portOnThisMachine(pod, number))));
        }
        return endpoints;
    }

    /** Pods the service selects that are ready and stay; none for a service without a selector. */
    static List<PodView> readyPods(Resources resources, ObjectNode service) {
        return resources.store().list(ResourceKind.POD).stream()
                .filter(selector(service))
                .map(PodView::new)
                .filter(pod -> pod.isReady() && !pod.isTerminating())
                .toList();
    }

    static Predicate<ObjectNode> selector(ObjectNode service) {
        String namespace = service.path("metadata").path("namespace").asText();
        boolean selectsNothing = service.path("spec").path("selector").isEmpty();
        return Selector.ofMap(service.path("spec").path("selector"))
                .and(object -> !selectsNothing
                        && object.path("metadata").path("namespace").asText().equals(namespace));
    }

    ConnectionProxy.Backend backend() {
        return new ConnectionProxy.Backend(ip, port);
    }

    private static OptionalInt resolve(JsonNode servicePort, PodView pod) {
        JsonNode target = servicePort.path("targetPort");
        if (target.isInt()) {
            return OptionalInt.of(target.asInt());
        }
        String protocol = servicePort.path("protocol").asText("TCP");
        return pod.containerPort(target.asText(), protocol);
    }

    /** All engines share one address: each has a port of its own that stands for the one it would listen on. */
    private static int portOnThisMachine(PodView pod, int number) {
        if (pod.annotation(Annotations.PORT).isEmpty()) {
            return number;
        }
        int listening = new CommandLine(pod.commandLine()).number("--port").orElse(VLLM_PORT);
        return number == listening
                ? Integer.parseInt(pod.annotation(Annotations.PORT).orElseThrow())
                : 0;
    }
}
