package dev.scepsy.planner.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.stat.ReadableNumber;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Takes numbers out of a result file and collects what is missing or cannot be. */
final class Findings {

    /** Requests per second and replica; beyond it no tool measures. */
    static final double MOST_PER_SECOND = 1e6;

    /** One request may take a day. */
    static final double MOST_SECONDS = 86_400;

    static final double MOST_TOKENS = 1e15;
    static final double MOST_REQUESTS = 1e9;

    /** Means over other sets of requests, and what is printed with few digits, differ by so much. */
    private static final double TOLERANCE = 1.1;

    private static final long FEW_REQUESTS = 20;
    private static final int LONGEST_SHOWN = 60;

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

    /** A number above 0 and at most {@code most} that must be there; reported and 1 where it is not. */
    double required(JsonNode node, String place, String key, double most, String remedy) {
        JsonNode found = at(node, key);
        if (found.isMissingNode() || found.isNull()) {
            problem(within(place, key), "This number is missing." + remedy);
            return 1;
        }
        OptionalDouble value = number(node, place, key, most);
        if (value.isPresent() && value.getAsDouble() == 0) {
            problem(within(place, key), "The value (0) must be a number above 0." + remedy);
        }
        return value.isPresent() && value.getAsDouble() > 0 ? value.getAsDouble() : 1;
    }

    /** A number from 0 to {@code most}, if something stands there; what is none is reported. */
    OptionalDouble number(JsonNode node, String place, String key, double most) {
        JsonNode found = at(node, key);
        if (found.isMissingNode() || found.isNull()) {
            return OptionalDouble.empty();
        }
        double value = found.isNumber() ? found.asDouble() : Double.NaN;
        if (!(value >= 0 && value <= most)) {
            problem(
                    within(place, key),
                    "The value (" + cut(found.toString()) + ") must be a number from 0 to " + ReadableNumber.of(most, 6)
                            + ".");
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(value);
    }

    /** The same; 0 stands for what was not measured. */
    OptionalDouble positive(JsonNode node, String place, String key, double most) {
        OptionalDouble value = number(node, place, key, most);
        return value.isPresent() && value.getAsDouble() > 0 ? value : OptionalDouble.empty();
    }

    OptionalLong count(JsonNode node, String place, String key) {
        OptionalDouble value = number(node, place, key, MOST_REQUESTS);
        return value.isPresent() ? OptionalLong.of((long) value.getAsDouble()) : OptionalLong.empty();
    }

    /** Takes {@code run} unless its numbers contradict each other; {@code keys} name what the tool calls them. */
    void take(BenchmarkRun run, String place, String clientsKey, List<BenchmarkRun> runs) {
        Optional<String> wrong = contradiction(run, clientsKey);
        wrong.ifPresent(sentence -> problem(place, sentence));
        if (wrong.isEmpty()) {
            runs.add(run);
        }
    }

    private static Optional<String> contradiction(BenchmarkRun run, String clientsKey) {
        String inside = shown(run.achievedPerSecond()) + " requests/s of " + shown(run.meanLatencySeconds())
                + " s each are " + shown(run.inFlight()) + " requests at once";
        if (run.load() instanceof BenchmarkRun.Load.Closed closed
                && run.inFlight() > TOLERANCE * closed.clients() + 1) {
            return Optional.of("The numbers contradict each other: " + inside + ", but " + clientsKey + " allows "
                    + shown(closed.clients()) + ". Check which run this was.");
        }
        if (run.load() instanceof BenchmarkRun.Load.Open open
                && open.perSecond() > 0
                && run.requests().orElse(0) >= FEW_REQUESTS
                && run.achievedPerSecond() > 2 * open.perSecond()) {
            return Optional.of("The numbers contradict each other: " + shown(run.achievedPerSecond())
                    + " requests/s were answered and " + shown(open.perSecond()) + " sent. Check which run this was.");
        }
        if (run.requests().isPresent()
                && run.inFlight() > TOLERANCE * (run.requests().getAsLong() + run.failed())) {
            return Optional.of("The numbers contradict each other: " + inside + ", but there were only "
                    + (run.requests().getAsLong() + run.failed()) + " requests. Check the units of the latency.");
        }
        if (run.meanFirstTokenSeconds().orElse(0) > TOLERANCE * run.meanLatencySeconds()) {
            return Optional.of("The numbers contradict each other: the mean time to the first token ("
                    + shown(run.meanFirstTokenSeconds().getAsDouble()) + " s) exceeds the mean latency ("
                    + shown(run.meanLatencySeconds()) + " s). Check the units.");
        }
        return Optional.empty();
    }

    private static String shown(double value) {
        return ReadableNumber.of(value, 4);
    }

    private static String cut(String text) {
        return text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "..." : text;
    }

    /** The place of {@code key}, as people write it. */
    static String within(String place, String key) {
        return (place.isEmpty() ? "" : place + ".") + key.replace('/', '.');
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
