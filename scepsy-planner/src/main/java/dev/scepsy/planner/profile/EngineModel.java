package dev.scepsy.planner.profile;

import static dev.scepsy.planner.profile.Coefficient.ALL_REDUCE_BYTES;
import static dev.scepsy.planner.profile.Coefficient.ALL_REDUCE_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.DECODE_COMPUTE;
import static dev.scepsy.planner.profile.Coefficient.EIGHT_BIT_FACTOR;
import static dev.scepsy.planner.profile.Coefficient.FIRST_TOKEN_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.FOUR_BIT_FACTOR;
import static dev.scepsy.planner.profile.Coefficient.KV_READ;
import static dev.scepsy.planner.profile.Coefficient.PER_EXPERT_LAYER_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.PER_LAYER_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.PER_REQUEST_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.PER_STEP_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.PREFILL_ATTENTION;
import static dev.scepsy.planner.profile.Coefficient.PREFILL_COMPUTE;
import static dev.scepsy.planner.profile.Coefficient.TRTLLM_FACTOR;
import static dev.scepsy.planner.profile.Coefficient.WEIGHT_READ;

/**
 * Time of one continuous-batching step, from physics with fitted coefficients:
 *
 * <pre>
 *   step = weights read / W + cache read / W + prompt FLOPs / F + decode FLOPs / F
 *        + all-reduce (2 per layer: latency + bytes / link)
 *        + per layer + per expert layer + per request + constant
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

    private final EngineSetup setup;
    private final EngineCoefficients coefficients;
    private final double readSecondsPerByte;
    private final double residentBytes;
    private final double routedBytes;
    private final double kvSecondsPerToken;
    private final double kvSecondsPerWindowedToken;
    private final double prefillSecondsPerToken;
    private final double decodeSecondsPerToken;
    private final double attentionSecondsPerPair;
    private final double attentionSecondsPerWindowedPair;
    private final double reduceSecondsPerToken;
    private final double fixedSeconds;
    private final double perRequestSeconds;
    private final double engineFactor;

    public EngineModel(EngineSetup setup, EngineCoefficients coefficients) {
        this.setup = setup;
        this.coefficients = coefficients;
        ModelArchitecture model = setup.architecture();
        GpuFacts gpu = setup.gpu();
        Precision precision = setup.weightPrecision();
        int degree = setup.tensorParallel();
        double format = switch (precision) {
            case FP8, INT8 -> get(EIGHT_BIT_FACTOR);
            case FP4, INT4 -> get(FOUR_BIT_FACTOR);
            default -> 1.0;
        };
        readSecondsPerByte = get(WEIGHT_READ) * format / degree / gpu.bandwidthBytesPerSecond();
        residentBytes = model.residentParameters() * model.residentBytesPerParameter(precision)
                + model.headParameters() * model.embeddingBytesPerParameter(precision);
        routedBytes = model.routedExpertParameters() * precision.bytes();

        double kvBytesPerLayer = model.kvElementsPerTokenPerLayer(degree)
                * setup.kvCachePrecision().bytes();
        double kvSecondsPerLayer = get(KV_READ) * kvBytesPerLayer / gpu.bandwidthBytesPerSecond();
        kvSecondsPerToken = kvSecondsPerLayer * model.fullAttentionLayers();
        kvSecondsPerWindowedToken = kvSecondsPerLayer * model.slidingWindowLayers();

        boolean residentIsSixteenBit = model.residentBytesPerParameter(precision) != precision.bytes();
        double routedPerToken = model.blockParametersPerToken() - model.residentParameters();
        double blockSecondsPerToken = 2
                * (model.residentParameters() / gpu.flopsPerSecond(residentIsSixteenBit ? Precision.BF16 : precision)
                        + routedPerToken / gpu.flopsPerSecond(precision))
                / degree;
        double headSecondsPerToken = 2 * model.headParameters() / gpu.flopsPerSecond(Precision.BF16) / degree;
        prefillSecondsPerToken = get(PREFILL_COMPUTE) * format * blockSecondsPerToken;
        decodeSecondsPerToken = get(DECODE_COMPUTE) * (blockSecondsPerToken + headSecondsPerToken);
        double pairSeconds = get(PREFILL_ATTENTION)
                * 4.0
                * model.attentionHeads()
                * model.headSize()
                / degree
                / gpu.flopsPerSecond(Precision.BF16);
        attentionSecondsPerPair = pairSeconds * model.fullAttentionLayers();
        attentionSecondsPerWindowedPair = pairSeconds * model.slidingWindowLayers();

        double reduceLatency = 0;
        double reducePerToken = 0;
        if (degree > 1) {
            double wireBytes = 2.0 * model.hiddenSize() * 2 * (degree - 1) / degree;
            reduceLatency = 2 * model.layers() * get(ALL_REDUCE_SECONDS) * Math.log(degree) / Math.log(2);
            reducePerToken = 2 * model.layers() * get(ALL_REDUCE_BYTES) * wireBytes / gpu.linkBytesPerSecond();
        }
        reduceSecondsPerToken = reducePerToken;
        fixedSeconds = reduceLatency
                + model.layers() * get(PER_LAYER_SECONDS)
                + model.moeLayers() * get(PER_EXPERT_LAYER_SECONDS)
                + get(PER_STEP_SECONDS);
        perRequestSeconds = get(PER_REQUEST_SECONDS);
        engineFactor = setup.engine().equals("trtllm") ? get(TRTLLM_FACTOR) : 1;
    }

    private double get(Coefficient coefficient) {
        return coefficients.get(coefficient);
    }

    public EngineSetup setup() {
        return setup;
    }

    /** Seconds before the first token that no step explains. */
    public double firstTokenOverheadSeconds() {
        return get(FIRST_TOKEN_SECONDS);
    }

    EngineCoefficients coefficients() {
        return coefficients;
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
        double memory = readSecondsPerByte
                        * (residentBytes + routedBytes * setup.architecture().expertShareTouched(tokens))
                + kvSecondsPerToken * cachedTokens
                + kvSecondsPerWindowedToken * windowedTokens;
        double decode = memory * bandwidthContention
                + decodeSecondsPerToken * decodeRequests
                + fixedSeconds
                + perRequestSeconds * (decodeRequests + promptRequests)
                + reduceSecondsPerToken * tokens;
        double prompt = prefillSecondsPerToken * promptTokens
                + attentionSecondsPerPair * promptPairs
                + attentionSecondsPerWindowedPair * windowedPairs;
        double fraction = setup.gpuFraction();
        if (fraction < 1) {
            decode *= FractionSlowdown.decode(fraction, decodeRequests);
            prompt *= FractionSlowdown.prefill(fraction, promptTokens);
        }
        return engineFactor * (decode + prompt);
    }

    /** Seconds of a step in which {@code batch} sequences of {@code context} tokens each get one token. */
    double decodeSeconds(double batch, double context) {
        return stepSeconds(batch, batch * context, batch * windowed(context), 0, 0, 0, 0, 1);
    }

    /** What one more prompt of {@code tokens} adds to the steps of {@code batch} decoding sequences, seconds. */
    double promptSeconds(double tokens, double batch, double context) {
        double computed = tokens * (1 - setup.prefixCacheHitRate());
        double chunks = Math.ceil(computed / setup.maxNumBatchedTokens());
        double chunk = computed / chunks;
        double pairs = computed * (tokens - computed / 2);
        double windowedPairs = computed * windowed(tokens);
        double cached = batch * context;
        double windowedCached = batch * windowed(context);
        double mixed = stepSeconds(
                batch, cached, windowedCached, chunk, pairs / chunks, Math.min(pairs, windowedPairs) / chunks, 1, 1);
        return chunks * (batch > 0 ? mixed - stepSeconds(batch, cached, windowedCached, 0, 0, 0, 0, 1) : mixed);
    }

    /** {@code tokens} cut to the sliding window. */
    public double windowed(double tokens) {
        return setup.architecture().slidingWindow().isPresent()
                ? Math.min(tokens, setup.architecture().slidingWindow().getAsInt())
                : tokens;
    }
}
