package dev.scepsy.planner.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** What a change of the pod template must leave alone, because plan, routing or draining rest on it. */
final class PodPatchRules {

    static final String CONTAINER = "engine";

    private static final String PLAN = "the plan owns it";
    private static final Map<String, String> OF_POD = Map.of(
            "nodeName", PLAN,
            "restartPolicy", "engines are started again for ever",
            "terminationGracePeriodSeconds", "use --drain-seconds",
            "ephemeralContainers", "they are added to running pods only");
    private static final Map<String, String> OF_CONTAINER = Map.of(
            "image", "use image in the models file",
            "command", PLAN,
            "args", "use engineArguments in the models file",
            "ports", "services and probes rely on them");
    private static final Map<String, String> OF_REQUESTS = Map.of(
            "cpu", "use engineCpuCores in the models file", "memory", "use engineHostMemoryGiB in the models file");
    private static final Set<String> DEVICES =
            Set.of("CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "ROCR_VISIBLE_DEVICES");
    private static final Pattern GPU_RESOURCE = Pattern.compile("(nvidia|amd|gpu)\\.[\\w.-]+/.*");
    private static final Pattern SECRET = Pattern.compile("(?i).*(TOKEN|SECRET|PASSWORD|PASSWD|API_?KEY|ACCESS_?KEY)$");

    private final String path;
    private final List<String> problems = new ArrayList<>();

    PodPatchRules(String path) {
        this.path = path;
    }

    List<String> problems(ObjectNode patch) {
        directives(patch, "");
        named(patch.path("metadata").path("labels"), ".metadata.labels");
        named(patch.path("metadata").path("annotations"), ".metadata.annotations");
        for (String key : List.of("name", "generateName", "namespace")) {
            owned(patch.path("metadata"), key, ".metadata", PLAN);
        }
        JsonNode pod = patch.path("spec");
        OF_POD.forEach((key, why) -> owned(pod, key, ".spec", why));
        owned(pod.path("nodeSelector"), Names.HOSTNAME, ".spec.nodeSelector", PLAN);
        owned(pod.path("affinity"), "nodeAffinity", ".spec.affinity", PLAN + ": restrict the model's gpus instead");
        for (String list : List.of("containers", "initContainers")) {
            JsonNode containers = pod.path(list);
            for (int i = 0; i < containers.size(); i++) {
                String place = ".spec." + list + "[" + i + "]";
                if (list.equals("containers")) {
                    container(containers.get(i), place);
                }
                secrets(containers.get(i).path("env"), place + ".env");
            }
        }
        return problems;
    }

    private void container(JsonNode container, String place) {
        if (!container.path("name").asText().equals(CONTAINER)) {
            return;
        }
        OF_CONTAINER.forEach((key, why) -> owned(container, key, place, why));
        owned(container.path("lifecycle"), "preStop", place + ".lifecycle", "it lets running requests finish");
        owned(container.path("resources"), "claims", place + ".resources", PLAN);
        OF_REQUESTS.forEach((key, why) ->
                owned(container.path("resources").path("requests"), key, place + ".resources.requests", why));
        for (String list : List.of("limits", "requests")) {
            container.path("resources").path(list).fieldNames().forEachRemaining(resource -> {
                if (GPU_RESOURCE.matcher(resource).matches()) {
                    problem(place + ".resources." + list + "." + resource, PLAN);
                }
            });
        }
        JsonNode variables = container.path("env");
        for (int i = 0; i < variables.size(); i++) {
            String name = variables.get(i).path("name").asText();
            if (DEVICES.contains(name) || name.startsWith("CUDA_MPS_")) {
                problem(place + ".env[" + i + "]." + name, PLAN);
            }
        }
        if (container.has(StrategicMerge.DIRECTIVE)) {
            problem(place + "." + StrategicMerge.DIRECTIVE, PLAN + ": the container can only be added to");
        }
    }

    /** The record of what was applied is a config map, which more people may read than secrets. */
    private void secrets(JsonNode variables, String place) {
        for (int i = 0; i < variables.size(); i++) {
            JsonNode variable = variables.get(i);
            if (variable.hasNonNull("value")
                    && SECRET.matcher(variable.path("name").asText()).matches()) {
                problems.add(path + place + "[" + i + "].value: The value of "
                        + variable.path("name").asText()
                        + " looks like a secret, and the template is kept where others can read it. Use"
                        + " valueFrom: {secretKeyRef: {name: ..., key: ...}}.");
            }
        }
    }

    private void named(JsonNode names, String place) {
        names.fieldNames().forEachRemaining(name -> {
            if (name.startsWith("scepsy.dev/") || name.equals(Names.MANAGED_BY)) {
                problem(place + "." + name, PLAN);
            }
        });
    }

    private void owned(JsonNode parent, String key, String place, String why) {
        if (parent.has(key)) {
            problem(place + "." + key, why);
        }
    }

    private void problem(String place, String why) {
        problems.add(path + place + ": A podTemplate must leave this alone: " + why + ".");
    }

    /** Items of lists that are merged need their key, and of the directives only {@code $patch} is known. */
    private void directives(JsonNode node, String place) {
        if (node instanceof ObjectNode mapping) {
            mapping.properties().forEach(entry -> {
                String here = place + "." + entry.getKey();
                if (entry.getKey().equals(StrategicMerge.DIRECTIVE)
                        ? !Set.of("merge", "replace", "delete")
                                .contains(entry.getValue().asText())
                        : entry.getKey().startsWith("$")) {
                    problems.add(
                            path + here + ": Of the directives of a strategic merge patch only $patch: merge, replace"
                                    + " or delete is taken.");
                }
                String mergeKey = StrategicMerge.MERGE_KEYS.get(entry.getKey());
                if (mergeKey != null && entry.getValue() instanceof ArrayNode items) {
                    for (int i = 0; i < items.size(); i++) {
                        if (!items.get(i).has(mergeKey) && !items.get(i).has(StrategicMerge.DIRECTIVE)) {
                            problems.add(path + here + "[" + i + "]: This item has no " + mergeKey
                                    + ", by which it is merged. Give it one.");
                        }
                    }
                }
                directives(entry.getValue(), here);
            });
        } else if (node instanceof ArrayNode items) {
            for (int i = 0; i < items.size(); i++) {
                directives(items.get(i), place + "[" + i + "]");
            }
        }
    }

    /** The patch as a template, for its types to be checked: without directives and what is only named to be deleted. */
    static JsonNode withoutDirectives(JsonNode patch) {
        JsonNode copy = patch.deepCopy();
        strip(copy);
        return copy;
    }

    private static void strip(JsonNode node) {
        if (node instanceof ObjectNode mapping) {
            for (Iterator<Map.Entry<String, JsonNode>> entries = mapping.fields(); entries.hasNext(); ) {
                Map.Entry<String, JsonNode> entry = entries.next();
                if (entry.getKey().startsWith("$")) {
                    entries.remove();
                } else {
                    strip(entry.getValue());
                }
            }
        } else if (node instanceof ArrayNode items) {
            items.forEach(PodPatchRules::strip);
        }
    }
}
