package dev.scepsy.planner.simulate;

import java.util.List;
import java.util.Optional;

/**
 * Which replicas fail when, and what becomes of their calls. Immutable.
 *
 * @param outages those that are given
 * @param drawn those that are drawn
 * @param lostCalls what becomes of calls inside
 * @param slowdowns replicas that compute more slowly for a while
 * @param nodes nodes that are gone for a while, for an autoscaler
 */
public record Failures(
        List<Outage> outages,
        Optional<Drawn> drawn,
        LostCalls lostCalls,
        List<Slowdown> slowdowns,
        List<NodeOutage> nodes) {

    /** Nothing ever fails. */
    public static final Failures NONE = new Failures(List.of(), Optional.empty(), LostCalls.RETRY);

    public Failures {
        outages = List.copyOf(outages);
        slowdowns = List.copyOf(slowdowns);
        nodes = List.copyOf(nodes);
    }

    /** Nothing slows down, and no node is known to be gone. */
    public Failures(List<Outage> outages, Optional<Drawn> drawn, LostCalls lostCalls) {
        this(outages, drawn, lostCalls, List.of(), List.of());
    }

    /**
     * Every replica fails independently after an exponential time of service.
     *
     * @param meanSecondsBetween mean time of service between a restart and the next failure, above 0
     * @param restartSeconds time from a failure until it serves again, above 0
     */
    public record Drawn(double meanSecondsBetween, double restartSeconds) {

        /** @throws IllegalArgumentException naming the value outside its range */
        public Drawn {
            if (!(meanSecondsBetween > 0) || !(restartSeconds > 0)) {
                throw new IllegalArgumentException("The mean time between failures (" + meanSecondsBetween
                        + ") and the restart time (" + restartSeconds + ") must be above 0.");
            }
        }
    }
}
