package dev.scepsy.planner.profile;

import java.util.List;

/**
 * Room that an engine reserves on its GPUs for LoRA adapters when it starts, whatever it then loads: for each slot the two
 * matrices of every linear layer at the highest rank, in 16 bit. Immutable.
 *
 * <p>Sizes as vLLM 0.14 allocates them ({@code vllm/lora/layers/base_linear.py}, {@code column_parallel_linear.py}, {@code
 * row_parallel_linear.py}, {@code fused_moe.py}, default {@code fully_sharded_loras=False}): a layer that is split by its outputs
 * keeps A (rank x inputs) whole on every GPU and its share of B; one that is split by its inputs keeps its share of A and B
 * (outputs x rank) whole; each of the projections that are computed as one (queries, keys and values; gate and up) has an A of its own;
 * experts have the same for every expert. Embedding and output head get none.
 *
 * @param count adapters that can be used by the requests of one step, {@code --max-loras}
 * @param rank {@code --max-lora-rank}; 0 where count is 0
 */
public record AdapterSlots(int count, int rank) {

    /** No adapters. */
    public static final AdapterSlots NONE = new AdapterSlots(0, 0);

    /** What vLLM takes for {@code --max-lora-rank}: {@code MaxLoRARanks} in {@code vllm/config/lora.py}. */
    private static final int[] RANKS = {1, 8, 16, 32, 64, 128, 256, 320, 512};

    private static final int BYTES_PER_WEIGHT = 2;

    /** A slot for each adapter, at the smallest rank that vLLM takes and none of them exceeds. */
    public static AdapterSlots of(List<Adapter> adapters) {
        int highest = adapters.stream().mapToInt(Adapter::rank).max().orElse(0);
        for (int rank : RANKS) {
            if (highest <= rank) {
                return adapters.isEmpty() ? NONE : new AdapterSlots(adapters.size(), rank);
            }
        }
        throw new IllegalArgumentException("The rank (" + highest + ") of an adapter must be at most 512.");
    }

    /** Bytes of all slots on each of {@code degree} GPUs. */
    public double bytesPerGpu(ModelArchitecture model, int degree) {
        double widths = 0;
        for (LayerGroup group : model.layerGroups()) {
            double ofOne = feedForward(group.feedForward(), model.hiddenSize(), degree);
            for (TokenMixer mixer : group.mixers()) {
                ofOne += mixer(mixer, model.hiddenSize(), degree);
            }
            widths += group.count() * ofOne;
        }
        return (double) count * rank * widths * BYTES_PER_WEIGHT;
    }

    /** Numbers per rank. */
    private static double mixer(TokenMixer mixer, int hidden, int degree) {
        if (mixer instanceof TokenMixer.Attention attention) {
            double queries = (double) attention.heads() * attention.keySize() * (attention.gated() ? 2 : 1) / degree;
            double cached = attention.cachedElementsPerToken(degree);
            double values = (double) attention.heads() * attention.valueSize() / degree;
            return split(cached > 0 ? 3 : 1, hidden, queries + cached) + values + hidden;
        }
        if (mixer instanceof TokenMixer.Latent latent) {
            double heads = (double) latent.heads() / degree;
            double queries = heads * (latent.plainSize() + latent.ropeSize());
            int latentWidth = latent.latentSize() + latent.ropeSize();
            double query = latent.queryRank() == 0
                    ? split(1, hidden, queries)
                    : split(1, hidden, latent.queryRank()) + split(1, latent.queryRank(), queries);
            return query
                    + split(1, hidden, latentWidth)
                    + split(1, latent.latentSize(), heads * (latent.plainSize() + latent.valueSize()))
                    + split(1, heads * latent.valueSize(), hidden);
        }
        // two projections around the recurrence, of the weights that it has: in of w - h, out of h to hidden
        double width = Math.max(hidden, (double) mixer.parameters(hidden) / hidden);
        return split(1, hidden, (width - hidden) / degree) + split(1, (double) hidden / degree, hidden);
    }

    private static double feedForward(FeedForward block, int hidden, int degree) {
        if (block instanceof FeedForward.Dense dense) {
            return block(hidden, dense.width(), dense.gated(), degree);
        }
        if (block instanceof FeedForward.Experts experts) {
            int inner = experts.latentSize() > 0 ? experts.latentSize() : hidden;
            double around = experts.latentSize() > 0 ? 2 * split(1, hidden, experts.latentSize()) : 0;
            double shared =
                    experts.sharedWidth() == 0 ? 0 : block(hidden, experts.sharedWidth(), experts.gated(), degree);
            return around + shared + experts.routed() * block(inner, experts.width(), experts.gated(), degree);
        }
        return 0;
    }

    private static double block(int hidden, int width, boolean gated, int degree) {
        double local = (double) width / degree;
        int projections = gated ? 2 : 1;
        return split(projections, hidden, projections * local) + local + hidden;
    }

    /** Numbers per rank of {@code projections} computed as one, from {@code inputs} to {@code outputs} together. */
    private static double split(int projections, double inputs, double outputs) {
        return projections * inputs + outputs;
    }
}
