package dev.scepsy.planner.profile;

/**
 * How far latencies of the engine model are from measured ones it was not fitted on. The relative standard error ε is such
 * that ± 1.96 ε holds 95 % of the rows held out by that split; time of a whole request (first token and all others), rows
 * whose time to the first token can be trusted. {@code EngineAccuracyTest} measures these figures anew; {@code
 * docs/accuracy.md} has the table.
 */
public enum EngineError {
    /** A model and a GPU type that rows of the fit had: random hold-out. */
    KNOWN(0.099),
    /** A GPU type of which the fit had no row: each GPU type left out in turn. */
    NEW_GPU(0.112),
    /** A model of which the fit had no row: each model left out in turn. */
    NEW_MODEL(0.118);

    private final double relative;

    EngineError(double relative) {
        this.relative = relative;
    }

    /** ε, standard error over the value. */
    public double relative() {
        return relative;
    }

    /** The split that says most of {@code setup} under {@code coefficients}; a new model on a new GPU counts as the former. */
    public static EngineError of(EngineSetup setup, EngineCoefficients coefficients) {
        if (!coefficients.fittedModels().contains(setup.architecture().name())) {
            return NEW_MODEL;
        }
        return coefficients.fittedGpus().contains(setup.gpu().name()) ? KNOWN : NEW_GPU;
    }
}
