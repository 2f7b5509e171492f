package dev.scepsy.planner.share;

import dev.scepsy.planner.stat.StudentT;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How stable a workflow's shares are: the observation of arXiv 2604.15186, section 3, that a run's time is unpredictable but each
 * model's part of it is not, as numbers for one's own workflow. Executions j = 1..J in order of their ends:
 *
 * <pre>
 * CV(x)        standard deviation of x_j over its mean
 * steadiness   Σ_m s_m CV(D_m) / Σ_m s_m CV(D_m / Σ_k D_k)       how much steadier shares are than times; 1: not at all
 * s_m(k)       Σ_{j≤k} D_mj / Σ_{j≤k} Σ_i D_ij                   the share after k executions
 * band         s_m(k) ± t_{k-1} √( Σ_{j≤k} (D_mj − s_m(k) T_j)² / (k (k−1)) ) / (Σ_{j≤k} T_j / k),  T_j = Σ_i D_ij
 * needed       the smallest J' with band(J) √(J / J') ≤ precision for all models
 * </pre>
 *
 * The band is that of the ratio estimator by linearisation (W. G. Cochran, Sampling Techniques, 1977, section 6.4), with t of k − 1
 * degrees. Shares are <i>stable since</i> the first execution from which on every s_m(k) stays within the precision of its last
 * value, provided that a fifth of all executions, and ten, lie after it.
 *
 * <p>The moving parts are of the last {@link #window} executions: each model's time on the critical path and <i>other</i>, over the
 * end-to-end time; they add up to 1.
 *
 * <p>Pure. Immutable.
 *
 * @param workflow as it is shown
 * @param executions J
 * @param window executions of the moving parts
 * @param precision absolute, in (0, 1)
 * @param endToEndVariation CV of end-to-end time
 * @param steadiness as above; empty where shares do not vary at all, or with fewer than two executions
 * @param stableSince number of the execution, from 1; empty where shares are not stable yet
 * @param stableSinceEpochNanos when that execution ended; empty likewise
 * @param moreExecutions how many more the precision needs; empty with fewer than two
 * @param models in name order
 * @param points at most {@value #MOST_POINTS}, evenly spread, the last execution's among them
 */
public record Stability(
        String workflow,
        int executions,
        int window,
        double precision,
        double endToEndVariation,
        java.util.OptionalDouble steadiness,
        OptionalInt stableSince,
        OptionalLong stableSinceEpochNanos,
        OptionalLong moreExecutions,
        List<Model> models,
        List<Point> points) {

    /** Percentage points to which shares are wanted unless somebody says otherwise. */
    public static final double DEFAULT_PRECISION = 0.02;

    private static final int MOST_POINTS = 200;
    private static final int LEAST_WINDOW = 10;
    private static final int WINDOWS = 10;
    private static final int LEAST_AFTER = 10;
    private static final double PART_AFTER = 0.2;

    public Stability {
        models = List.copyOf(models);
        points = List.copyOf(points);
    }

    /**
     * One model at the end.
     *
     * @param model its name
     * @param share s_m(J)
     * @param halfWidth of its 95 % band; not finite with fewer than two executions
     * @param timeVariation CV of its summed call time
     * @param shareVariation CV of its share of an execution
     */
    public record Model(String model, double share, double halfWidth, double timeVariation, double shareVariation) {}

    /**
     * Shares after some executions.
     *
     * @param execution how many, from 1
     * @param endEpochNanos when the last of them ended
     * @param shares by model, in the order of {@link Stability#models}
     * @param halfWidths of their 95 % bands
     * @param parts moving parts of the path by model, in the same order
     * @param otherPart moving part of the rest; with the parts it adds up to 1
     */
    public record Point(
            int execution,
            long endEpochNanos,
            List<Double> shares,
            List<Double> halfWidths,
            List<Double> parts,
            double otherPart) {

        public Point {
            shares = List.copyOf(shares);
            halfWidths = List.copyOf(halfWidths);
            parts = List.copyOf(parts);
        }
    }

    /**
     * Of the complete executions of one workflow.
     *
     * @param shown the workflow's name as it is shown
     * @param executionsOfWorkflow in any order, at least one
     * @param precision absolute, in (0, 1)
     * @throws IllegalArgumentException if there is none, or the precision is out of range
     */
    public static Stability of(String shown, List<ExecutionShares> executionsOfWorkflow, double precision) {
        if (executionsOfWorkflow.isEmpty() || !(precision > 0 && precision < 1)) {
            throw new IllegalArgumentException(
                    "Stability needs an execution and a precision (" + precision + ") between 0 and 1.");
        }
        List<ExecutionShares> executions = new ArrayList<>(executionsOfWorkflow);
        executions.sort(
                Comparator.comparingLong((ExecutionShares each) -> each.startEpochNanos() + each.durationNanos())
                        .thenComparing(Comparator.naturalOrder()));
        return new Run(shown, executions, precision).result();
    }

    /** Sums that grow with every execution. */
    private static final class Run {
        private final String shown;
        private final List<ExecutionShares> executions;
        private final double precision;
        private final List<String> names;
        private final TreeMap<String, Integer> numbers = new TreeMap<>();
        private final int window;

        /** Seconds: by execution, then by model; of calls and of the path. */
        private final double[][] called;

        private final double[][] path;
        private final double[] totals;

        Run(String shown, List<ExecutionShares> executions, double precision) {
            this.shown = shown;
            this.executions = executions;
            this.precision = precision;
            TreeSet<String> sorted = new TreeSet<>();
            executions.forEach(each -> each.models().forEach(use -> sorted.add(use.model())));
            names = List.copyOf(sorted);
            names.forEach(name -> numbers.put(name, numbers.size()));
            int count = executions.size();
            window = Math.min(count, Math.max(LEAST_WINDOW, count / WINDOWS));
            called = new double[count][names.size()];
            path = new double[count][names.size()];
            totals = new double[count];
            for (int j = 0; j < count; j++) {
                for (ModelUse use : executions.get(j).models()) {
                    int m = numbers.getOrDefault(use.model(), 0);
                    called[j][m] = use.callNanos() / 1e9;
                    path[j][m] = use.pathNanos() / 1e9;
                    totals[j] += called[j][m];
                }
            }
        }

        Stability result() {
            int count = executions.size();
            int width = names.size();
            double[][] shares = new double[count][width];
            double[][] halfWidths = new double[count][width];
            double[] d = new double[width];
            double[] dd = new double[width];
            double[] dt = new double[width];
            double t = 0;
            double tt = 0;
            for (int j = 0; j < count; j++) {
                t += totals[j];
                tt += totals[j] * totals[j];
                for (int m = 0; m < width; m++) {
                    d[m] += called[j][m];
                    dd[m] += called[j][m] * called[j][m];
                    dt[m] += called[j][m] * totals[j];
                    shares[j][m] = t > 0 ? d[m] / t : 0;
                    double squares = Math.max(0, dd[m] - 2 * shares[j][m] * dt[m] + shares[j][m] * shares[j][m] * tt);
                    double k = j + 1.0;
                    halfWidths[j][m] = j == 0 || t == 0
                            ? Double.POSITIVE_INFINITY
                            : StudentT.quantile975(k - 1) * Math.sqrt(squares / (k * (k - 1))) / (t / k);
                }
            }
            double[] last = shares[count - 1];
            double[] bands = halfWidths[count - 1];
            int since = stableSince(shares, last);
            boolean stable = count - since >= Math.max(LEAST_AFTER, PART_AFTER * count);
            double widest = 0;
            for (double band : bands) {
                widest = Math.max(widest, band);
            }
            double ratio = widest / precision;
            return new Stability(
                    shown,
                    count,
                    window,
                    precision,
                    variation(executions.stream()
                            .mapToDouble(each -> each.durationNanos() / 1e9)
                            .toArray()),
                    steadiness(last),
                    stable ? OptionalInt.of(since + 1) : OptionalInt.empty(),
                    stable ? OptionalLong.of(end(since)) : OptionalLong.empty(),
                    count < 2
                            ? OptionalLong.empty()
                            : OptionalLong.of(Math.max(0, (long) Math.ceil(count * ratio * ratio) - count)),
                    models(last, bands),
                    points(shares, halfWidths));
        }

        private int stableSince(double[][] shares, double[] last) {
            int since = shares.length - 1;
            for (int j = shares.length - 1; j >= 0; j--) {
                for (int m = 0; m < last.length; m++) {
                    if (Math.abs(shares[j][m] - last[m]) > precision) {
                        return since;
                    }
                }
                since = j;
            }
            return since;
        }

        private java.util.OptionalDouble steadiness(double[] last) {
            double times = 0;
            double parts = 0;
            for (int m = 0; m < last.length; m++) {
                times += last[m] * variation(column(m, false));
                parts += last[m] * variation(column(m, true));
            }
            return executions.size() > 1 && parts > 0
                    ? java.util.OptionalDouble.of(times / parts)
                    : java.util.OptionalDouble.empty();
        }

        private double[] column(int m, boolean ofTotal) {
            double[] column = new double[executions.size()];
            for (int j = 0; j < column.length; j++) {
                column[j] = ofTotal ? (totals[j] > 0 ? called[j][m] / totals[j] : 0) : called[j][m];
            }
            return column;
        }

        private List<Model> models(double[] last, double[] bands) {
            List<Model> models = new ArrayList<>();
            for (int m = 0; m < last.length; m++) {
                models.add(new Model(
                        names.get(m), last[m], bands[m], variation(column(m, false)), variation(column(m, true))));
            }
            return models;
        }

        private List<Point> points(double[][] shares, double[][] halfWidths) {
            int count = executions.size();
            int step = Math.max(1, (int) Math.ceil(count / (double) MOST_POINTS));
            List<Point> points = new ArrayList<>();
            for (int j = (count - 1) % step; j < count; j += step) {
                points.add(point(j, shares[j], halfWidths[j]));
            }
            return points;
        }

        private Point point(int j, double[] shares, double[] halfWidths) {
            double whole = 0;
            double[] parts = new double[names.size()];
            for (int i = Math.max(0, j - window + 1); i <= j; i++) {
                whole += executions.get(i).durationNanos() / 1e9;
                for (int m = 0; m < parts.length; m++) {
                    parts[m] += path[i][m];
                }
            }
            double other = 1;
            for (int m = 0; m < parts.length; m++) {
                parts[m] = whole > 0 ? parts[m] / whole : 0;
                other -= parts[m];
            }
            return new Point(j + 1, end(j), boxed(shares), boxed(halfWidths), boxed(parts), other);
        }

        private long end(int j) {
            return executions.get(j).startEpochNanos() + executions.get(j).durationNanos();
        }

        private static List<Double> boxed(double[] values) {
            return java.util.Arrays.stream(values).boxed().toList();
        }

        /** Standard deviation over mean; 0 where the mean is. */
        private static double variation(double[] values) {
            double sum = 0;
            for (double value : values) {
                sum += value;
            }
            double mean = sum / values.length;
            double squares = 0;
            for (double value : values) {
                squares += (value - mean) * (value - mean);
            }
            return values.length < 2 || mean == 0 ? 0 : Math.sqrt(squares / (values.length - 1)) / mean;
        }
    }
}
