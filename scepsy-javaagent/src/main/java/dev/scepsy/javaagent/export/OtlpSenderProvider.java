package dev.scepsy.javaagent.export;

import io.opentelemetry.sdk.common.export.HttpSender;
import io.opentelemetry.sdk.common.export.HttpSenderConfig;
import io.opentelemetry.sdk.common.export.HttpSenderProvider;

/** Found by the SDK's exporter in the agent's own class loader. */
public final class OtlpSenderProvider implements HttpSenderProvider {

    public OtlpSenderProvider() {}

    @Override
    public HttpSender createSender(HttpSenderConfig config) {
        return new OtlpSender(config);
    }
}
