package dev.scepsy.javaagent.export;

import dev.scepsy.javaagent.host.AgentVersion;
import dev.scepsy.javaagent.host.Stderr;
import dev.scepsy.javaagent.setting.Settings;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.Sampling;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.opentelemetry.sdk.autoconfigure.spi.traces.ConfigurableSpanExporterProvider;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * OTLP: finished operations as spans in batches through the SDK's exporter, and as GenAI metrics through its meter
 * provider, configured by the standard {@code OTEL_*} settings. Defaults to http/protobuf on {@code http://localhost:4318}. Used by one thread.
 */
final class SpanOutlet {

    private static final String PROTOCOL = "otel.exporter.otlp.protocol";
    private static final List<String> SIGNALS = List.of("traces", "metrics");

    private final Settings settings;
    private final List<CompletableResultCode> closing = new ArrayList<>();
    private final AtomicLong exported = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final boolean measuring;
    private final TraceState state;
    private List<String> exporters = List.of();
    private boolean started;
    private volatile String endpoint = "";
    private volatile String problem = "";
    private Resource resource = Resource.getDefault();
    private volatile @Nullable Batches batches;
    private @Nullable SdkMeterProvider meterProvider;
    private @Nullable Meters meters;

    SpanOutlet(Settings settings) {
        this.settings = settings;
        this.measuring = !settings.text("otel.metrics.exporter").orElse("otlp").equals("none");
        String sampled = Sampling.of(settings).state();
        this.state = sampled.isEmpty()
                ? TraceState.getDefault()
                : TraceState.builder().put("ot", sampled).build();
    }

    long exported() {
        return exported.get();
    }

    long failed() {
        return failed.get();
    }

    /** Spans that found no room. */
    long dropped() {
        Batches running = batches;
        return running == null ? 0 : running.dropped();
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
                    .addPropertiesCustomizer(this::withoutSpans)
                    .addResourceCustomizer((found, properties) -> resource = about().merge(found))
                    .addTracerProviderCustomizer((tracers, properties) -> {
                        exportTo(exporters.stream()
                                .map(name -> exporter(name, properties))
                                .toList());
                        return tracers;
                    })
                    .build()
                    .getOpenTelemetrySdk()
                    .getSdkMeterProvider();
            meterProvider = provider;
            if (measuring) {
                meters = new Meters(provider.meterBuilder(AgentVersion.SCOPE)
                        .setInstrumentationVersion(AgentVersion.TEXT)
                        .build());
            }
        } catch (Throwable failure) { // Also that no thread can be made.
            Stderr.once("export", "not everything is exported: " + failure + " (the application is not affected)");
        }
    }

    /** The batches are ours, so the SDK need make no processor: it is told that there are no exporters. */
    private Map<String, String> withoutSpans(ConfigProperties properties) {
        List<String> named = properties.getList("otel.traces.exporter");
        exporters = named.isEmpty()
                ? List.of("otlp")
                : named.stream().filter(name -> !name.equals("none")).toList();
        return Map.of("otel.traces.exporter", "none", "otel.traces.sampler", "always_on");
    }

    private static SpanExporter exporter(String name, ConfigProperties properties) {
        for (ConfigurableSpanExporterProvider provider :
                ServiceLoader.load(ConfigurableSpanExporterProvider.class, SpanOutlet.class.getClassLoader())) {
            if (provider.getName().equals(name)) {
                return provider.createExporter(properties);
            }
        }
        throw new IllegalArgumentException("otel.traces.exporter (" + name + ") is neither otlp nor none");
    }

    private void exportTo(List<SpanExporter> all) {
        if (!all.isEmpty()) {
            Reporting reporting = new Reporting(SpanExporter.composite(all));
            endpoint = reporting.destination();
            batches = new Batches(reporting, settings, Batches.bytesThatMayWait());
        }
    }

    /** Which of several equal JVMs it is, and whose spans these are. What the user says of it comes first. */
    private static Resource about() {
        AttributesBuilder about = Attributes.builder()
                .put("service.instance.id", UUID.randomUUID().toString())
                .put("process.pid", ProcessHandle.current().pid())
                .put("telemetry.distro.name", "scepsy-javaagent")
                .put("telemetry.distro.version", AgentVersion.TEXT);
        String host = System.getenv("HOSTNAME"); // To ask for it may take a name server's time.
        if (host != null && !host.isBlank()) {
            about.put("host.name", host);
        }
        return Resource.create(about.build());
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
        Stderr.once("grpc", "OTLP over grpc is not built in: http/protobuf is used instead, on port 4318.");
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
        Batches running = batches;
        if (running == null) {
            return;
        }
        FinishedSpan span = new FinishedSpan(finished, resource, state, true);
        running.add(
                finished.showsContent() && !running.hasRoomFor(span.bytes())
                        ? new FinishedSpan(finished, resource, state, false)
                        : span);
    }

    /** Called again and again: sends what is due. */
    void step() {
        Batches running = batches;
        if (running != null) {
            running.step();
        }
        OtlpSender.abortOverdue();
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
        Batches running = batches;
        if (running != null) {
            batches = null;
            closing.add(running.close());
        }
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
                problem = result.isSuccess() ? "" : OtlpSender.problem(endpoint);
                if (!result.isSuccess()) {
                    Stderr.once(
                            "otlp",
                            "spans could not be delivered to " + endpoint + " (" + problem + "): " + remedy(problem)
                                    + " (the application is not affected; said once)");
                }
            });
            return result;
        }

        private static String remedy(String problem) {
            return switch (problem) {
                case "HTTP 401", "HTTP 403" ->
                    "it wants credentials, which OTEL_EXPORTER_OTLP_HEADERS holds; the application's are never used";
                case "HTTP 404", "a web page instead of an answer" ->
                    "is this the port for OTLP over HTTP, with the right path?";
                default -> "is a collector or Jaeger listening there?";
            };
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
