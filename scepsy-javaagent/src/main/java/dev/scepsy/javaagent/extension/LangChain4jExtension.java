package dev.scepsy.javaagent.extension;

import dev.scepsy.javaagent.FirstLook;
import dev.scepsy.javaagent.host.AgentVersion;
import dev.scepsy.javaagent.host.Stderr;
import dev.scepsy.javaagent.install.Installer;
import dev.scepsy.javaagent.join.JoinedSpans;
import dev.scepsy.javaagent.setting.Settings;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.javaagent.extension.AgentListener;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.lang.instrument.Instrumentation;

/**
 * Entry of {@code scepsy-otel-extension.jar}, found by the OpenTelemetry agent ({@code -Dotel.javaagent.extensions}). Obeys
 * {@code otel.instrumentation.langchain4j.enabled} beside {@code scepsy.enabled}. Never throws.
 */
public final class LangChain4jExtension implements AgentListener {

    private static final String HOLDER = "io.opentelemetry.javaagent.bootstrap.InstrumentationHolder";

    /** The property where a running agent says how it is, for {@code --doctor}. */
    private static final String STATUS = "scepsy.agent.status";

    public LangChain4jExtension() {}

    @Override
    public void afterAgent(AutoConfiguredOpenTelemetrySdk sdk) {
        try {
            Settings settings = Settings.ofThisJvm();
            if (!settings.flag("scepsy.enabled", true)
                    || !settings.flag("otel.instrumentation.langchain4j.enabled", true)) {
                System.setProperty(STATUS, "state=off");
                return;
            }
            System.setProperty(STATUS, "state=waiting\nversion=as an extension");
            Tracer tracer = sdk.getOpenTelemetrySdk().getTracer(AgentVersion.SCOPE);
            Instrumentation instrumentation = (Instrumentation) Class.forName(HOLDER, true, null)
                    .getMethod("getInstrumentation")
                    .invoke(null);
            JoinedSpans spans = new JoinedSpans(
                    () -> tracer,
                    () -> sdk.getOpenTelemetrySdk().getMeterProvider().get(AgentVersion.SCOPE));
            instrumentation.addTransformer(new FirstLook(() -> new Installer(instrumentation, spans)), true);
            Stderr.say("extension of the OpenTelemetry agent waits for LangChain4j (planner: "
                    + settings.text("scepsy.planner").orElse("observe") + ")");
        } catch (Throwable failure) {
            Stderr.say("not started, the application runs without it: " + failure);
        }
    }
}
