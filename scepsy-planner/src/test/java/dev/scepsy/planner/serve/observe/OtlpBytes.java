package dev.scepsy.planner.serve.observe;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Writes requests in protobuf, as an exporter would. */
final class OtlpBytes {

    private OtlpBytes() {}

    /** A span with attributes: texts, whole numbers, decimals. */
    record Sent(
            long traceHigh,
            long traceLow,
            long spanId,
            long parentSpanId,
            String name,
            int kind,
            long startNanos,
            long endNanos,
            String traceState,
            boolean error,
            Map<String, Object> attributes) {

        Sent with(String key, Object value) {
            Map<String, Object> more = new java.util.LinkedHashMap<>(attributes);
            more.put(key, value);
            return new Sent(
                    traceHigh,
                    traceLow,
                    spanId,
                    parentSpanId,
                    name,
                    kind,
                    startNanos,
                    endNanos,
                    traceState,
                    error,
                    more);
        }

        Sent traceState(String state) {
            return new Sent(
                    traceHigh,
                    traceLow,
                    spanId,
                    parentSpanId,
                    name,
                    kind,
                    startNanos,
                    endNanos,
                    state,
                    error,
                    attributes);
        }
    }

    static byte[] traces(String service, List<Sent> spans) {
        return message(request -> field(1, request, resourceSpans -> {
            field(1, resourceSpans, resource -> attribute(1, resource, "service.name", service));
            field(2, resourceSpans, scope -> spans.forEach(span -> field(2, scope, out -> span(out, span))));
        }));
    }

    private static void span(ByteArrayOutputStream out, Sent span) {
        field(1, out, id -> {
            fixed64Big(id, span.traceHigh());
            fixed64Big(id, span.traceLow());
        });
        field(2, out, id -> fixed64Big(id, span.spanId()));
        if (!span.traceState().isEmpty()) {
            text(3, out, span.traceState());
        }
        if (span.parentSpanId() != 0) {
            field(4, out, id -> fixed64Big(id, span.parentSpanId()));
        }
        text(5, out, span.name());
        integer(6, out, span.kind());
        fixed64(7, out, span.startNanos());
        fixed64(8, out, span.endNanos());
        span.attributes().forEach((key, value) -> attribute(9, out, key, value));
        if (span.error()) {
            field(15, out, status -> integer(3, status, 2));
        }
    }

    /** A counter with its points. */
    record Counted(Map<String, String> attributes, long startNanos, long timeNanos, long value) {}

    static byte[] metrics(String name, String service, String instance, boolean cumulative, List<Counted> points) {
        return message(request -> field(1, request, resourceMetrics -> {
            field(1, resourceMetrics, resource -> {
                attribute(1, resource, "service.name", service);
                attribute(1, resource, "service.instance.id", instance);
            });
            field(
                    2,
                    resourceMetrics,
                    scope -> field(2, scope, metric -> {
                        text(1, metric, name);
                        field(7, metric, sum -> {
                            points.forEach(point -> field(1, sum, out -> {
                                fixed64(2, out, point.startNanos());
                                fixed64(3, out, point.timeNanos());
                                fixed64(6, out, point.value());
                                point.attributes().forEach((key, value) -> attribute(7, out, key, value));
                            }));
                            integer(2, sum, cumulative ? 2 : 1);
                            integer(3, sum, 1);
                        });
                    }));
        }));
    }

    private static void attribute(int number, ByteArrayOutputStream out, String key, Object value) {
        field(number, out, attribute -> {
            text(1, attribute, key);
            field(2, attribute, any -> {
                if (value instanceof String text) {
                    text(1, any, text);
                } else if (value instanceof Long whole) {
                    integer(3, any, whole);
                } else if (value instanceof Integer whole) {
                    integer(3, any, whole);
                } else if (value instanceof Double decimal) {
                    fixed64(4, any, Double.doubleToLongBits(decimal));
                } else if (value instanceof List<?> texts) {
                    field(
                            5,
                            any,
                            array -> new ArrayList<>(texts)
                                    .forEach(text -> field(1, array, one -> text(1, one, String.valueOf(text)))));
                }
            });
        });
    }

    private static byte[] message(Consumer<ByteArrayOutputStream> content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        content.accept(out);
        return out.toByteArray();
    }

    private static void field(int number, ByteArrayOutputStream out, Consumer<ByteArrayOutputStream> content) {
        bytes(number, out, message(content));
    }

    private static void text(int number, ByteArrayOutputStream out, String text) {
        bytes(number, out, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void bytes(int number, ByteArrayOutputStream out, byte[] bytes) {
        varint(out, (long) number << 3 | 2);
        varint(out, bytes.length);
        out.writeBytes(bytes);
    }

    private static void integer(int number, ByteArrayOutputStream out, long value) {
        varint(out, (long) number << 3);
        varint(out, value);
    }

    private static void fixed64(int number, ByteArrayOutputStream out, long value) {
        varint(out, (long) number << 3 | 1);
        for (int shift = 0; shift < 64; shift += 8) {
            out.write((int) (value >>> shift));
        }
    }

    private static void fixed64Big(ByteArrayOutputStream out, long value) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            out.write((int) (value >>> shift));
        }
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F) | 0x80);
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
