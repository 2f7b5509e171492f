package dev.scepsy.planner.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Mean latency of one replica when executions arrive independently (Poisson) and each brings its calls in fan-outs of b.
 *
 * <pre>
 *   S(n)  time of a request in a batch of n, everybody's prompts included; n / S(n) bounded by its largest value
 *   p(g)  = p(g − 1) · (λ / b) · S(n_g) / g,   n_g = max(1, g·b / r)         chain over fan-outs g inside r replicas
 *   L(λ)  = overhead + b · E[g] / λ                                           Little's law
 * </pre>
 *
 * A fan-out is one customer of a processor-sharing engine whose pace depends on how many are inside; such chains do not care
 * how lengths are distributed (BCMP; Baskett et al., JACM 1975) while requests share the engine, only while they queue. With
 * b = r = 1 it is the birth-death chain of requests. Behind a least-loaded router replicas are equally full and work as one
 * pool of r; behind round robin each is on its own with an r-th of each fan-out. n is bounded by {@code max_num_seqs} and by
 * what the KV memory holds; what exceeds the bound queues.
 *
 * <p>On a share of a card memory bandwidth is not partitioned. The rest of the card is taken to be filled with engines like
 * this one, as many as fit and as busy as it is: each is inside a step with this engine's own probability. All together ask for
 * the bandwidth c times over (the simulator's rule), which stretches S by (c − 1) times its memory traffic; busyness and c
 * are solved as a fixed point. So shares of one card are not as many cards.
 */
final class OpenLoop {

    /** The chain's queue is infinite at capacity; the profile ends just below it. */
    private static final double USABLE_CAPACITY = 0.99;

    private static final double INTERPOLATION_TOLERANCE = 0.002;
    private static final int FIRST_INTERVALS = 8;
    private static final int DEEPEST_SPLIT = 12;

    /** A larger pool hardly balances better; more replicas only thin a fan-out out further. */
    private static final int LARGEST_POOL = 4;

    private static final int MOST_REPLICAS = 32;

    private static final double NEGLIGIBLE = 1e-13;
    private static final double CONTENTION_TOLERANCE = 1e-4;
    private static final int CONTENTION_ITERATIONS = 40;

    private final EngineModel model;
    private final double inputTokens;
    private final double outputTokens;
    private final double siblings;
    private final Balancing balancing;

    /** By batch less one: S alone on the card, and the memory traffic in it. */
    private final double[] aloneSeconds;

    private final double[] trafficSeconds;
    private final double[] aloneThroughput;
    private final double neighbours;
    private final double highestDemand;

    /** Calls one at a time. */
    OpenLoop(EngineModel model, double inputTokens, double outputTokens) {
        this(model, inputTokens, outputTokens, 1, Balancing.POOLED);
    }

    /**
     * @param siblings b, calls of one execution that run at once as a running call sees it, at least 1
     */
    OpenLoop(EngineModel model, double inputTokens, double outputTokens, double siblings, Balancing balancing) {
        this.model = model;
        this.inputTokens = inputTokens;
        this.outputTokens = outputTokens;
        this.siblings = siblings;
        this.balancing = balancing;
        EngineSetup setup = model.setup();
        double fitting = setup.requestsThatFit(inputTokens + outputTokens / 2);
        int largestBatch = (int) Math.max(1, Math.min(setup.maxNumSeqs(), Math.floor(fitting)));
        aloneSeconds = new double[largestBatch];
        trafficSeconds = new double[largestBatch];
        boolean shared = setup.gpuFraction() < 1;
        for (int n = 1; n <= largestBatch; n++) {
            aloneSeconds[n - 1] = serviceSeconds(n, 1);
            trafficSeconds[n - 1] = shared ? serviceSeconds(n, 2) - aloneSeconds[n - 1] : 0;
        }
        aloneThroughput = throughput(1);
        neighbours = neighbours(setup.gpuFraction());
        highestDemand = IntStream.rangeClosed(1, largestBatch)
                .mapToDouble(this::demand)
                .max()
                .orElse(0);
    }

    /** S(n) with the card to itself: the time inside, without what precedes it. */
    double serviceSeconds(double batch) {
        return serviceSeconds(batch, 1);
    }

    private double serviceSeconds(double batch, double contention) {
        boolean decodes = outputTokens > 1 && !model.setup().architecture().isEncoder();
        if (!decodes) {
            return model.promptSeconds(inputTokens * batch, 0, 0, contention);
        }
        double context = inputTokens + outputTokens / 2;
        double step = model.decodeSeconds(batch, context, contention);
        double prompt = model.promptSeconds(inputTokens, batch, context, contention);
        return (outputTokens + 0.5) * step + batch * prompt;
    }

    /** As many as fit beside it whole; beside more than half a card, the part of one for which there is room. */
    private static double neighbours(double gpuFraction) {
        return gpuFraction > 0.5 ? 1 / gpuFraction - 1 : Math.floor(1 / gpuFraction + NEGLIGIBLE) - 1;
    }

    /** Part of the card's bandwidth that the engine asks for while it is in a step with {@code batch} requests. */
    double demand(double batch) {
        double within = Math.min(aloneSeconds.length, Math.max(1, batch));
        int below = Math.min((int) within, Math.max(1, aloneSeconds.length - 1));
        int above = Math.min(below + 1, aloneSeconds.length);
        double low = trafficSeconds[below - 1] / aloneSeconds[below - 1];
        double high = trafficSeconds[above - 1] / aloneSeconds[above - 1];
        return low + (within - below) * (high - low);
    }

    /**
     * c: mean factor by which memory traffic is stretched while this engine is in a step.
     *
     * @param busy probability that a neighbour is in a step
     * @param demand part of the bandwidth that each asks for in a step
     */
    private double contention(double busy, double demand) {
        int fewer = (int) Math.floor(neighbours + NEGLIGIBLE);
        double rest = Math.max(0, neighbours - fewer);
        return (1 - rest) * contention(fewer, busy, demand)
                + (rest > 0 ? rest * contention(fewer + 1, busy, demand) : 0);
    }

    /** Mean of max(1, demand · (1 + neighbours in a step)), their number binomial. */
    private static double contention(int neighbours, double busy, double demand) {
        double probability = Math.pow(1 - busy, neighbours);
        if (probability == 0) {
            return Math.max(1, demand * (1 + neighbours * busy));
        }
        double mean = 0;
        for (int k = 0; k <= neighbours; k++) {
            mean += probability * Math.max(1, demand * (1 + k));
            probability *= (neighbours - k) / (k + 1.0) * busy / (1 - busy);
        }
        return mean;
    }

    double saturationRequestsPerSecond() {
        double highest = 0;
        for (int n = 1; n <= aloneSeconds.length; n++) {
            highest = Math.max(highest, n / seconds(n, contention(1, demand(n))));
        }
        return USABLE_CAPACITY * highest;
    }

    private double seconds(int batch, double contention) {
        return aloneSeconds[batch - 1] + (contention - 1) * trafficSeconds[batch - 1];
    }

    /** Mean time of a request at one replica alone, at a rate above 0 and at most the saturation. */
    double meanLatencySeconds(double requestsPerSecond) {
        return meanLatencySeconds(requestsPerSecond, 1);
    }

    /** The same with the card to itself. */
    double latencyAloneSeconds(double requestsPerSecond) {
        return model.firstTokenOverheadSeconds(inputTokens)
                + new Chain(1, 1, requestsPerSecond).solve(1).latencySeconds();
    }

    /** Mean time of a request when each of {@code replicas} receives {@code requestsPerSecond}. */
    double meanLatencySeconds(double requestsPerSecond, int replicas) {
        int pool = balancing == Balancing.POOLED ? Math.min(replicas, LARGEST_POOL) : 1;
        double together = Math.max(1, siblings * pool / replicas);
        Chain chain = new Chain(pool, together, pool * requestsPerSecond);
        // on its way to the engine a request keeps nobody waiting
        return model.firstTokenOverheadSeconds(inputTokens)
                + contended(chain, 0).outcome().latencySeconds();
    }

    /**
     * Factor, at least 1, by which neighbours alike and as busy stretch a request's time inside at a rate.
     *
     * @param company probability that a neighbour holds another request of the same fan-out meanwhile
     */
    double stretch(double requestsPerSecond, double company) {
        Contended settled = contended(new Chain(1, 1, requestsPerSecond), company);
        return 1 + (settled.contention() - 1) * demand(settled.outcome().batch());
    }

    /** {@link #saturationRequestsPerSecond} with the card to itself. */
    double saturationAloneRequestsPerSecond() {
        return USABLE_CAPACITY * aloneThroughput[aloneThroughput.length - 1];
    }

    /** A chain at the contention that it brings about itself. */
    private record Contended(double contention, Outcome outcome) {}

    /** c − what c brings about changes sign once, above c as it is brought about without contention: secants. */
    private Contended contended(Chain chain, double company) {
        Outcome alone = chain.solve(1);
        double excess = contention(alone, company) - 1;
        if (excess < CONTENTION_TOLERANCE) {
            return new Contended(1, alone);
        }
        double before = 1;
        double valueBefore = excess;
        double at = 1 + excess;
        Outcome outcome = alone;
        for (int i = 0; i < CONTENTION_ITERATIONS && Math.abs(at - before) > CONTENTION_TOLERANCE * at; i++) {
            outcome = chain.solve(at);
            double value = contention(outcome, company) - at;
            double slope = (value - valueBefore) / (at - before);
            // a slope of 0 or more would run away from the root: then one plain step of the fixed point
            double next = slope < 0 ? at - value / slope : at + value;
            before = at;
            valueBefore = value;
            at = Math.min(Math.max(1, next), Math.max(1, highestDemand * (1 + neighbours)));
        }
        return new Contended(at, outcome);
    }

    private double contention(Outcome outcome, double company) {
        double busy = outcome.busy() + (1 - outcome.busy()) * company;
        return neighbours < NEGLIGIBLE ? 1 : contention(busy, demand(outcome.batch()));
    }

    /**
     * What a chain comes to.
     *
     * @param busy probability that a replica is in a step
     * @param batch mean number of requests inside a replica that is
     */
    private record Outcome(double latencySeconds, double busy, double batch) {}

    /** Fan-outs of {@code together} requests, {@code requestsPerSecond} requests in all, inside {@code pool} replicas. */
    private final class Chain {

        private final int pool;
        private final double together;
        private final double fanOutsPerSecond;

        Chain(int pool, double together, double requestsPerSecond) {
            this.pool = pool;
            this.together = together;
            this.fanOutsPerSecond = requestsPerSecond / together;
        }

        Outcome solve(double contention) {
            double[] throughput = contention == 1 ? aloneThroughput : throughput(contention);
            int full = (int) Math.ceil(throughput.length * pool / together);
            int mode = mode(throughput, full);
            double total = 1;
            double inside = mode;
            double busy = busy(mode);
            double weight = 1;
            for (int g = mode; g > 0 && weight > NEGLIGIBLE; g--) {
                weight /= ratio(g, throughput);
                total += weight;
                inside += (g - 1) * weight;
                busy += busy(g - 1) * weight;
            }
            weight = 1;
            for (int g = mode + 1; g <= full && weight > NEGLIGIBLE; g++) {
                weight *= ratio(g, throughput);
                total += weight;
                inside += g * weight;
                busy += busy(g) * weight;
            }
            if (weight > NEGLIGIBLE) {
                // states beyond the bound are a geometric tail
                double ratio = Math.min(1 - NEGLIGIBLE, ratio(full, throughput));
                double tail = weight * ratio / (1 - ratio);
                total += tail;
                inside += tail * (full + 1 / (1 - ratio));
                busy += tail;
            }
            return outcome(inside, total, busy);
        }

        /** p(g) / p(g − 1); it falls with g, since throughput grows. */
        private double ratio(int g, double[] throughput) {
            double perReplica = g * together / pool;
            if (perReplica <= 1) {
                return fanOutsPerSecond / throughput[0] / g;
            }
            int below = (int) perReplica;
            double between = below >= throughput.length
                    ? throughput[throughput.length - 1]
                    : throughput[below - 1] + (perReplica - below) * (throughput[below] - throughput[below - 1]);
            return fanOutsPerSecond * together / pool / between;
        }

        private double busy(int g) {
            return Math.min(1, g * together / pool);
        }

        /** The likeliest number of fan-outs: the last that is at least as likely as the one before. */
        private int mode(double[] throughput, int full) {
            int low = 0;
            int high = full;
            while (low < high) {
                int middle = (low + high + 1) / 2;
                if (ratio(middle, throughput) >= 1) {
                    low = middle;
                } else {
                    high = middle - 1;
                }
            }
            return low;
        }

        private Outcome outcome(double inside, double total, double busy) {
            return new Outcome(
                    inside / total / fanOutsPerSecond, busy / total, inside * together / pool / Math.max(1e-300, busy));
        }
    }

    /** By batch less one: requests per second that one replica completes; a request more can only help, held back if not. */
    private double[] throughput(double contention) {
        double[] throughput = new double[aloneSeconds.length];
        double highest = 0;
        for (int n = 1; n <= throughput.length; n++) {
            highest = Math.max(highest, n / seconds(n, contention));
            throughput[n - 1] = highest;
        }
        return throughput;
    }

    /** A curve that follows {@link #meanLatencySeconds(double, int)} within half a percent at the tabulated replicas. */
    LatencyProfile tabulate() {
        double saturation = saturationRequestsPerSecond();
        List<Integer> counts = new ArrayList<>();
        int enough = Math.max(LARGEST_POOL, (int) Math.ceil(siblings * LARGEST_POOL));
        for (int replicas = 1; replicas <= Math.min(MOST_REPLICAS, enough); replicas *= 2) {
            counts.add(replicas);
        }
        return new EngineCurve(
                counts.stream().mapToInt(Integer::intValue).toArray(),
                counts.stream().map(replicas -> curve(saturation, replicas)).toArray(MeasuredCurve[]::new));
    }

    private MeasuredCurve curve(double saturation, int replicas) {
        List<MeasuredCurve.Point> points = new ArrayList<>();
        points.add(point(saturation / 1000, replicas));
        for (int i = 1; i <= FIRST_INTERVALS; i++) {
            MeasuredCurve.Point to = point(saturation * i / FIRST_INTERVALS, replicas);
            split(points.get(points.size() - 1), to, replicas, DEEPEST_SPLIT, points);
        }
        return MeasuredCurve.of(
                points, OptionalDouble.of(saturation), model.setup().memoryGiBPerGpu());
    }

    private void split(
            MeasuredCurve.Point low,
            MeasuredCurve.Point high,
            int replicas,
            int depth,
            List<MeasuredCurve.Point> points) {
        MeasuredCurve.Point middle = between(low, high, replicas);
        if (depth > 0 && isBent(low, middle, high)) {
            split(low, middle, replicas, depth - 1, points);
            split(middle, high, replicas, depth - 1, points);
            return;
        }
        // a curve that bends both ways can meet the straight line in the middle
        MeasuredCurve.Point lower = between(low, middle, replicas);
        MeasuredCurve.Point upper = between(middle, high, replicas);
        addAround(low, lower, middle, replicas, depth, points);
        addAround(middle, upper, high, replicas, depth, points);
    }

    private void addAround(
            MeasuredCurve.Point low,
            MeasuredCurve.Point middle,
            MeasuredCurve.Point high,
            int replicas,
            int depth,
            List<MeasuredCurve.Point> points) {
        if (depth > 1 && isBent(low, middle, high)) {
            split(low, middle, replicas, depth - 2, points);
            split(middle, high, replicas, depth - 2, points);
        } else {
            points.add(middle);
            points.add(high);
        }
    }

    private MeasuredCurve.Point between(MeasuredCurve.Point low, MeasuredCurve.Point high, int replicas) {
        return point((low.requestsPerSecond() + high.requestsPerSecond()) / 2, replicas);
    }

    private static boolean isBent(MeasuredCurve.Point low, MeasuredCurve.Point middle, MeasuredCurve.Point high) {
        double interpolated = (low.meanLatencySeconds() + high.meanLatencySeconds()) / 2;
        return Math.abs(interpolated - middle.meanLatencySeconds())
                > INTERPOLATION_TOLERANCE * middle.meanLatencySeconds();
    }

    private MeasuredCurve.Point point(double rate, int replicas) {
        return new MeasuredCurve.Point(rate, meanLatencySeconds(rate, replicas));
    }
}
