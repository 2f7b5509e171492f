package dev.scepsy.planner.span;

import java.util.Arrays;
import java.util.List;
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

    /** The attributes of a resource that are read, those of the host in the order in which they are believed. */
    public static final List<String> KEYS = List.of(
            "service.name",
            "service.instance.id",
            "process.pid",
            "host.name",
            "host.id",
            "k8s.node.name",
            "k8s.pod.name");

    private static final int SERVICE = 0;
    private static final int INSTANCE = 1;
    private static final int PROCESS = 2;
    private static final int FIRST_HOST = 3;

    private static final String NO_NAME = "unknown_service";

    public Origin {
        service = service == null || service.isEmpty() || service.startsWith(NO_NAME) ? null : service;
        instance = instance == null || instance.isEmpty() ? null : instance;
        host = host == null || host.isEmpty() ? null : host;
    }

    /** Collects what a resource says; reusable after {@link #clear}, not thread-safe. */
    public static final class Builder {
        private final @Nullable String[] values = new @Nullable String[KEYS.size()];

        /** Takes an attribute of any name. */
        public void attribute(String key, String value) {
            int rank = KEYS.indexOf(key);
            if (rank >= 0) {
                values[rank] = value;
            }
        }

        /** Forgets everything. */
        public void clear() {
            Arrays.fill(values, null);
        }

        public Origin build() {
            String host = null;
            for (int i = values.length - 1; i >= FIRST_HOST; i--) {
                host = values[i] != null ? values[i] : host;
            }
            String process = values[PROCESS] == null ? null : (host == null ? "" : host + "/") + values[PROCESS];
            return new Origin(values[SERVICE], values[INSTANCE] != null ? values[INSTANCE] : process, host);
        }
    }
}
