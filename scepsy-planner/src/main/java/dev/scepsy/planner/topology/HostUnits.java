package dev.scepsy.planner.topology;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;
import java.util.Collection;
import java.util.OptionalDouble;

/**
 * Processors and memory of nodes in whole millionths of a core and of a GiB, so that sums are compared on the decimals as
 * written: ten times 0.1 fill 1. What has more than six decimals is rounded against the plan: needs up, limits down.
 *
 * <p>A resource whose limits can bind on no node, because the GPUs are full before, counts as 0 throughout; so such limits
 * change nothing, neither plans nor the work that finds them. Immutable.
 */
public final class HostUnits {

    /** Units of what is not limited: more than all needs together. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    private static final int DECIMALS = 6;
    private static final double ROUNDING = 1e-9;

    private final boolean[] binds;

    private HostUnits(boolean[] binds) {
        this.binds = binds;
    }

    /** The units of a problem. */
    public static HostUnits of(Cluster cluster, Collection<ReplicaShape> engines) {
        boolean[] binds = new boolean[HostResource.values().length];
        for (HostResource resource : HostResource.values()) {
            binds[resource.ordinal()] = cluster.nodes().stream().anyMatch(node -> mayBind(node, resource, engines));
        }
        return new HostUnits(binds);
    }

    /** Whether GPUs of the node could hold engines that together exceed its limit. */
    private static boolean mayBind(Node node, HostResource resource, Collection<ReplicaShape> engines) {
        OptionalDouble limit = node.host().of(resource);
        if (limit.isEmpty()) {
            return false;
        }
        double mostPerGpu = engines.stream()
                .filter(engine -> engine.gpu().equals(node.gpu().name()))
                .mapToDouble(engine -> engine.need().of(resource) / engine.gpus())
                .max()
                .orElse(0);
        return mostPerGpu * node.gpus() > limit.getAsDouble() * (1 - ROUNDING);
    }

    /** Whether some node's limit could be what does not fit. */
    public boolean bind() {
        return binds[0] || binds[1];
    }

    /** Units per resource that an engine takes; 0 where no limit can bind. */
    public long[] needed(HostNeed need) {
        return Arrays.stream(HostResource.values())
                .mapToLong(resource -> binds[resource.ordinal()] ? needed(need.of(resource)) : 0)
                .toArray();
    }

    /** Units per resource that a node gives; {@link #UNLIMITED} where nothing limits it. */
    public long[] given(HostRoom room) {
        return Arrays.stream(HostResource.values())
                .mapToLong(resource -> binds[resource.ordinal()] ? given(room.of(resource)) : UNLIMITED)
                .toArray();
    }

    /** The need as far as limits can bind, so that engines that differ in nothing that counts are equal. */
    public HostNeed counted(HostNeed need) {
        return new HostNeed(binds[0] ? need.cpuCores() : 0, binds[1] ? need.memoryGiB() : 0);
    }

    static long needed(double amount) {
        return units(amount, RoundingMode.CEILING);
    }

    static long given(OptionalDouble amount) {
        return amount.isPresent() ? units(amount.getAsDouble(), RoundingMode.FLOOR) : UNLIMITED;
    }

    private static long units(double amount, RoundingMode rounding) {
        return BigDecimal.valueOf(amount)
                .movePointRight(DECIMALS)
                .setScale(0, rounding)
                .longValueExact();
    }
}
