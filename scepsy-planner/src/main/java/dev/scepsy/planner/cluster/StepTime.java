package dev.scepsy.planner.cluster;

import java.util.Locale;

/**
 * How long a step is expected to take. Immutable.
 *
 * @param seconds s, above 0
 * @param measured whether this cluster took that long before, or constants say it
 * @param why what the time is made of, for people
 */
public record StepTime(double seconds, boolean measured, String why) {

    /** This time, or one that it cannot exceed: what a start took here that had to download as well. */
    StepTime orAtMost(double longest) {
        return seconds <= longest
                ? this
                : new StepTime(longest, true, "a start with a download took this long here before");
    }

    /** {@code measured} or {@code assumed}. */
    public String source() {
        return measured ? "measured" : "assumed";
    }

    /** {@code 45 s}, {@code 4 min 20 s}, {@code 1 h 5 min}. */
    public static String text(double seconds) {
        long whole = Math.max(0, Math.round(seconds));
        if (whole < 60) {
            return whole + " s";
        }
        return whole < 3600
                ? whole / 60 + " min" + (whole % 60 == 0 ? "" : " " + whole % 60 + " s")
                : whole / 3600 + " h" + (whole % 3600 < 60 ? "" : " " + whole % 3600 / 60 + " min");
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "about %s, %s: %s", text(seconds), source(), why);
    }
}
