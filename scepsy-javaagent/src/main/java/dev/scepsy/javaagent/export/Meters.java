package dev.scepsy.javaagent.export;

import dev.scepsy.javaagent.trace.Executions;
import dev.scepsy.javaagent.trace.Measurements;
import dev.scepsy.javaagent.trace.Metric;
import dev.scepsy.javaagent.trace.Operation;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** GenAI metrics, and the counter of executions, in our own SDK. Used by one thread. */
final class Meters {

    private static final int MOST_ATTRIBUTES = 8;

    /** As many as the SDK keeps of one metric, and no more. */
    private static final int SERIES_KEPT = 2_000;

    private final Meter meter;
    private final Map<List<Object>, Attributes> series = new HashMap<>();
    private final Map<Metric, DoubleHistogram> histograms = new EnumMap<>(Metric.class);
    private final Map<Metric, LongCounter> counters = new EnumMap<>(Metric.class);
    private final Executions executions = new Executions();
    private final LongCounter executionsEnded;

    Meters(Meter meter) {
        this.meter = meter;
        this.executionsEnded = meter.counterBuilder(Executions.METRIC)
                .setUnit(Executions.UNIT)
                .setDescription(Executions.DESCRIPTION)
                .build();
    }

    void record(Operation operation) {
        executions.count(
                operation,
                (workflow, outcome) -> executionsEnded.add(
                        1, attributes(List.of(Executions.WORKFLOW, workflow, Executions.OUTCOME, outcome))));
        Measurements.of(operation, (metric, value, tokenType) -> {
            Attributes attributes = attributes(operation, metric, tokenType);
            if (metric.boundaries().isEmpty()) {
                counters.computeIfAbsent(metric, this::counter).add((long) value, attributes);
            } else {
                histograms.computeIfAbsent(metric, this::histogram).record(value, attributes);
            }
        });
    }

    private DoubleHistogram histogram(Metric metric) {
        return meter.histogramBuilder(metric.title())
                .setUnit(metric.unit())
                .setDescription(metric.description())
                .setExplicitBucketBoundariesAdvice(metric.boundaries())
                .build();
    }

    private LongCounter counter(Metric metric) {
        return meter.counterBuilder(metric.title())
                .setUnit(metric.unit())
                .setDescription(metric.description())
                .build();
    }

    /** The same object for the same time series: to make one costs more than all the rest of a measurement. */
    private Attributes attributes(Operation operation, Metric metric, String tokenType) {
        List<Object> namesAndValues = new ArrayList<>(MOST_ATTRIBUTES * 2);
        Measurements.attributes(operation, metric, tokenType, (key, value) -> {
            namesAndValues.add(key);
            namesAndValues.add(value);
        });
        return attributes(namesAndValues);
    }

    private Attributes attributes(List<Object> namesAndValues) {
        Attributes known = series.get(namesAndValues);
        if (known == null) {
            known = made(namesAndValues);
            if (series.size() == SERIES_KEPT) {
                series.clear();
            }
            series.put(namesAndValues, known);
        }
        return known;
    }

    private static Attributes made(List<Object> namesAndValues) {
        AttributesBuilder attributes = Attributes.builder();
        for (int i = 0; i < namesAndValues.size(); i += 2) {
            String key = (String) namesAndValues.get(i);
            if (namesAndValues.get(i + 1) instanceof Long number) {
                attributes.put(key, number.longValue());
            } else {
                attributes.put(key, (String) namesAndValues.get(i + 1));
            }
        }
        return attributes.build();
    }
}
