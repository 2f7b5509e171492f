package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.detect.RateAgreement;
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

    /** A sentence per model whose engines finish other numbers of requests than spans tell of ({@link RateAgreement}). */
    static List<String> disagreements(Map<String, Double> bySpans, Map<String, Double> byEngines, Duration over) {
        List<String> sentences = new ArrayList<>();
        double seconds = over.toNanos() / 1e9;
        new TreeMap<>(byEngines).forEach((model, engines) -> {
            if (bySpans.containsKey(model)) {
                RateAgreement.of(model, engines, bySpans.getOrDefault(model, 0.0), seconds)
                        .ifPresent(apart -> sentences.add(apart.sentence()));
            }
        });
        return sentences;
    }
}
