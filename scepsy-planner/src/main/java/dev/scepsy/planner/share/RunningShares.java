package dev.scepsy.planner.share;

import dev.scepsy.planner.share.MergeableStatistics.Quantity;
import dev.scepsy.planner.share.MergeableStatistics.Sums;
import dev.scepsy.planner.stat.StudentT;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * A workflow's shares over its executions while they come, by the formulas of {@link Stability}: s_m(k) and its band after k
 * executions; the moving parts of the path over the last tenth of them, ten at least. Holds {@value #MOST_POINTS} points at most: when
 * there are more, every second goes. What was summed up before, such as a recovered minute, is one step of many executions.
 *
 * <p>Not thread-safe.
 */
public final class RunningShares {

    private static final int MOST_POINTS = 128;
    private static final int LEAST_WINDOW = 10;
    private static final int WINDOWS = 10;
    private static final int LEAST_AFTER = 10;
    private static final double PART_AFTER = 0.2;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double[] NONE = {};

    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<String> names = new ArrayList<>();
    private final List<Mark> marks = new ArrayList<>();
    private long stride = 1;

    // sums, in seconds; by number of the model
    private double[] called = NONE;
    private double[] calledSquares = NONE;
    private double[] calledTimesTotal = NONE;
    private double[] path = NONE;
    private double total;
    private double totalSquares;
    private double endToEnd;
    private long executions;
    private long lastEndEpochNanos = Long.MIN_VALUE;

    /** The sums after some executions; models that came later have no number yet. */
    @SuppressWarnings("ArrayRecordComponent") // carried, never compared
    private record Mark(
            long executions,
            long endEpochNanos,
            double endToEnd,
            double[] shares,
            double[] halfWidths,
            double[] path) {}

    /**
     * After so many executions.
     *
     * @param endEpochNanos when the last of them ended
     * @param models in name order
     * @param other the part of the path outside any model; with the models' parts it adds up to 1
     */
    public record Point(long executions, long endEpochNanos, List<Model> models, double other) {
        public Point {
            models = List.copyOf(models);
        }
    }

    /**
     * One model's shares.
     *
     * @param share of the execution time
     * @param halfWidth of its 95 % band; not finite where there are too few executions
     * @param part moving part of the path
     */
    public record Model(String model, double share, double halfWidth, double part) {}

    /** The next execution. */
    public void add(ExecutionShares execution) {
        double all = 0;
        for (ModelUse use : execution.models()) {
            all += use.callNanos() / NANOS_PER_SECOND;
        }
        for (ModelUse use : execution.models()) {
            int number = number(use.model());
            double own = use.callNanos() / NANOS_PER_SECOND;
            called[number] += own;
            calledSquares[number] += own * own;
            calledTimesTotal[number] += own * all;
            path[number] += use.pathNanos() / NANOS_PER_SECOND;
        }
        total += all;
        totalSquares += all * all;
        endToEnd += execution.durationNanos() / NANOS_PER_SECOND;
        advance(1, execution.endEpochNanos());
    }

    /** Executions that have been summed up already, the last of which ended then. */
    public void add(MergeableStatistics part, long endEpochNanos) {
        if (part.executions() == 0) {
            return;
        }
        part.models().forEach((model, sums) -> {
            int number = number(model);
            called[number] += seconds(sums, Quantity.D);
            calledSquares[number] += squareSeconds(sums, Quantity.DD);
            calledTimesTotal[number] += squareSeconds(sums, Quantity.DT);
            path[number] += seconds(sums, Quantity.P);
            total += seconds(sums, Quantity.D);
        });
        totalSquares += squareSeconds(part.workflow(), Quantity.TT);
        endToEnd += seconds(part.workflow(), Quantity.END_TO_END);
        advance(part.executions(), endEpochNanos);
    }

    private static double seconds(Sums sums, Quantity quantity) {
        return sums.approximate(quantity) / NANOS_PER_SECOND;
    }

    private static double squareSeconds(Sums sums, Quantity quantity) {
        return sums.approximate(quantity) / NANOS_PER_SECOND / NANOS_PER_SECOND;
    }

    private void advance(long more, long endEpochNanos) {
        long before = executions;
        executions += more;
        lastEndEpochNanos = Math.max(lastEndEpochNanos, endEpochNanos);
        if (executions / stride != before / stride) {
            marks.add(mark());
            if (marks.size() > MOST_POINTS) {
                for (int i = marks.size() - 1; i >= 0; i -= 2) {
                    marks.remove(i);
                }
                stride *= 2;
            }
        }
    }

    private int number(String model) {
        Integer known = numbers.get(model);
        if (known != null) {
            return known;
        }
        int number = names.size();
        names.add(model);
        numbers.put(model, number);
        if (number == called.length) {
            int room = Math.max(4, number * 2);
            called = Arrays.copyOf(called, room);
            calledSquares = Arrays.copyOf(calledSquares, room);
            calledTimesTotal = Arrays.copyOf(calledTimesTotal, room);
            path = Arrays.copyOf(path, room);
        }
        return number;
    }

    private Mark mark() {
        int width = names.size();
        double[] shares = new double[width];
        double[] halfWidths = new double[width];
        double k = executions;
        for (int m = 0; m < width; m++) {
            double share = total > 0 ? called[m] / total : 0;
            double squares =
                    Math.max(0, calledSquares[m] - 2 * share * calledTimesTotal[m] + share * share * totalSquares);
            shares[m] = share;
            halfWidths[m] = executions < 2 || total == 0
                    ? Double.POSITIVE_INFINITY
                    : StudentT.quantile975(k - 1) * Math.sqrt(squares / (k * (k - 1))) / (total / k);
        }
        return new Mark(executions, lastEndEpochNanos, endToEnd, shares, halfWidths, Arrays.copyOf(path, width));
    }

    /** Executions so far. */
    public long executions() {
        return executions;
    }

    /** Oldest first, the present the last; none before the first execution. */
    public List<Point> points() {
        List<Mark> all = marksToNow();
        List<Point> points = new ArrayList<>(all.size());
        for (int i = 0; i < all.size(); i++) {
            points.add(point(all, i));
        }
        return points;
    }

    private List<Mark> marksToNow() {
        List<Mark> all = new ArrayList<>(marks);
        if (executions > 0 && (all.isEmpty() || all.get(all.size() - 1).executions() != executions)) {
            all.add(mark());
        }
        return all;
    }

    private Point point(List<Mark> all, int at) {
        Mark mark = all.get(at);
        long window = Math.max(LEAST_WINDOW, mark.executions() / WINDOWS);
        int before = at - 1;
        while (before >= 0 && all.get(before).executions() > mark.executions() - window) {
            before--;
        }
        Mark from = before < 0 ? new Mark(0, 0, 0, NONE, NONE, NONE) : all.get(before);
        double whole = mark.endToEnd() - from.endToEnd();
        double other = 1;
        Map<String, Model> models = new TreeMap<>();
        for (int m = 0; m < mark.shares().length; m++) {
            double earlier = m < from.path().length ? from.path()[m] : 0;
            double part = whole > 0 ? (mark.path()[m] - earlier) / whole : 0;
            other -= part;
            String name = names.get(m);
            models.put(name, new Model(name, mark.shares()[m], mark.halfWidths()[m], part));
        }
        return new Point(mark.executions(), mark.endEpochNanos(), List.copyOf(models.values()), other);
    }

    /**
     * Number of the execution, from 1, from which on every share at a point stays within {@code precision} of its present value;
     * empty unless a fifth of all executions, and ten, lie after it.
     */
    public OptionalLong stableSince(double precision) {
        List<Mark> all = marksToNow();
        if (all.isEmpty()) {
            return OptionalLong.empty();
        }
        Mark last = all.get(all.size() - 1);
        long since = last.executions();
        for (int i = all.size() - 1; i >= 0 && isNear(all.get(i), last, precision); i--) {
            since = all.get(i).executions();
        }
        return executions - since >= Math.max(LEAST_AFTER, PART_AFTER * executions)
                ? OptionalLong.of(since)
                : OptionalLong.empty();
    }

    private static boolean isNear(Mark mark, Mark last, double precision) {
        for (int m = 0; m < last.shares().length; m++) {
            double share = m < mark.shares().length ? mark.shares()[m] : 0;
            if (Math.abs(share - last.shares()[m]) > precision) {
                return false;
            }
        }
        return true;
    }
}
