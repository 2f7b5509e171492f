package dev.scepsy.samples.cluster.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Fills in what Kubernetes fills in when a field is left out, for the fields that clients and controllers here read. */
final class Defaults {
    private Defaults() {}

    static void fill(ResourceKind kind, ObjectNode object) {
        if (kind.equals(ResourceKind.DEPLOYMENT)) {
            fillDeployment(object.withObject("/spec"));
        } else if (kind.equals(ResourceKind.POD)) {
            fillPodSpec(object.withObject("/spec"));
            ObjectNode status = object.withObject("/status");
            absent(status, "phase", "Pending");
        } else if (kind.equals(ResourceKind.SERVICE)) {
            fillService(object.withObject("/spec"));
        } else if (kind.equals(ResourceKind.NAMESPACE)) {
            absent(object.withObject("/status"), "phase", "Active");
        }
    }

    private static void fillDeployment(ObjectNode spec) {
        absent(spec, "replicas", 1);
        absent(spec, "revisionHistoryLimit", 10);
        absent(spec, "progressDeadlineSeconds", 600);
        ObjectNode strategy = spec.withObject("/strategy");
        absent(strategy, "type", "RollingUpdate");
        if (strategy.path("type").asText().equals("RollingUpdate")) {
            ObjectNode rolling = strategy.withObject("/rollingUpdate");
            absent(rolling, "maxSurge", "25%");
            absent(rolling, "maxUnavailable", "25%");
        }
        if (spec.path("template").isObject()) {
            fillPodSpec(spec.withObject("/template/spec"));
        }
    }

    private static void fillPodSpec(ObjectNode spec) {
        absent(spec, "restartPolicy", "Always");
        absent(spec, "terminationGracePeriodSeconds", 30);
        absent(spec, "dnsPolicy", "ClusterFirst");
        absent(spec, "schedulerName", "default-scheduler");
        for (JsonNode container : spec.path("containers")) {
            if (container instanceof ObjectNode each) {
                fillContainer(each);
            }
        }
    }

    private static void fillContainer(ObjectNode container) {
        absent(container, "imagePullPolicy", "IfNotPresent");
        absent(container, "terminationMessagePath", "/dev/termination-log");
        absent(container, "terminationMessagePolicy", "File");
        fillPorts(container.path("ports"));
        // Extended resources cannot be overcommitted: a limit is also the request.
        JsonNode limits = container.path("resources").path("limits");
        limits.properties().forEach(limit -> {
            ObjectNode requests = container.withObject("/resources/requests");
            if (!requests.has(limit.getKey())) {
                requests.set(limit.getKey(), limit.getValue());
            }
        });
        for (String name : new String[] {"startupProbe", "readinessProbe", "livenessProbe"}) {
            if (container.get(name) instanceof ObjectNode probe) {
                absent(probe, "timeoutSeconds", 1);
                absent(probe, "periodSeconds", 10);
                absent(probe, "successThreshold", 1);
                absent(probe, "failureThreshold", 3);
                if (probe.get("httpGet") instanceof ObjectNode get) {
                    absent(get, "scheme", "HTTP");
                    absent(get, "path", "/");
                }
            }
        }
    }

    private static void fillService(ObjectNode spec) {
        absent(spec, "type", "ClusterIP");
        absent(spec, "sessionAffinity", "None");
        absent(spec, "internalTrafficPolicy", "Cluster");
        // Everything listens on loopback; the port is in the annotation scepsy.dev/emulated-port.
        absent(spec, "clusterIP", "127.0.0.1");
        if (!spec.path("clusterIPs").isArray()) {
            spec.putArray("clusterIPs").add(spec.path("clusterIP").asText());
        }
        fillPorts(spec.path("ports"));
        if (spec.get("ports") instanceof ArrayNode ports) {
            for (JsonNode port : ports) {
                if (port instanceof ObjectNode each && !each.has("targetPort")) {
                    each.set("targetPort", each.path("port"));
                }
            }
        }
    }

    private static void fillPorts(JsonNode ports) {
        for (JsonNode port : ports) {
            if (port instanceof ObjectNode each) {
                absent(each, "protocol", "TCP");
            }
        }
    }

    private static void absent(ObjectNode object, String field, String value) {
        if (!object.has(field)) {
            object.put(field, value);
        }
    }

    private static void absent(ObjectNode object, String field, int value) {
        if (!object.has(field)) {
            object.put(field, value);
        }
    }
}
