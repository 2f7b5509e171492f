package dev.scepsy.planner.cluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How long engines took to start and to stop on this cluster, and where their weights lie by now; kept in the record of pushes. Immutable.
 *
 * @param seconds by {@code what gpu tN model} the last times, s, newest first; {@code what} is where the weights came from, or {@code stop}
 * @param cached places that hold weights: {@code node place source}, {@code *} for all nodes
 */
record MeasuredTimes(Map<String, List<Double>> seconds, Set<String> cached) {

    static final MeasuredTimes NONE = new MeasuredTimes(Map.of(), Set.of());

    private static final String STOP = "stop";
    private static final int KEPT = 5;

    /** A config map has room for 1 MiB; a hundred models on a hundred nodes take the most. */
    private static final int MOST_CACHED = 10_000;

    MeasuredTimes {
        Map<String, List<Double>> copy = new TreeMap<>();
        seconds.forEach((key, values) -> copy.put(key, List.copyOf(values)));
        seconds = java.util.Collections.unmodifiableMap(copy);
        cached = java.util.Collections.unmodifiableSet(new TreeSet<>(cached));
    }

    private static String key(String what, String gpu, int degree, String model) {
        return what + " " + gpu.replace(' ', '_') + " t" + degree + " " + model;
    }

    /** The median of the last starts; empty where there was none. */
    OptionalDouble start(String model, String gpu, int degree, WeightsFrom from) {
        return median(key(from.key(), gpu, degree, model));
    }

    OptionalDouble stop(String model, String gpu, int degree) {
        return median(key(STOP, gpu, degree, model));
    }

    private OptionalDouble median(String key) {
        List<Double> sorted =
                seconds.getOrDefault(key, List.of()).stream().sorted().toList();
        return sorted.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(sorted.get(sorted.size() / 2));
    }

    MeasuredTimes withStart(String model, String gpu, int degree, WeightsFrom from, double took) {
        return with(key(from.key(), gpu, degree, model), took);
    }

    MeasuredTimes withStop(String model, String gpu, int degree, double took) {
        return with(key(STOP, gpu, degree, model), took);
    }

    private MeasuredTimes with(String key, double took) {
        Map<String, List<Double>> more = new TreeMap<>(seconds);
        more.put(
                key,
                Stream.concat(Stream.of(took), seconds.getOrDefault(key, List.of()).stream())
                        .limit(KEPT)
                        .toList());
        return new MeasuredTimes(more, cached);
    }

    /** Whether {@code place}, as {@link ServingOptions#modelCache} writes it, holds the weights of {@code source} for engines on {@code node}. */
    boolean holds(String node, String place, String source) {
        return cached.contains(cacheKey(node, place, source));
    }

    MeasuredTimes withCached(String node, String place, String source) {
        if (place.equals("none") || source.isEmpty() || holds(node, place, source) || cached.size() >= MOST_CACHED) {
            return this;
        }
        Set<String> more = new TreeSet<>(cached);
        more.add(cacheKey(node, place, source));
        return new MeasuredTimes(seconds, more);
    }

    private static String cacheKey(String node, String place, String source) {
        return (place.startsWith("claim:") ? "*" : node) + " " + place + " " + source;
    }

    /** A line per fact, for the config map and whoever reads it. */
    String text() {
        List<String> lines = new ArrayList<>();
        seconds.forEach((key, values) -> lines.add("seconds "
                + values.stream()
                        .map(value -> String.format(Locale.ROOT, "%.1f", value))
                        .collect(Collectors.joining(","))
                + " " + key));
        cached.forEach(place -> lines.add("cached " + place));
        return String.join("\n", lines);
    }

    /** @throws IllegalArgumentException if {@code text} is not what {@link #text} writes */
    static MeasuredTimes read(String text) {
        Map<String, List<Double>> seconds = new TreeMap<>();
        Set<String> cached = new TreeSet<>();
        for (String line : text.lines().toList()) {
            String[] words = line.split(" ", 3);
            if (words.length == 3 && words[0].equals("seconds") && words[1].matches("[0-9.]{1,12}(,[0-9.]{1,12})*")) {
                seconds.put(
                        words[2],
                        Arrays.stream(words[1].split(","))
                                .limit(KEPT)
                                .map(Double::valueOf)
                                .toList());
            } else if (words.length == 3 && words[0].equals("cached")) {
                cached.add(words[1] + " " + words[2]);
            } else {
                throw new IllegalArgumentException("Its measured times are none that a push writes.");
            }
        }
        return new MeasuredTimes(seconds, cached);
    }
}
