package dev.scepsy.planner.profile;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * A curve through measured points: made non-decreasing by a running maximum, constant below the first point, linear
 * between points, the last point's latency held up to saturation. Immutable and thread-safe; evaluation allocates
 * nothing.
 */
public final class MeasuredCurve implements LatencyProfile {

    /**
     * One measurement.
     *
     * @param requestsPerSecond arrivals at one replica, 0 or more
     * @param meanLatencySeconds mean time of a call, above 0
     */
    public record Point(double requestsPerSecond, double meanLatencySeconds) {}

    private final double[] rates;
    private final double[] latencies;
    private final double saturationRequestsPerSecond;
    private final double memoryGiBPerGpu;

    private MeasuredCurve(double[] rates, double[] latencies, double saturation, double memoryGiBPerGpu) {
        this.rates = rates;
        this.latencies = latencies;
        this.saturationRequestsPerSecond = saturation;
        this.memoryGiBPerGpu = memoryGiBPerGpu;
    }

    /**
     * The curve through {@code points}.
     *
     * @param points at least one, rates strictly ascending
     * @param saturationRequestsPerSecond inclusive, not below the last point's rate; empty: the last point's rate
     * @param memoryGiBPerGpu what one shard occupies on each GPU
     * @throws IllegalArgumentException naming the point that breaks a rule
     */
    public static MeasuredCurve of(
            List<Point> points, OptionalDouble saturationRequestsPerSecond, double memoryGiBPerGpu) {
        if (points.isEmpty()) {
            throw new IllegalArgumentException("A measured curve needs at least one point.");
        }
        double[] rates = new double[points.size()];
        double[] latencies = new double[points.size()];
        double highest = 0;
        for (int i = 0; i < rates.length; i++) {
            Point point = points.get(i);
            if (!(point.requestsPerSecond() >= 0)
                    || !Double.isFinite(point.requestsPerSecond())
                    || (i > 0 && !(point.requestsPerSecond() > rates[i - 1]))) {
                throw new IllegalArgumentException("The requestsPerSecond (" + point.requestsPerSecond() + ") of point "
                        + i + " must be finite, not negative and above the point before it. Sort the points, without"
                        + " duplicates.");
            }
            if (!(point.meanLatencySeconds() > 0) || !Double.isFinite(point.meanLatencySeconds())) {
                throw new IllegalArgumentException("The meanLatencySeconds (" + point.meanLatencySeconds()
                        + ") of point " + i + " must be finite and above 0.");
            }
            rates[i] = point.requestsPerSecond();
            highest = Math.max(highest, point.meanLatencySeconds());
            latencies[i] = highest;
        }
        double saturation = saturationRequestsPerSecond.orElse(rates[rates.length - 1]);
        if (!(saturation > 0)) {
            throw new IllegalArgumentException("The saturationRequestsPerSecond (" + saturation + ") must be above 0.");
        }
        return new MeasuredCurve(rates, latencies, saturation, memoryGiBPerGpu);
    }

    @Override
    public double meanLatencySeconds(double requestsPerSecond) {
        double rate = Math.min(requestsPerSecond, saturationRequestsPerSecond);
        if (rate <= rates[0]) {
            return latencies[0];
        }
        int found = Arrays.binarySearch(rates, rate);
        if (found >= 0) {
            return latencies[found];
        }
        int above = -found - 1;
        if (above == rates.length) {
            return latencies[above - 1];
        }
        double along = (rate - rates[above - 1]) / (rates[above] - rates[above - 1]);
        return latencies[above - 1] + along * (latencies[above] - latencies[above - 1]);
    }

    @Override
    public double saturationRequestsPerSecond() {
        return saturationRequestsPerSecond;
    }

    @Override
    public double memoryGiBPerGpu() {
        return memoryGiBPerGpu;
    }

    /** The points, running maximum applied. */
    public List<Point> points() {
        return IntStream.range(0, rates.length)
                .mapToObj(i -> new Point(rates[i], latencies[i]))
                .toList();
    }
}
