package dev.scepsy.planner.serve.web;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Counts tokens that were nobody's, by the address they came from (of IPv6 its network of 64 bits). Only who fails asks here, so
 * that nobody locks out a neighbour who has a token. Thread-safe.
 */
final class Attempts {

    private static final int NETWORK_BYTES = 8;
    private static final long WINDOW_NANOS =
            Duration.ofSeconds(WebLimits.FAILURES_SECONDS).toNanos();

    private static final class Count {
        private final long beginNanos;
        private int failures;

        Count(long beginNanos) {
            this.beginNanos = beginNanos;
        }
    }

    private final LongSupplier nanos;
    private final Map<String, Count> counts = new LinkedHashMap<>();

    Attempts(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** Counts one that failed; how many failed from there within the minute. */
    synchronized int failed(InetAddress from) {
        String network = network(from);
        long now = nanos.getAsLong();
        Count count = counts.get(network);
        if (count == null || now - count.beginNanos > WINDOW_NANOS) {
            counts.remove(network);
            if (counts.size() >= WebLimits.MOST_ADDRESSES) {
                counts.remove(counts.keySet().iterator().next());
            }
            count = new Count(now);
            counts.put(network, count);
        }
        count.failures++;
        return count.failures;
    }

    private static String network(InetAddress address) {
        byte[] bytes = address.getAddress();
        return HexFormat.of().formatHex(address instanceof Inet6Address ? Arrays.copyOf(bytes, NETWORK_BYTES) : bytes);
    }
}
