package dev.scepsy.javaagent;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One span as it came over the wire.
 *
 * @param parentSpanId empty for a root
 * @param kind as OTLP numbers it: 1 INTERNAL, 3 CLIENT
 * @param error whether its status is ERROR
 * @param attributes values as String, Long, Double, Boolean or List of String
 */
record ReceivedSpan(
        String traceId,
        String spanId,
        String parentSpanId,
        String name,
        int kind,
        long startNanos,
        long endNanos,
        boolean error,
        Map<String, Object> attributes) {

    static final int INTERNAL = 1;
    static final int CLIENT = 3;

    @Nullable
    Object get(String key) {
        return attributes.get(key);
    }

    boolean isCalled(String prefix) {
        return name.startsWith(prefix);
    }
}
