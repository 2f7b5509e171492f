package dev.scepsy.samples.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Latencies over time, by when executions started. Immutable.
 *
 * @param points in the order of their starts
 * @param failed executions that were not answered as they should be
 */
record LatencySeries(List<Point> points, int failed) {

    LatencySeries {
        points = points.stream()
                .sorted(Comparator.comparingDouble(Point::startedSeconds))
                .toList();
    }

    /** Of those that were due from {@code fromNanos} of {@code System.nanoTime()} on; all must be answered. */
    static LatencySeries of(List<Execution> executions, long fromNanos, ScaledClock clock) {
        List<Point> points = new ArrayList<>();
        int failed = 0;
        for (Execution execution : executions) {
            if (execution.offeredNanos() < fromNanos) {
                continue;
            }
            if (execution.isFailed()) {
                failed++;
            } else {
                points.add(new Point(
                        clock.scaledSeconds(execution.offeredNanos() - fromNanos),
                        clock.scaledSeconds(execution.latencyNanos())));
            }
        }
        return new LatencySeries(points, failed);
    }

    /** As {@code simulate --executions} writes them, in the order of their starts. */
    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("failed", failed);
        ArrayNode executions = json.putArray("executions");
        points.forEach(point -> executions
                .addObject()
                .put("startedSeconds", point.startedSeconds())
                .put("latencySeconds", point.latencySeconds()));
        return json;
    }

    /** One execution; emulated seconds. */
    record Point(double startedSeconds, double latencySeconds) {}

    /** Those that started in [from, to). */
    List<Point> between(double fromSeconds, double toSeconds) {
        return points.stream()
                .filter(point -> point.startedSeconds() >= fromSeconds && point.startedSeconds() < toSeconds)
                .toList();
    }

    /** Mean latency of those that started in [from, to); empty where none did. */
    OptionalDouble mean(double fromSeconds, double toSeconds) {
        return between(fromSeconds, toSeconds).stream()
                .mapToDouble(Point::latencySeconds)
                .average();
    }

    /** Their 95th percentile, nearest rank. */
    OptionalDouble p95(double fromSeconds, double toSeconds) {
        double[] sorted = between(fromSeconds, toSeconds).stream()
                .mapToDouble(Point::latencySeconds)
                .sorted()
                .toArray();
        return sorted.length == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(sorted[(int) Math.ceil(0.95 * sorted.length) - 1]);
    }

    /** Means of bins, at the bins' middles; bins without executions are left out. */
    List<Point> binned(double binSeconds, double toSeconds) {
        List<Point> means = new ArrayList<>();
        for (double from = 0; from < toSeconds; from += binSeconds) {
            OptionalDouble mean = mean(from, from + binSeconds);
            if (mean.isPresent()) {
                means.add(new Point(from + binSeconds / 2, mean.getAsDouble()));
            }
        }
        return means;
    }
}
