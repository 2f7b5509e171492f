package dev.scepsy.planner.serve.metrics;

import dev.scepsy.planner.serve.loop.Operations.StageTime;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/** Numbers that others keep, as Micrometer's meters: made when they are first seen, set anew at every scrape. One thread. */
final class MetricTable {

    /** What a meter is: name and labels. */
    private record Key(String name, Map<String, String> labels) {}

    /** A timer's numbers as they are now. */
    private static final class Total {
        private volatile StageTime total;

        Total(StageTime total) {
            this.total = total;
        }
    }

    private final MeterRegistry registry;
    private final Map<Key, AtomicLong> counts = new HashMap<>();
    private final Map<Key, AtomicReference<Double>> gauges = new HashMap<>();
    private final Map<Key, Total> timers = new HashMap<>();
    private final Map<String, MultiGauge> tables = new HashMap<>();

    /** Micrometer holds what it reads weakly. */
    private final List<Object> held = new ArrayList<>();

    MetricTable(MeterRegistry registry) {
        this.registry = registry;
    }

    /** A total that its owner keeps; falls only when the owner starts anew, as Prometheus expects of counters. */
    void count(String name, Map<String, String> labels, long total) {
        counts.computeIfAbsent(new Key(name, labels), key -> {
                    AtomicLong count = new AtomicLong();
                    counter(name, labels, count::get);
                    return count;
                })
                .set(total);
    }

    void counter(String name, Map<String, String> labels, LongSupplier total) {
        held.add(total);
        FunctionCounter.builder(name, total, LongSupplier::getAsLong)
                .description(MetricHelp.of(name))
                .tags(tags(labels))
                .register(registry);
    }

    void gauge(String name, double value) {
        gauges.computeIfAbsent(new Key(name, Map.of()), key -> {
                    AtomicReference<Double> now = new AtomicReference<>(0.0);
                    Gauge.builder(name, now, AtomicReference::get)
                            .description(MetricHelp.of(name))
                            .strongReference(true)
                            .register(registry);
                    return now;
                })
                .set(value);
    }

    /** One per value of {@code label}; those that were there before and are not now go. */
    void gauges(String name, String label, Map<String, Double> values) {
        List<MultiGauge.Row<?>> rows = new ArrayList<>();
        values.forEach((key, value) -> rows.add(MultiGauge.Row.of(Tags.of(label, key), value)));
        tables.computeIfAbsent(
                        name,
                        key -> MultiGauge.builder(name)
                                .description(MetricHelp.of(name))
                                .register(registry))
                .register(rows, true);
    }

    void timer(String name, Map<String, String> labels, StageTime total) {
        timers.computeIfAbsent(new Key(name, labels), key -> {
                    Total time = new Total(total);
                    FunctionTimer.builder(
                                    name,
                                    time,
                                    now -> now.total.count(),
                                    now -> now.total.sumSeconds(),
                                    TimeUnit.SECONDS)
                            .description(MetricHelp.of(name))
                            .tags(tags(labels))
                            .register(registry);
                    return time;
                })
                .total = total;
    }

    private static List<Tag> tags(Map<String, String> labels) {
        return labels.entrySet().stream()
                .map(label -> Tag.of(label.getKey(), label.getValue()))
                .toList();
    }
}
