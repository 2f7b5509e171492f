package dev.scepsy.planner.detect;

import dev.scepsy.planner.stat.ReadableNumber;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Whether the request rate that engines count agrees with the one that spans say. Where they are more than {@value #TOLERANCE} of the larger apart,
 * and that is no chance (|e − s| &gt; {@value #DEVIATIONS} √((e + s) / t), Poisson counts over t seconds), spans are missing, sampled more than is said, or others use the
 * engines too: no rate may be concluded from spans then.
 */
public final class RateAgreement {

    static final double TOLERANCE = 0.2;
    static final double DEVIATIONS = 4;

    private RateAgreement() {}

    /**
     * The two do not agree.
     *
     * @param model whose requests
     * @param sentence for people
     * @param evidence numbers by name
     */
    public record Disagreement(String model, String sentence, Map<String, Double> evidence) {
        public Disagreement {
            evidence = Collections.unmodifiableMap(new TreeMap<>(evidence));
        }
    }

    /**
     * Compares.
     *
     * @param enginesPerSecond requests that the model's engines finished, 0 or more
     * @param spansPerSecond calls by spans, Σ executions per second · calls per execution
     * @param seconds that both are of, above 0
     */
    public static Optional<Disagreement> of(
            String model, double enginesPerSecond, double spansPerSecond, double seconds) {
        double apart = Math.abs(enginesPerSecond - spansPerSecond);
        double larger = Math.max(enginesPerSecond, spansPerSecond);
        if (!(seconds > 0)
                || apart <= TOLERANCE * larger
                || apart <= DEVIATIONS * Math.sqrt((enginesPerSecond + spansPerSecond) / seconds)) {
            return Optional.empty();
        }
        return Optional.of(new Disagreement(
                model,
                "The engines of " + model + " finish " + ReadableNumber.of(enginesPerSecond, 3)
                        + " requests per second, spans say " + ReadableNumber.of(spansPerSecond, 3)
                        + (enginesPerSecond > spansPerSecond
                                ? ": spans are missing, sampling is stronger than samplingRatio says, or others use the engines."
                                : ": calls go to other engines too, or samplingRatio is too small.")
                        + " No proposal is made of rates until they agree.",
                Map.of(
                        "enginesPerSecond", enginesPerSecond,
                        "spansPerSecond", spansPerSecond,
                        "relativeDifference", apart / larger,
                        "seconds", seconds)));
    }
}
