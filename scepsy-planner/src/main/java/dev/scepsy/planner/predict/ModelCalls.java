package dev.scepsy.planner.predict;

/**
 * One workflow's use of one self-hosted model. Immutable.
 *
 * @param model the model's name
 * @param callsPerExecution n, 0 or more
 * @param sequentialCalls κ, calls' worth of critical path per execution, 0 or more
 */
public record ModelCalls(String model, double callsPerExecution, double sequentialCalls) {

    /** @throws IllegalArgumentException naming the value outside its range */
    public ModelCalls {
        if (!(callsPerExecution >= 0) || !(sequentialCalls >= 0)) {
            throw new IllegalArgumentException("The callsPerExecution (" + callsPerExecution + ") and sequentialCalls ("
                    + sequentialCalls + ") of model (" + model + ") must be 0 or more.");
        }
    }
}
