package dev.scepsy.planner.benchmark;

import dev.scepsy.planner.profile.MeasuredPoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * The latency curve that several runs make together. Immutable.
 *
 * <p>An open run counts at the rate at which its requests came, if the replica kept up: {@code duration} also holds the tail
 * in which the last requests end, so N requests at rate r are kept up with when N / (N / r + latency) of them end per second,
 * less 10 %. A closed run counts at the rate at which its requests were answered; clients beyond the knee wait without
 * gaining 1 % of throughput and are left out. The saturation is the highest rate kept up with, or the highest throughput seen.
 *
 * @param points ascending by rate, at least one
 * @param saturationIsLowerBound no run went beyond the knee
 * @param inputTokens mean over the runs
 * @param outputTokens mean over the runs
 * @param notes what was left out, and why
 */
public record BenchmarkCurve(
        List<MeasuredPoint> points,
        double saturationRequestsPerSecond,
        boolean saturationIsLowerBound,
        OptionalDouble inputTokens,
        OptionalDouble outputTokens,
        List<String> notes) {

    private static final double SLACK = 0.9;
    private static final double LEAST_GAIN = 1.01;
    private static final double MOST_ERRORS = 0.01;

    /** Runs whose mean lengths differ by more than this factor measured different things. */
    public static final double LIKE_LENGTHS = 1.25;

    public BenchmarkCurve {
        points = List.copyOf(points);
        notes = List.copyOf(notes);
    }

    /**
     * The curve through {@code runs}.
     *
     * @throws IllegalArgumentException if lengths differ or nothing is left, saying of which run
     */
    public static BenchmarkCurve of(List<BenchmarkRun> runs) {
        List<String> notes = new ArrayList<>();
        OptionalDouble input = common(runs, BenchmarkRun::inputTokens, "input");
        OptionalDouble output = common(runs, BenchmarkRun::outputTokens, "output");
        boolean overloaded = false;
        double highest = 0;
        double lowestOverload = Double.POSITIVE_INFINITY;
        List<MeasuredPoint> points = new ArrayList<>();
        List<BenchmarkRun> ascending = runs.stream()
                .sorted(Comparator.comparingDouble(BenchmarkCurve::rate).thenComparing(BenchmarkRun::source))
                .toList();
        for (BenchmarkRun run : ascending) {
            boolean keptUp = keptUp(run) && run.errorRate() <= MOST_ERRORS;
            if (!keptUp) {
                overloaded = true;
                lowestOverload = Math.min(lowestOverload, rate(run));
                highest = Math.max(highest, Math.min(run.achievedPerSecond(), rate(run)));
                notes.add(String.format(
                        Locale.ROOT,
                        "%s: left out of the curve: %.4g of %.4g requests/s were answered%s.",
                        run.source(),
                        run.achievedPerSecond(),
                        rate(run),
                        run.errorRate() > MOST_ERRORS
                                ? String.format(Locale.ROOT, ", %.1f %% failed", 100 * run.errorRate())
                                : ""));
            }
        }
        double last = 0;
        for (BenchmarkRun run : closedByClients(ascending)) {
            boolean closed = run.load() instanceof BenchmarkRun.Load.Closed;
            if (!keptUp(run) || run.errorRate() > MOST_ERRORS || rate(run) >= lowestOverload) {
                continue;
            }
            if (closed && rate(run) < last * LEAST_GAIN) {
                overloaded = true;
                notes.add(run.source() + ": left out of the curve: more clients gained no throughput.");
                continue;
            }
            if (rate(run) == last && !points.isEmpty()) {
                throw new IllegalArgumentException(
                        "The rate (" + rate(run) + "/s) of " + run.source() + " stands twice. Give each rate once.");
            }
            points.add(point(run));
            last = Math.max(last, rate(run));
        }
        if (points.isEmpty()) {
            throw new IllegalArgumentException(
                    "No run is left to make a curve of: the replica kept up with none of its loads. Measure lower"
                            + " rates.");
        }
        points.sort(Comparator.comparingDouble(MeasuredPoint::requestsPerSecond));
        double saturation = Math.max(last, Math.min(highest, lowestOverload));
        return new BenchmarkCurve(points, saturation, !overloaded, input, output, notes);
    }

    /** Open runs by rate, closed ones by clients, so that the gain of more clients can be seen. */
    private static List<BenchmarkRun> closedByClients(List<BenchmarkRun> runs) {
        return runs.stream()
                .sorted(Comparator.comparingDouble(run ->
                        run.load() instanceof BenchmarkRun.Load.Closed closed ? closed.clients() * 1e-9 : rate(run)))
                .toList();
    }

    private static double rate(BenchmarkRun run) {
        return run.load() instanceof BenchmarkRun.Load.Open open ? open.perSecond() : run.achievedPerSecond();
    }

    private static boolean keptUp(BenchmarkRun run) {
        if (!(run.load() instanceof BenchmarkRun.Load.Open open) || open.perSecond() == 0) {
            return true;
        }
        double requests = run.requests().orElse(Long.MAX_VALUE);
        double possible = requests / (requests / open.perSecond() + run.meanLatencySeconds());
        return run.achievedPerSecond() >= SLACK * possible;
    }

    /** Poisson arrivals find as many requests as there are on average, and add themselves. */
    private static MeasuredPoint point(BenchmarkRun run) {
        double inFlight = run.load() instanceof BenchmarkRun.Load.Closed closed
                ? closed.clients()
                : 1 + rate(run) * run.meanLatencySeconds();
        return new MeasuredPoint(
                rate(run),
                run.meanLatencySeconds(),
                OptionalDouble.of(Math.max(1, inFlight)),
                run.meanFirstTokenSeconds(),
                run.meanPerTokenSeconds(),
                run.p95LatencySeconds(),
                run.p99LatencySeconds(),
                run.requests(),
                OptionalDouble.of(run.errorRate()));
    }

    private interface Tokens {
        OptionalDouble of(BenchmarkRun run);
    }

    private static OptionalDouble common(List<BenchmarkRun> runs, Tokens tokens, String which) {
        double sum = 0;
        int count = 0;
        BenchmarkRun least = null;
        BenchmarkRun most = null;
        for (BenchmarkRun run : runs) {
            if (tokens.of(run).isPresent()) {
                double value = tokens.of(run).getAsDouble();
                sum += value;
                count++;
                least = least == null || value < tokens.of(least).orElse(0) ? run : least;
                most = most == null || value > tokens.of(most).orElse(0) ? run : most;
            }
        }
        if (least == null || most == null) {
            return OptionalDouble.empty();
        }
        double low = tokens.of(least).orElse(0);
        double high = tokens.of(most).orElse(0);
        if (high > LIKE_LENGTHS * low + 1) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "The runs had different lengths, so that they make no curve: %s has %.0f %s tokens, %s has %.0f."
                            + " Import runs of like lengths together.",
                    least.source(),
                    low,
                    which,
                    most.source(),
                    high));
        }
        return OptionalDouble.of(sum / count);
    }
}
