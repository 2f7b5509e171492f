package dev.scepsy.javaagent.app;

import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One application's OpenTelemetry, which keeps what it exports. All methods are called reflectively. */
public final class ApplicationSdk {

    private static final List<SpanData> EXPORTED = new CopyOnWriteArrayList<>();
    private static @Nullable OpenTelemetrySdk sdk;

    private ApplicationSdk() {}

    public static void set() {
        sdk = OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder()
                        .addSpanProcessor(SimpleSpanProcessor.create(new Keeping()))
                        .build())
                .setMeterProvider(SdkMeterProvider.builder()
                        .registerMetricReader(PeriodicMetricReader.create(new Forgetting()))
                        .build())
                .buildAndRegisterGlobal();
    }

    public static void close() {
        if (sdk != null) {
            sdk.close();
        }
    }

    /** Works inside a request span, and says what was exported, in that order. */
    public static String go(String name) {
        EXPORTED.clear();
        Span request = GlobalOpenTelemetry.getTracer("application")
                .spanBuilder("request")
                .startSpan();
        try (Scope scope = request.makeCurrent()) {
            LoadedWork.go(name);
        } finally {
            request.end();
        }
        return exported();
    }

    public static String exported() {
        return EXPORTED.stream().map(ApplicationSdk::rendered).collect(Collectors.joining(", "));
    }

    public static String traceIds() {
        return EXPORTED.stream().map(SpanData::getTraceId).distinct().collect(Collectors.joining(", "));
    }

    public static void forget() {
        EXPORTED.clear();
    }

    private static String rendered(SpanData span) {
        String parent = EXPORTED.stream()
                .filter(other -> other.getSpanId().equals(span.getParentSpanId()))
                .map(other -> other.getName().replaceAll("invoke_| .*", ""))
                .findFirst()
                .orElse("one elsewhere");
        return span.getName() + (span.getParentSpanContext().isValid() ? " below " + parent : " root");
    }

    private static final class Keeping implements SpanExporter {

        @Override
        public CompletableResultCode export(Collection<SpanData> spans) {
            EXPORTED.addAll(spans);
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }

    private static final class Forgetting implements MetricExporter {

        @Override
        public AggregationTemporality getAggregationTemporality(InstrumentType type) {
            return AggregationTemporality.CUMULATIVE;
        }

        @Override
        public CompletableResultCode export(Collection<MetricData> metrics) {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }
}
