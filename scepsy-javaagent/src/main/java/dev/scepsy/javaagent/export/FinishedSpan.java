package dev.scepsy.javaagent.export;

import dev.scepsy.javaagent.host.AgentVersion;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.javaagent.trace.SpanAttributes;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A finished operation as the SDK's processors and exporters read it: same ids, same times. Holds copies, not the operation,
 * which knows the request: what waits for a stuck receiver must not keep prompts alive. Immutable.
 */
final class FinishedSpan implements ReadableSpan, SpanData {

    private static final InstrumentationScopeInfo SCOPE = InstrumentationScopeInfo.builder(AgentVersion.SCOPE)
            .setVersion(AgentVersion.TEXT)
            .build();

    private static final int BYTES_OF_ITS_OWN = 500;

    private final Resource resource;
    private final String name;
    private final SpanKind kind;
    private final StatusData status;
    private final long startEpochNanos;
    private final long endEpochNanos;
    private final SpanContext context;
    private final SpanContext parent;
    private final Attributes attributes;
    private final long traceIdLow;
    private long bytes = BYTES_OF_ITS_OWN;

    /**
     * @param state what the spans' sampler says of them
     * @param withContent whether it brings messages, arguments, results, where they are captured
     */
    FinishedSpan(Operation operation, Resource resource, TraceState state, boolean withContent) {
        this.name = SpanAttributes.cut(operation.name());
        this.traceIdLow = operation.traceIdLow();
        this.kind = operation.kind().isClient() ? SpanKind.CLIENT : SpanKind.INTERNAL;
        this.status = status(operation, withContent);
        this.startEpochNanos = operation.startEpochNanos();
        this.endEpochNanos = operation.endEpochNanos();
        this.resource = resource;
        this.context = context(operation, state);
        this.parent = operation.parent() == null ? SpanContext.getInvalid() : context(operation.parent(), state);
        AttributesBuilder builder = Attributes.builder();
        BiConsumer<String, Object> receiver = (key, value) -> {
            bytes += weight(key) + (value instanceof String text ? weight(text) : Long.BYTES);
            put(builder, key, value);
        };
        if (withContent) {
            SpanAttributes.forEachExported(operation, receiver);
        } else {
            SpanAttributes.forEach(operation, receiver);
        }
        this.attributes = builder.build();
    }

    private static StatusData status(Operation operation, boolean withContent) {
        String type = operation.errorType();
        if (type == null) {
            return StatusData.unset();
        }
        String text = withContent ? operation.errorText() : null;
        return StatusData.create(StatusCode.ERROR, SpanAttributes.cut(text == null ? type : text));
    }

    /** Roughly what it keeps in memory. */
    long bytes() {
        return bytes;
    }

    private static long weight(String text) {
        return 2L * text.length(); // Of the worst kind of characters.
    }

    long traceIdLow() {
        return traceIdLow;
    }

    boolean isRoot() {
        return !parent.isValid();
    }

    private static SpanContext context(Operation operation, TraceState state) {
        return SpanContext.create(operation.traceId(), operation.spanId(), TraceFlags.getSampled(), state);
    }

    private static void put(AttributesBuilder builder, String key, Object value) {
        if (value instanceof String text) {
            builder.put(key, text);
        } else if (value instanceof Long number) {
            builder.put(key, number);
        } else if (value instanceof Double number) {
            builder.put(key, number);
        } else if (value instanceof Boolean flag) {
            builder.put(key, flag);
        } else if (value instanceof List<?> list) {
            builder.put(
                    AttributeKey.stringArrayKey(key),
                    list.stream().map(String::valueOf).toList());
        }
    }

    @Override
    public SpanContext getSpanContext() {
        return context;
    }

    @Override
    public SpanContext getParentSpanContext() {
        return parent;
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public SpanData toSpanData() {
        return this;
    }

    @Override
    @SuppressWarnings("deprecation")
    public io.opentelemetry.sdk.common.InstrumentationLibraryInfo getInstrumentationLibraryInfo() {
        return io.opentelemetry.sdk.common.InstrumentationLibraryInfo.create(SCOPE.getName(), null);
    }

    @Override
    public InstrumentationScopeInfo getInstrumentationScopeInfo() {
        return SCOPE;
    }

    @Override
    public boolean hasEnded() {
        return true;
    }

    @Override
    public long getLatencyNanos() {
        return endEpochNanos - startEpochNanos;
    }

    @Override
    public SpanKind getKind() {
        return kind;
    }

    @Override
    public <T> @Nullable T getAttribute(AttributeKey<T> key) {
        return attributes.get(key);
    }

    @Override
    public Attributes getAttributes() {
        return attributes;
    }

    @Override
    public StatusData getStatus() {
        return status;
    }

    @Override
    public long getStartEpochNanos() {
        return startEpochNanos;
    }

    @Override
    public long getEndEpochNanos() {
        return endEpochNanos;
    }

    @Override
    public List<EventData> getEvents() {
        return List.of();
    }

    @Override
    public List<LinkData> getLinks() {
        return List.of();
    }

    @Override
    public int getTotalRecordedEvents() {
        return 0;
    }

    @Override
    public int getTotalRecordedLinks() {
        return 0;
    }

    @Override
    public int getTotalAttributeCount() {
        return attributes.size();
    }

    @Override
    public Resource getResource() {
        return resource;
    }
}
