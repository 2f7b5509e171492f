package dev.scepsy.planner.otlp;

import dev.scepsy.planner.span.SpanId;
import dev.scepsy.planner.span.TraceId;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Ids and flags as OTLP JSON writes them: hex by the specification, base64 by programs that use protobuf's own JSON
 * mapping.
 */
final class OtlpIds {

    /** {@code SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK} and {@code SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK}. */
    private static final long PARENT_IS_REMOTE = 0x300;

    private static final int BASE64_TRACE_ID_LENGTH = 24;
    private static final int BASE64_SPAN_ID_LENGTH = 12;

    private OtlpIds() {}

    static TraceId traceId(String text) {
        return TraceId.ofHex(text.length() == BASE64_TRACE_ID_LENGTH && text.endsWith("==") ? hexOfBase64(text) : text);
    }

    static long spanId(String text) {
        return SpanId.ofHex(text.length() == BASE64_SPAN_ID_LENGTH && text.endsWith("=") ? hexOfBase64(text) : text);
    }

    /** The parent's id; nothing and zeros are no parent. */
    static long parentSpanId(String text) {
        return text.isEmpty() ? SpanId.NONE : spanId(text);
    }

    static boolean parentIsRemote(long flags) {
        return (flags & PARENT_IS_REMOTE) == PARENT_IS_REMOTE;
    }

    private static String hexOfBase64(String text) {
        return HexFormat.of().formatHex(Base64.getDecoder().decode(text));
    }
}
