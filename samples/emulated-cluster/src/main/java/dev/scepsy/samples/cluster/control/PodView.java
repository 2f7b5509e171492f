package dev.scepsy.samples.cluster.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a pod. */
record PodView(ObjectNode object) {
    private static final Pattern DIGITS = Pattern.compile("\\d+");

    String name() {
        return object.path("metadata").path("name").asText();
    }

    String namespace() {
        return object.path("metadata").path("namespace").asText();
    }

    String uid() {
        return object.path("metadata").path("uid").asText();
    }

    String node() {
        return object.path("spec").path("nodeName").asText("");
    }

    String phase() {
        return object.path("status").path("phase").asText("Pending");
    }

    boolean isTerminating() {
        return object.path("metadata").has("deletionTimestamp");
    }

    boolean isReady() {
        return condition("Ready");
    }

    boolean condition(String type) {
        for (JsonNode condition : object.path("status").path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition.path("status").asText().equals("True");
            }
        }
        return false;
    }

    Optional<String> annotation(String key) {
        JsonNode value = object.path("metadata").path("annotations").path(key);
        return value.isTextual() ? Optional.of(value.asText()) : Optional.empty();
    }

    String label(String key) {
        return object.path("metadata").path("labels").path(key).asText("");
    }

    /** Its address; empty before its kubelet has reported one. */
    String ip() {
        return object.path("status").path("podIP").asText("");
    }

    /** The number of a container's port with this name; empty if no container has it. */
    OptionalInt containerPort(String portName, String protocol) {
        for (JsonNode container : object.path("spec").path("containers")) {
            for (JsonNode port : container.path("ports")) {
                if (port.path("name").asText("").equals(portName)
                        && port.path("protocol").asText("TCP").equals(protocol)) {
                    return OptionalInt.of(port.path("containerPort").asInt());
                }
            }
        }
        return OptionalInt.empty();
    }

    /** The container that is emulated: the first one. */
    JsonNode container() {
        return object.path("spec").path("containers").path(0);
    }

    /** Command and arguments of the container that is emulated. */
    List<String> commandLine() {
        List<String> words = new ArrayList<>();
        container().path("command").forEach(word -> words.add(word.asText()));
        container().path("args").forEach(word -> words.add(word.asText()));
        return words;
    }

    /** GPU ids it was bound to; empty before that. */
    List<Integer> assignedGpus() {
        return numbers(annotation(Annotations.ASSIGNED_GPUS).orElse(""));
    }

    static List<Integer> numbers(String text) {
        List<Integer> numbers = new ArrayList<>();
        Matcher matcher = DIGITS.matcher(text);
        while (matcher.find()) {
            numbers.add(Integer.parseInt(matcher.group()));
        }
        return numbers;
    }

    /** Name of the deployment that owns it; empty if none does. */
    String ownerUid() {
        return object.path("metadata")
                .path("ownerReferences")
                .path(0)
                .path("uid")
                .asText("");
    }
}
