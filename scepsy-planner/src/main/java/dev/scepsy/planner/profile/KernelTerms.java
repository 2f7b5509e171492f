package dev.scepsy.planner.profile;

import dev.scepsy.planner.kernel.ExpertShape;
import dev.scepsy.planner.kernel.GpuKernels;
import dev.scepsy.planner.kernel.KernelFormat;
import java.util.OptionalInt;
import java.util.function.DoubleUnaryOperator;

/**
 * What one step of an engine costs in each kind of kernel, before any coefficient: seconds by tokens of the step, by
 * sequences, by cached tokens. Rests on the shapes of the model's layers after the tensor-parallel split and on the card's
 * kernel times. Immutable.
 */
final class KernelTerms {

    private static final double ACTIVATION_BYTES = 2;
    private static final double MICRO = 1e-6;
    /** The engines' own all-reduce of short messages takes no less than this part of NCCL's latency. */
    private static final double ENGINE_OVER_NCCL = 0.5;
    /** Traffic of an all-reduce in which every GPU reads all others, relative to the link's bandwidth. */
    private static final double ONE_SHOT_TRAFFIC = 1.3;
    /** A router is a product of few outputs, padded as kernels do. */
    private static final int LEAST_ROUTER_WIDTH = 128;
    /** Prompts with a latent cache compute scores over keys wider than values. */
    private static final double LATENT_PROMPT_RATIO = 2;

    final EngineSetup setup;
    Doublings products = Doublings.zero();
    Doublings quantising = Doublings.zero();
    Doublings experts = Doublings.zero();
    Doublings reductions = Doublings.zero();
    Doublings latentPromptProducts = Doublings.zero();
    Doublings head = Doublings.zero();
    AttentionTimes attention = AttentionTimes.zero();
    AttentionTimes windowedAttention = AttentionTimes.zero();
    AttentionTimes latentAttention = AttentionTimes.zero();
    Doublings promptSeconds = Doublings.zero();
    Doublings windowedPromptSeconds = Doublings.zero();
    double latentSecondsPerPair;
    final double elementwiseSecondsPerToken;
    final double stateSecondsPerRequest;
    /** Of weights and cache at peak bandwidth: what neighbours on the card can stretch. */
    final Doublings weightTraffic;

    final double cacheSecondsPerToken;
    final double cacheSecondsPerWindowedToken;

    private final ModelArchitecture model;
    private final GpuKernels gpu;
    private final int degree;
    private final KernelFormat resident;

    KernelTerms(EngineSetup setup) {
        this.setup = setup;
        this.model = setup.architecture();
        this.degree = setup.tensorParallel();
        this.gpu = setup.gpu().kernels();
        KernelFormats formats = new KernelFormats(model, setup.weightPrecision(), gpu);
        this.resident = formats.resident();
        for (LayerGroup group : model.layerGroups()) {
            for (TokenMixer mixer : group.mixers()) {
                add(mixer, group.count());
            }
            add(group.feedForward(), group.count(), formats.experts());
        }
        if (!model.isEncoder()) {
            head = product(KernelFormat.BF16, (double) model.vocabularySize() / degree, model.hiddenSize());
        }
        if (degree > 1) {
            DoubleUnaryOperator tabulated = gpu.allReduce(setup.engine(), degree);
            DoubleUnaryOperator reduce = setup.gpu()
                    .allReduce()
                    .over(degree)
                    .map(link -> measured(link, tabulated))
                    .orElse(bytes -> MICRO * tabulated.applyAsDouble(bytes));
            int count = model.reductionsPerStep();
            reductions = Doublings.growing(
                    tokens -> count * reduce.applyAsDouble(tokens * model.hiddenSize() * ACTIVATION_BYTES));
        }
        double bandwidth = setup.gpu().bandwidthBytesPerSecond();
        elementwiseSecondsPerToken = model.layers() * model.hiddenSize() * ACTIVATION_BYTES / bandwidth;
        stateSecondsPerRequest = 2 * model.stateBytesPerSequence(degree) / bandwidth;
        double routed = model.routedExpertParameters() * formats.bytesPerExpertWeight() / degree / bandwidth;
        double all = setup.weightBytesPerGpu() / bandwidth;
        weightTraffic = Doublings.of(tokens -> all - routed * (1 - model.expertShareTouched(tokens)));
        double element = setup.kvCachePrecision().bytes() / bandwidth;
        cacheSecondsPerToken = element * model.fullCacheElementsPerToken(degree);
        cacheSecondsPerWindowedToken = element * model.windowedCacheElementsPerToken(degree);
    }

    /**
     * An all-reduce over a link of which NCCL was measured: NCCL's own ring, or where that is quicker the engine's, in which every
     * GPU reads all others and which takes no less than half of NCCL's latency.
     */
    private DoubleUnaryOperator measured(AllReduce.Link link, DoubleUnaryOperator tabulated) {
        double start = Math.max(MICRO * tabulated.applyAsDouble(1), ENGINE_OVER_NCCL * link.latencySeconds());
        double perByte = 1 / link.busBytesPerSecond();
        return bytes -> Math.min(
                start + ONE_SHOT_TRAFFIC * (degree - 1) * perByte * bytes,
                link.latencySeconds() + 2.0 * (degree - 1) / degree * perByte * bytes);
    }

    private void add(TokenMixer mixer, int count) {
        if (mixer instanceof TokenMixer.Attention plain) {
            add(plain, count);
        } else if (mixer instanceof TokenMixer.Latent latent) {
            add(latent, count);
        } else if (mixer instanceof TokenMixer.Recurrent recurrent) {
            // projections in and out of about equal size
            linear(resident, count, recurrent.weights() / 2.0 / model.hiddenSize() / degree, model.hiddenSize());
            linear(resident, count, model.hiddenSize(), recurrent.weights() / 2.0 / model.hiddenSize() / degree);
        }
    }

    private void add(TokenMixer.Attention plain, int count) {
        double heads = Math.max(1, (double) plain.heads() / degree);
        double kvHeads = plain.kvHeadsPerGpu(degree);
        double queries = heads * plain.keySize() * (plain.gated() ? 2 : 1);
        double keysAndValues =
                plain.ownsCache() ? kvHeads * (plain.keySize() + (plain.projectsValues() ? plain.valueSize() : 0)) : 0;
        linear(resident, count, queries + keysAndValues, model.hiddenSize());
        linear(resident, count, model.hiddenSize(), heads * plain.valueSize());
        AttentionTimes decode = AttentionTimes.of(gpu.decodeAttention(
                setup.kvCachePrecision().bytes(), heads, kvHeads, (plain.keySize() + plain.valueSize()) / 2.0));
        DoubleUnaryOperator perPair = gpu.promptAttention(heads, kvHeads, plain.keySize());
        Doublings prompt = Doublings.growing(length -> perPair.applyAsDouble(length) * length * length / 2);
        OptionalInt window = plain.window();
        if (window.isPresent()) {
            windowedAttention = windowedAttention.plus(MICRO * count, decode);
            windowedPromptSeconds = windowedPromptSeconds.plus(MICRO * count, prompt);
        } else {
            attention = attention.plus(MICRO * count, decode);
            promptSeconds = promptSeconds.plus(MICRO * count, prompt);
        }
    }

    private void add(TokenMixer.Latent latent, int count) {
        double heads = Math.max(1, (double) latent.heads() / degree);
        double key = latent.plainSize() + latent.ropeSize();
        double queriesFrom = latent.queryRank() > 0 ? latent.queryRank() : model.hiddenSize();
        linear(resident, count, latent.queryRank() + latent.cachedElementsPerToken(), model.hiddenSize());
        linear(resident, count, heads * key, queriesFrom);
        linear(resident, count, model.hiddenSize(), heads * latent.valueSize());
        if (latent.gated()) {
            linear(resident, count, heads * latent.valueSize(), model.hiddenSize());
        }
        latentPromptProducts = latentPromptProducts.plus(
                count,
                product(KernelFormat.BF16, heads * (latent.plainSize() + latent.valueSize()), latent.latentSize()));
        latentAttention = latentAttention.plus(
                MICRO * count,
                AttentionTimes.of(
                        gpu.latentDecode(setup.kvCachePrecision().bytes(), heads, latent.cachedElementsPerToken())));
        latentSecondsPerPair += MICRO
                * count
                * LATENT_PROMPT_RATIO
                * gpu.roofline().pairsMicros(heads, (key + latent.valueSize()) / 2, 1);
    }

    private void add(FeedForward block, int count, KernelFormat expertFormat) {
        if (block instanceof FeedForward.Dense dense) {
            dense(count, dense.width(), dense.gated());
        } else if (block instanceof FeedForward.Experts some) {
            if (some.sharedWidth() > 0) {
                dense(count, some.sharedWidth(), some.gated());
            }
            int width = some.latentSize() > 0 ? some.latentSize() : model.hiddenSize();
            if (some.latentSize() > 0) {
                linear(resident, count, width, model.hiddenSize());
                linear(resident, count, model.hiddenSize(), width);
            }
            linear(KernelFormat.BF16, count, Math.max(LEAST_ROUTER_WIDTH, some.routed()), model.hiddenSize());
            ExpertShape shape =
                    new ExpertShape(width, some.width(), some.routed(), some.perToken(), some.gated() ? 3 : 2);
            experts = experts.plus(
                    MICRO * count, Doublings.growing(gpu.experts(setup.engine(), expertFormat, shape, degree)));
        }
    }

    private void dense(int count, double width, boolean gated) {
        linear(resident, count, (gated ? 2 : 1) * width / degree, model.hiddenSize());
        linear(resident, count, model.hiddenSize(), width / degree);
    }

    private void linear(KernelFormat format, int count, double outputs, double inputs) {
        if (outputs <= 0 || inputs <= 0) {
            return;
        }
        products = products.plus(count, product(format, outputs, inputs));
        if (format == KernelFormat.FP8 || format == KernelFormat.FP8_BLOCK) {
            quantising = quantising.plus(MICRO * count, Doublings.growing(gpu.quantising(inputs)));
        }
    }

    private Doublings product(KernelFormat format, double outputs, double inputs) {
        return Doublings.zero().plus(MICRO, Doublings.growing(gpu.product(format, outputs, inputs)));
    }
}
