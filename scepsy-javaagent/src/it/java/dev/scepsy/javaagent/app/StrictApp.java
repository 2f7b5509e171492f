package dev.scepsy.javaagent.app;

import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextStorage;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;

/**
 * The other applications in a JVM with an OpenTelemetry SDK of its own that watches its scopes: one that is closed on another
 * thread, or never, fails the run.
 */
public final class StrictApp {

    private StrictApp() {}

    public static void main(String[] arguments) throws Exception {
        OpenTelemetrySdk telemetry = AutoConfiguredOpenTelemetrySdk.builder()
                .setResultAsGlobal()
                .build()
                .getOpenTelemetrySdk();
        EverythingApp.main(arguments);
        System.gc();
        if (Context.current() != Context.root()) {
            throw new AssertionError("a scope is still open on the main thread");
        }
        ((AutoCloseable) ContextStorage.get()).close(); // Throws for every scope that is still open.
        telemetry.close();
        System.out.println("no scope leaked");
    }
}
