package dev.scepsy.javaagent.join;

import dev.scepsy.javaagent.trace.Companion;
import dev.scepsy.javaagent.trace.Companions;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.SpanAttributes;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Starts spans with an OpenTelemetry tracer, and carries the operation in its context across threads. Thread-safe. */
public final class JoinedSpans implements Companions {

    private static final ContextKey<Operation> OPERATION = ContextKey.named("scepsy-operation");

    private final Supplier<@Nullable Tracer> tracers;
    private final Supplier<Meter> meter;
    private boolean tooOldToMeasure;
    private @Nullable JoinedMeters meters; // Of the one thread that measures.

    /**
     * @param tracers gives the tracer, or null while there is none
     * @param meter gives the meter; asked only once there was a tracer
     */
    public JoinedSpans(Supplier<@Nullable Tracer> tracers, Supplier<Meter> meter) {
        this.tracers = tracers;
        this.meter = meter;
    }

    @Override
    public @Nullable Companion begin(Operation operation, @Nullable Operation parent) {
        Tracer tracer = tracers.get();
        if (tracer == null) {
            return null;
        }
        Context above = contextOf(parent);
        Span span = tracer.spanBuilder(SpanAttributes.cut(operation.name()))
                .setParent(above)
                .setSpanKind(operation.kind().isClient() ? SpanKind.CLIENT : SpanKind.INTERNAL)
                .setStartTimestamp(operation.startEpochNanos(), TimeUnit.NANOSECONDS)
                .startSpan();
        if (!span.getSpanContext().isValid()) {
            return null; // A no-op implementation: the span is ours.
        }
        return new Joined(this, span, above.with(span).with(OPERATION, operation), above);
    }

    /**
     * The thread's context where it stems from the parent (it may hold a span of the application); else the parent's. Without
     * a parent, what is around the wrappers that have stepped aside: their spans will never end.
     */
    private Context contextOf(@Nullable Operation parent) {
        Context current = Context.current();
        if (parent == null) {
            Context around = current;
            for (Operation at = around.get(OPERATION);
                    at != null && at.companion() instanceof Joined joined;
                    at = around.get(OPERATION)) {
                around = joined.outside;
            }
            return around;
        }
        if (current.get(OPERATION) == parent) {
            return current;
        }
        if (parent.companion() instanceof Joined joined && joined.all == this) {
            return joined.context;
        }
        // Another application's, or one of our own: joined as from another process.
        return current.with(Span.wrap(SpanContext.createFromRemoteParent(
                parent.traceId(),
                parent.spanId(),
                parent.sampled() ? TraceFlags.getSampled() : TraceFlags.getDefault(),
                TraceState.getDefault())));
    }

    @Override
    public boolean hasWork() {
        return Span.current().getSpanContext().isValid();
    }

    @Override
    public @Nullable Operation current() {
        return Context.current().get(OPERATION);
    }

    private void measure(Operation ended) {
        if (tooOldToMeasure) {
            return;
        }
        try {
            JoinedMeters measuring = meters;
            if (measuring == null) {
                measuring = new JoinedMeters(meter.get());
                meters = measuring;
            }
            measuring.record(ended);
        } catch (LinkageError absent) {
            tooOldToMeasure = true; // An OpenTelemetry API from before metrics had what we need.
        }
    }

    private record Joined(JoinedSpans all, Span span, Context context, Context outside) implements Companion {

        @Override
        public void measure(Operation ended) {
            all.measure(ended);
        }

        @Override
        public long traceIdHigh() {
            return HexFormat.fromHexDigitsToLong(ids().getTraceId(), 0, 16);
        }

        @Override
        public long traceIdLow() {
            return HexFormat.fromHexDigitsToLong(ids().getTraceId(), 16, 32);
        }

        @Override
        public long spanId() {
            return HexFormat.fromHexDigitsToLong(ids().getSpanId());
        }

        @Override
        public boolean sampled() {
            return ids().isSampled();
        }

        private SpanContext ids() {
            return span.getSpanContext();
        }

        @Override
        @SuppressWarnings("MustBeClosedChecker") // The token of the woven call closes it.
        public AutoCloseable makeCurrent() {
            return context.makeCurrent();
        }

        @Override
        public void end(Operation ended) {
            if (span.isRecording()) {
                span.updateName(SpanAttributes.cut(ended.name()));
                SpanAttributes.forEachExported(ended, this::put);
                String errorType = ended.errorType();
                if (errorType != null) {
                    String text = ended.errorText();
                    span.setStatus(StatusCode.ERROR, text == null ? errorType : text);
                }
            }
            span.end(ended.endEpochNanos(), TimeUnit.NANOSECONDS);
        }

        private void put(String key, Object value) {
            if (value instanceof String text) {
                span.setAttribute(key, text);
            } else if (value instanceof Long number) {
                span.setAttribute(key, number);
            } else if (value instanceof Double number) {
                span.setAttribute(key, number);
            } else if (value instanceof Boolean flag) {
                span.setAttribute(key, flag);
            } else if (value instanceof List<?> list) {
                span.setAttribute(
                        AttributeKey.stringArrayKey(key),
                        list.stream().map(String::valueOf).toList());
            }
        }
    }
}
