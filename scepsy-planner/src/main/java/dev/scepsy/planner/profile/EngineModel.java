package dev.scepsy.planner.profile;

import static dev.scepsy.planner.profile.Coefficient.COMPUTE_EXPONENT;
import static dev.scepsy.planner.profile.Coefficient.DECODE_COMPUTE;
import static dev.scepsy.planner.profile.Coefficient.EIGHT_BIT_EXPERT_LAYER_FACTOR;
import static dev.scepsy.planner.profile.Coefficient.EIGHT_BIT_PREFILL_FACTOR;
import static dev.scepsy.planner.profile.Coefficient.EIGHT_BIT_READ_FACTOR;
import static dev.scepsy.planner.profile.Coefficient.EXPERT_READ;
import static dev.scepsy.planner.profile.Coefficient.FIRST_TOKEN_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.FIRST_TOKEN_SECONDS_PER_TOKEN;
import static dev.scepsy.planner.profile.Coefficient.FOUR_BIT_EXPERT_READ_FACTOR;
import static dev.scepsy.planner.profile.Coefficient.FOUR_BIT_PREFILL_FACTOR;
import static dev.scepsy.planner.profile.Coefficient.FOUR_BIT_READ_FACTOR;
import static dev.scepsy.planner.profile.Coefficient.KV_READ;
import static dev.scepsy.planner.profile.Coefficient.ONE_SHOT_REDUCE_BYTES;
import static dev.scepsy.planner.profile.Coefficient.ONE_SHOT_REDUCE_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.PER_EXPERT_LAYER_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.PER_LAYER_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.PER_REQUEST_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.PER_STEP_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.PER_TOUCHED_EXPERT_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.PREFILL_ATTENTION;
import static dev.scepsy.planner.profile.Coefficient.PREFILL_COMPUTE;
import static dev.scepsy.planner.profile.Coefficient.READ_EXPONENT;
import static dev.scepsy.planner.profile.Coefficient.RING_REDUCE_BYTES;
import static dev.scepsy.planner.profile.Coefficient.RING_REDUCE_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.TRTLLM_FACTOR;
import static dev.scepsy.planner.profile.Coefficient.WEIGHT_READ;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Time of one continuous-batching step, from physics with fitted coefficients:
 *
 * <pre>
 *   step = weights read / W + cache read / W + prompt FLOPs / F + decode FLOPs / F
 *        + 2 per layer: all-reduce, the quicker of one-shot and ring, each latency + bytes / link
 *        + per layer + per expert layer + per touched expert + per request + constant
 * </pre>
 *
 * A sum, not a maximum: measured steps overlap little, and the sum fits better. Weights: dense blocks and the output head
 * always, experts only as far as the step's tokens touch them, 1 − (1 − k/E)^tokens. Cache: windowed layers read at most
 * their window, a latent cache is read whole on every GPU. The same formula serves the closed form, the simulator and the
 * emulated engines. What makes it wrong: kernels of unusual shapes, speculative decoding, expert parallelism.
 *
 * <p>Immutable, thread-safe, allocation-free.
 */
public final class EngineModel {

    private static final double ACTIVATION_BYTES = 2;
    private static final double REFERENCE_BANDWIDTH = 3.35e12;
    private static final double REFERENCE_FLOPS = 1e15;

    /** The engines' own all-reduce of short messages takes no less than this part of NCCL's latency. */
    private static final double ENGINE_OVER_NCCL = 0.5;

    private final EngineSetup setup;
    private final EngineCoefficients coefficients;
    private final double residentReadSeconds;
    private final double routedReadSeconds;
    private final double touchedExpertSeconds;
    private final double kvSecondsPerToken;
    private final double kvSecondsPerWindowedToken;
    private final double prefillSecondsPerToken;
    private final double decodeSecondsPerToken;
    private final double attentionSecondsPerPair;
    private final double attentionSecondsPerWindowedPair;
    private final double oneShotSeconds;
    private final double oneShotSecondsPerToken;
    private final double ringSeconds;
    private final double ringSecondsPerToken;
    private final double fixedSeconds;
    private final double perRequestSeconds;
    private final double engineFactor;
    private final @Nullable FractionSlowdown slowdown;

    public EngineModel(EngineSetup setup, EngineCoefficients coefficients) {
        this.setup = setup;
        this.coefficients = coefficients;
        ModelArchitecture model = setup.architecture();
        GpuFacts gpu = setup.gpu();
        Precision precision = setup.weightPrecision();
        int degree = setup.tensorParallel();
        boolean residentInSixteenBit = model.residentBytesPerParameter(precision) != precision.bytes();

        double bandwidth = usableBandwidth(gpu.bandwidthBytesPerSecond());
        double readSeconds = 1 / (degree * bandwidth);
        double residentBytes = model.residentParameters()
                * model.residentBytesPerParameter(precision)
                * (residentInSixteenBit ? 1 : readFactor(precision, FOUR_BIT_READ_FACTOR));
        double headBytes = model.headParameters() * model.embeddingBytesPerParameter(precision);
        residentReadSeconds = get(WEIGHT_READ) * (residentBytes + headBytes) * readSeconds;
        routedReadSeconds = get(EXPERT_READ)
                * model.routedExpertParameters()
                * precision.bytes()
                * readFactor(precision, FOUR_BIT_EXPERT_READ_FACTOR)
                * readSeconds;
        touchedExpertSeconds = get(PER_TOUCHED_EXPERT_SECONDS) * model.moeLayers() * model.routedExperts();

        double kvSecondsPerLayer = get(KV_READ)
                * model.kvElementsPerTokenPerLayer(degree)
                * setup.kvCachePrecision().bytes()
                / bandwidth;
        kvSecondsPerToken = kvSecondsPerLayer * model.fullAttentionLayers();
        kvSecondsPerWindowedToken = kvSecondsPerLayer * model.slidingWindowLayers();

        double sixteenBitFlops = usableFlops(gpu.flopsPerSecond(Precision.BF16));
        double flops = usableFlops(gpu.flopsPerSecond(precision));
        double routedPerToken = model.blockParametersPerToken() - model.residentParameters();
        double blockSecondsPerToken = 2
                * (model.residentParameters() / (residentInSixteenBit ? sixteenBitFlops : flops)
                        + routedPerToken / flops)
                / degree;
        double headSecondsPerToken = 2 * model.headParameters() / sixteenBitFlops / degree;
        prefillSecondsPerToken = get(PREFILL_COMPUTE) * prefillFactor(precision) * blockSecondsPerToken;
        decodeSecondsPerToken = get(DECODE_COMPUTE) * (blockSecondsPerToken + headSecondsPerToken);
        double pairSeconds =
                get(PREFILL_ATTENTION) * 4.0 * model.attentionHeads() * model.headSize() / degree / sixteenBitFlops;
        attentionSecondsPerPair = pairSeconds * model.fullAttentionLayers();
        attentionSecondsPerWindowedPair = pairSeconds * model.slidingWindowLayers();

        double reductions = degree > 1 ? 2 * model.layers() : 0;
        Optional<AllReduce.Link> measured = gpu.allReduce().over(degree);
        double linkBytes = measured.map(AllReduce.Link::busBytesPerSecond).orElse(gpu.linkBytesPerSecond());
        double linkSecondsPerToken = ACTIVATION_BYTES * model.hiddenSize() / linkBytes;
        double doublings = Math.log(degree) / Math.log(2);
        double measuredSeconds = measured.map(AllReduce.Link::latencySeconds).orElse(0.0);
        oneShotSeconds =
                reductions * Math.max(get(ONE_SHOT_REDUCE_SECONDS) * doublings, ENGINE_OVER_NCCL * measuredSeconds);
        oneShotSecondsPerToken = reductions * get(ONE_SHOT_REDUCE_BYTES) * (degree - 1) * linkSecondsPerToken;
        ringSeconds = reductions * (measured.isPresent() ? measuredSeconds : get(RING_REDUCE_SECONDS));
        ringSecondsPerToken = reductions
                * (measured.isPresent() ? 1 : get(RING_REDUCE_BYTES))
                * 2
                * (degree - 1)
                / degree
                * linkSecondsPerToken;

        boolean eightBit = precision == Precision.FP8 || precision == Precision.INT8;
        fixedSeconds = model.layers() * get(PER_LAYER_SECONDS)
                + model.moeLayers()
                        * get(PER_EXPERT_LAYER_SECONDS)
                        * (eightBit ? get(EIGHT_BIT_EXPERT_LAYER_FACTOR) : 1)
                + get(PER_STEP_SECONDS);
        perRequestSeconds = get(PER_REQUEST_SECONDS);
        engineFactor = engineFactor(setup.engine());
        slowdown = setup.gpuFraction() < 1 ? new FractionSlowdown(setup.gpuFraction()) : null;
    }

    private double usableBandwidth(double peakBytesPerSecond) {
        return peakBytesPerSecond * Math.pow(peakBytesPerSecond / REFERENCE_BANDWIDTH, -get(READ_EXPONENT));
    }

    private double usableFlops(double peakFlopsPerSecond) {
        return peakFlopsPerSecond * Math.pow(peakFlopsPerSecond / REFERENCE_FLOPS, -get(COMPUTE_EXPONENT));
    }

    private double readFactor(Precision precision, Coefficient fourBit) {
        return switch (precision) {
            case FP32, BF16 -> 1;
            case FP8, INT8 -> get(EIGHT_BIT_READ_FACTOR);
            case FP4, INT4 -> get(fourBit);
        };
    }

    private double prefillFactor(Precision precision) {
        return switch (precision) {
            case FP32, BF16 -> 1;
            case FP8, INT8 -> get(EIGHT_BIT_PREFILL_FACTOR);
            case FP4, INT4 -> get(FOUR_BIT_PREFILL_FACTOR);
        };
    }

    /** An engine without measured rows is taken to lie between the two that have them. */
    private double engineFactor(String engine) {
        return switch (engine) {
            case "vllm" -> 1;
            case "trtllm" -> get(TRTLLM_FACTOR);
            default -> Math.sqrt(get(TRTLLM_FACTOR));
        };
    }

    /** Whether there are coefficients of {@code engine}'s own. */
    public static boolean knows(String engine) {
        return engine.equals("vllm") || engine.equals("trtllm");
    }

    private double get(Coefficient coefficient) {
        return coefficients.get(coefficient);
    }

    public EngineSetup setup() {
        return setup;
    }

    EngineCoefficients coefficients() {
        return coefficients;
    }

    /** Seconds before the first token of a prompt of {@code inputTokens} that no step explains. */
    public double firstTokenOverheadSeconds(double inputTokens) {
        return get(FIRST_TOKEN_SECONDS) + get(FIRST_TOKEN_SECONDS_PER_TOKEN) * inputTokens;
    }

    /**
     * Seconds one step takes on its own GPU share.
     *
     * @param decodeRequests sequences that get one token each
     * @param cachedTokens tokens those sequences hold together
     * @param windowedTokens the same with each sequence cut to the sliding window
     * @param promptTokens prompt tokens computed in this step
     * @param promptPairs (query, key) pairs of those tokens: Σ chunk·(cached before + chunk/2)
     * @param windowedPairs the same with each query cut to the sliding window
     * @param promptRequests sequences those tokens belong to
     * @param bandwidthContention factor, 1 or more, by which neighbours on the card stretch memory traffic
     */
    public double stepSeconds(
            double decodeRequests,
            double cachedTokens,
            double windowedTokens,
            double promptTokens,
            double promptPairs,
            double windowedPairs,
            double promptRequests,
            double bandwidthContention) {
        double tokens = decodeRequests + promptTokens;
        double touched = setup.architecture().expertShareTouched(tokens);
        double memory = residentReadSeconds
                + routedReadSeconds * touched
                + kvSecondsPerToken * cachedTokens
                + kvSecondsPerWindowedToken * windowedTokens;
        double decode = memory * bandwidthContention
                + engineFactor
                        * (touchedExpertSeconds * touched
                                + decodeSecondsPerToken * decodeRequests
                                + fixedSeconds
                                + perRequestSeconds * (decodeRequests + promptRequests)
                                + Math.min(
                                        oneShotSeconds + oneShotSecondsPerToken * tokens,
                                        ringSeconds + ringSecondsPerToken * tokens));
        double prompt = prefillSecondsPerToken * promptTokens
                + attentionSecondsPerPair * promptPairs
                + attentionSecondsPerWindowedPair * windowedPairs;
        if (slowdown != null) {
            decode *= slowdown.decode(decodeRequests);
            prompt *= slowdown.prefill(promptTokens);
        }
        return decode + engineFactor * prompt;
    }

    /** Part of a step of {@code batch} decoding sequences of {@code context} tokens that is work, not all-reduce; 1 on one GPU. */
    public double parallelEfficiency(double batch, double context) {
        double reduce = engineFactor
                * Math.min(oneShotSeconds + oneShotSecondsPerToken * batch, ringSeconds + ringSecondsPerToken * batch);
        double step = decodeSeconds(batch, context);
        return Math.max(0, step - reduce) / step;
    }

    /** Seconds of a step in which {@code batch} sequences of {@code context} tokens each get one token. */
    double decodeSeconds(double batch, double context) {
        return decodeSeconds(batch, context, 1);
    }

    double decodeSeconds(double batch, double context, double bandwidthContention) {
        return stepSeconds(batch, batch * context, batch * windowed(context), 0, 0, 0, 0, bandwidthContention);
    }

    /** What one more prompt of {@code tokens} adds to the steps of {@code batch} decoding sequences, seconds. */
    double promptSeconds(double tokens, double batch, double context) {
        return promptSeconds(tokens, batch, context, 1);
    }

    double promptSeconds(double tokens, double batch, double context, double bandwidthContention) {
        double computed = tokens * (1 - setup.prefixCacheHitRate());
        double chunks = Math.ceil(computed / setup.maxNumBatchedTokens());
        double chunk = computed / chunks;
        double pairs = computed * (tokens - computed / 2);
        double windowedPairs = Math.min(pairs, computed * windowed(tokens));
        double cached = batch * context;
        double windowedCached = batch * windowed(context);
        double mixed = stepSeconds(
                batch, cached, windowedCached, chunk, pairs / chunks, windowedPairs / chunks, 1, bandwidthContention);
        return chunks
                * (batch > 0
                        ? mixed - stepSeconds(batch, cached, windowedCached, 0, 0, 0, 0, bandwidthContention)
                        : mixed);
    }

    /** {@code tokens} cut to the sliding window. */
    public double windowed(double tokens) {
        return setup.architecture().slidingWindow().isPresent()
                ? Math.min(tokens, setup.architecture().slidingWindow().getAsInt())
                : tokens;
    }
}
