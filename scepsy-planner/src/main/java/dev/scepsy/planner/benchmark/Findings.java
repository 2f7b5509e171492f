package dev.scepsy.planner.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.file.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Takes numbers out of a result file and collects what is missing or cannot be. */
final class Findings {

    private final String file;
    private final List<Problem> problems = new ArrayList<>();

    Findings(String file) {
        this.file = file;
    }

    List<Problem> problems() {
        return problems;
    }

    /** The file, with the place inside it where there are several. */
    String source(String place) {
        return place.isEmpty() ? file : file + ": " + place;
    }

    void problem(String place, String message) {
        problems.add(new Problem(file, place, 0, 0, message));
    }

    /** A number above 0 that must be there; reported and 1 where it is not. */
    double required(JsonNode node, String place, String key, String remedy) {
        OptionalDouble value = optional(node, key);
        if (value.isEmpty() || !(value.getAsDouble() > 0)) {
            JsonNode found = at(node, key);
            problem(
                    within(place, key),
                    found.isMissingNode() || found.isNull()
                            ? "This number is missing." + remedy
                            : "The value (" + found + ") must be a number above 0." + remedy);
            return 1;
        }
        return value.getAsDouble();
    }

    /** The place of {@code key}, as people write it. */
    static String within(String place, String key) {
        return (place.isEmpty() ? "" : place + ".") + key.replace('/', '.');
    }

    /** A finite number, if there is one at {@code key}, whose parts are separated by slashes. */
    static OptionalDouble optional(JsonNode node, String key) {
        JsonNode value = at(node, key);
        return value.isNumber() && Double.isFinite(value.asDouble())
                ? OptionalDouble.of(value.asDouble())
                : OptionalDouble.empty();
    }

    /** The same, above 0. */
    static OptionalDouble positive(JsonNode node, String key) {
        OptionalDouble value = optional(node, key);
        return value.isPresent() && value.getAsDouble() > 0 ? value : OptionalDouble.empty();
    }

    static OptionalLong count(JsonNode node, String key) {
        OptionalDouble value = optional(node, key);
        return value.isPresent() && value.getAsDouble() >= 0
                ? OptionalLong.of((long) value.getAsDouble())
                : OptionalLong.empty();
    }

    static JsonNode at(JsonNode node, String key) {
        JsonNode found = node;
        for (String part : key.split("/")) {
            found = found.path(part);
        }
        return found;
    }

    static OptionalDouble times(OptionalDouble value, double factor) {
        return value.isPresent() ? OptionalDouble.of(value.getAsDouble() * factor) : value;
    }
}
