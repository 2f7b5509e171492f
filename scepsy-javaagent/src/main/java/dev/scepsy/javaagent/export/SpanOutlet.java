package dev.scepsy.javaagent.export;

import dev.scepsy.javaagent.setting.Settings;
import dev.scepsy.javaagent.trace.Operation;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * OTLP: finished operations as spans through the SDK's own batch processor and exporter, and as GenAI metrics through its meter
 * provider, configured by the standard {@code OTEL_*} settings. Defaults to http/protobuf on {@code http://localhost:4318}. Used by one thread.
 */
final class SpanOutlet {

    private static final String PROTOCOL = "otel.exporter.otlp.protocol";
    private static final List<String> SIGNALS = List.of("traces", "metrics");

    /** The batch processor's own defaults. */
    private static final double QUEUE = 2_048;

    private static final double BATCH = 512;

    private final Settings settings;
    private final List<SpanProcessor> processors = new ArrayList<>();
    private final List<CompletableResultCode> closing = new ArrayList<>();
    private final AtomicLong exported = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final long room;
    private final boolean measuring;
    private long handed;
    private boolean started;
    private volatile String endpoint = "";
    private volatile String problem = "";
    private Resource resource = Resource.getDefault();
    private @Nullable SdkMeterProvider meterProvider;
    private @Nullable Meters meters;

    SpanOutlet(Settings settings) {
        this.settings = settings;
        this.room = (long) (settings.number("otel.bsp.max.queue.size", 1, QUEUE)
                + settings.number("otel.bsp.max.export.batch.size", 1, BATCH));
        this.measuring = !settings.text("otel.metrics.exporter").orElse("otlp").equals("none");
    }

    long exported() {
        return exported.get();
    }

    long failed() {
        return failed.get();
    }

    /** Spans that cannot be waiting any more: more were handed in than came out, failed, or find room in the processor's queue. */
    long dropped() {
        return Math.max(0, handed - exported.get() - failed.get() - room);
    }

    /** Where spans go. */
    String endpoint() {
        return endpoint;
    }

    /** Why the last export failed; empty when it did not. */
    String problem() {
        return problem;
    }

    /** Starts the SDK, once. */
    private void start() {
        if (started) {
            return;
        }
        started = true;
        if (settings.flag("otel.sdk.disabled", false)) {
            return;
        }
        try {
            SdkMeterProvider provider = AutoConfiguredOpenTelemetrySdk.builder()
                    .setServiceClassLoader(SpanOutlet.class.getClassLoader())
                    .disableShutdownHook()
                    .addPropertiesSupplier(SpanOutlet::defaults)
                    .addPropertiesCustomizer(SpanOutlet::withoutGrpc)
                    .addResourceCustomizer((found, properties) -> resource = found)
                    .addSpanExporterCustomizer((exporter, properties) -> reporting(exporter))
                    .addSpanProcessorCustomizer((processor, properties) -> {
                        processors.add(processor);
                        return processor;
                    })
                    .build()
                    .getOpenTelemetrySdk()
                    .getSdkMeterProvider();
            meterProvider = provider;
            if (measuring) {
                meters = new Meters(provider.get("dev.scepsy.langchain4j"));
            }
        } catch (RuntimeException | LinkageError failure) {
            processors.clear();
            Log.once("export", "spans are not exported: " + failure + " (the application is not affected)");
        }
    }

    private SpanExporter reporting(SpanExporter exporter) {
        Reporting reporting = new Reporting(exporter);
        endpoint = reporting.destination();
        return reporting;
    }

    private static Map<String, String> defaults() {
        Map<String, String> defaults = new HashMap<>();
        defaults.put(PROTOCOL, "http/protobuf");
        defaults.put("otel.logs.exporter", "none");
        defaults.put("otel.service.name", "langchain4j-application");
        return defaults;
    }

    /** There is no gRPC sender in the jar. */
    private static Map<String, String> withoutGrpc(ConfigProperties properties) {
        boolean grpc =
                SIGNALS.stream().map(signal -> protocol(properties, signal)).anyMatch("grpc"::equals);
        if (!grpc) {
            return Map.of();
        }
        Log.once("grpc", "OTLP over grpc is not built in: http/protobuf is used instead, on port 4318.");
        Map<String, String> changed = new HashMap<>();
        changed.put(PROTOCOL, "http/protobuf");
        String common = properties.getString("otel.exporter.otlp.endpoint");
        if (common != null) {
            changed.put("otel.exporter.otlp.endpoint", httpPort(common));
        }
        for (String signal : SIGNALS) {
            changed.put("otel.exporter.otlp." + signal + ".protocol", "http/protobuf");
            String key = "otel.exporter.otlp." + signal + ".endpoint";
            String endpoint = properties.getString(key);
            if (endpoint != null) {
                String http = httpPort(endpoint);
                changed.put(key, http.contains("/v1/") ? http : http.replaceFirst("/?$", "/v1/" + signal));
            }
        }
        return changed;
    }

    private static @Nullable String protocol(ConfigProperties properties, String signal) {
        String own = properties.getString("otel.exporter.otlp." + signal + ".protocol");
        return own != null ? own : properties.getString(PROTOCOL);
    }

    private static String httpPort(String endpoint) {
        return endpoint.replaceFirst(":4317(/|$)", ":4318$1");
    }

    /** The first one starts the SDK: an application whose own SDK exports never needs ours. */
    void accept(Operation finished) {
        start();
        if (processors.isEmpty()) {
            return;
        }
        handed++;
        FinishedSpan span = new FinishedSpan(finished, resource);
        for (SpanProcessor processor : processors) {
            processor.onEnd(span);
        }
    }

    /** Adds it to the metrics, sampled or not. */
    void measure(Operation finished) {
        if (measuring) {
            start();
            if (meters != null) {
                meters.record(finished);
            }
        }
    }

    /** Starts the last export; what comes after is lost. */
    void beginClose() {
        for (SpanProcessor processor : processors) {
            closing.add(processor.shutdown());
        }
        processors.clear();
        if (meterProvider != null) {
            closing.add(meterProvider.shutdown());
        }
    }

    void close(long timeoutMillis) {
        CompletableResultCode.ofAll(closing).join(timeoutMillis, TimeUnit.MILLISECONDS);
    }

    /** Counts, and says the first failure. */
    private final class Reporting implements SpanExporter {

        private final SpanExporter exporter;

        private Reporting(SpanExporter exporter) {
            this.exporter = exporter;
        }

        @Override
        public CompletableResultCode export(Collection<SpanData> spans) {
            int count = spans.size();
            CompletableResultCode result = exporter.export(spans);
            result.whenComplete(() -> {
                (result.isSuccess() ? exported : failed).addAndGet(count);
                problem = result.isSuccess() ? "" : UrlConnectionSender.problem(endpoint);
                if (!result.isSuccess()) {
                    Log.once(
                            "otlp",
                            "spans could not be delivered to " + endpoint + " (" + problem
                                    + "): is a collector or Jaeger listening there?"
                                    + " (the application is not affected; said once)");
                }
            });
            return result;
        }

        private String destination() {
            String text = exporter.toString();
            int at = text.indexOf("endpoint=");
            int end = at < 0 ? -1 : text.indexOf(',', at);
            return at < 0 || end < 0 ? "OTLP" : text.substring(at + "endpoint=".length(), end);
        }

        @Override
        public CompletableResultCode flush() {
            return exporter.flush();
        }

        @Override
        public CompletableResultCode shutdown() {
            return exporter.shutdown();
        }
    }
}
