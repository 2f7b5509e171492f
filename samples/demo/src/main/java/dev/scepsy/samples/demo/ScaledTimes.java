package dev.scepsy.samples.demo;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.function.LongUnaryOperator;

/**
 * Changes every time in an OTLP request of traces or metrics, in place: times are fixed64 fields, so that no length changes. Field
 * numbers: opentelemetry-proto 1.x, {@code trace.proto}, {@code metrics.proto}, {@code common.proto}.
 */
final class ScaledTimes {

    /** Attributes that are durations in seconds. */
    private static final Set<String> SECONDS =
            Set.of("scepsy.call.backoff_seconds", "gen_ai.response.time_to_first_chunk");

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    /** What a message holds: messages below it, and times, by field number. */
    private record Shape(Map<Integer, Shape> below, Set<Integer> times, boolean keyValue) {
        static Shape of(Map<Integer, Shape> below, Integer... times) {
            return new Shape(below, Set.of(times), false);
        }
    }

    private static final Shape ATTRIBUTE = new Shape(Map.of(), Set.of(), true);
    private static final Shape SPAN = Shape.of(Map.of(9, ATTRIBUTE, 11, Shape.of(Map.of(), 1)), 7, 8);
    private static final Shape POINTS = Shape.of(Map.of(1, Shape.of(Map.of(), 2, 3)));
    private static final Shape METRIC = Shape.of(Map.of(5, POINTS, 7, POINTS, 9, POINTS, 10, POINTS, 11, POINTS));

    /** {@code ExportTraceServiceRequest}. */
    private static final Shape TRACES = Shape.of(Map.of(1, Shape.of(Map.of(2, Shape.of(Map.of(2, SPAN))))));

    /** {@code ExportMetricsServiceRequest}. */
    private static final Shape METRICS = Shape.of(Map.of(1, Shape.of(Map.of(2, Shape.of(Map.of(2, METRIC))))));

    private final ByteBuffer bytes;
    private final ScaledClock clock;

    private ScaledTimes(byte[] request, ScaledClock clock) {
        this.bytes = ByteBuffer.wrap(request).order(ByteOrder.LITTLE_ENDIAN);
        this.clock = clock;
    }

    static void ofTraces(byte[] request, ScaledClock clock) {
        new ScaledTimes(request, clock).message(TRACES, 0, request.length);
    }

    static void ofMetrics(byte[] request, ScaledClock clock) {
        new ScaledTimes(request, clock).message(METRICS, 0, request.length);
    }

    private void message(Shape shape, int from, int to) {
        bytes.position(from);
        while (bytes.position() < to) {
            long tag = varint();
            int field = (int) (tag >>> 3);
            switch ((int) (tag & 7)) {
                case VARINT -> varint();
                case FIXED64 -> {
                    if (shape.times.contains(field)) {
                        change(bytes.position(), clock::scaledEpochNanos);
                    }
                    bytes.position(bytes.position() + Long.BYTES);
                }
                case BYTES -> {
                    int length = (int) varint();
                    int start = bytes.position();
                    Shape below = shape.below.get(field);
                    if (below != null && below.keyValue) {
                        attribute(start, start + length);
                    } else if (below != null) {
                        message(below, start, start + length);
                    }
                    bytes.position(start + length);
                }
                case FIXED32 -> bytes.position(bytes.position() + Integer.BYTES);
                default -> throw new IllegalArgumentException("No protobuf: tag " + tag + ".");
            }
        }
    }

    /** {@code KeyValue}: key 1, value 2; of {@code AnyValue} a double is field 4. */
    private void attribute(int from, int to) {
        String key = "";
        bytes.position(from);
        while (bytes.position() < to) {
            long tag = varint();
            int length = (int) varint(); // Both fields are of this kind.
            int start = bytes.position();
            if (tag >>> 3 == 1) {
                key = new String(bytes.array(), start, length, StandardCharsets.UTF_8);
            } else if (tag >>> 3 == 2 && SECONDS.contains(key) && length == 1 + Long.BYTES) {
                change(start + 1, bits -> Double.doubleToRawLongBits(Double.longBitsToDouble(bits) * clock.scale()));
            }
            bytes.position(start + length);
        }
    }

    private void change(int at, LongUnaryOperator change) {
        bytes.putLong(at, change.applyAsLong(bytes.getLong(at)));
    }

    private long varint() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = bytes.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("No protobuf: a number without an end.");
    }
}
