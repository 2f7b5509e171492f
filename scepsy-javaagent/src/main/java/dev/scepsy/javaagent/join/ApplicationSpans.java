package dev.scepsy.javaagent.join;

import dev.scepsy.javaagent.host.AgentVersion;
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

    private static final String SCOPE = AgentVersion.SCOPE;
    private static final long ASK_AGAIN_NANOS = 1_000_000_000;

    private final Field global;
    private volatile @Nullable Object set;
    private volatile @Nullable Tracer tracer;
    private volatile long askAgainAtNanos = Long.MIN_VALUE;
    private final JoinedSpans spans =
            new JoinedSpans(() -> tracer, () -> GlobalOpenTelemetry.get().getMeter(SCOPE));

    /** Called reflectively. */
    public ApplicationSpans() throws ReflectiveOperationException {
        this.global = GlobalOpenTelemetry.class.getDeclaredField("globalOpenTelemetry");
        if (!global.trySetAccessible()) {
            throw new IllegalAccessException("GlobalOpenTelemetry cannot be looked into");
        }
    }

    private boolean isThere(long epochNanos) {
        Object current;
        try {
            current = global.get(null);
        } catch (IllegalAccessException unreadable) {
            return false;
        }
        if (tracer != null && current == set) { // An application may put another in its place.
            return true;
        }
        if (current == null && !openTelemetryAgentIsHere(epochNanos)) {
            tracer = null;
            return false;
        }
        set = current;
        tracer = GlobalOpenTelemetry.get().getTracer(SCOPE, AgentVersion.TEXT);
        return true;
    }

    /**
     * It answers behind {@code GlobalOpenTelemetry.get()} and leaves the field alone. It may be attached late, so we go on
     * asking; but a class that is not there costs microseconds, more than all the rest of a call.
     */
    private boolean openTelemetryAgentIsHere(long epochNanos) {
        if (epochNanos < askAgainAtNanos) {
            return false;
        }
        askAgainAtNanos = epochNanos + ASK_AGAIN_NANOS;
        try {
            Class.forName("io.opentelemetry.javaagent.bootstrap.InstrumentationHolder", false, null);
            return true;
        } catch (ClassNotFoundException absent) {
            return false;
        }
    }

    @Override
    public @Nullable Companion begin(Operation operation, @Nullable Operation parent) {
        return isThere(operation.startEpochNanos()) ? spans.begin(operation, parent) : null;
    }

    @Override
    public boolean hasWork() {
        return tracer != null && spans.hasWork();
    }

    @Override
    public @Nullable Operation current() {
        return tracer == null ? null : spans.current();
    }
}
