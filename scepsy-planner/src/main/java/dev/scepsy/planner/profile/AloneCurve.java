package dev.scepsy.planner.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * A replica on a share of a card whose curve was measured alone there, and what neighbours will cost it: memory bandwidth is
 * not partitioned. The engine model says how much; the measured curve stays the base.
 *
 * <pre>
 *   L'(λ) = σ(λ) · L(σ(λ) · λ)          an engine that does everything σ times slower, at rate λ, is the measured one at
 *                                       σ · λ with its clock slowed down
 *   σ(λ)  = 1 + (c − 1) · d             c, d of the {@link OpenLoop} at λ / k: how often over its neighbours and it ask for the
 *                                       bandwidth, and the part of its steps that is memory traffic
 *   k     = measured over modelled saturation, both alone; at least 1 where the measured one is only a lower bound
 *   saturation' = saturation / σ at full load
 * </pre>
 *
 * Neighbours are as in the engine's own curve: as many like it as fit beside it, as busy as it is. Of a fan-out of b calls over
 * r replicas a neighbour besides holds another one with probability (b − 1) / (r − 1), at most 1: then both are busy at once,
 * however low the rate. A replica alone counts as one of two, so that latency never rises with r. What makes it wrong: σ is
 * taken at the mean batch, and a neighbour much busier or idler than the replica itself. Immutable and thread-safe.
 */
public final class AloneCurve {

    private static final double TOLERANCE = 0.002;
    private static final int FIRST_INTERVALS = 8;
    private static final int DEEPEST_SPLIT = 10;
    private static final int MOST_REPLICAS = 64;

    /** The chain has no state to speak of without any arrivals. */
    private static final double LEAST_RATE = 1e-9;

    private final MeasuredCurve alone;
    private final OpenLoop model;
    private final double rateScale;

    private AloneCurve(MeasuredCurve alone, OpenLoop model, double rateScale) {
        this.alone = alone;
        this.model = model;
        this.rateScale = rateScale;
    }

    /**
     * The replica behind {@code alone}.
     *
     * @param setup how it is started, on a share of the card; its cache is taken to hold at least what the curve shows inside
     * @param coefficients of the engine model
     * @param inputTokens mean prompt tokens of the measured calls, above 0
     * @param outputTokens mean generated tokens of the measured calls, 0 or more
     * @param saturationIsLowerBound whether the replica was never seen overloaded
     */
    public static AloneCurve of(
            MeasuredCurve alone,
            EngineSetup setup,
            EngineCoefficients coefficients,
            double inputTokens,
            double outputTokens,
            boolean saturationIsLowerBound) {
        double saturation = alone.saturationRequestsPerSecond();
        double insideAtMost = saturation * alone.meanLatencySeconds(saturation);
        double context = inputTokens + outputTokens / 2;
        EngineSetup started = setup;
        if (setup.requestsThatFit(context) < insideAtMost) {
            double blocks = Math.ceil(insideAtMost) * Math.ceil(context / EngineSetup.BLOCK_TOKENS);
            started = setup.withLimits(setup.maxNumSeqs(), setup.maxNumBatchedTokens(), OptionalInt.of((int)
                    Math.min(Integer.MAX_VALUE, blocks)));
        }
        OpenLoop model = new OpenLoop(new EngineModel(started, coefficients), inputTokens, outputTokens);
        double rateScale = saturation / model.saturationAloneRequestsPerSecond();
        return new AloneCurve(alone, model, saturationIsLowerBound ? Math.max(1, rateScale) : rateScale);
    }

    /** As it was measured. */
    public MeasuredCurve alone() {
        return alone;
    }

    /** Part of the card's usable bandwidth, in [0, 1], that it asks for in a step with {@code inside} requests; 0 without. */
    public double bandwidthDemand(int inside) {
        return inside == 0 ? 0 : model.demand(inside);
    }

    /** The largest σ there is, at least 1: at full load, or with all of a fan-out's few requests beside each other. */
    public double worstStretch() {
        return Math.max(fullStretch(), model.stretch(LEAST_RATE, 1));
    }

    private double fullStretch() {
        return Math.max(1, model.saturationAloneRequestsPerSecond() / model.saturationRequestsPerSecond());
    }

    /**
     * The profile beside neighbours: within half a percent of the formula, never below {@link #alone}.
     *
     * @param concurrentCalls b, calls of one execution that run at once as a running call sees it, at least 1
     */
    public LatencyProfile besideNeighbours(double concurrentCalls) {
        List<Integer> counts = new ArrayList<>(List.of(1));
        List<MeasuredCurve> curves = new ArrayList<>(List.of(beside(Math.min(1, concurrentCalls - 1))));
        for (int replicas = 2; concurrentCalls > 1 && replicas <= MOST_REPLICAS; replicas *= 2) {
            double company = Math.min(1, (concurrentCalls - 1) / (replicas - 1));
            counts.add(replicas);
            curves.add(company == 1 ? curves.get(0) : beside(company));
        }
        return new EngineCurve(
                counts.stream().mapToInt(Integer::intValue).toArray(), curves.toArray(MeasuredCurve[]::new));
    }

    private MeasuredCurve beside(double company) {
        double saturation = alone.saturationRequestsPerSecond() / fullStretch();
        List<MeasuredCurve.Point> points = new ArrayList<>();
        points.add(point(0, company));
        for (int i = 1; i <= FIRST_INTERVALS; i++) {
            split(
                    points.get(points.size() - 1),
                    point(saturation * i / FIRST_INTERVALS, company),
                    company,
                    DEEPEST_SPLIT,
                    points);
        }
        return MeasuredCurve.of(points, OptionalDouble.of(saturation), alone.memoryGiBPerGpu());
    }

    private void split(
            MeasuredCurve.Point low,
            MeasuredCurve.Point high,
            double company,
            int depth,
            List<MeasuredCurve.Point> points) {
        MeasuredCurve.Point middle = point((low.requestsPerSecond() + high.requestsPerSecond()) / 2, company);
        double interpolated = (low.meanLatencySeconds() + high.meanLatencySeconds()) / 2;
        if (depth > 0 && Math.abs(interpolated - middle.meanLatencySeconds()) > TOLERANCE * interpolated) {
            split(low, middle, company, depth - 1, points);
            split(middle, high, company, depth - 1, points);
        } else {
            points.add(middle);
            points.add(high);
        }
    }

    private MeasuredCurve.Point point(double requestsPerSecond, double company) {
        double stretch = model.stretch(Math.max(LEAST_RATE, requestsPerSecond / rateScale), company);
        return new MeasuredCurve.Point(
                requestsPerSecond, stretch * alone.meanLatencySeconds(stretch * requestsPerSecond));
    }
}
