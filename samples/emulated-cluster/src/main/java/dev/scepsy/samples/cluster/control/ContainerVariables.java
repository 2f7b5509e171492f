package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The environment variables of a pod's container. Immutable. */
record ContainerVariables(Map<String, String> values) {
    private static final Pattern REFERENCE = Pattern.compile("\\$(\\$*)\\(([A-Za-z_][A-Za-z0-9_.-]*)\\)");
    private static final Pattern OF_MAP = Pattern.compile("metadata\\.(labels|annotations)\\['([^']+)'\\]");

    ContainerVariables {
        values = Map.copyOf(values);
    }

    /**
     * Reads them; a later one may refer to earlier ones.
     *
     * @param ip the pod's address
     * @throws IllegalArgumentException naming a variable whose source cannot be had here
     */
    static ContainerVariables of(PodView pod, String ip) {
        JsonNode container = pod.container();
        if (!container.path("envFrom").isEmpty()) {
            throw new IllegalArgumentException(
                    "envFrom is not read in an emulated cluster; write the variables under env");
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (JsonNode variable : container.path("env")) {
            String name = variable.path("name").asText();
            JsonNode source = variable.path("valueFrom");
            if (source.isMissingNode()) {
                values.put(name, expand(variable.path("value").asText(""), values));
            } else {
                String field = source.path("fieldRef").path("fieldPath").asText("");
                values.put(
                        name,
                        field(pod, ip, field)
                                .orElseThrow(() -> new IllegalArgumentException("variable " + name + ": "
                                        + (field.isEmpty() ? source : "fieldPath " + field)
                                        + " is not read in an emulated cluster")));
            }
        }
        return new ContainerVariables(values);
    }

    private static Optional<String> field(PodView pod, String ip, String path) {
        Matcher ofMap = OF_MAP.matcher(path);
        if (ofMap.matches()) {
            return Optional.of(pod.object()
                    .path("metadata")
                    .path(ofMap.group(1))
                    .path(ofMap.group(2))
                    .asText(""));
        }
        return switch (path) {
            case "metadata.name" -> Optional.of(pod.name());
            case "metadata.namespace" -> Optional.of(pod.namespace());
            case "metadata.uid" -> Optional.of(pod.uid());
            case "spec.nodeName" -> Optional.of(pod.node());
            case "status.podIP", "status.podIPs" -> Optional.of(ip);
            case "status.hostIP", "status.hostIPs" -> Optional.of("127.0.0.1");
            default -> Optional.empty();
        };
    }

    /** A word of the command line with {@code $(NAME)} replaced; an unknown name stays as it is, {@code $$(NAME)} escapes. */
    String expand(String word) {
        return expand(word, values);
    }

    private static String expand(String word, Map<String, String> values) {
        return REFERENCE.matcher(word).replaceAll(found -> {
            String dollars = found.group(1);
            // n dollars before the bracket: every two are one, an odd one refers
            String kept = "$".repeat((dollars.length() + 1) / 2);
            boolean refers = dollars.length() % 2 == 0;
            String value = values.get(found.group(2));
            String replaced = refers && value != null ? "$".repeat(dollars.length() / 2) + value : null;
            return Matcher.quoteReplacement(
                    replaced != null ? replaced : refers ? found.group() : kept + "(" + found.group(2) + ")");
        });
    }
}
