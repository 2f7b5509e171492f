package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.serve.journal.PlanEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/** The expected time until the next change: the mean between the last applied proposals, within bounds. */
final class Horizon {

    /** Where too few changes are on record. */
    static final Duration UNKNOWN = Duration.ofHours(24);

    private static final Duration LEAST = Duration.ofHours(1);
    private static final Duration MOST = Duration.ofDays(7);
    private static final int CHANGES = 10;
    private static final int FEWEST = 3;

    private Horizon() {}

    /** @param plans newest first */
    static Duration of(List<PlanEntry> plans) {
        List<Instant> changes = plans.stream()
                .filter(plan -> plan.kind().equals("proposal") && plan.appliedAt() != null)
                .map(plan -> Objects.requireNonNull(plan.appliedAt()))
                .limit(CHANGES)
                .toList();
        if (changes.size() < FEWEST) {
            return UNKNOWN;
        }
        Duration mean = Duration.between(changes.get(changes.size() - 1), changes.get(0))
                .dividedBy(changes.size() - 1);
        return mean.compareTo(LEAST) < 0 ? LEAST : mean.compareTo(MOST) > 0 ? MOST : mean;
    }
}
