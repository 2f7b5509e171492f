package dev.scepsy.samples.cluster.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rules an object must meet before it is stored; all violations are reported together as one 422. */
final class Validation {
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final Pattern LABEL_VALUE = Pattern.compile("(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?");
    private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");

    private final List<ApiFailure.Cause> causes = new ArrayList<>();

    private Validation() {}

    /** @throws ApiFailure 422 naming every field that is wrong */
    static void check(ResourceKind kind, @Nullable ObjectNode live, ObjectNode object) {
        Validation validation = new Validation();
        String name = object.path("metadata").path("name").asText();
        validation.checkMetadata(kind, object.path("metadata"));
        if (kind.equals(ResourceKind.DEPLOYMENT)) {
            validation.checkDeployment(live, object.path("spec"));
        } else if (kind.equals(ResourceKind.POD)) {
            validation.checkPodSpec(object.path("spec"), "spec");
        } else if (kind.equals(ResourceKind.SERVICE)) {
            validation.checkService(object.path("spec"));
        } else if (kind.equals(ResourceKind.CONFIG_MAP)) {
            validation.checkConfigMap(object.path("data"));
        }
        if (!validation.causes.isEmpty()) {
            throw ApiFailure.invalid(kind, name, validation.causes);
        }
    }

    private void checkMetadata(ResourceKind kind, JsonNode metadata) {
        String name = metadata.path("name").asText();
        if (name.isEmpty()) {
            required("metadata.name", "name or generateName is required");
        } else if (name.length() > 253 || !SUBDOMAIN.matcher(name).matches()) {
            invalid(
                    "metadata.name",
                    name,
                    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.',"
                            + " and must start and end with an alphanumeric character");
        } else if (kind.equals(ResourceKind.SERVICE)
                && (name.length() > 63 || !DNS_LABEL.matcher(name).matches())) {
            invalid("metadata.name", name, "a service name must be a DNS label of at most 63 characters");
        }
        checkLabels(metadata.path("labels"), "metadata.labels");
    }

    private void checkLabels(JsonNode labels, String field) {
        labels.properties().forEach(label -> {
            String value = label.getValue().asText();
            if (value.length() > 63 || !LABEL_VALUE.matcher(value).matches()) {
                invalid(
                        field,
                        value,
                        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.',"
                                + " and must start and end with an alphanumeric character, at most 63 of them");
            }
        });
    }

    private void checkDeployment(@Nullable ObjectNode live, JsonNode spec) {
        JsonNode selector = spec.path("selector");
        JsonNode labels = spec.path("template").path("metadata").path("labels");
        if (selector.path("matchLabels").isEmpty()
                && selector.path("matchExpressions").isEmpty()) {
            required("spec.selector", "");
        } else if (live != null && !live.path("spec").path("selector").equals(selector)) {
            invalid("spec.selector", selector.toString(), "field is immutable");
        } else if (!Selector.of(selector).test(podWithLabels(labels))) {
            invalid("spec.template.metadata.labels", labels.toString(), "`selector` does not match template `labels`");
        }
        checkLabels(labels, "spec.template.metadata.labels");
        if (!spec.path("replicas").isInt() || spec.path("replicas").asInt() < 0) {
            invalid("spec.replicas", spec.path("replicas").asText(), "must be greater than or equal to 0");
        }
        String strategy = spec.path("strategy").path("type").asText();
        if (!strategy.equals("Recreate") && !strategy.equals("RollingUpdate")) {
            causes.add(new ApiFailure.Cause(
                    "FieldValueNotSupported",
                    "Unsupported value: \"" + strategy + "\": supported values: \"Recreate\", \"RollingUpdate\"",
                    "spec.strategy.type"));
        } else if (strategy.equals("Recreate") && spec.path("strategy").has("rollingUpdate")) {
            causes.add(new ApiFailure.Cause(
                    "FieldValueForbidden",
                    "Forbidden: may not be specified when strategy `type` is 'Recreate'",
                    "spec.strategy.rollingUpdate"));
        } else if (isZero(spec.at("/strategy/rollingUpdate/maxSurge"))
                && isZero(spec.at("/strategy/rollingUpdate/maxUnavailable"))) {
            invalid("spec.strategy.rollingUpdate.maxUnavailable", "0", "may not be 0 when `maxSurge` is 0");
        }
        checkPodSpec(spec.path("template").path("spec"), "spec.template.spec");
    }

    private static boolean isZero(JsonNode value) {
        return value.isInt() ? value.asInt() == 0 : value.asText().equals("0%");
    }

    private static ObjectNode podWithLabels(JsonNode labels) {
        ObjectNode pod = JsonNodeFactory.instance.objectNode();
        pod.withObject("/metadata").set("labels", labels);
        return pod;
    }

    private void checkPodSpec(JsonNode spec, String at) {
        JsonNode containers = spec.path("containers");
        if (!containers.isArray() || containers.isEmpty()) {
            required(at + ".containers", "");
        }
        int index = 0;
        for (JsonNode container : containers) {
            String field = at + ".containers[" + index++ + "]";
            String name = container.path("name").asText();
            if (name.isEmpty()) {
                required(field + ".name", "");
            } else if (!DNS_LABEL.matcher(name).matches()) {
                invalid(field + ".name", name, "a lowercase RFC 1123 label is required");
            }
            if (container.path("image").asText().isEmpty()) {
                required(field + ".image", "");
            }
            checkPorts(container.path("ports"), field + ".ports", "containerPort");
        }
    }

    private void checkService(JsonNode spec) {
        boolean headless = spec.path("clusterIP").asText().equals("None");
        if (spec.path("ports").isEmpty()
                && !headless
                && !spec.path("type").asText().equals("ExternalName")) {
            required("spec.ports", "");
        }
        checkPorts(spec.path("ports"), "spec.ports", "port");
        if (spec.path("ports").size() > 1) {
            int index = 0;
            for (JsonNode port : spec.path("ports")) {
                if (port.path("name").asText().isEmpty()) {
                    required("spec.ports[" + index + "].name", "");
                }
                index++;
            }
        }
    }

    private void checkPorts(JsonNode ports, String at, String field) {
        int index = 0;
        for (JsonNode port : ports) {
            int number = port.path(field).asInt();
            if (number < 1 || number > 65535) {
                invalid(
                        at + "[" + index + "]." + field,
                        port.path(field).asText(),
                        "must be between 1 and 65535, inclusive");
            }
            index++;
        }
    }

    private void checkConfigMap(JsonNode data) {
        data.properties().forEach(entry -> {
            if (!entry.getValue().isTextual()) {
                invalid("data[" + entry.getKey() + "]", entry.getValue().toString(), "must be a string");
            }
        });
    }

    private void required(String field, String why) {
        causes.add(new ApiFailure.Cause(
                "FieldValueRequired", why.isEmpty() ? "Required value" : "Required value: " + why, field));
    }

    private void invalid(String field, String value, String why) {
        causes.add(new ApiFailure.Cause("FieldValueInvalid", "Invalid value: \"" + value + "\": " + why, field));
    }
}
