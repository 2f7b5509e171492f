package dev.scepsy.planner.cluster;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How the load of one model falls on its replicas, as their engines count it. Immutable.
 *
 * @param model its name
 * @param replicas that are ready and routed to, at least 2
 * @param engines those of them whose metrics were read, in name order; of many replicas only some are asked
 * @param notMeasured why others that were asked said nothing, a sentence; empty where all answered
 * @param at when they were read
 * @param routed whether a router of requests runs before the engines
 */
public record ReplicaLoads(
        String model, int replicas, List<Engine> engines, Optional<String> notMeasured, Instant at, boolean routed) {

    /** Engines whose ages differ by more than this part of the oldest one's have counters that cannot be compared. */
    private static final double SAME_AGE = 0.1;

    public ReplicaLoads {
        engines = List.copyOf(engines);
    }

    /**
     * One replica.
     *
     * @param inProgress requests inside, waiting ones too
     * @param finished requests since its start; empty where it does not count them
     * @param started when it was started; empty where nothing says so
     */
    public record Engine(String pod, double inProgress, OptionalDouble finished, Optional<Instant> started) {}

    /** Which counts show that the loads are uneven. */
    public enum Uneven {
        /** They are not, or too little is known. */
        NO,
        /** The requests that are inside now. */
        IN_PROGRESS,
        /** The requests that have been finished since the engines started. */
        FINISHED
    }

    /**
     * Whether a fair router would leave such counts ({@link Evenness} says by which rule). What is inside now outweighs what has been
     * finished, since a router may have been set up meanwhile; unless both are known and only the moment is uneven. Counters are
     * compared only of engines that are about equally old, and not behind a router, of which nobody knows since when it has been there.
     */
    public Uneven uneven() {
        Evenness now = Evenness.of(engines.stream().map(Engine::inProgress).toList());
        Evenness before = finished();
        if (now == Evenness.UNEVEN) {
            return before == Evenness.EVEN ? Uneven.NO : Uneven.IN_PROGRESS;
        }
        return now == Evenness.UNKNOWN && before == Evenness.UNEVEN ? Uneven.FINISHED : Uneven.NO;
    }

    private Evenness finished() {
        if (routed
                || engines.isEmpty()
                || engines.stream()
                        .anyMatch(engine ->
                                engine.finished().isEmpty() || engine.started().isEmpty())) {
            return Evenness.UNKNOWN;
        }
        List<Double> ages = engines.stream()
                .map(engine -> seconds(engine.started().orElse(at)))
                .sorted()
                .toList();
        if (ages.get(0) < (1 - SAME_AGE) * ages.get(ages.size() - 1)) {
            return Evenness.UNKNOWN;
        }
        return Evenness.of(
                engines.stream().map(engine -> engine.finished().orElse(0)).toList());
    }

    private double seconds(Instant started) {
        return Math.max(0, Duration.between(started, at).toMillis() / 1e3);
    }
}
