package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.Problem;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Times as options take them: {@code 90s}, {@code 30m}, {@code 2h}, or ISO 8601. */
final class DurationText {

    private DurationText() {}

    /** The time, above 0; empty with a problem where {@code text} is none. */
    static Optional<Duration> read(String verb, String option, String text, List<Problem> problems) {
        try {
            String upper = text.strip().toUpperCase(Locale.ROOT);
            Duration duration = Duration.parse(upper.startsWith("P") ? upper : "PT" + upper);
            if (!duration.isNegative() && !duration.isZero()) {
                return Optional.of(duration);
            }
        } catch (DateTimeParseException e) {
            // reported below, together with durations that are none
        }
        problems.add(
                new Problem(verb, option, 0, 0, "The time (" + text + ") must be like 90s, 30m or 2h, and above 0."));
        return Optional.empty();
    }
}
