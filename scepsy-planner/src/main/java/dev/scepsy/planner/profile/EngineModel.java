package dev.scepsy.planner.profile;

import static dev.scepsy.planner.profile.Coefficient.ALL_REDUCE;
import static dev.scepsy.planner.profile.Coefficient.DECODE_ATTENTION;
import static dev.scepsy.planner.profile.Coefficient.ELEMENTWISE;
import static dev.scepsy.planner.profile.Coefficient.EXPERTS;
import static dev.scepsy.planner.profile.Coefficient.FIRST_TOKEN_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.FIRST_TOKEN_SECONDS_PER_TOKEN;
import static dev.scepsy.planner.profile.Coefficient.LATENT_ATTENTION;
import static dev.scepsy.planner.profile.Coefficient.PER_EXPERT_LAYER_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.PER_LAYER_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.PER_PROMPT_STEP_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.PER_PROMPT_TOKEN_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.PER_REQUEST_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.PER_SPLIT_LAYER_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.PER_STEP_SECONDS;
import static dev.scepsy.planner.profile.Coefficient.PRODUCTS;
import static dev.scepsy.planner.profile.Coefficient.PROMPT_ATTENTION;
import static dev.scepsy.planner.profile.Coefficient.QUANTISING;
import static dev.scepsy.planner.profile.Coefficient.TRTLLM_KERNELS;
import static dev.scepsy.planner.profile.Coefficient.TRTLLM_OVERHEADS;
import static dev.scepsy.planner.profile.Coefficient.WHOLE_ROW_NORM_SECONDS;

import org.jspecify.annotations.Nullable;

/**
 * Time of one continuous-batching step, from measured kernels with fitted factors:
 *
 * <pre>
 *   step = products + quantising + experts + all-reduces (by tokens of the step) + output head (by sequences)
 *        + attention of decoding sequences (by sequences and cached tokens) + attention of prompts (by pairs)
 *        + elementwise traffic + per layer + per expert layer + per prompt token + per request + constant
 * </pre>
 *
 * Kernel times come from {@link KernelTerms}; each kind has one factor near 1, and what no table holds (norms, activations,
 * launches, scheduling, sampling) is fitted. A sum, not a maximum: measured steps overlap little. Windowed layers read at
 * most their window, a latent cache is read whole on every GPU, the state of recurrent layers is read and written. The same
 * formula serves the closed form, the simulator and the emulated engines. What makes it wrong: engines whose kernels differ
 * from the measured versions, speculative decoding, expert parallelism.
 *
 * <p>Immutable, thread-safe; predictions allocate nothing.
 */
public final class EngineModel {

    /** Memory traffic takes this much longer than at peak bandwidth: large reads reach 85 to 92 % of it. */
    private static final double TRAFFIC = 1.12;

    private final EngineSetup setup;
    private final EngineCoefficients coefficients;
    private final KernelTerms terms;
    private final Doublings byTokens;
    private final Doublings reductions;
    private final Doublings bySequences;
    private final Doublings byPromptTokens;
    private final AttentionTimes attention;
    private final AttentionTimes windowedAttention;
    private final double promptAttention;
    private final double latentPairSeconds;
    private final double elementwiseSecondsPerToken;
    private final double stateSecondsPerRequest;
    private final double promptTokenSeconds;
    private final double promptStepSeconds;
    private final double fixedSeconds;
    private final double perRequestSeconds;
    private final double window;
    private final @Nullable FractionSlowdown slowdown;

    public EngineModel(EngineSetup setup, EngineCoefficients coefficients) {
        this(new KernelTerms(setup), coefficients);
    }

    EngineModel(KernelTerms terms, EngineCoefficients coefficients) {
        this.terms = terms;
        this.setup = terms.setup;
        this.coefficients = coefficients;
        ModelArchitecture model = setup.architecture();
        double kernels = power(get(TRTLLM_KERNELS));
        double overheads = power(get(TRTLLM_OVERHEADS));

        reductions = Doublings.zero().plus(kernels * get(ALL_REDUCE), terms.reductions);
        byTokens = Doublings.zero()
                .plus(kernels * get(PRODUCTS), terms.products)
                .plus(kernels * get(QUANTISING), terms.quantising)
                .plus(kernels * get(EXPERTS), terms.experts)
                .plus(1, reductions);
        bySequences = Doublings.zero().plus(kernels * get(PRODUCTS), terms.head);
        byPromptTokens = Doublings.zero().plus(kernels * get(LATENT_ATTENTION), terms.latentPromptProducts);
        attention = AttentionTimes.zero()
                .plus(kernels * get(DECODE_ATTENTION), terms.attention)
                .plus(kernels * get(LATENT_ATTENTION), terms.latentAttention);
        windowedAttention = AttentionTimes.zero().plus(kernels * get(DECODE_ATTENTION), terms.windowedAttention);
        promptAttention = kernels * get(PROMPT_ATTENTION);
        latentPairSeconds = kernels * get(LATENT_ATTENTION) * terms.latentSecondsPerPair;
        elementwiseSecondsPerToken = kernels * get(ELEMENTWISE) * terms.elementwiseSecondsPerToken;
        stateSecondsPerRequest = kernels * TRAFFIC * terms.stateSecondsPerRequest;
        promptTokenSeconds = overheads * get(PER_PROMPT_TOKEN_SECONDS);
        promptStepSeconds = overheads * get(PER_PROMPT_STEP_SECONDS);
        boolean split = setup.tensorParallel() > 1;
        fixedSeconds = overheads
                * (model.layers()
                                * (get(PER_LAYER_SECONDS)
                                        + (split ? get(PER_SPLIT_LAYER_SECONDS) : 0)
                                        + (model.normalisesWholeRows() ? get(WHOLE_ROW_NORM_SECONDS) : 0))
                        + model.moeLayers() * get(PER_EXPERT_LAYER_SECONDS)
                        + get(PER_STEP_SECONDS));
        perRequestSeconds = overheads * get(PER_REQUEST_SECONDS);
        window = model.slidingWindow().isPresent() ? model.slidingWindow().getAsInt() : Double.POSITIVE_INFINITY;
        slowdown = setup.gpuFraction() < 1 ? new FractionSlowdown(setup.gpuFraction()) : null;
    }

    /** A factor of TensorRT-LLM's as this engine has it: 1 for vLLM; an engine without measured rows lies between the two. */
    private double power(double factor) {
        return switch (setup.engine()) {
            case "vllm" -> 1;
            case "trtllm" -> factor;
            default -> Math.sqrt(factor);
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
        double alone = byTokens.at(decodeRequests);
        double decode = alone
                + bySequences.at(decodeRequests + promptRequests)
                + elementwiseSecondsPerToken * decodeRequests
                + stateSecondsPerRequest * decodeRequests
                + fixedSeconds
                + perRequestSeconds * (decodeRequests + promptRequests);
        if (decodeRequests > 0) {
            decode += attention.at(decodeRequests, cachedTokens / decodeRequests)
                    + windowedAttention.at(decodeRequests, windowedTokens / decodeRequests);
        }
        if (bandwidthContention > 1) {
            double traffic = terms.weightTraffic.at(tokens)
                    + terms.cacheSecondsPerToken * cachedTokens
                    + terms.cacheSecondsPerWindowedToken * windowedTokens;
            decode += Math.min(decode, TRAFFIC * traffic) * (bandwidthContention - 1);
        }
        double prompt = 0;
        if (promptTokens > 0) {
            double requests = Math.max(1, promptRequests);
            double length = Math.sqrt(2 * promptPairs / requests);
            double insideWindow = promptPairs > 0 ? windowedPairs / promptPairs : 0;
            prompt = byTokens.at(tokens)
                    - alone
                    + byPromptTokens.at(promptTokens)
                    + (elementwiseSecondsPerToken + promptTokenSeconds) * promptTokens
                    + promptStepSeconds
                    + promptAttention
                            * requests
                            * (terms.promptSeconds.overSquaresAt(length)
                                    + insideWindow * terms.windowedPromptSeconds.overSquaresAt(length))
                    + latentPairSeconds * promptPairs;
        }
        if (slowdown != null) {
            decode *= slowdown.decode(decodeRequests);
            prompt *= slowdown.prefill(promptTokens);
        }
        return decode + prompt;
    }

    /** Part of a step of {@code batch} decoding sequences of {@code context} tokens that is work, not all-reduce; 1 on one GPU. */
    public double parallelEfficiency(double batch, double context) {
        double step = decodeSeconds(batch, context);
        return Math.max(0, step - reductions.at(batch)) / step;
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

    /** The prompts of {@code requests} alone, {@code tokens} each, in {@code steps} equal steps, seconds. */
    double promptStepsSeconds(double tokens, double requests, double steps) {
        double computed = tokens * (1 - setup.prefixCacheHitRate());
        double pairs = computed * (tokens - computed / 2);
        double windowedPairs = Math.min(pairs, computed * windowed(tokens));
        double part = requests / steps;
        return steps * stepSeconds(0, 0, 0, computed * part, pairs * part, windowedPairs * part, part, 1);
    }

    /** {@code tokens} cut to the sliding window. */
    public double windowed(double tokens) {
        return Math.min(tokens, window);
    }
}
