package dev.scepsy.planner.cluster;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * How long the steps of a push are expected to take. Waves follow each other, the steps of one run side by side: the whole is
 * the sum of each wave's longest step. Immutable.
 *
 * @param waves one list per wave, in the order of its steps
 */
public record Forecast(List<List<StepTime>> waves) {

    public Forecast {
        waves = waves.stream().map(List::copyOf).toList();
    }

    /** One per step, in the order of steps. */
    public List<StepTime> steps() {
        return waves.stream().flatMap(List::stream).toList();
    }

    /** All waves, s. */
    public double totalSeconds() {
        return secondsFrom(0);
    }

    /** The waves from number {@code first} (from 0) on, s. */
    double secondsFrom(int first) {
        return waves.stream()
                .skip(first)
                .mapToDouble(wave ->
                        wave.stream().mapToDouble(StepTime::seconds).max().orElse(0))
                .sum();
    }

    /** When a push that begins at {@code now} is expected to end, to the second. */
    public Instant end(Instant now) {
        return end(now, 0);
    }

    Instant end(Instant now, int firstWave) {
        return now.plusMillis(Math.round(1000 * secondsFrom(firstWave))).truncatedTo(ChronoUnit.SECONDS);
    }

    /** The whole in a sentence; empty where there is nothing to do. */
    public String summary(Instant now) {
        List<StepTime> steps = steps();
        long measured = steps.stream().filter(StepTime::measured).count();
        return steps.isEmpty()
                ? ""
                : "Expected to take " + StepTime.text(totalSeconds()) + ", until " + end(now) + "; times are "
                        + (measured == steps.size()
                                ? "measured on this cluster."
                                : measured == 0
                                        ? "assumed, none was measured here yet."
                                        : "measured here for " + measured + " of " + steps.size()
                                                + " steps, else assumed.");
    }
}
