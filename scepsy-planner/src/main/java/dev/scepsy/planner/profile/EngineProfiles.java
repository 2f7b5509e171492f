package dev.scepsy.planner.profile;

import dev.scepsy.planner.allocation.GpuFraction;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * Profiles from the engine model: one replica of a model on a share of a card, tabulated into a curve, or the reason why it
 * cannot run. Immutable and thread-safe.
 */
public final class EngineProfiles {

    /** What serves models. */
    private final EngineCoefficients coefficients;

    private final Balancing balancing;

    private EngineProfiles(EngineCoefficients coefficients, Balancing balancing) {
        this.coefficients = coefficients;
        this.balancing = balancing;
    }

    /** With the coefficients that come with the product. */
    public static EngineProfiles builtIn() {
        return with(EngineCoefficients.builtIn());
    }

    /** With other coefficients. */
    public static EngineProfiles with(EngineCoefficients coefficients) {
        return new EngineProfiles(coefficients, Balancing.POOLED);
    }

    /** The same with other coefficients. */
    public EngineProfiles calibrated(EngineCoefficients moved) {
        return new EngineProfiles(moved, balancing);
    }

    /** The same behind routers of another rule. */
    public EngineProfiles behind(Balancing balancing) {
        return new EngineProfiles(coefficients, balancing);
    }

    /**
     * The profile of one replica to which calls come one at a time.
     *
     * @throws IllegalArgumentException if the model's precisions are unknown
     */
    public ProfileResult profile(
            ServedModel model,
            ModelArchitecture architecture,
            GpuFacts gpu,
            int tensorParallel,
            GpuFraction gpuFraction,
            double meanInputTokens,
            double meanOutputTokens) {
        return profile(model, architecture, gpu, tensorParallel, gpuFraction, meanInputTokens, meanOutputTokens, 1);
    }

    /**
     * The profile of one replica.
     *
     * @param model the model's settings
     * @param architecture its shape, from the catalogue or its configuration
     * @param gpu the card
     * @param tensorParallel t, at least 1
     * @param gpuFraction f, share of compute and of memory
     * @param meanInputTokens prompt tokens per call, above 0
     * @param meanOutputTokens generated tokens per call, 0 or more; encoders ignore it
     * @param concurrentCalls calls of one execution that run at once as a running call sees it, 1 or more
     * @throws IllegalArgumentException if the model's precisions are unknown
     */
    public ProfileResult profile(
            ServedModel model,
            ModelArchitecture architecture,
            GpuFacts gpu,
            int tensorParallel,
            GpuFraction gpuFraction,
            double meanInputTokens,
            double meanOutputTokens,
            double concurrentCalls) {
        Optional<String> refused = rules(model, architecture).whyNot(tensorParallel);
        if (refused.isPresent()) {
            return new ProfileResult.Unusable(
                    ProfileResult.Reason.DEGREE_NOT_STARTED,
                    String.format(
                            Locale.ROOT,
                            "%s does not start on %d GPUs: %s.",
                            model.engine(),
                            tensorParallel,
                            refused.get()));
        }
        EngineSetup setup = setup(model, architecture, gpu, tensorParallel, gpuFraction.toDouble());
        double longest = longestRequest(model, architecture, meanInputTokens + meanOutputTokens);
        Optional<ProfileResult.Unusable> unusable = whyUnusable(setup, longest);
        if (unusable.isPresent()) {
            return unusable.get();
        }
        OpenLoop openLoop = new OpenLoop(
                new EngineModel(setup, coefficients), meanInputTokens, meanOutputTokens, concurrentCalls, balancing);
        return new ProfileResult.Modelled(openLoop.tabulate());
    }

    /** Over how many GPUs the engine of {@code model} starts. */
    public static TensorParallelRules rules(ServedModel model, ModelArchitecture architecture) {
        return TensorParallelRules.of(architecture, model.engine(), precision(model.weightPrecision()));
    }

    /** The engine settings that {@code model} asks for; what it leaves out as vLLM would choose on this card. */
    public static EngineSetup setup(
            ServedModel model, ModelArchitecture architecture, GpuFacts gpu, int tensorParallel, double gpuFraction) {
        return new EngineSetup(
                architecture,
                gpu,
                model.engine(),
                precision(model.weightPrecision()),
                precision(model.kvCachePrecision().orElse(Precision.BF16.key())),
                tensorParallel,
                gpuFraction,
                model.maxNumSeqs().orElse(EngineSetup.defaultMaxNumSeqs(gpu)),
                model.maxNumBatchedTokens().orElse(EngineSetup.defaultMaxNumBatchedTokens(gpu)),
                model.prefixCacheHitRate().orElse(0),
                AdapterSlots.of(model.adapters()),
                OptionalInt.empty());
    }

    /**
     * Seconds of a call on an engine that {@code others} calls of mean length keep busy beside it: what tells long calls
     * from short ones.
     */
    public double callSeconds(
            EngineSetup setup,
            double inputTokens,
            double outputTokens,
            double meanInputTokens,
            double meanOutputTokens,
            double others) {
        EngineModel engine = new EngineModel(setup, coefficients);
        double overhead = engine.firstTokenOverheadSeconds(inputTokens);
        if (outputTokens <= 1 || setup.architecture().isEncoder()) {
            return overhead + engine.promptSeconds(inputTokens, 0, 0);
        }
        double context = meanInputTokens + meanOutputTokens / 2;
        double pace = engine.decodeSeconds(1 + others, context)
                + others / meanOutputTokens * engine.promptSeconds(meanInputTokens, others, context);
        return overhead + engine.promptSeconds(inputTokens, others, context) + (outputTokens + 0.5) * pace;
    }

    private static Precision precision(String key) {
        return Precision.of(key)
                .orElseThrow(() -> new IllegalArgumentException(
                        "The precision (" + key + ") is unknown. It is one of " + Precision.keys() + "."));
    }

    /** Without {@code maxModelLength} the engine is started with what fits, so only the mean request has to. */
    private static double longestRequest(ServedModel model, ModelArchitecture architecture, double meanTokens) {
        if (architecture.isEncoder()) {
            return 0;
        }
        return model.maxModelLength().isPresent() ? model.maxModelLength().getAsInt() : meanTokens;
    }

    private static String occupants(EngineSetup setup) {
        return setup.adapters().equals(AdapterSlots.NONE)
                ? "weights and overhead"
                : String.format(
                        Locale.ROOT,
                        "weights, overhead and %.2f GiB for LoRA adapters",
                        setup.adapterBytesPerGpu() / GpuFacts.bytesPerGiB());
    }

    /** Why {@code setup} cannot hold the weights and one request of {@code tokens}; empty if it can. */
    public static Optional<ProfileResult.Unusable> whyUnusable(EngineSetup setup, double tokens) {
        double lackingBytes = -setup.kvBytesPerGpu();
        ProfileResult.Reason reason = ProfileResult.Reason.WEIGHTS_DO_NOT_FIT;
        String what = occupants(setup);
        if (lackingBytes <= 0) {
            if (setup.architecture().isEncoder() || setup.requestsThatFit(tokens) >= 1) {
                return Optional.empty();
            }
            lackingBytes += setup.memoryBytesOfRequest(tokens);
            reason = ProfileResult.Reason.NO_ROOM_FOR_ONE_REQUEST;
            what = String.format(Locale.ROOT, "%s and one request of %.0f tokens", what, tokens);
        }
        String message = String.format(
                Locale.ROOT,
                "%s in %s on %s with tensorParallel %d and gpuFraction %s: %s exceed the %.2f GiB per GPU by %.2f"
                        + " GiB%s.",
                setup.architecture().name(),
                setup.weightPrecision().key(),
                setup.gpu().name(),
                setup.tensorParallel(),
                GpuFraction.of(setup.gpuFraction()),
                what,
                setup.memoryGiBPerGpu(),
                lackingBytes / GpuFacts.bytesPerGiB(),
                remedy(setup, tokens));
        return Optional.of(new ProfileResult.Unusable(reason, message));
    }

    private static String remedy(EngineSetup setup, double tokens) {
        TensorParallelRules rules = TensorParallelRules.of(setup);
        return IntStream.of(2, 4, 8, 16, 32)
                .filter(degree -> degree > setup.tensorParallel() && rules.starts(degree))
                .filter(degree -> {
                    EngineSetup wider = setup.withTensorParallel(degree);
                    return wider.kvBytesPerGpu() > 0
                            && (setup.architecture().isEncoder() || wider.requestsThatFit(tokens) >= 1);
                })
                .mapToObj(degree -> "; it fits with tensorParallel " + degree)
                .findFirst()
                .orElse("; no tensorParallel up to 32 makes it fit");
    }
}
