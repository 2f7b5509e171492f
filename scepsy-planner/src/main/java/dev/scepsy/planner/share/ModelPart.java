package dev.scepsy.planner.share;

/**
 * One model's part in one execution, as those see it who watch executions one by one. Immutable.
 *
 * @param model its name
 * @param calls calls to it, 1 or more
 * @param callNanos D, their durations without back-off, summed, nanoseconds
 * @param busyNanos U, length of the union of their intervals, nanoseconds
 * @param pathNanos time charged to it on the critical path, nanoseconds
 * @param inputTokens summed over the calls that report them
 * @param inputCalls how many do
 * @param outputTokens summed over the calls that report them
 * @param outputCalls how many do
 */
public record ModelPart(
        String model,
        int calls,
        long callNanos,
        long busyNanos,
        long pathNanos,
        long inputTokens,
        int inputCalls,
        long outputTokens,
        int outputCalls) {

    /** @throws IllegalArgumentException if there is no call */
    public ModelPart {
        if (calls < 1) {
            throw new IllegalArgumentException("The calls (" + calls + ") to model (" + model + ") must be 1 or more.");
        }
    }

    static ModelPart of(ModelUse use) {
        return new ModelPart(
                use.model(),
                use.calls(),
                use.callNanos(),
                use.busyNanos(),
                use.pathNanos(),
                sum(use.inputTokens()),
                use.inputTokens().length,
                sum(use.outputTokens()),
                use.outputTokens().length);
    }

    private static long sum(int[] tokens) {
        long sum = 0;
        for (int each : tokens) {
            sum += each;
        }
        return sum;
    }
}
