package dev.scepsy.planner.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Mean latency of one replica under Poisson arrivals.
 *
 * <p>State-dependent birth-death chain: with n requests inside, the engine finishes them at rate μ(n) = n / S(n), where
 * S(n) is a request's time in a batch of n, everyone's prompts included; n is bounded by {@code max_num_seqs} and by what
 * the KV memory holds, and what exceeds the bound queues. Mean number inside by the chain's product form, latency by
 * Little's law. Assumes requests of mean length; the chain is insensitive to the length's distribution while requests
 * share the engine, not while they queue.
 */
final class OpenLoop {

    /** The chain's queue is infinite at capacity; the profile ends just below it. */
    private static final double USABLE_CAPACITY = 0.99;

    private static final double INTERPOLATION_TOLERANCE = 0.002;
    private static final int FIRST_INTERVALS = 8;
    private static final int DEEPEST_SPLIT = 12;

    private final EngineModel model;
    private final double inputTokens;
    private final double outputTokens;
    private final double[] completionsPerSecond;

    OpenLoop(EngineModel model, double inputTokens, double outputTokens) {
        this.model = model;
        this.inputTokens = inputTokens;
        this.outputTokens = outputTokens;
        EngineSetup setup = model.setup();
        double fitting = setup.requestsThatFit(inputTokens + outputTokens / 2);
        int largestBatch = (int) Math.max(1, Math.min(setup.maxNumSeqs(), Math.floor(fitting)));
        completionsPerSecond = new double[largestBatch];
        double highest = 0;
        for (int n = 1; n <= largestBatch; n++) {
            // a request more can only help: the scheduler is free to hold it back
            highest = Math.max(highest, n / serviceSeconds(n));
            completionsPerSecond[n - 1] = highest;
        }
    }

    /** S(n): time of one request among {@code batch} that are always inside. */
    double serviceSeconds(double batch) {
        boolean decodes = outputTokens > 1 && !model.setup().architecture().isEncoder();
        if (!decodes) {
            return model.firstTokenOverheadSeconds(inputTokens) + model.promptSeconds(inputTokens * batch, 0, 0);
        }
        double context = inputTokens + outputTokens / 2;
        double step = model.decodeSeconds(batch, context);
        double prompt = model.promptSeconds(inputTokens, batch, context);
        double ownPrompt = model.firstTokenOverheadSeconds(inputTokens) + step / 2 + step + prompt;
        return ownPrompt + (outputTokens - 1) * step + (batch - 1) * prompt;
    }

    double saturationRequestsPerSecond() {
        return USABLE_CAPACITY * completionsPerSecond[completionsPerSecond.length - 1];
    }

    /** Mean time of a request at {@code requestsPerSecond}, above 0 and at most the saturation. */
    double meanLatencySeconds(double requestsPerSecond) {
        double weight = 1;
        double total = 1;
        double inside = 0;
        int largest = completionsPerSecond.length;
        for (int n = 1; n <= largest; n++) {
            weight *= requestsPerSecond / completionsPerSecond[n - 1];
            total += weight;
            inside += n * weight;
            if (total > 1e200) {
                weight *= 1e-200;
                total *= 1e-200;
                inside *= 1e-200;
            }
        }
        double ratio = requestsPerSecond / completionsPerSecond[largest - 1];
        // states beyond the bound are a geometric tail
        double tail = weight * ratio / (1 - ratio);
        inside += tail * (largest + 1 / (1 - ratio));
        total += tail;
        return inside / total / requestsPerSecond;
    }

    /** A curve that follows {@link #meanLatencySeconds} within half a percent. */
    LatencyProfile tabulate() {
        double saturation = saturationRequestsPerSecond();
        List<MeasuredCurve.Point> points = new ArrayList<>();
        double from = saturation / 1000;
        points.add(point(from));
        for (int i = 1; i <= FIRST_INTERVALS; i++) {
            double to = saturation * i / FIRST_INTERVALS;
            split(points.get(points.size() - 1), point(to), DEEPEST_SPLIT, points);
        }
        return MeasuredCurve.of(
                points, OptionalDouble.of(saturation), model.setup().memoryGiBPerGpu());
    }

    private void split(MeasuredCurve.Point low, MeasuredCurve.Point high, int depth, List<MeasuredCurve.Point> points) {
        if (depth > 0 && isBent(low, high)) {
            MeasuredCurve.Point middle = point((low.requestsPerSecond() + high.requestsPerSecond()) / 2);
            split(low, middle, depth - 1, points);
            split(middle, high, depth - 1, points);
        } else {
            points.add(high);
        }
    }

    private boolean isBent(MeasuredCurve.Point low, MeasuredCurve.Point high) {
        for (double along = 0.25; along < 1; along += 0.25) {
            MeasuredCurve.Point between =
                    point(low.requestsPerSecond() + along * (high.requestsPerSecond() - low.requestsPerSecond()));
            double interpolated =
                    low.meanLatencySeconds() + along * (high.meanLatencySeconds() - low.meanLatencySeconds());
            if (Math.abs(interpolated - between.meanLatencySeconds())
                    > INTERPOLATION_TOLERANCE * between.meanLatencySeconds()) {
                return true;
            }
        }
        return false;
    }

    private MeasuredCurve.Point point(double rate) {
        return new MeasuredCurve.Point(rate, meanLatencySeconds(rate));
    }
}
