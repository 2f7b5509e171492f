package dev.scepsy.javaagent.export;

import dev.scepsy.javaagent.host.AgentVersion;
import dev.scepsy.javaagent.setting.Settings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What {@code --doctor} reads from outside: one system property, a line {@code key=value} for each fact, renewed at most once a
 * second and only when something has changed. Used by one thread.
 */
final class Status {

    static final String PROPERTY = "scepsy.agent.status";

    private static final String WAITING = "state=waiting";
    private static final String STARTING = "state=starting";
    private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Settings settings;
    private final Supplier<Map<String, Object>> instrumentation;
    private long publishedAtNanos = System.nanoTime() - EVERY_NANOS;
    private String published = "";

    /** @param instrumentation says what has been instrumented */
    Status(Settings settings, Supplier<Map<String, Object>> instrumentation) {
        this.settings = settings;
        this.instrumentation = instrumentation;
    }

    /** LangChain4j has been seen: until there is something to count, that is what is said. */
    static void begins() {
        String said = System.getProperty(PROPERTY, "");
        if (said.startsWith(WAITING)) {
            System.setProperty(PROPERTY, STARTING + said.substring(WAITING.length())); // Cheap: the application waits.
        }
    }

    /** @param counts what has been seen, dropped, exported */
    void publish(Map<String, Object> counts) {
        long now = System.nanoTime();
        if (now - publishedAtNanos < EVERY_NANOS) {
            return;
        }
        publishedAtNanos = now;
        publishNow(counts);
    }

    void publishNow(Map<String, Object> counts) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("state", "instrumenting");
        facts.put("version", AgentVersion.TEXT);
        facts.putAll(instrumentation.get());
        facts.putAll(counts);
        facts.put("service", settings.text("otel.service.name").orElse("langchain4j-application"));
        facts.put("sampler", sampler());
        facts.put(
                "exporter",
                settings.flag("otel.sdk.disabled", false)
                        ? "disabled"
                        : settings.text("otel.traces.exporter").orElse("otlp"));
        facts.put("protocol", protocol());
        facts.computeIfPresent("endpoint", (key, known) -> known.equals("") ? endpoint() : known);
        facts.put("planner", settings.text("scepsy.planner").orElse("observe"));
        facts.put("out", settings.text("scepsy.out").orElse(""));
        String text = facts.entrySet().stream()
                .map(fact -> fact.getKey() + "="
                        + String.valueOf(fact.getValue()).replace('\n', ' ').replace('\r', ' '))
                .collect(Collectors.joining("\n"));
        if (!text.equals(published)) {
            published = text;
            System.setProperty(PROPERTY, text);
        }
    }

    /** Where the exporter will send to, before it has been started. */
    private String endpoint() {
        return settings.text("otel.exporter.otlp.traces.endpoint")
                .or(() -> settings.text("otel.exporter.otlp.endpoint")
                        .map(base -> base.replaceFirst("/*$", "/v1/traces")))
                .orElse("http://localhost:4318/v1/traces");
    }

    private String sampler() {
        String name = settings.text("otel.traces.sampler").orElse("always_on");
        return settings.text("otel.traces.sampler.arg")
                .map(argument -> name + " " + argument)
                .orElse(name);
    }

    private String protocol() {
        return settings.text("otel.exporter.otlp.traces.protocol")
                .or(() -> settings.text("otel.exporter.otlp.protocol"))
                .orElse("http/protobuf");
    }
}
