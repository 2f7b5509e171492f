package dev.scepsy.planner.profile;

/**
 * One measured point of an engine under a closed loop. Immutable.
 *
 * @param setup the engine
 * @param inputTokens prompt tokens per request
 * @param outputTokens generated tokens per request
 * @param concurrency clients
 * @param firstTokenSeconds mean time to the first token; NaN where not measured
 * @param perTokenSeconds mean time per further token, above 0
 */
public record EngineMeasurement(
        EngineSetup setup,
        double inputTokens,
        double outputTokens,
        double concurrency,
        double firstTokenSeconds,
        double perTokenSeconds) {

    /** Part of the memory that an engine of default settings hands out, a cautious reading of many. */
    private static final double CAUTIOUS_MEMORY_SHARE = 0.8;

    /**
     * Whether the clients' caches surely fit, with 16-bit entries into 80 % of the memory: elsewhere the time to the first
     * token holds whole generations of waiting that depend on settings nobody recorded.
     */
    public boolean firstTokenIsTrustworthy() {
        double room = CAUTIOUS_MEMORY_SHARE * setup.gpu().memoryBytes()
                - setup.weightBytesPerGpu()
                - EngineSetup.OVERHEAD_BYTES;
        double request =
                setup.architecture().kvBytes(inputTokens + outputTokens, setup.tensorParallel(), Precision.BF16);
        return firstTokenSeconds > 0 && concurrency * request <= room;
    }

    public ClosedLoop.Result predicted(EngineCoefficients coefficients) {
        return predicted(new KernelTerms(setup), coefficients);
    }

    /** The same with the terms of {@link #setup}, which many coefficients share. */
    ClosedLoop.Result predicted(KernelTerms terms, EngineCoefficients coefficients) {
        return ClosedLoop.at(new EngineModel(terms, coefficients), inputTokens, outputTokens, concurrency);
    }
}
