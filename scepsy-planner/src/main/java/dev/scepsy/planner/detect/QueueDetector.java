package dev.scepsy.planner.detect;

import dev.scepsy.planner.stat.ReadableNumber;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Notices that more requests of one model wait, or that its engines are busier, than the plan predicts, for longer than bursts explain
 * ({@link Excess}). Fed with samples in order of time.
 *
 * <pre>
 * waiting      level 4 · predicted + 2 requests;         score ln((1 + waiting) / (1 + level))
 * utilisation  level 1.15 · predicted + 0.03, 0.98 at most;   score utilisation / level − 1
 * </pre>
 *
 * The waiting of a stable queue is about geometric: it exceeds four times its mean in 2 % of the time. Told once, until the excess is over
 * or a plan is new. Its knowledge is of minutes: after a restart it is learned anew. Not thread-safe; reads no clock.
 */
public final class QueueDetector {

    static final double WAITING_FACTOR = 4;
    static final double WAITING_SPARE = 2;
    static final double UTILISATION_FACTOR = 1.15;
    static final double UTILISATION_SPARE = 0.03;
    static final double FULL = 0.98;

    private static final double LONGEST_GAP_SECONDS = 60;
    private static final double NANOS_PER_SECOND = 1e9;

    private final String model;
    private Excess waiting = new Excess();
    private Excess utilisation = new Excess();
    private boolean toldWaiting;
    private boolean toldUtilisation;
    private double predictedWaiting;
    private OptionalDouble predictedUtilisation = OptionalDouble.empty();
    private long lastAt;
    private boolean hasLast;

    /**
     * For one model under one plan.
     *
     * @param predictedWaiting mean requests in the queues of its engines together, 0 or more
     * @param predictedUtilisation mean, in [0, 1]; empty: not watched
     */
    public QueueDetector(String model, double predictedWaiting, OptionalDouble predictedUtilisation) {
        this.model = model;
        planned(predictedWaiting, predictedUtilisation);
    }

    /** Another plan serves now. */
    public void planned(double newPredictedWaiting, OptionalDouble newPredictedUtilisation) {
        if (!(newPredictedWaiting >= 0) || newPredictedUtilisation.orElse(0) < 0) {
            throw new IllegalArgumentException("The predicted waiting (" + newPredictedWaiting + ") and utilisation ("
                    + newPredictedUtilisation + ") of model (" + model + ") must be 0 or more.");
        }
        predictedWaiting = newPredictedWaiting;
        predictedUtilisation = newPredictedUtilisation;
        waiting = new Excess();
        utilisation = new Excess();
        toldWaiting = false;
        toldUtilisation = false;
        hasLast = false;
    }

    /**
     * Takes a sample.
     *
     * @param epochNanos when; one not after the last is passed over
     * @param waitingRequests in all queues of the model, 0 or more
     * @param measuredUtilisation in [0, 1]; empty: not known
     */
    public Optional<Change.Queue> take(long epochNanos, double waitingRequests, OptionalDouble measuredUtilisation) {
        if (!hasLast || epochNanos <= lastAt) {
            lastAt = hasLast ? lastAt : epochNanos;
            hasLast = true;
            return Optional.empty();
        }
        double dt = Math.min(LONGEST_GAP_SECONDS, (epochNanos - lastAt) / NANOS_PER_SECOND);
        lastAt = epochNanos;
        double level = WAITING_FACTOR * predictedWaiting + WAITING_SPARE;
        boolean waits = waiting.take(waitingRequests, Math.log((1 + waitingRequests) / (1 + level)), dt, epochNanos);
        boolean busy = false;
        double full = 1;
        if (measuredUtilisation.isPresent() && predictedUtilisation.isPresent()) {
            full = Math.min(FULL, UTILISATION_FACTOR * predictedUtilisation.getAsDouble() + UTILISATION_SPARE);
            double measured = measuredUtilisation.getAsDouble();
            busy = utilisation.take(measured, measured / full - 1, dt, epochNanos);
        }
        toldWaiting &= !waiting.isOver();
        toldUtilisation &= !utilisation.isOver();
        if (waits && !toldWaiting) {
            toldWaiting = true;
            return Optional.of(told("waitingRequests", predictedWaiting, level, waiting));
        }
        if (busy && !toldUtilisation) {
            toldUtilisation = true;
            return Optional.of(told("utilisation", predictedUtilisation.orElse(0), full, utilisation));
        }
        return Optional.empty();
    }

    private Change.Queue told(String measure, double predicted, double level, Excess excess) {
        boolean queue = measure.equals("waitingRequests");
        String what = queue
                ? number(excess.mean()) + " requests to " + model + " have waited on average for "
                : "The engines of " + model + " have been in use to " + number(100 * excess.mean()) + " % for ";
        return new Change.Queue(
                model,
                measure,
                predicted,
                excess.mean(),
                Epoch.instant(excess.began()),
                what + number(excess.seconds()) + " s; the plan predicts "
                        + (queue ? number(predicted) : number(100 * predicted) + " %")
                        + ", and bursts would have passed.",
                Map.of(
                        measure + "Predicted",
                        predicted,
                        measure + "Measured",
                        excess.mean(),
                        measure + "Level",
                        level,
                        "seconds",
                        excess.seconds(),
                        "patienceSeconds",
                        excess.patienceSeconds()));
    }

    private static String number(double value) {
        return ReadableNumber.of(value, 3);
    }
}
