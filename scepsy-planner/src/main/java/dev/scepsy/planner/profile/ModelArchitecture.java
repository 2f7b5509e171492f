package dev.scepsy.planner.profile;

import java.util.OptionalInt;

/**
 * Shape of a model, as far as serving cost depends on it. Immutable.
 *
 * @param name catalogue key, or what the configuration calls itself
 * @param kind dense or mixture-of-experts decoder, or encoder (one forward pass, no decode)
 * @param layers transformer blocks
 * @param hiddenSize width of the residual stream
 * @param attentionHeads query heads; the tensor-parallel degree divides them
 * @param kvHeads key/value heads; copied where the tensor-parallel degree exceeds them
 * @param headSize query/key head width
 * @param vocabularySize rows of the embedding
 * @param totalParameters everything that lies in memory
 * @param activeParameters used per token; input embedding and output head both counted where separate
 * @param routedExperts experts the router chooses from, per layer; 0 when dense
 * @param expertsPerToken chosen per token; 0 when dense
 * @param expertIntermediateSize width of one expert; 0 when dense
 * @param denseLayers layers without experts in a mixture-of-experts model
 * @param slidingWindow tokens a windowed layer looks back; empty: no such layers
 * @param slidingWindowLayers how many layers are windowed
 * @param kvElementsPerTokenPerLayer cached numbers; 0 for encoders
 * @param latentAttention the cache is one latent per token, held whole on every GPU (MLA)
 * @param tiedEmbeddings the output head is the input embedding
 * @param contextTokens longest request the model takes; empty: not recorded
 * @param shardedSizes what else tensor parallelism cuts, see {@link TensorParallelRules}
 */
public record ModelArchitecture(
        String name,
        Kind kind,
        int layers,
        int hiddenSize,
        int attentionHeads,
        int kvHeads,
        int headSize,
        int vocabularySize,
        long totalParameters,
        long activeParameters,
        int routedExperts,
        int expertsPerToken,
        int expertIntermediateSize,
        int denseLayers,
        OptionalInt slidingWindow,
        int slidingWindowLayers,
        int kvElementsPerTokenPerLayer,
        boolean latentAttention,
        boolean tiedEmbeddings,
        OptionalInt contextTokens,
        ShardedSizes shardedSizes) {

    /** What a forward pass is for. */
    public enum Kind {
        DENSE,
        MOE,
        ENCODER
    }

    /** Engines keep embedding and output head in 16 bit, whatever the checkpoint's weight format. */
    private static final double UNQUANTISED_BYTES = 2;

    /** The same with {@code sizes}. */
    ModelArchitecture withShardedSizes(ShardedSizes sizes) {
        return new ModelArchitecture(
                name,
                kind,
                layers,
                hiddenSize,
                attentionHeads,
                kvHeads,
                headSize,
                vocabularySize,
                totalParameters,
                activeParameters,
                routedExperts,
                expertsPerToken,
                expertIntermediateSize,
                denseLayers,
                slidingWindow,
                slidingWindowLayers,
                kvElementsPerTokenPerLayer,
                latentAttention,
                tiedEmbeddings,
                contextTokens,
                sizes);
    }

    public boolean isEncoder() {
        return kind == Kind.ENCODER;
    }

    /** Whether {@code degree} GPUs can share the attention heads evenly; engines ask more: {@link TensorParallelRules}. */
    public boolean divisibleBy(int degree) {
        return attentionHeads % degree == 0;
    }

    long embeddingParameters() {
        return (long) vocabularySize * hiddenSize;
    }

    /** Parameters of the output head that a step reads and multiplies with; encoders have none to speak of. */
    long headParameters() {
        return isEncoder() ? 0 : embeddingParameters();
    }

    int moeLayers() {
        return routedExperts > 0 ? layers - denseLayers : 0;
    }

    long routedExpertParameters() {
        return (long) moeLayers() * routedExperts * 3L * hiddenSize * expertIntermediateSize;
    }

    /** Parameters outside embedding, head and routed experts: attention, dense feed-forward, shared experts, norms. */
    long residentParameters() {
        long embeddings = embeddingParameters() * (tiedEmbeddings || isEncoder() ? 1 : 2);
        return Math.max(0, totalParameters - embeddings - routedExpertParameters());
    }

    /** Parameters in the blocks (no embedding, no head) that one token is multiplied with. */
    double blockParametersPerToken() {
        double routed = routedExperts == 0 ? 0 : (double) routedExpertParameters() * expertsPerToken / routedExperts;
        return residentParameters() + routed;
    }

    /** Four-bit checkpoints of mixture-of-experts models keep everything but the experts in 16 bit. */
    double residentBytesPerParameter(Precision precision) {
        return precision.isFourBit() && routedExperts > 0 ? UNQUANTISED_BYTES : precision.bytes();
    }

    double embeddingBytesPerParameter(Precision precision) {
        return precision == Precision.FP32 ? 4 : UNQUANTISED_BYTES;
    }

    /** Bytes of all weights. */
    public double weightBytes(Precision precision) {
        double embeddings = (double) embeddingParameters() * (tiedEmbeddings || isEncoder() ? 1 : 2);
        return embeddings * embeddingBytesPerParameter(precision)
                + residentParameters() * residentBytesPerParameter(precision)
                + routedExpertParameters() * precision.bytes();
    }

    /** Share of the routed experts that a step of {@code tokens} touches: 1 − (1 − k/E)^tokens. */
    double expertShareTouched(double tokens) {
        return routedExperts == 0 ? 0 : 1 - Math.pow(1 - (double) expertsPerToken / routedExperts, tokens);
    }

    /** Cached numbers of one token in one layer on one of {@code degree} GPUs. */
    double kvElementsPerTokenPerLayer(int degree) {
        if (latentAttention || kvHeads == 0) {
            return kvElementsPerTokenPerLayer;
        }
        return (double) kvElementsPerTokenPerLayer * Math.max(1, (kvHeads + degree - 1) / degree) / kvHeads;
    }

    int fullAttentionLayers() {
        return layers - slidingWindowLayers;
    }

    /** Bytes one cached token adds on each of {@code degree} GPUs while it is inside every window. */
    public double kvBytesPerToken(int degree, Precision precision) {
        return kvElementsPerTokenPerLayer(degree) * precision.bytes() * layers;
    }

    /** Cache bytes of a request of {@code tokens} on each of {@code degree} GPUs; windowed layers keep their window. */
    public double kvBytes(double tokens, int degree, Precision precision) {
        double windowed = slidingWindow.isPresent() ? Math.min(tokens, slidingWindow.getAsInt()) : tokens;
        return kvElementsPerTokenPerLayer(degree)
                * precision.bytes()
                * (fullAttentionLayers() * tokens + slidingWindowLayers * windowed);
    }
}
