package dev.scepsy.planner.serve.observe;

import dev.scepsy.planner.serve.journal.StatisticsStore;
import dev.scepsy.planner.serve.journal.StoreException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A store that outlives observers, and fails when told: before it has written, or after. */
final class MemoryStore implements StatisticsStore {

    private final Map<String, Bucket> buckets = new TreeMap<>();
    private final Map<String, Kept> kept = new TreeMap<>();
    private final Map<String, Settled> settled = new TreeMap<>();
    private boolean failing;
    private boolean failingAfterwards;
    private int saves;

    synchronized void fail(boolean before, boolean after) {
        failing = before;
        failingAfterwards = after;
    }

    synchronized int saves() {
        return saves;
    }

    synchronized long bytes() {
        return buckets.values().stream()
                .mapToLong(bucket -> bucket.value().length)
                .sum();
    }

    private void check(boolean fails) {
        if (fails) {
            throw new StoreException("the disk is full", new IllegalStateException());
        }
    }

    @Override
    public synchronized void save(Batch batch) {
        check(failing);
        saves++;
        batch.buckets()
                .forEach(bucket -> buckets.put(
                        bucket.workflow() + "\0" + bucket.service() + "\0" + bucket.minute() + "\0" + bucket.kind(),
                        bucket));
        batch.executions().forEach(each -> kept.put(each.id(), each));
        batch.settled().forEach(each -> settled.put(each.id(), each));
        check(failingAfterwards);
    }

    @Override
    public synchronized Recovered load(Instant since) {
        check(failing);
        return new Recovered(
                buckets.values().stream()
                        .filter(bucket -> !bucket.minute().isBefore(since))
                        .toList(),
                List.copyOf(settled.values()));
    }

    @Override
    public synchronized List<Kept> executions(String workflow, String service, int limit, Optional<String> before) {
        check(failing);
        Comparator<Kept> newest =
                Comparator.comparing(Kept::end).thenComparing(Kept::id).reversed();
        Kept earlier = before.map(kept::get).orElse(null);
        return kept.values().stream()
                .filter(each ->
                        each.workflow().equals(workflow) && each.service().equals(service))
                .filter(each -> earlier == null || newest.compare(each, earlier) > 0)
                .sorted(newest)
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized Optional<Kept> execution(String id) {
        check(failing);
        return Optional.ofNullable(kept.get(id));
    }

    @Override
    public synchronized void retain(Instant oldest, int keep) {
        check(failing);
        buckets.values().removeIf(bucket -> bucket.minute().isBefore(oldest));
        List<String> seen = new ArrayList<>();
        kept.values().stream()
                .sorted(Comparator.comparing(Kept::end).reversed())
                .forEach(each -> {
                    if (seen.stream().filter(each.workflow()::equals).count() >= keep) {
                        kept.remove(each.id());
                    } else {
                        seen.add(each.workflow());
                    }
                });
    }
}
