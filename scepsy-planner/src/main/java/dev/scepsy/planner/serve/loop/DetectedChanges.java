package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.detect.Change;
import dev.scepsy.planner.detect.ClusterDetector;
import dev.scepsy.planner.detect.ClusterLook;
import dev.scepsy.planner.detect.DriftDetector;
import dev.scepsy.planner.detect.QueueDetector;
import dev.scepsy.planner.detect.RateDetector;
import dev.scepsy.planner.serve.engines.EngineLoads.ModelLoad;
import dev.scepsy.planner.serve.journal.Documents;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.serve.log.ServiceLog;
import dev.scepsy.planner.serve.loop.Operations.EngineView;
import dev.scepsy.planner.serve.observe.FoldedExecution;
import dev.scepsy.planner.serve.observe.Observations.Bin;
import dev.scepsy.planner.serve.settings.ServeSettings.TargetDefaults;
import dev.scepsy.planner.topology.Cluster;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The detectors of {@code detect}, fed with what the service sees. What drift and rates have learnt is kept in the journal, as a note, and goes on
 * after a restart; what is of minutes is learnt anew. {@link #folded} takes a lock for the time of one execution. Thread-safe.
 */
public final class DetectedChanges implements ChangeSource {

    /** The journal's note. */
    static final String NOTE = "detectors";

    private static final Duration KEPT_EVERY = Duration.ofMinutes(1);
    private static final long NANOS = 1_000_000_000;

    private final Journal journal;
    private final ServiceLog log;
    private final TargetDefaults rates;
    private final Object lock = new Object();

    /** Guarded by {@link #lock}, as the next. */
    private final Map<String, DriftDetector> drifts = new TreeMap<>();

    private final List<Change.Drift> drifted = new ArrayList<>();

    /** The loop's thread alone uses what follows. */
    private final Map<String, RateDetector> rateDetectors = new TreeMap<>();

    private final Map<String, Instant> fedUntil = new HashMap<>();
    private final Map<String, QueueDetector> queues = new TreeMap<>();
    private final Map<String, Instant> sampled = new HashMap<>();
    private @Nullable ClusterDetector cluster;
    private @Nullable Instant keptAt;
    private Map<String, Double> targets = Map.of();

    /** With what it had learnt before. */
    public DetectedChanges(Journal journal, TargetDefaults rates, ServiceLog log) {
        this.journal = journal;
        this.rates = rates;
        this.log = log;
        journal.note(NOTE).ifPresent(this::restore);
    }

    /** What is kept. */
    record Kept(Map<String, String> drift, Map<String, String> rate, Map<String, Instant> fedUntil) {}

    private void restore(String note) {
        Kept kept = Documents.value(note, Kept.class);
        kept.drift()
                .forEach((workflow, state) ->
                        restored(workflow, () -> drifts.put(workflow, DriftDetector.restored(state))));
        kept.rate()
                .forEach((workflow, state) -> restored(workflow, () -> {
                    rateDetectors.put(workflow, RateDetector.restored(state));
                    Instant until = kept.fedUntil().get(workflow);
                    if (until != null) {
                        fedUntil.put(workflow, until);
                    }
                }));
    }

    private void restored(String workflow, Runnable restoring) {
        try {
            restoring.run();
        } catch (IllegalArgumentException otherVersion) {
            log.info(
                    "What was known of changes of workflow " + workflow + " is of another version and is learnt anew.");
        }
    }

    @Override
    public void folded(FoldedExecution execution) {
        synchronized (lock) {
            drifts.computeIfAbsent(execution.shown(), DriftDetector::new)
                    .take(
                            execution.shares().startEpochNanos()
                                    + execution.shares().durationNanos(),
                            execution.shares().parts())
                    .ifPresent(drifted::add);
        }
    }

    @Override
    public void reference(Reference reference) {
        synchronized (lock) {
            drifts.values().forEach(DriftDetector::restart);
            drifted.clear();
        }
        targets = reference.targetsPerSecond();
        targets.forEach((workflow, perSecond) -> {
            if (perSecond > 0) {
                RateDetector known = rateDetectors.get(workflow);
                if (known == null) {
                    rateDetectors.put(workflow, new RateDetector(workflow, rates.bin(), perSecond, rates.headroom()));
                } else {
                    known.planned(perSecond, rates.headroom());
                }
            }
        });
        rateDetectors.keySet().retainAll(targets.keySet());
        queues.keySet().retainAll(reference.utilisation().keySet());
        reference.utilisation().forEach((model, busy) -> {
            QueueDetector known = queues.get(model);
            if (known == null) {
                queues.put(model, new QueueDetector(model, waiting(busy), OptionalDouble.of(Math.min(1, busy))));
            } else {
                known.planned(waiting(busy), OptionalDouble.of(Math.min(1, busy)));
            }
        });
        Optional<ClusterLook> planned = reference.hardware().map(hardware -> look(hardware, reference.engines()));
        if (planned.isEmpty()) {
            cluster = null;
        } else if (cluster == null) {
            cluster = new ClusterDetector(planned.get());
        } else {
            cluster.planned(planned.get());
        }
    }

    /** Of a queue M/M/1 before one replica, ρ² / (1 − ρ): engines that batch have fewer waiting. */
    private static double waiting(double utilisation) {
        double busy = Math.min(utilisation, 0.95);
        return busy * busy / (1 - busy);
    }

    private static ClusterLook look(Cluster hardware, List<EngineView> views) {
        List<ClusterLook.Engine> engines = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (EngineView view : views) {
            String id = view.model() + " on " + view.node() + " GPU " + view.gpus();
            for (int more = 2; !ids.add(id); more++) {
                id = view.model() + " on " + view.node() + " GPU " + view.gpus() + " number " + more;
            }
            engines.add(new ClusterLook.Engine(id, view.model(), view.node(), view.ready() == null || view.ready()));
        }
        return new ClusterLook(hardware, Set.of(), engines);
    }

    @Override
    public List<Trigger> look(Sight sight) {
        List<Change> changes = new ArrayList<>();
        synchronized (lock) {
            changes.addAll(drifted);
            drifted.clear();
        }
        sight.rates().forEach((workflow, bins) -> changes.addAll(arrivals(workflow, bins)));
        sight.loads().forEach((model, load) -> queue(model, load, sight).ifPresent(changes::add));
        long at = nanos(sight.at());
        ClusterDetector standing = cluster;
        if (standing != null && sight.hardware().isPresent()) {
            changes.addAll(standing.take(at, look(sight.hardware().get(), sight.engines())));
        }
        keep(sight.at());
        return changes.stream().map(change -> trigger(change, sight.at())).toList();
    }

    private List<Change> arrivals(String workflow, List<Bin> bins) {
        RateDetector detector = rateDetectors.get(workflow);
        List<Change> changes = new ArrayList<>();
        if (detector == null) {
            return changes;
        }
        Instant last = fedUntil.get(workflow);
        boolean begun = last != null;
        for (Bin bin : bins) {
            begun |= bin.executions() > 0; // before its first execution nothing is known of it: that is no rate of 0
            if (begun && (last == null || bin.begin().isAfter(last))) {
                detector.take(nanos(bin.begin()), bin.executions()).ifPresent(changes::add);
                last = bin.begin();
            }
        }
        if (last != null) {
            fedUntil.put(workflow, last);
        }
        return changes;
    }

    private Optional<Change.Queue> queue(String model, ModelLoad load, Sight sight) {
        QueueDetector detector = queues.get(model);
        if (detector == null || load.at().equals(sampled.put(model, load.at()))) {
            return Optional.empty();
        }
        Double busy = sight.measuredUtilisation().get(model);
        return detector.take(
                nanos(load.at()),
                load.waiting(),
                busy == null ? OptionalDouble.empty() : OptionalDouble.of(Math.max(0, Math.min(1, busy))));
    }

    private static long nanos(Instant at) {
        return at.getEpochSecond() * NANOS + at.getNano();
    }

    private static Trigger trigger(Change change, Instant at) {
        Map<String, Double> evidence = new LinkedHashMap<>(change.evidence());
        evidence.put(Drifted.SINCE, (double) change.since().getEpochSecond());
        return new Trigger(
                change.kind(),
                change.workflow(),
                change.model(),
                at,
                change.sentence(),
                evidence,
                change instanceof Change.Cluster difference ? difference.subject() : null);
    }

    /** Once a minute; what was learnt since then is learnt again after a kill. */
    private void keep(Instant now) {
        if (keptAt != null && !keptAt.isAfter(now) && now.isBefore(keptAt.plus(KEPT_EVERY))) {
            return;
        }
        keptAt = now;
        Map<String, String> drift = new TreeMap<>();
        synchronized (lock) {
            drifts.forEach((workflow, detector) -> drift.put(workflow, detector.state()));
        }
        Map<String, String> rate = new TreeMap<>();
        rateDetectors.forEach((workflow, detector) -> rate.put(workflow, detector.state()));
        journal.write(new dev.scepsy.planner.serve.journal.Change()
                .note(NOTE, Documents.text(new Kept(drift, rate, new TreeMap<>(fedUntil)))));
    }
}
