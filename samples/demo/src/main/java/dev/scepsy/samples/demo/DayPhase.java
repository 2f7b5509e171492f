package dev.scepsy.samples.demo;

import java.util.List;
import java.util.Set;

/**
 * A part of the day: something happens at its beginning, and the service is to notice.
 *
 * @param key word for programs
 * @param title words for people
 * @param triggers kinds of triggers that count as having noticed it, with what their sentences must hold after a colon; empty: there is nothing to
 *     notice
 * @param leastSeconds it lasts at least, emulated
 * @param mostSeconds it lasts at most, emulated
 */
record DayPhase(String key, String title, Set<String> triggers, double leastSeconds, double mostSeconds) {

    static final DayPhase STATIONARY =
            new DayPhase("stationary", "stationary load on the first plan", Set.of(), 180, 180);
    static final DayPhase CRITIC = new DayPhase(
            "critic", "a release asks the critic three times as often", Set.of("drift: critic "), 300, 600);
    static final DayPhase RATE = new DayPhase("rate", "twice as many requests", Set.of("rate", "queue"), 300, 900);
    static final DayPhase NODE_LOST = new DayPhase("nodeLost", "a node dies", Set.of("cluster: is gone"), 360, 600);
    static final DayPhase NODE_BACK =
            new DayPhase("nodeBack", "the node comes back", Set.of("cluster: is new"), 240, 600);
    static final DayPhase SLOW = new DayPhase(
            "slowEngine", "one engine computes three times as slowly", Set.of("cluster: times as long"), 240, 600);

    /** Whether a trigger of this kind, with this sentence, is one that was waited for. */
    boolean isNoticedBy(String kind, String sentence) {
        return triggers.stream().anyMatch(each -> {
            int colon = each.indexOf(": ");
            return colon < 0
                    ? each.equals(kind)
                    : each.substring(0, colon).equals(kind) && sentence.contains(each.substring(colon + 2));
        });
    }

    /** In the order of the day. */
    static final List<DayPhase> DAY = List.of(STATIONARY, CRITIC, RATE, NODE_LOST, NODE_BACK, SLOW);
}
