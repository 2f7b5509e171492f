package dev.scepsy.javaagent.join;

import dev.scepsy.javaagent.trace.Executions;
import dev.scepsy.javaagent.trace.Measurements;
import dev.scepsy.javaagent.trace.Metric;
import dev.scepsy.javaagent.trace.Operation;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import java.util.EnumMap;
import java.util.Map;

/** GenAI metrics, and the counter of executions, in the meter provider of the other OpenTelemetry. Used by one thread. */
final class JoinedMeters {

    private final Meter meter;
    private final Map<Metric, DoubleHistogram> histograms = new EnumMap<>(Metric.class);
    private final Map<Metric, LongCounter> counters = new EnumMap<>(Metric.class);
    private final Executions executions = new Executions();
    private final LongCounter executionsEnded;

    JoinedMeters(Meter meter) {
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
                        1,
                        Attributes.builder()
                                .put(Executions.WORKFLOW, workflow)
                                .put(Executions.OUTCOME, outcome)
                                .build()));
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

    private static Attributes attributes(Operation operation, Metric metric, String tokenType) {
        AttributesBuilder attributes = Attributes.builder();
        Measurements.attributes(operation, metric, tokenType, (key, value) -> {
            if (value instanceof Long number) {
                attributes.put(key, number.longValue());
            } else {
                attributes.put(key, (String) value);
            }
        });
        return attributes.build();
    }
}
