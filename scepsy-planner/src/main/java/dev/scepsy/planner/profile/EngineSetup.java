package dev.scepsy.planner.profile;

import java.util.OptionalInt;

/**
 * One engine shard group as it would be started: what it serves, on what, with which settings. Immutable.
 *
 * @param architecture shape of the model
 * @param gpu facts of the card
 * @param engine {@code vllm}, {@code sglang}, {@code trtllm}; any other name gets general coefficients
 * @param weightPrecision format of the weights
 * @param kvCachePrecision format of cached keys and values
 * @param tensorParallel t, divides the attention heads
 * @param gpuFraction f in (0, 1], share of compute and of memory
 * @param maxNumSeqs most requests running at once
 * @param maxNumBatchedTokens most tokens one step computes
 * @param prefixCacheHitRate part of the prompt found in the prefix cache, in [0, 1)
 * @param adapters room for LoRA adapters
 * @param kvBlocks blocks of 16 tokens as the engine reported them; empty: from the memory rule
 */
public record EngineSetup(
        ModelArchitecture architecture,
        GpuFacts gpu,
        String engine,
        Precision weightPrecision,
        Precision kvCachePrecision,
        int tensorParallel,
        double gpuFraction,
        int maxNumSeqs,
        int maxNumBatchedTokens,
        double prefixCacheHitRate,
        AdapterSlots adapters,
        OptionalInt kvBlocks) {

    /** Tokens in one cache block, vLLM's default. */
    public static final int BLOCK_TOKENS = 16;

    /** Cards of at least this memory, A100 apart, start vLLM with the larger scheduler limits. */
    private static final double LARGE_CARD_GIB = 70;

    private static final int LARGE_CARD_SEQUENCES = 1024;
    private static final int LARGE_CARD_BATCHED_TOKENS = 8192;
    private static final int SMALL_CARD_SEQUENCES = 256;
    private static final int SMALL_CARD_BATCHED_TOKENS = 2048;

    /** Context, graphs and activations on every GPU, bytes (contract, section 11). */
    public static final double OVERHEAD_BYTES = 3.5e9;

    /** NCCL buffers on every GPU of a tensor-parallel group, bytes (contract, section 11). */
    public static final double COLLECTIVE_OVERHEAD_BYTES = 0.39e9;

    /** @throws IllegalArgumentException naming the value outside its range */
    public EngineSetup {
        require(tensorParallel >= 1, "tensorParallel", tensorParallel, "be at least 1");
        require(
                architecture.divisibleBy(tensorParallel),
                "tensorParallel",
                tensorParallel,
                "divide the " + architecture.attentionHeads() + " attention heads");
        require(gpuFraction > 0 && gpuFraction <= 1, "gpuFraction", gpuFraction, "lie in (0, 1]");
        require(maxNumSeqs >= 1, "maxNumSeqs", maxNumSeqs, "be at least 1");
        require(maxNumBatchedTokens >= 1, "maxNumBatchedTokens", maxNumBatchedTokens, "be at least 1");
        require(
                prefixCacheHitRate >= 0 && prefixCacheHitRate < 1,
                "prefixCacheHitRate",
                prefixCacheHitRate,
                "lie in [0, 1)");
    }

    private static void require(boolean holds, String name, Number value, String rule) {
        if (!holds) {
            throw new IllegalArgumentException("The " + name + " (" + value + ") must " + rule + ".");
        }
    }

    /** vLLM's {@code max_num_seqs} for an API server on {@code gpu}. */
    public static int defaultMaxNumSeqs(GpuFacts gpu) {
        return isLarge(gpu) ? LARGE_CARD_SEQUENCES : SMALL_CARD_SEQUENCES;
    }

    /** vLLM's {@code max_num_batched_tokens} for an API server on {@code gpu}. */
    public static int defaultMaxNumBatchedTokens(GpuFacts gpu) {
        return isLarge(gpu) ? LARGE_CARD_BATCHED_TOKENS : SMALL_CARD_BATCHED_TOKENS;
    }

    private static boolean isLarge(GpuFacts gpu) {
        return gpu.memoryGiB() >= LARGE_CARD_GIB && !gpu.name().startsWith("A100");
    }

    /** A vLLM of default settings on whole GPUs with a 16-bit cache. */
    public static EngineSetup of(
            ModelArchitecture architecture, GpuFacts gpu, Precision weightPrecision, int tensorParallel) {
        return new EngineSetup(
                architecture,
                gpu,
                "vllm",
                weightPrecision,
                Precision.BF16,
                tensorParallel,
                1,
                defaultMaxNumSeqs(gpu),
                defaultMaxNumBatchedTokens(gpu),
                0,
                AdapterSlots.NONE,
                OptionalInt.empty());
    }

    /** The same on a share of each GPU. */
    public EngineSetup withGpuFraction(double fraction) {
        return new EngineSetup(
                architecture,
                gpu,
                engine,
                weightPrecision,
                kvCachePrecision,
                tensorParallel,
                fraction,
                maxNumSeqs,
                maxNumBatchedTokens,
                prefixCacheHitRate,
                adapters,
                kvBlocks);
    }

    /** The same over another number of GPUs. */
    public EngineSetup withTensorParallel(int degree) {
        return new EngineSetup(
                architecture,
                gpu,
                engine,
                weightPrecision,
                kvCachePrecision,
                degree,
                gpuFraction,
                maxNumSeqs,
                maxNumBatchedTokens,
                prefixCacheHitRate,
                adapters,
                kvBlocks);
    }

    /** The same with other scheduler limits. */
    public EngineSetup withLimits(int newMaxNumSeqs, int newMaxNumBatchedTokens, OptionalInt newKvBlocks) {
        return new EngineSetup(
                architecture,
                gpu,
                engine,
                weightPrecision,
                kvCachePrecision,
                tensorParallel,
                gpuFraction,
                newMaxNumSeqs,
                newMaxNumBatchedTokens,
                prefixCacheHitRate,
                adapters,
                newKvBlocks);
    }

    /** The same with another format of cached keys and values. */
    public EngineSetup withKvCachePrecision(Precision precision) {
        return new EngineSetup(
                architecture,
                gpu,
                engine,
                weightPrecision,
                precision,
                tensorParallel,
                gpuFraction,
                maxNumSeqs,
                maxNumBatchedTokens,
                prefixCacheHitRate,
                adapters,
                kvBlocks);
    }

    /** The same under another engine. */
    public EngineSetup withEngine(String newEngine) {
        return new EngineSetup(
                architecture,
                gpu,
                newEngine,
                weightPrecision,
                kvCachePrecision,
                tensorParallel,
                gpuFraction,
                maxNumSeqs,
                maxNumBatchedTokens,
                prefixCacheHitRate,
                adapters,
                kvBlocks);
    }

    /**
     * Whether prompts are computed alone before anybody decodes further: SGLang's default scheduler, which mixes them only
     * with {@code --enable-mixed-chunk}.
     */
    public boolean computesPromptsFirst() {
        return engine.equals("sglang");
    }

    /** Weights on each GPU, bytes. */
    public double weightBytesPerGpu() {
        return architecture.weightBytesPerGpu(weightPrecision, tensorParallel);
    }

    /** Memory of each GPU that the shard may use: f × the card's, GiB. */
    public double memoryGiBPerGpu() {
        return gpuFraction * gpu.memoryGiB();
    }

    /** Room reserved for LoRA adapters on each GPU, bytes. */
    public double adapterBytesPerGpu() {
        return adapters.bytesPerGpu(architecture, tensorParallel);
    }

    /** What weights, adapters and overhead leave for the cache on each GPU, bytes; negative when they do not fit. */
    public double kvBytesPerGpu() {
        double collectives = tensorParallel > 1 ? COLLECTIVE_OVERHEAD_BYTES : 0;
        return gpuFraction * gpu.memoryBytes()
                - weightBytesPerGpu()
                - adapterBytesPerGpu()
                - OVERHEAD_BYTES
                - collectives;
    }

    /** Cache bytes of one request of {@code tokens} on each GPU, in whole blocks. */
    public double kvBytesOfRequest(double tokens) {
        double blocks = Math.ceil(tokens / BLOCK_TOKENS);
        return architecture.kvBytes(blocks * BLOCK_TOKENS, tensorParallel, kvCachePrecision);
    }

    /** Cache bytes of one request of {@code tokens} on each GPU, and the state that is kept whatever its length. */
    public double memoryBytesOfRequest(double tokens) {
        return bytesOfRequest(architecture, tokens, tensorParallel, kvCachePrecision);
    }

    /** Cache, in whole blocks, and state of one request of {@code tokens} on each of {@code degree} GPUs, bytes. */
    public static double bytesOfRequest(ModelArchitecture architecture, double tokens, int degree, Precision cache) {
        return architecture.kvBytes(Math.ceil(tokens / BLOCK_TOKENS) * BLOCK_TOKENS, degree, cache)
                + architecture.stateBytesPerSequence(degree);
    }

    /** How many requests of {@code tokens} the memory holds at once; unbounded for encoders. */
    public double requestsThatFit(double tokens) {
        if (architecture.isEncoder()) {
            return kvBytesPerGpu() >= 0 ? Double.POSITIVE_INFINITY : 0;
        }
        if (kvBlocks.isPresent()) {
            double blockBytes = BLOCK_TOKENS * architecture.kvBytesPerToken(tensorParallel, kvCachePrecision);
            double stateBlocks = architecture.stateBytesPerSequence(tensorParallel) / blockBytes;
            return kvBlocks.getAsInt() / (Math.ceil(tokens / BLOCK_TOKENS) + stateBlocks);
        }
        return Math.max(0, kvBytesPerGpu()) / memoryBytesOfRequest(tokens);
    }
}
