package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.serve.settings.ServeSettings.QuietHours;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZonedDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * When nothing is applied. Hours are local times of their zone: where clocks are put back an hour of the night is quiet twice, where
 * they are put forward what falls into the gap begins at its end, as {@link ZonedDateTime#of} has it. Hours that pass midnight belong
 * to the day on which they begin. Immutable.
 */
final class QuietTimes {

    private final List<QuietHours> hours;

    QuietTimes(List<QuietHours> hours) {
        this.hours = List.copyOf(hours);
    }

    /** When the quiet time that {@code now} lies in ends, hours that join on counted in; empty: none now. */
    Optional<Instant> until(Instant now) {
        Optional<Instant> end = endAt(now);
        Optional<Instant> last = end;
        // hours that follow each other without a break are one
        for (int i = 0; i < MOST_JOINED && end.isPresent(); i++) {
            last = end;
            end = endAt(end.get());
        }
        return last;
    }

    /** Hours that follow each other: eight of a week, every day and one more. */
    private static final int MOST_JOINED = 8;

    private Optional<Instant> endAt(Instant now) {
        return hours.stream().flatMap(quiet -> endOf(quiet, now).stream()).max(Comparator.naturalOrder());
    }

    private static Optional<Instant> endOf(QuietHours quiet, Instant now) {
        LocalDate today = now.atZone(quiet.zone()).toLocalDate();
        for (LocalDate day : List.of(today.minusDays(1), today)) {
            if (!quiet.days().contains(day.getDayOfWeek())) {
                continue;
            }
            LocalDate endDay = quiet.to().isAfter(quiet.from()) ? day : day.plusDays(1);
            Instant begin = ZonedDateTime.of(day, quiet.from(), quiet.zone()).toInstant();
            Instant end = ZonedDateTime.of(endDay, quiet.to(), quiet.zone()).toInstant();
            if (!now.isBefore(begin) && now.isBefore(end)) {
                return Optional.of(end);
            }
        }
        return Optional.empty();
    }
}
