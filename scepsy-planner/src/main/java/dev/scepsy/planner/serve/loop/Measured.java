package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.serve.observe.Observations.Bin;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Rates as spans and as engines count them. */
final class Measured {

    /** Relative difference between the two from which no plan is made for a rate. */
    static final double MOST_APART = 0.2;

    /** Requests in the time looked at below which the two are not compared. */
    static final double FEWEST_REQUESTS = 50;

    private Measured() {}

    /** Mean arrivals per second over {@code [from, to)}, by workflow as shown; those without a bin in it have none. */
    static Map<String, Double> ratesPerSecond(Map<String, List<Bin>> rates, Duration bin, Instant from, Instant to) {
        Map<String, Double> means = new TreeMap<>();
        double binSeconds = bin.toNanos() / 1e9;
        rates.forEach((workflow, bins) -> bins.stream()
                .filter(each -> !each.begin().isBefore(from) && each.begin().isBefore(to))
                .mapToDouble(each -> each.executions() / binSeconds)
                .average()
                .ifPresent(mean -> means.put(workflow, mean)));
        return means;
    }

    /** λ_m = Σ_w rate_w · n_wm, by model. */
    static Map<String, Double> requestsPerSecond(PlanningProblem problem, Map<String, Double> ratesPerSecond) {
        Map<String, Double> requests = new HashMap<>();
        for (WorkflowDemand demand : problem.demands()) {
            double rate = ratesPerSecond.getOrDefault(demand.name(), 0.0);
            for (ModelCalls calls : demand.calls()) {
                requests.merge(calls.model(), rate * calls.callsPerExecution(), Double::sum);
            }
        }
        return requests;
    }

    /** Models whose calls are one request each: those that generate. Embedders and rerankers count every text of a call. */
    static Set<String> generating(PlanningProblem problem) {
        Set<String> generating = new HashSet<>();
        problem.statistics()
                .forEach(models -> models.forEach(each -> each.outputTokens()
                        .filter(tokens -> tokens.mean() > 0)
                        .ifPresent(tokens -> generating.add(each.model()))));
        return generating;
    }

    /** A sentence per model whose engines finish more than a fifth more or fewer requests than spans tell of. */
    static List<String> disagreements(Map<String, Double> bySpans, Map<String, Double> byEngines, Duration over) {
        List<String> sentences = new ArrayList<>();
        new TreeMap<>(byEngines).forEach((model, engines) -> {
            double spans = bySpans.getOrDefault(model, 0.0);
            double more = Math.max(spans, engines);
            boolean enough = more * over.toNanos() / 1e9 >= FEWEST_REQUESTS;
            if (bySpans.containsKey(model) && enough && Math.abs(spans - engines) > MOST_APART * more) {
                sentences.add("Engines of model (" + model + ") finish " + Sentences.number(engines)
                        + " requests/s, and spans tell of " + Sentences.number(spans)
                        + "/s: no plan is made for a changed rate while they disagree by more than "
                        + Sentences.percent(MOST_APART) + " (others use the engines, or traces are sampled or lost:"
                        + " statistics.samplingRatio).");
            }
        });
        return sentences;
    }
}
