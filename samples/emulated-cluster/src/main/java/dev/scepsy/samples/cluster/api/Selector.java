package dev.scepsy.samples.cluster.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which objects a list, watch, service or deployment means. Factories read the three forms Kubernetes has. */
public final class Selector {
    private static final Pattern SET = Pattern.compile("(\\S+)\\s+(in|notin)\\s*\\(([^)]*)\\)");

    private Selector() {}

    /** Matches everything. */
    static Predicate<ObjectNode> everything() {
        return object -> true;
    }

    /** The {@code labelSelector} query parameter: {@code a=b,c!=d,e in (f,g),h,!i}. */
    static Predicate<ObjectNode> ofLabels(String query) {
        Predicate<ObjectNode> all = everything();
        for (String requirement : splitOutsideBrackets(query)) {
            all = all.and(ofRequirement(requirement.strip()));
        }
        return all;
    }

    /** The {@code fieldSelector} query parameter: {@code metadata.name=x,status.phase!=Running}. */
    static Predicate<ObjectNode> ofFields(String query) {
        Predicate<ObjectNode> all = everything();
        for (String requirement : query.split(",", -1)) {
            if (requirement.isBlank()) {
                continue;
            }
            boolean negated = requirement.contains("!=");
            String[] sides = requirement.split("!=|==|=", 2);
            if (sides.length != 2) {
                throw ApiFailure.badRequest("invalid field selector: \"" + requirement + "\"");
            }
            String pointer = "/" + sides[0].strip().replace('.', '/');
            String value = sides[1].strip();
            all = all.and(object -> object.at(pointer).asText("").equals(value) != negated);
        }
        return all;
    }

    /** A {@code LabelSelector} object with {@code matchLabels} and {@code matchExpressions}. */
    public static Predicate<ObjectNode> of(JsonNode labelSelector) {
        Predicate<ObjectNode> all = ofMap(labelSelector.path("matchLabels"));
        for (JsonNode expression : labelSelector.path("matchExpressions")) {
            String key = expression.path("key").asText();
            List<String> values = new ArrayList<>();
            expression.path("values").forEach(value -> values.add(value.asText()));
            all = all.and(
                    switch (expression.path("operator").asText()) {
                        case "In" -> object -> has(object, key) && values.contains(label(object, key));
                        case "NotIn" -> object -> !has(object, key) || !values.contains(label(object, key));
                        case "Exists" -> object -> has(object, key);
                        case "DoesNotExist" -> object -> !has(object, key);
                        default ->
                            throw ApiFailure.badRequest("invalid label selector operator: \""
                                    + expression.path("operator").asText() + "\"");
                    });
        }
        return all;
    }

    /** A plain map of labels, as a service's selector; an empty map matches everything. */
    public static Predicate<ObjectNode> ofMap(JsonNode labels) {
        Predicate<ObjectNode> all = everything();
        for (Map.Entry<String, JsonNode> entry : labels.properties()) {
            String value = entry.getValue().asText();
            all = all.and(object ->
                    has(object, entry.getKey()) && label(object, entry.getKey()).equals(value));
        }
        return all;
    }

    private static Predicate<ObjectNode> ofRequirement(String requirement) {
        Matcher set = SET.matcher(requirement);
        if (requirement.isEmpty()) {
            return everything();
        } else if (set.matches()) {
            List<String> values = List.of(set.group(3).split(",", -1)).stream()
                    .map(String::strip)
                    .toList();
            boolean in = set.group(2).equals("in");
            String key = set.group(1);
            return object -> (has(object, key) && values.contains(label(object, key))) == in;
        } else if (requirement.contains("!=")) {
            String[] sides = requirement.split("!=", 2);
            return object -> !has(object, sides[0].strip())
                    || !label(object, sides[0].strip()).equals(sides[1].strip());
        } else if (requirement.contains("=")) {
            String[] sides = requirement.split("==|=", 2);
            return object -> has(object, sides[0].strip())
                    && label(object, sides[0].strip()).equals(sides[1].strip());
        } else if (requirement.startsWith("!")) {
            return object -> !has(object, requirement.substring(1).strip());
        }
        return object -> has(object, requirement);
    }

    private static List<String> splitOutsideBrackets(String query) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < query.length(); i++) {
            char c = query.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ',' && depth == 0) {
                parts.add(query.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(query.substring(start));
        return parts;
    }

    private static boolean has(ObjectNode object, String key) {
        return object.path("metadata").path("labels").has(key);
    }

    private static String label(ObjectNode object, String key) {
        return object.path("metadata").path("labels").path(key).asText();
    }
}
