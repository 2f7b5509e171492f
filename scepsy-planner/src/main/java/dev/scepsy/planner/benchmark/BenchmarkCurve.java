package dev.scepsy.planner.benchmark;

import dev.scepsy.planner.profile.MeasuredPoint;
import dev.scepsy.planner.stat.ReadableNumber;
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
 * gaining 1 % of throughput and are left out. Requests that were all sent at once only say how many are answered per second:
 * their latency is their queue. The saturation is the highest rate kept up with, or the highest throughput seen. What was kept
 * up with stays, even if a lower rate was not: runs that contradict each other are named, not chosen from.
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
        List<BenchmarkRun> ascending = runs.stream()
                .sorted(Comparator.comparingDouble(BenchmarkCurve::rate).thenComparing(BenchmarkRun::source))
                .toList();
        double last = 0;
        boolean plateau = false;
        List<MeasuredPoint> points = new ArrayList<>();
        for (BenchmarkRun run : closedByClients(ascending)) {
            if (!isKept(run)) {
                notes.add(whyLeftOut(run));
                continue;
            }
            if (run.load() instanceof BenchmarkRun.Load.Closed && rate(run) < last * LEAST_GAIN) {
                plateau = true;
                notes.add(run.source() + ": left out of the curve: more clients gained no throughput.");
                continue;
            }
            if (points.stream().anyMatch(point -> point.requestsPerSecond() == rate(run))) {
                throw new IllegalArgumentException(
                        "The rate (" + rate(run) + "/s) of " + run.source() + " is given twice. Give each rate once.");
            }
            noteOutput(run, notes);
            points.add(point(run));
            last = Math.max(last, rate(run));
        }
        if (points.isEmpty()) {
            throw new IllegalArgumentException(
                    "No run is left to make a curve of: the replica kept up with none of its loads. Measure lower"
                            + " rates.");
        }
        points.sort(Comparator.comparingDouble(MeasuredPoint::requestsPerSecond));
        boolean overloaded = plateau;
        double highest = 0;
        double lowestOverload = Double.POSITIVE_INFINITY;
        for (BenchmarkRun run : ascending) {
            if (!isKept(run) && contradicts(run, last)) {
                notes.add("The runs are contradictory: " + shown(last) + "/s was kept up with, " + shown(rate(run))
                        + "/s (" + run.source() + ") was not. Measure it again.");
            } else if (!isKept(run)) {
                overloaded = true;
                highest = Math.max(highest, run.achievedPerSecond());
                lowestOverload = Math.min(lowestOverload, rate(run));
            }
        }
        double saturation = Math.max(last, Math.min(highest, lowestOverload));
        return new BenchmarkCurve(points, saturation, !overloaded, input, output, notes);
    }

    private static boolean isKept(BenchmarkRun run) {
        return !(run.load() instanceof BenchmarkRun.Load.AtOnce) && keptUp(run) && run.errorRate() <= MOST_ERRORS;
    }

    /** An open run that was not kept up with at a rate below one that was. */
    private static boolean contradicts(BenchmarkRun run, double keptUpWith) {
        return run.load() instanceof BenchmarkRun.Load.Open open && open.perSecond() <= keptUpWith;
    }

    private static String whyLeftOut(BenchmarkRun run) {
        String failed = run.errorRate() > MOST_ERRORS
                ? String.format(Locale.ROOT, ", %.1f %% failed", 100 * run.errorRate())
                : "";
        return run.load() instanceof BenchmarkRun.Load.AtOnce
                ? run.source()
                        + ": left out of the curve: all requests were sent at once, so that their latency is their"
                        + " queue; that " + shown(run.achievedPerSecond())
                        + " requests/s were answered marks the saturation"
                        + failed + "."
                : run.source() + ": left out of the curve: " + shown(run.achievedPerSecond()) + " of "
                        + shown(rate(run)) + " requests/s were answered" + failed + ".";
    }

    private static void noteOutput(BenchmarkRun run, List<String> notes) {
        if (run.outputTokens().isPresent() && run.outputTokens().getAsDouble() == 0) {
            notes.add(
                    run.source() + ": no output tokens were generated. For a model that generates this measured prompts"
                            + " only; check its max_tokens and whether the answers were empty.");
        }
    }

    private static String shown(double value) {
        return ReadableNumber.of(value, 4);
    }

    /** Open runs by rate, closed ones by clients, so that the gain of more clients can be seen. */
    private static List<BenchmarkRun> closedByClients(List<BenchmarkRun> runs) {
        return runs.stream()
                .sorted(Comparator.comparingDouble(run ->
                        run.load() instanceof BenchmarkRun.Load.Closed closed ? closed.clients() * 1e-9 : rate(run)))
                .toList();
    }

    private static double rate(BenchmarkRun run) {
        return run.load() instanceof BenchmarkRun.Load.Open open
                ? open.perSecond()
                : run.load() instanceof BenchmarkRun.Load.AtOnce ? Double.POSITIVE_INFINITY : run.achievedPerSecond();
    }

    private static boolean keptUp(BenchmarkRun run) {
        if (!(run.load() instanceof BenchmarkRun.Load.Open open) || open.perSecond() == 0) {
            return true;
        }
        double requests = run.requests().orElse(Long.MAX_VALUE);
        double possible = requests / (requests / open.perSecond() + run.meanLatencySeconds());
        return run.achievedPerSecond() >= SLACK * possible;
    }

    /**
     * Poisson arrivals find as many requests as there are on average (Little's law), and add themselves. Clients that start and
     * end one after another are fewer on average than they are in all.
     */
    private static MeasuredPoint point(BenchmarkRun run) {
        double inFlight = run.load() instanceof BenchmarkRun.Load.Closed closed
                ? Math.min(closed.clients(), run.inFlight())
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
