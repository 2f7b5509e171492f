package dev.scepsy.planner.serve.observe;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What was sent and what became of it, since the start. Thread-safe. */
final class ObserverCounts {

    final LongAdder spansReceived = new LongAdder();
    final LongAdder spansRefused = new LongAdder();
    final LongAdder spansDropped = new LongAdder();
    final LongAdder failures = new LongAdder();
    private final Map<String, LongAdder> requests = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> executions = new ConcurrentHashMap<>();

    void request(String kind) {
        requests.computeIfAbsent(kind, unknown -> new LongAdder()).increment();
    }

    void execution(String outcome, long more) {
        executions.computeIfAbsent(outcome, unknown -> new LongAdder()).add(more);
    }

    Observations.Counts counts(long openExecutions, long openSpans) {
        return new Observations.Counts(
                spansReceived.sum(),
                spansRefused.sum(),
                spansDropped.sum(),
                sums(requests),
                sums(executions),
                openExecutions,
                openSpans,
                failures.sum());
    }

    private static Map<String, Long> sums(Map<String, LongAdder> adders) {
        Map<String, Long> sums = new TreeMap<>();
        adders.forEach((name, adder) -> sums.put(name, adder.sum()));
        return sums;
    }
}
