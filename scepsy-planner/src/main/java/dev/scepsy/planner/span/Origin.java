package dev.scepsy.planner.span;

import org.jspecify.annotations.Nullable;

/**
 * Who made a span: of its resource, what tells programs, their instances and their clocks apart. Immutable.
 *
 * @param service {@code service.name}; null where absent, empty or {@code unknown_service...}, which say the same: nothing
 * @param instance {@code service.instance.id}, else {@code process.pid} on its host; null where absent
 * @param host whose clock timed it: {@code host.name}, else {@code host.id}, {@code k8s.node.name}, {@code k8s.pod.name}; null
 *     where absent
 */
public record Origin(
        @Nullable String service,
        @Nullable String instance,
        @Nullable String host) {

    /** Nothing is known. */
    public static final Origin UNKNOWN = new Origin(null, null, null);

    private static final String NO_NAME = "unknown_service";

    public Origin {
        service = service == null || service.isEmpty() || service.startsWith(NO_NAME) ? null : service;
        instance = instance == null || instance.isEmpty() ? null : instance;
        host = host == null || host.isEmpty() ? null : host;
    }

    /** Whether the attribute of a resource is one of those kept. */
    public static boolean reads(String key) {
        return rank(key) >= 0;
    }

    private static int rank(String key) {
        return switch (key) {
            case "service.name" -> 0;
            case "service.instance.id" -> 1;
            case "process.pid" -> 2;
            case "host.name" -> 3;
            case "host.id" -> 4;
            case "k8s.node.name" -> 5;
            case "k8s.pod.name" -> 6;
            default -> -1;
        };
    }

    /** Collects what a resource says; reusable after {@link #clear}, not thread-safe. */
    public static final class Builder {
        private final @Nullable String[] values = new @Nullable String[7];

        /** Takes an attribute of any name. */
        public void attribute(String key, String value) {
            int rank = rank(key);
            if (rank >= 0) {
                values[rank] = value;
            }
        }

        /** Forgets everything. */
        public void clear() {
            java.util.Arrays.fill(values, null);
        }

        public Origin build() {
            String host = null;
            for (int i = 6; i >= 3; i--) {
                if (values[i] != null) {
                    host = values[i];
                }
            }
            String pid = values[2] == null ? null : (host == null ? "" : host + "/") + values[2];
            String instance = values[1] != null ? values[1] : pid;
            return values[0] == null && instance == null && host == null
                    ? UNKNOWN
                    : new Origin(values[0], instance, host);
        }
    }
}
