package dev.scepsy.planner.share;

/** A 95 % interval, {@code low <= high}. */
public record Interval95(double low, double high) {

    /** @throws IllegalArgumentException if the ends are the wrong way round */
    public Interval95 {
        if (!(low <= high)) {
            throw new IllegalArgumentException("The interval [" + low + ", " + high + "] ends before it starts.");
        }
    }
}
