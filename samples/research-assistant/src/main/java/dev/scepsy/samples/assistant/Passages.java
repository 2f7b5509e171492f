package dev.scepsy.samples.assistant;

import java.util.ArrayList;
import java.util.List;

/** Engineering notes composed from parts, so that the sample needs no third-party text; some 180 words each. */
final class Passages {

    private static final List<String> SUBJECTS = List.of(
            "heat pumps in old buildings",
            "battery storage on the grid",
            "railway signalling by radio",
            "desalination by membranes",
            "timber towers",
            "container ports",
            "weather radar",
            "satellite navigation in cities");

    private static final List<String> ASPECTS = List.of(
            "what it cost to build and to run",
            "where it failed and why",
            "how long it lasted",
            "how it was measured",
            "what had to change around it",
            "who was trained to look after it");

    private static final List<String> SENTENCES = List.of(
            "The notes on %1$s begin with a survey of sites that had been running for at least five years, and ask %2$s.",
            "Operators of %1$s kept daily logs, and the logs disagree with the reports written from them in about one case of seven.",
            "Where the two disagree the logs are usually right, because nobody had a reason to improve them.",
            "For %1$s the first year says little: crews were still learning, and half of the stoppages were mistakes in handling.",
            "From the third year on the figures settle, and asking %2$s gives nearly the same answer from site to site.",
            "The exceptions are sites that had been enlarged in a hurry, where spare parts were shared and records were not kept.",
            "Two independent groups repeated the survey; one confirmed it, the other found the spread to be twice as wide.",
            "Their difference comes down to whether sites that closed early are counted, which the first group had left out.",
            "A reader who wants to know %2$s should therefore look at the range and not at the mean.",
            "Costs are given in the prices of the year, energy in kilowatt hours at the meter, and times in calendar days.");

    private Passages() {}

    static List<String> all() {
        List<String> passages = new ArrayList<>();
        for (String subject : SUBJECTS) {
            for (String aspect : ASPECTS) {
                passages.add(String.join(" ", SENTENCES).formatted(subject, aspect));
            }
        }
        return List.copyOf(passages);
    }
}
