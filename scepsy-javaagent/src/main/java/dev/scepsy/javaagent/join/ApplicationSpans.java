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

    private static final long ASK_AGAIN_NANOS = 1_000_000_000;

    private final Field global;
    private final JoinedSpans spans = new JoinedSpans(this::tracer);
    private volatile @Nullable Tracer tracer;
    private volatile long askedAtNanos = System.nanoTime() - ASK_AGAIN_NANOS;

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

    /**
     * It answers behind {@code GlobalOpenTelemetry.get()} and leaves the field alone. It may be attached late, so we go on
     * asking; but a class that is not there costs microseconds, more than all the rest of a call.
     */
    private boolean openTelemetryAgentIsHere() {
        long now = System.nanoTime();
        if (now - askedAtNanos < ASK_AGAIN_NANOS) {
            return false;
        }
        askedAtNanos = now;
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
