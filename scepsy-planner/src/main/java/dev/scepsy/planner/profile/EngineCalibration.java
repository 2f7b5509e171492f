package dev.scepsy.planner.profile;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * The engine model moved towards measured curves of one model, so that it speaks better of what was not measured: other
 * tensor parallelism, fractions, GPU types, lengths.
 *
 * <p>A point of a curve is read as requests that are always that many: as a request met in flight, itself included; by
 * Little's law, and because Poisson arrivals see averages, 1 + rate · latency where it was not recorded. Coefficients start from the known ones and move only as far as the
 * points ask: Σ over points of ln²(latency), ln²(time per token) and half of ln²(first token), each predicted over measured,
 * plus a prior that holds every coefficient within its spread. What the points cannot tell apart stays as it was.
 *
 * <p>How good it is outside its points is said by curves left out in turn, where there are several. Immutable.
 */
public final class EngineCalibration {

    /**
     * One measured load.
     *
     * @param requestsInFlight at least 1
     * @param latencySeconds mean time of a request, above 0
     */
    public record Point(
            double requestsInFlight,
            double latencySeconds,
            OptionalDouble firstTokenSeconds,
            OptionalDouble perTokenSeconds) {

        /** The point of a profile. */
        public static Point of(MeasuredPoint measured) {
            double met = 1 + measured.requestsPerSecond() * measured.meanLatencySeconds();
            return new Point(
                    Math.max(1, measured.requestsInFlight().orElse(met)),
                    measured.meanLatencySeconds(),
                    measured.meanFirstTokenSeconds(),
                    measured.meanPerTokenSeconds());
        }
    }

    /**
     * One measured replica.
     *
     * @param inputTokens mean prompt tokens, at least 1
     * @param outputTokens mean generated tokens, 0 or more
     */
    public record Curve(EngineSetup setup, double inputTokens, double outputTokens, List<Point> points) {
        public Curve {
            points = List.copyOf(points);
        }
    }

    /** A curve with the kernel times of its engine, which no coefficient changes. */
    private record Prepared(Curve curve, KernelTerms terms) {

        static Prepared of(Curve curve) {
            return new Prepared(curve, new KernelTerms(curve.setup()));
        }
    }

    /** Weight of the known coefficients against one residual. */
    private static final double PRIOR_WEIGHT = 0.35;

    private static final double FIRST_TOKEN_WEIGHT = 0.5;

    /** Curves that are left out in turn; of more the first ones. */
    private static final int MOST_LEFT_OUT = 4;

    /** Beyond this mean error the points and the model do not speak of the same thing. */
    private static final double MOST_ERROR = 0.35;

    private final EngineCoefficients coefficients;
    private final int curves;
    private final int points;
    private final double errorBefore;
    private final double errorAfter;
    private final OptionalDouble errorLeftOut;

    private EngineCalibration(
            EngineCoefficients coefficients,
            int curves,
            int points,
            double errorBefore,
            double errorAfter,
            OptionalDouble errorLeftOut) {
        this.coefficients = coefficients;
        this.curves = curves;
        this.points = points;
        this.errorBefore = errorBefore;
        this.errorAfter = errorAfter;
        this.errorLeftOut = errorLeftOut;
    }

    /**
     * The calibration of {@code known} by {@code measured}; curves that the engine model calls impossible count for nothing.
     *
     * @param measured at least one, of one model
     */
    public static EngineCalibration of(EngineCoefficients known, List<Curve> measured) {
        List<Prepared> possible = measured.stream()
                .filter(curve -> !curve.points().isEmpty())
                .filter(curve -> EngineProfiles.whyUnusable(curve.setup(), curve.inputTokens() + curve.outputTokens())
                        .isEmpty())
                .map(Prepared::of)
                .toList();
        EngineCoefficients moved = possible.isEmpty() ? known : fitted(known, possible);
        OptionalDouble leftOut = possible.size() < 2
                ? OptionalDouble.empty()
                : IntStream.range(0, Math.min(MOST_LEFT_OUT, possible.size()))
                        .mapToDouble(out -> {
                            List<Prepared> rest = new ArrayList<>(possible);
                            Prepared judged = rest.remove(out);
                            return errorOf(fitted(known, rest), List.of(judged));
                        })
                        .average();
        return new EngineCalibration(
                moved,
                possible.size(),
                possible.stream()
                        .mapToInt(prepared -> prepared.curve().points().size())
                        .sum(),
                errorOf(known, possible),
                errorOf(moved, possible),
                leftOut);
    }

    /** What to predict with. */
    public EngineCoefficients coefficients() {
        return coefficients;
    }

    /** Curves that took part. */
    public int curves() {
        return curves;
    }

    /** Points that took part. */
    public int points() {
        return points;
    }

    /** Mean relative error of latency on the points, before. */
    public double errorBefore() {
        return errorBefore;
    }

    /** Mean relative error of latency on the points, after; small by construction. */
    public double errorAfter() {
        return errorAfter;
    }

    /** Mean relative error of latency on a curve that did not take part; empty where there is only one curve. */
    public OptionalDouble errorLeftOut() {
        return errorLeftOut;
    }

    /** Whether points and model fit together well enough to trust it. */
    public boolean isUsable() {
        return points > 0 && errorAfter <= MOST_ERROR;
    }

    private static EngineCoefficients fitted(EngineCoefficients known, List<Prepared> curves) {
        double[] at = new double[Coefficient.values().length];
        double[] base = residuals(known, curves);
        List<Coefficient> free = Arrays.stream(Coefficient.values())
                .filter(coefficient -> {
                    double[] moved = at.clone();
                    moved[coefficient.ordinal()] = 0.01;
                    return !Arrays.equals(base, residuals(moved(known, List.of(Coefficient.values()), moved), curves));
                })
                .toList();
        double[] theta = LeastSquares.minimise(new double[free.size()], candidate -> {
            double[] ofPoints = residuals(moved(known, free, candidate), curves);
            double[] all = Arrays.copyOf(ofPoints, ofPoints.length + free.size());
            for (int p = 0; p < free.size(); p++) {
                all[ofPoints.length + p] =
                        PRIOR_WEIGHT * candidate[p] / free.get(p).spread();
            }
            return all;
        });
        return moved(known, free, theta);
    }

    private static EngineCoefficients moved(EngineCoefficients known, List<Coefficient> free, double[] theta) {
        Map<Coefficient, Double> values = new EnumMap<>(Coefficient.class);
        for (Coefficient coefficient : Coefficient.values()) {
            values.put(coefficient, known.get(coefficient));
        }
        for (int p = 0; p < theta.length; p++) {
            values.put(free.get(p), known.get(free.get(p)) * Math.exp(theta[p]));
        }
        return EngineCoefficients.of(values);
    }

    private static double[] residuals(EngineCoefficients coefficients, List<Prepared> curves) {
        List<Double> residuals = new ArrayList<>();
        for (Prepared prepared : curves) {
            Curve curve = prepared.curve();
            EngineModel model = new EngineModel(prepared.terms(), coefficients);
            for (Point point : curve.points()) {
                Request request = Request.among(point.requestsInFlight(), model, curve);
                residuals.add(Math.log(request.latencySeconds() / point.latencySeconds()));
                if (point.perTokenSeconds().isPresent() && request.perTokenSeconds() > 0) {
                    residuals.add(Math.log(
                            request.perTokenSeconds() / point.perTokenSeconds().getAsDouble()));
                }
                if (point.firstTokenSeconds().isPresent() && !request.waited()) {
                    residuals.add(FIRST_TOKEN_WEIGHT
                            * Math.log(request.firstTokenSeconds()
                                    / point.firstTokenSeconds().getAsDouble()));
                }
            }
        }
        return residuals.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /**
     * A request's times among {@code n} that are always inside, as the open loop counts them: half a step in progress, its
     * prompt, its own steps, and the prompts of the others meanwhile. What does not fit into the batch waits.
     */
    private record Request(double firstTokenSeconds, double perTokenSeconds, double latencySeconds, boolean waited) {

        static Request among(double n, EngineModel model, Curve curve) {
            EngineSetup setup = model.setup();
            boolean decodes = curve.outputTokens() > 1 && !setup.architecture().isEncoder();
            double context = curve.inputTokens() + (decodes ? curve.outputTokens() / 2 : 0);
            double most = Math.max(1, Math.min(setup.maxNumSeqs(), setup.requestsThatFit(context)));
            double inside = Math.min(n, most);
            double overhead = model.firstTokenOverheadSeconds(curve.inputTokens());
            double first;
            double perToken = 0;
            if (decodes) {
                double step = model.decodeSeconds(inside, context);
                double prompt = model.promptSeconds(curve.inputTokens(), inside, context);
                first = overhead + 1.5 * step + prompt;
                perToken = step + (inside - 1) / curve.outputTokens() * prompt;
            } else {
                first = overhead + model.promptSeconds(curve.inputTokens() * inside, 0, 0);
            }
            double alone = first + Math.max(0, curve.outputTokens() - 1) * perToken;
            return new Request(first, perToken, alone * n / inside, n > most);
        }
    }

    /** Mean relative error of latency over the points of {@code curves}. */
    static double error(EngineCoefficients coefficients, List<Curve> curves) {
        return errorOf(coefficients, curves.stream().map(Prepared::of).toList());
    }

    private static double errorOf(EngineCoefficients coefficients, List<Prepared> curves) {
        double sum = 0;
        int count = 0;
        for (Prepared prepared : curves) {
            Curve curve = prepared.curve();
            EngineModel model = new EngineModel(prepared.terms(), coefficients);
            for (Point point : curve.points()) {
                Request request = Request.among(point.requestsInFlight(), model, curve);
                sum += Math.abs(request.latencySeconds() / point.latencySeconds() - 1);
                count++;
            }
        }
        return count == 0 ? 0 : sum / count;
    }
}
