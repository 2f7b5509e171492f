package dev.scepsy.planner.profile;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * Shape of a model, as far as serving cost depends on it: facts that the engine model, memory rules and the simulator ask.
 * Immutable. Counts of weights and cache are derived from the layers, so that they cannot contradict them.
 *
 * @param name catalogue key, or what the configuration calls itself
 * @param kind dense or mixture-of-experts decoder, or encoder (one forward pass, no decode)
 * @param hiddenSize width of the residual stream
 * @param vocabularySize rows of the embedding
 * @param layerGroups layers by kind, one group at least
 * @param otherParameters in memory, outside the layers and read in every step: last norm, pooler
 * @param lookupParameters tables of which a token reads one row: positions, embeddings per layer; the token embedding apart
 * @param towerParameters vision and audio towers and their projectors: in memory, not read while decoding
 * @param tiedEmbeddings the output head is the input embedding
 * @param contextTokens longest request the model takes; empty: not recorded
 * @param quantisation how the published checkpoint stores its weights; empty: in 16 bit
 * @param weightGroups weights of the publisher's quantised checkpoint that share a scale; empty: none do, or nobody knows
 */
public record ModelArchitecture(
        String name,
        Kind kind,
        int hiddenSize,
        int vocabularySize,
        List<LayerGroup> layerGroups,
        long otherParameters,
        long lookupParameters,
        long towerParameters,
        boolean tiedEmbeddings,
        OptionalInt contextTokens,
        Optional<Quantisation> quantisation,
        Optional<WeightGroups> weightGroups) {

    /** What a forward pass is for. */
    public enum Kind {
        DENSE,
        MOE,
        ENCODER
    }

    /** Engines keep embedding and output head in 16 bit, whatever the checkpoint's weight format. */
    private static final double UNQUANTISED_BYTES = 2;

    public ModelArchitecture {
        layerGroups = List.copyOf(layerGroups);
        if (layerGroups.isEmpty()) {
            throw new IllegalArgumentException("The architecture (" + name + ") has no layers.");
        }
    }

    public boolean isEncoder() {
        return kind == Kind.ENCODER;
    }

    /** Layers, of whatever kind. */
    public int layers() {
        return layerGroups.stream().mapToInt(LayerGroup::count).sum();
    }

    private Stream<TokenMixer> mixers() {
        return layerGroups.stream().flatMap(group -> group.mixers().stream());
    }

    private Stream<TokenMixer.Attention> attentions() {
        return mixers().filter(TokenMixer.Attention.class::isInstance).map(TokenMixer.Attention.class::cast);
    }

    private Optional<TokenMixer.Latent> latent() {
        return mixers().filter(TokenMixer.Latent.class::isInstance)
                .map(TokenMixer.Latent.class::cast)
                .findFirst();
    }

    private Optional<FeedForward.Experts> experts() {
        return layerGroups.stream()
                .map(LayerGroup::feedForward)
                .filter(FeedForward.Experts.class::isInstance)
                .map(FeedForward.Experts.class::cast)
                .findFirst();
    }

    /** Query heads of the attention layers, of the first kind where kinds differ; the tensor-parallel degree divides them. */
    public int attentionHeads() {
        return latent().map(TokenMixer.Latent::heads)
                .or(() -> attentions().findFirst().map(TokenMixer.Attention::heads))
                .orElse(1);
    }

    /** Key/value heads, of the first kind where kinds differ; with a latent cache, the query heads. */
    public int kvHeads() {
        return latent().map(TokenMixer.Latent::heads)
                .or(() -> attentions().findFirst().map(TokenMixer.Attention::kvHeads))
                .orElse(1);
    }

    /** Width of a query and key head, of the first kind where kinds differ. */
    public int headSize() {
        return latent().map(latent -> latent.plainSize() + latent.ropeSize())
                .or(() -> attentions().findFirst().map(TokenMixer.Attention::keySize))
                .orElse(hiddenSize);
    }

    /** Whether the cache is one latent per token, held whole on every GPU (MLA). */
    public boolean latentAttention() {
        return latent().isPresent();
    }

    /** Whether {@code degree} GPUs can share the heads of every layer evenly; engines ask more: {@link TensorParallelRules}. */
    public boolean divisibleBy(int degree) {
        return mixers().allMatch(mixer -> headsOf(mixer) % degree == 0);
    }

    private static int headsOf(TokenMixer mixer) {
        if (mixer instanceof TokenMixer.Attention attention) {
            return attention.heads();
        }
        return mixer instanceof TokenMixer.Latent latent ? latent.heads() : ((TokenMixer.Recurrent) mixer).heads();
    }

    /** Layers with experts. */
    int moeLayers() {
        return count(FeedForward.Experts.class);
    }

    /** Layers with a block for all tokens instead. */
    public int denseLayers() {
        return moeLayers() == 0 ? 0 : count(FeedForward.Dense.class);
    }

    private int count(Class<? extends FeedForward> kindOfBlock) {
        return layerGroups.stream()
                .filter(group -> kindOfBlock.isInstance(group.feedForward()))
                .mapToInt(LayerGroup::count)
                .sum();
    }

    /** Experts the router chooses from, per layer; 0 when dense. */
    public int routedExperts() {
        return experts().map(FeedForward.Experts::routed).orElse(0);
    }

    /** Chosen per token; 0 when dense. */
    public int expertsPerToken() {
        return experts().map(FeedForward.Experts::perToken).orElse(0);
    }

    /** Inner width of one expert; 0 when dense. */
    public int expertIntermediateSize() {
        return experts().map(FeedForward.Experts::width).orElse(0);
    }

    /**
     * Whether queries and keys are normalised over all heads at once, which takes an exchange more per layer: MiniMax-M2 ({@code
     * MiniMaxText01RMSNormTP} in vLLM), OLMo 2 and 3.
     */
    boolean normalisesWholeRows() {
        return attentions().anyMatch(TokenMixer.Attention::normalisedAcrossHeads);
    }

    /** What tensor parallelism cuts beside attention heads, experts and vocabulary, see {@link TensorParallelRules}. */
    ShardedSizes shardedSizes() {
        List<Integer> stateHeads = mixers().filter(TokenMixer.Recurrent.class::isInstance)
                .map(mixer -> ((TokenMixer.Recurrent) mixer).heads())
                .distinct()
                .toList();
        int dense = 0;
        int shared = 0;
        for (LayerGroup group : layerGroups) {
            if (group.feedForward() instanceof FeedForward.Dense block) {
                dense = commonDivisor(dense, block.width());
            } else if (group.feedForward() instanceof FeedForward.Experts some) {
                shared = commonDivisor(shared, some.sharedWidth());
            }
        }
        return new ShardedSizes(dense, shared, stateHeads, weightGroups);
    }

    /** What divides both widths divides this; 0 counts for nothing. */
    private static int commonDivisor(int one, int other) {
        return other == 0 ? one : commonDivisor(other, one % other);
    }

    /** All-reduces of one step over several GPUs. */
    int reductionsPerStep() {
        return layerGroups.stream().mapToInt(LayerGroup::reductions).sum();
    }

    long embeddingParameters() {
        return (long) vocabularySize * hiddenSize;
    }

    /** Parameters of the output head that a step reads and multiplies with; encoders have none to speak of. */
    long headParameters() {
        return isEncoder() ? 0 : embeddingParameters();
    }

    private boolean hasOwnHead() {
        return !tiedEmbeddings && !isEncoder();
    }

    /** Everything that lies in memory. */
    public long totalParameters() {
        return embeddingParameters() * (hasOwnHead() ? 2 : 1)
                + lookupParameters
                + towerParameters
                + residentParameters()
                + routedExpertParameters();
    }

    /** Used per token; input embedding and output head both counted where separate, towers not. */
    public long activeParameters() {
        return embeddingParameters() * (hasOwnHead() ? 2 : 1)
                + lookupParameters
                + Math.round(blockParametersPerToken());
    }

    long routedExpertParameters() {
        return layerGroups.stream()
                .mapToLong(group -> group.count() * group.feedForward().routedParameters(hiddenSize))
                .sum();
    }

    /** Parameters outside tables, head, towers and routed experts: attention, dense feed-forward, shared experts, norms. */
    long residentParameters() {
        return otherParameters
                + layerGroups.stream()
                        .mapToLong(group -> group.parameters(hiddenSize)
                                - group.count() * group.feedForward().routedParameters(hiddenSize))
                        .sum();
    }

    /** Parameters in the blocks (no embedding, no head) that one token is multiplied with. */
    double blockParametersPerToken() {
        double routed =
                routedExperts() == 0 ? 0 : (double) routedExpertParameters() * expertsPerToken() / routedExperts();
        return residentParameters() + routed;
    }

    /** Parameters by part, as far as quantisation tells parts apart: what is left of the total is never quantised. */
    public Map<WeightPart, Long> parametersByPart() {
        Map<WeightPart, Long> parts = new EnumMap<>(WeightPart.class);
        for (LayerGroup group : layerGroups) {
            for (TokenMixer mixer : group.mixers()) {
                WeightPart part = mixer instanceof TokenMixer.Recurrent ? WeightPart.RECURRENT : WeightPart.ATTENTION;
                parts.merge(part, group.count() * mixer.parameters(hiddenSize), Long::sum);
            }
            FeedForward block = group.feedForward();
            WeightPart part = block instanceof FeedForward.Experts ? WeightPart.SHARED_EXPERTS : WeightPart.DENSE;
            parts.merge(part, group.count() * block.densePartParameters(hiddenSize), Long::sum);
            parts.merge(WeightPart.ROUTED_EXPERTS, group.count() * block.routedParameters(hiddenSize), Long::sum);
        }
        parts.put(WeightPart.HEAD, hasOwnHead() ? embeddingParameters() : 0);
        return parts;
    }

    /** The word of {@code weightPrecision} for the published checkpoint: the format of most of its weights. */
    public Precision publishedPrecision() {
        Map<WeightPart, Long> counts = parametersByPart();
        return quantisation
                .flatMap(stored -> stored.parts().entrySet().stream()
                        .max((one, other) -> Double.compare(
                                counts.getOrDefault(one.getKey(), 0L)
                                        * one.getValue().share(),
                                counts.getOrDefault(other.getKey(), 0L)
                                        * other.getValue().share()))
                        .map(most -> most.getValue().kind().precision()))
                .orElse(Precision.BF16);
    }

    /** Four-bit checkpoints of mixture-of-experts models keep everything but the experts in 16 bit. */
    double residentBytesPerParameter(Precision precision) {
        return precision.isFourBit() && routedExperts() > 0 ? UNQUANTISED_BYTES : precision.bytes();
    }

    double embeddingBytesPerParameter(Precision precision) {
        return precision == Precision.FP32 ? 4 : UNQUANTISED_BYTES;
    }

    /**
     * Bytes of all weights: as the published checkpoint stores them where it is of that precision, else everything but
     * tables, head and towers (and, in 4 bit, everything but experts where there are some) in {@code precision}.
     */
    public double weightBytes(Precision precision) {
        return new WeightMemory(this, precision).bytes();
    }

    /**
     * Bytes of weights on each of {@code degree} GPUs: an even share, and whole what engines do not split: key/value heads
     * beyond one per GPU, the projections into a latent, routers.
     */
    public double weightBytesPerGpu(Precision precision, int degree) {
        return new WeightMemory(this, precision).bytesPerGpu(degree);
    }

    /** Share of the routed experts that a step of {@code tokens} touches: 1 − (1 − k/E)^tokens. */
    double expertShareTouched(double tokens) {
        return routedExperts() == 0 ? 0 : 1 - Math.pow(1 - (double) expertsPerToken() / routedExperts(), tokens);
    }

    /** Tokens a windowed layer looks back; empty: no such layers. */
    public OptionalInt slidingWindow() {
        return attentions()
                .flatMap(attention -> attention.window().stream().boxed())
                .mapToInt(Integer::intValue)
                .max();
    }

    /** Layers whose attention is windowed. */
    public int slidingWindowLayers() {
        return layerGroups.stream()
                .filter(group -> group.mixers().stream().anyMatch(ModelArchitecture::isWindowed))
                .mapToInt(LayerGroup::count)
                .sum();
    }

    private static boolean isWindowed(TokenMixer mixer) {
        return mixer instanceof TokenMixer.Attention attention
                && attention.window().isPresent();
    }

    /** Layers whose attention sees, and caches, everything. */
    public int fullAttentionLayers() {
        return layerGroups.stream()
                .filter(group -> group.mixers().stream()
                        .anyMatch(mixer -> !(mixer instanceof TokenMixer.Recurrent) && !isWindowed(mixer)))
                .mapToInt(LayerGroup::count)
                .sum();
    }

    /** Cached numbers of one token in one layer, of the first kind where kinds differ; 0 for encoders. */
    public int kvElementsPerTokenPerLayer() {
        return (int) kvElementsPerTokenPerLayer(1);
    }

    /** The same on one of {@code degree} GPUs. */
    double kvElementsPerTokenPerLayer(int degree) {
        if (isEncoder()) {
            return 0;
        }
        return latent().map(latent -> (double) latent.cachedElementsPerToken())
                .or(() -> attentions().findFirst().map(attention -> attention.cachedElementsPerToken(degree)))
                .orElse(0.0);
    }

    /** Cached numbers of one token in all layers that cache everything, on each of {@code degree} GPUs. */
    public double fullCacheElementsPerToken(int degree) {
        return cacheElementsPerToken(degree, false);
    }

    /** Cached numbers of one token in all windowed layers, while it is inside the window, on each of {@code degree} GPUs. */
    public double windowedCacheElementsPerToken(int degree) {
        return cacheElementsPerToken(degree, true);
    }

    private double cacheElementsPerToken(int degree, boolean windowed) {
        double elements = 0;
        for (LayerGroup group : layerGroups) {
            for (TokenMixer mixer : group.mixers()) {
                if (isWindowed(mixer) != windowed || isEncoder()) {
                    continue;
                }
                if (mixer instanceof TokenMixer.Attention attention) {
                    elements += group.count() * attention.cachedElementsPerToken(degree);
                } else if (mixer instanceof TokenMixer.Latent latent) {
                    elements += group.count() * (double) latent.cachedElementsPerToken();
                }
            }
        }
        return elements;
    }

    /** Bytes of one token's keys of the indexers of sparse attention, on every GPU. */
    public double indexBytesPerToken() {
        double bytes = 0;
        for (LayerGroup group : layerGroups) {
            for (TokenMixer mixer : group.mixers()) {
                bytes += mixer instanceof TokenMixer.Latent latent ? group.count() * latent.indexBytesPerToken() : 0;
            }
        }
        return bytes;
    }

    /** Bytes one cached token adds on each of {@code degree} GPUs while it is inside every window. */
    public double kvBytesPerToken(int degree, Precision precision) {
        return (fullCacheElementsPerToken(degree) + windowedCacheElementsPerToken(degree)) * precision.bytes()
                + indexBytesPerToken();
    }

    /**
     * Cache bytes of a request of {@code tokens} on each of {@code degree} GPUs; windowed layers keep their window. What
     * does not grow with the tokens is {@link #stateBytesPerSequence}.
     */
    public double kvBytes(double tokens, int degree, Precision precision) {
        OptionalInt window = slidingWindow();
        double windowed = window.isPresent() ? Math.min(tokens, window.getAsInt()) : tokens;
        return (fullCacheElementsPerToken(degree) * tokens + windowedCacheElementsPerToken(degree) * windowed)
                        * precision.bytes()
                + indexBytesPerToken() * tokens;
    }

    /** What recurrent layers keep of every running sequence, whatever its length, on each of {@code degree} GPUs, bytes. */
    public double stateBytesPerSequence(int degree) {
        double bytes = 0;
        for (LayerGroup group : layerGroups) {
            for (TokenMixer mixer : group.mixers()) {
                bytes += mixer instanceof TokenMixer.Recurrent recurrent
                        ? (double) group.count() * recurrent.stateBytes() / degree
                        : 0;
            }
        }
        return bytes;
    }
}
