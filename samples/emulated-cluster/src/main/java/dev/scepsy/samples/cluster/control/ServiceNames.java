package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.samples.cluster.api.ResourceKind;
import dev.scepsy.samples.cluster.api.Resources;
import dev.scepsy.samples.cluster.dns.DnsMessage;
import dev.scepsy.samples.cluster.dns.DnsZone;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The names of services, as Kubernetes' DNS specification has them. A service's name leads to its cluster IP, a headless one's to all its ready pods; an SRV
 * question for a named port also tells the port. Because engines share an address here, the label of a pod's name ends with its port.
 */
public final class ServiceNames implements DnsZone {
    /** Every cluster's domain unless it was installed with another. */
    public static final String DOMAIN = "cluster.local";

    private static final int WEIGHTS = 100;

    private final Resources resources;

    public ServiceNames(Resources resources) {
        this.resources = resources;
    }

    @Override
    public String domain() {
        return DOMAIN;
    }

    @Override
    public Answer lookup(String name, int type) {
        if (name.equals(DOMAIN) || name.equals("svc." + DOMAIN)) {
            return Answer.NOTHING_OF_THIS_TYPE;
        }
        String suffix = ".svc." + DOMAIN;
        if (!name.endsWith(suffix)) {
            return Answer.NO_SUCH_NAME;
        }
        // what stands before "svc", nearest first: namespace, service, then a protocol and a port or a pod
        List<String> labels =
                List.of(name.substring(0, name.length() - suffix.length()).split("\\.", -1));
        String namespace = labels.get(labels.size() - 1);
        if (resources.store().get(ResourceKind.NAMESPACE, "", namespace) == null) {
            return Answer.NO_SUCH_NAME;
        }
        if (labels.size() == 1) {
            return Answer.NOTHING_OF_THIS_TYPE;
        }
        ObjectNode service = resources.store().get(ResourceKind.SERVICE, namespace, labels.get(labels.size() - 2));
        if (service == null) {
            return Answer.NO_SUCH_NAME;
        }
        String serviceName = labels.get(labels.size() - 2) + "." + namespace + suffix;
        List<Target> targets = targets(service, serviceName);
        return switch (labels.size()) {
            case 2 -> ofService(name, type, targets);
            case 3 -> ofPod(name, type, targets);
            case 4 -> ofPort(name, type, labels.get(0), labels.get(1), targets);
            default -> Answer.NO_SUCH_NAME;
        };
    }

    /** What one port of a service leads to. */
    private record Target(String host, String ip, String portName, String protocol, int port) {}

    private List<Target> targets(ObjectNode service, String serviceName) {
        JsonNode spec = service.path("spec");
        boolean headless = spec.path("clusterIP").asText().equals("None");
        List<Target> targets = new ArrayList<>();
        boolean first = true;
        for (JsonNode port : spec.path("ports")) {
            String portName = port.path("name").asText("");
            String protocol = port.path("protocol").asText("TCP").toLowerCase(Locale.ROOT);
            if (headless) {
                for (Endpoint endpoint : Endpoint.of(resources, service, port)) {
                    String label = endpoint.ip().replace('.', '-')
                            + (endpoint.port() == endpoint.targetPort() ? "" : "-" + endpoint.port());
                    int number = endpoint.port() > 0 ? endpoint.port() : endpoint.targetPort();
                    targets.add(new Target(label + "." + serviceName, endpoint.ip(), portName, protocol, number));
                }
            } else {
                String annotation = first ? Annotations.PORT : Annotations.PORT + "-" + portName;
                int number = new PodView(service)
                        .annotation(annotation)
                        .map(Integer::parseInt)
                        .orElse(port.path("port").asInt());
                targets.add(new Target(serviceName, spec.path("clusterIP").asText(), portName, protocol, number));
            }
            first = false;
        }
        return targets;
    }

    private static Answer ofService(String name, int type, List<Target> targets) {
        if (targets.isEmpty()) {
            return Answer.NO_SUCH_NAME;
        }
        return type == DnsMessage.A ? addresses(name, targets) : Answer.NOTHING_OF_THIS_TYPE;
    }

    private static Answer ofPod(String name, int type, List<Target> targets) {
        List<Target> those =
                targets.stream().filter(target -> target.host().equals(name)).toList();
        return ofService(name, type, those);
    }

    private static Answer ofPort(String name, int type, String port, String protocol, List<Target> targets) {
        List<Target> those = targets.stream()
                .filter(target -> !target.portName().isEmpty()
                        && port.equals("_" + target.portName())
                        && protocol.equals("_" + target.protocol()))
                .toList();
        if (those.isEmpty()) {
            return Answer.NO_SUCH_NAME;
        }
        if (type != DnsMessage.SRV) {
            return Answer.NOTHING_OF_THIS_TYPE;
        }
        int weight = Math.max(1, WEIGHTS / those.size());
        Set<Record> servers = new LinkedHashSet<>();
        Set<Record> additional = new LinkedHashSet<>();
        for (Target target : those) {
            servers.add(new Record.Server(name, weight, target.port(), target.host()));
            additional.add(new Record.Address(target.host(), target.ip()));
        }
        return new Answer(true, List.copyOf(servers), List.copyOf(additional));
    }

    private static Answer addresses(String name, List<Target> targets) {
        Set<Record> addresses = new LinkedHashSet<>();
        targets.forEach(target -> addresses.add(new Record.Address(name, target.ip())));
        return new Answer(true, List.copyOf(addresses), List.of());
    }
}
