package dev.scepsy.javaagent.scenario;

import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;

/** An application that brings its own SDK and sets it as the global one. */
final class OwnSdk {

    private OwnSdk() {}

    static Telemetry start() {
        OpenTelemetrySdk sdk = AutoConfiguredOpenTelemetrySdk.builder()
                .setResultAsGlobal()
                .build()
                .getOpenTelemetrySdk();
        return new ApplicationTelemetry(sdk::close);
    }
}
