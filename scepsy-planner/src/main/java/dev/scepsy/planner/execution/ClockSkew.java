package dev.scepsy.planner.execution;

import dev.scepsy.planner.span.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * By how much hosts' clocks disagree: per pair of hosts the median shift that puts the spans of a server into the middle of
 * its client's, where most of them lie outside otherwise. As Zipkin does it per trace ({@code zipkin2.internal.Trace} of its
 * pages), but from all traces at once, so that one slow network does not move a clock. Immutable.
 */
public final class ClockSkew {

    /** All clocks agree. */
    public static final ClockSkew NONE = new ClockSkew(Map.of());

    private final Map<Pair, Long> shiftNanos;

    private ClockSkew(Map<Pair, Long> shiftNanos) {
        this.shiftNanos = shiftNanos;
    }

    /**
     * Two hosts.
     *
     * @param client whose span is the parent
     * @param server whose span is the child
     */
    public record Pair(String client, String server) implements Comparable<Pair> {
        @Override
        public int compareTo(Pair other) {
            int byClient = client.compareTo(other.client);
            return byClient != 0 ? byClient : server.compareTo(other.server);
        }
    }

    /** What each server's clock has to be put forward by, nanoseconds, in the order of the pairs. */
    public Map<Pair, Long> shiftNanos() {
        return new TreeMap<>(shiftNanos);
    }

    /** The spans of one trace on the clock of its topmost span's host; those whose parent is missing keep theirs. */
    public List<Span> corrected(List<Span> spansOfOneTrace) {
        if (shiftNanos.isEmpty()) {
            return spansOfOneTrace;
        }
        Map<Long, Span> byId = new HashMap<>();
        spansOfOneTrace.forEach(span -> byId.put(span.spanId(), span));
        Map<Long, Long> shifts = new HashMap<>();
        List<Span> corrected = new ArrayList<>(spansOfOneTrace.size());
        for (Span span : spansOfOneTrace) {
            long shift = shift(span, byId, shifts);
            corrected.add(shift == 0 ? span : span.shifted(shift));
        }
        return corrected;
    }

    private long shift(Span span, Map<Long, Span> byId, Map<Long, Long> known) {
        List<Span> way = new ArrayList<>();
        Span at = span;
        while (at != null && !known.containsKey(at.spanId()) && way.size() <= byId.size()) {
            way.add(at);
            at = at.hasParent() ? byId.get(at.parentSpanId()) : null;
        }
        for (int i = way.size() - 1; i >= 0; i--) {
            Span each = way.get(i);
            Span parent = each.hasParent() ? byId.get(each.parentSpanId()) : null;
            long shift = parent == null ? 0 : known.getOrDefault(parent.spanId(), 0L) + between(parent, each);
            known.put(each.spanId(), shift);
        }
        return known.getOrDefault(span.spanId(), 0L);
    }

    private long between(Span parent, Span child) {
        String client = parent.origin().host();
        String server = child.origin().host();
        return client == null || server == null || client.equals(server)
                ? 0
                : shiftNanos.getOrDefault(new Pair(client, server), 0L);
    }

    /** What traces show; several may be gathered and added in any order. Not thread-safe. */
    public static final class Evidence {

        private static final class Shifts {
            long[] middles = new long[4];
            int size;
            int outside;

            void add(long middle, boolean isOutside) {
                if (size == middles.length) {
                    middles = Arrays.copyOf(middles, 2 * size);
                }
                middles[size++] = middle;
                outside += isOutside ? 1 : 0;
            }
        }

        private final Map<Pair, Shifts> shifts = new HashMap<>();

        /** Takes the spans of one trace. */
        public void add(List<Span> spansOfOneTrace) {
            Map<Long, Span> byId = new HashMap<>();
            spansOfOneTrace.forEach(span -> byId.put(span.spanId(), span));
            for (Span server : byId.values()) {
                Span client = server.hasParent() ? byId.get(server.parentSpanId()) : null;
                if (server.kind() == Span.Kind.SERVER
                        && client != null
                        && client.ended()
                        && server.ended()
                        && client.origin().host() != null
                        && server.origin().host() != null
                        && !client.origin().host().equals(server.origin().host())) {
                    long earliest = client.startEpochNanos() - server.startEpochNanos();
                    long latest = client.endEpochNanos() - server.endEpochNanos();
                    shifts.computeIfAbsent(
                                    new Pair(
                                            client.origin().host(),
                                            server.origin().host()),
                                    pair -> new Shifts())
                            .add(earliest + (latest - earliest) / 2, earliest > 0 || latest < 0);
                }
            }
        }

        /** Takes what another has gathered. */
        public void add(Evidence other) {
            other.shifts.forEach((pair, theirs) -> {
                Shifts ours = shifts.computeIfAbsent(pair, key -> new Shifts());
                for (int i = 0; i < theirs.size; i++) {
                    ours.add(theirs.middles[i], false);
                }
                ours.outside += theirs.outside;
            });
        }

        /** The shifts that all of it makes likely. */
        public ClockSkew skew() {
            Map<Pair, Long> medians = new HashMap<>();
            shifts.forEach((pair, found) -> {
                if (2 * found.outside > found.size) {
                    long[] ascending = Arrays.copyOf(found.middles, found.size);
                    Arrays.sort(ascending);
                    medians.put(pair, ascending[(found.size - 1) / 2]);
                }
            });
            return medians.isEmpty() ? NONE : new ClockSkew(medians);
        }
    }
}
