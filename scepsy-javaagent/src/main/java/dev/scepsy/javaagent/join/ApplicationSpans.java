package dev.scepsy.javaagent.join;

import dev.scepsy.javaagent.trace.Companion;
import dev.scepsy.javaagent.trace.Companions;
import dev.scepsy.javaagent.trace.Operation;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.trace.Tracer;
import java.lang.reflect.Field;
import org.jspecify.annotations.Nullable;

/**
 * The OpenTelemetry that the application sees: its own SDK, or what the OpenTelemetry agent put behind the API. Whether one is
 * set is read from the field: asking {@code GlobalOpenTelemetry.get()} would set a no-op one, and the application's own
 * {@code set} would then fail.
 */
public final class ApplicationSpans implements Companions {

    private final Field global;
    private final JoinedSpans spans = new JoinedSpans(this::tracer);
    private volatile @Nullable Tracer tracer;

    /** Called reflectively. */
    public ApplicationSpans() throws ReflectiveOperationException {
        this.global = GlobalOpenTelemetry.class.getDeclaredField("globalOpenTelemetry");
        if (!global.trySetAccessible()) {
            throw new IllegalAccessException("GlobalOpenTelemetry cannot be looked into");
        }
    }

    private @Nullable Tracer tracer() {
        Tracer known = tracer;
        if (known != null) {
            return known;
        }
        try {
            if (global.get(null) == null && !openTelemetryAgentIsHere()) {
                return null;
            }
        } catch (IllegalAccessException unreadable) {
            return null;
        }
        Tracer found = GlobalOpenTelemetry.get().getTracer("dev.scepsy.langchain4j");
        tracer = found;
        return found;
    }

    /** It answers behind {@code GlobalOpenTelemetry.get()} and leaves the field alone. */
    private static boolean openTelemetryAgentIsHere() {
        try {
            Class.forName("io.opentelemetry.javaagent.bootstrap.InstrumentationHolder", false, null);
            return true;
        } catch (ClassNotFoundException absent) {
            return false;
        }
    }

    @Override
    public @Nullable Companion begin(Operation operation, @Nullable Operation parent) {
        return spans.begin(operation, parent);
    }

    @Override
    public @Nullable Operation current() {
        return spans.current();
    }
}
