package dev.scepsy.planner.profile;

import java.util.OptionalInt;

/**
 * How one layer lets tokens see each other, and what it keeps of a sequence to do so. Counts are those of one layer on all
 * GPUs together; what each GPU holds of them is said by the methods that take a tensor-parallel degree. Immutable.
 */
public sealed interface TokenMixer {

    /** Weights of its matrices, norms and biases apart. */
    long parameters(int hiddenSize);

    /** Those that engines put on every GPU whole, of {@link #parameters}, when {@code degree} GPUs share the rest. */
    double replicatedParameters(int hiddenSize, int degree);

    /**
     * Multi-head, grouped-query or multi-query attention, over everything or over a window.
     *
     * @param heads query heads
     * @param kvHeads key/value heads; copied where the degree exceeds them
     * @param keySize width of a query or key head
     * @param valueSize width of a value head
     * @param window tokens it looks back; empty: all
     * @param ownsCache false where it reads the keys and values of an earlier layer and projects none
     * @param projectsValues false where values are the keys' projection
     * @param gated whether the query projection also makes a gate of the output's width
     * @param normalisedAcrossHeads whether queries and keys are normalised over all heads at once, which on several GPUs takes an
     *     exchange more
     */
    record Attention(
            int heads,
            int kvHeads,
            int keySize,
            int valueSize,
            OptionalInt window,
            boolean ownsCache,
            boolean projectsValues,
            boolean gated,
            boolean normalisedAcrossHeads)
            implements TokenMixer {

        /** Plain attention with heads of one size. */
        public static Attention of(int heads, int kvHeads, int headSize, OptionalInt window) {
            return new Attention(heads, kvHeads, headSize, headSize, window, true, true, false, false);
        }

        /** The same with queries and keys normalised over all heads. */
        Attention normalisedOverAllHeads() {
            return new Attention(heads, kvHeads, keySize, valueSize, window, ownsCache, projectsValues, gated, true);
        }

        @Override
        public long parameters(int hiddenSize) {
            long query = (long) heads * keySize * (gated ? 2 : 1);
            return hiddenSize * (query + (long) heads * valueSize) + keyAndValueParameters(hiddenSize);
        }

        private long keyAndValueParameters(int hiddenSize) {
            return !ownsCache ? 0 : (long) hiddenSize * kvHeads * (keySize + (projectsValues ? valueSize : 0));
        }

        @Override
        public double replicatedParameters(int hiddenSize, int degree) {
            double share = (double) kvHeadsPerGpu(degree) / Math.max(1, kvHeads);
            return kvHeads == 0 || degree == 1
                    ? 0
                    : Math.max(0, keyAndValueParameters(hiddenSize) * (share * degree - 1) / (degree - 1));
        }

        int kvHeadsPerGpu(int degree) {
            return Math.max(1, (kvHeads + degree - 1) / degree);
        }

        /** Cached numbers of one token. */
        public int cachedElementsPerToken() {
            return ownsCache ? kvHeads * (keySize + valueSize) : 0;
        }

        /** Cached numbers of one token on each of {@code degree} GPUs. */
        double cachedElementsPerToken(int degree) {
            return ownsCache ? kvHeadsPerGpu(degree) * (double) (keySize + valueSize) : 0;
        }
    }

    /**
     * Multi-head latent attention: one latent per token is cached, whole on every GPU.
     *
     * @param heads query heads
     * @param queryRank width of the queries' latent; 0: projected directly
     * @param latentSize width of the cached latent
     * @param ropeSize width of the cached key part that carries the position
     * @param plainSize width of a key head without position
     * @param valueSize width of a value head
     * @param indexHeads heads of the indexer that picks tokens (sparse attention); 0: none
     * @param indexSize width of one of them; its keys are cached in 8 bit with a 4-byte scale per 128
     * @param gated whether a full-rank gate of the output's width is projected
     */
    record Latent(
            int heads,
            int queryRank,
            int latentSize,
            int ropeSize,
            int plainSize,
            int valueSize,
            int indexHeads,
            int indexSize,
            boolean gated)
            implements TokenMixer {

        @Override
        public long parameters(int hiddenSize) {
            long queries = (long) heads * (plainSize + ropeSize);
            long query = queryRank > 0 ? queryRank * queries : hiddenSize * queries;
            long up = (long) latentSize * heads * (plainSize + valueSize);
            long out = (long) heads * valueSize * hiddenSize * (gated ? 2 : 1);
            return query + up + out + downAndIndex(hiddenSize);
        }

        private long downAndIndex(int hiddenSize) {
            long down = (long) hiddenSize * (queryRank + latentSize + ropeSize);
            long index = indexHeads == 0
                    ? 0
                    : (long) queryRank * indexHeads * indexSize + (long) hiddenSize * (indexSize + indexHeads);
            return down + index;
        }

        @Override
        public double replicatedParameters(int hiddenSize, int degree) {
            return downAndIndex(hiddenSize);
        }

        /** Cached numbers of one token, the indexer's apart. */
        public int cachedElementsPerToken() {
            return latentSize + ropeSize;
        }

        /** Bytes of the indexer's cached key of one token, whatever the cache's precision. */
        int indexBytesPerToken() {
            return indexHeads == 0 ? 0 : indexSize + 4 * ((indexSize + 127) / 128);
        }
    }

    /**
     * A recurrence: state space (Mamba), linear attention, gated delta rule, or a short convolution. What it keeps does not
     * grow with the sequence. Weights and state are split over the GPUs.
     *
     * @param kind which recurrence
     * @param heads heads the state is split by; the degree has to divide them
     * @param weights parameters of its matrices and convolution
     * @param stateElements numbers in the state of one sequence
     * @param stateBytesPerElement 4 or 2
     * @param convolutionElements numbers that its convolutions keep of the last tokens, in 16 bit
     */
    record Recurrent(
            Kind kind, int heads, long weights, long stateElements, int stateBytesPerElement, long convolutionElements)
            implements TokenMixer {

        /** Which recurrence. */
        public enum Kind {
            MAMBA,
            MAMBA2,
            GATED_DELTA,
            LIGHTNING,
            SHORT_CONVOLUTION,
            GATED_LINEAR_UNIT
        }

        @Override
        public long parameters(int hiddenSize) {
            return weights;
        }

        @Override
        public double replicatedParameters(int hiddenSize, int degree) {
            return 0;
        }

        /** What it keeps of one sequence, bytes. */
        public long stateBytes() {
            return stateElements * stateBytesPerElement + 2 * convolutionElements;
        }
    }
}
