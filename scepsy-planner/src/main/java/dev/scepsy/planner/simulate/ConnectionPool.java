package dev.scepsy.planner.simulate;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The connections that clients hold to one model. Each is on one replica, or on none until it is used next, and carries one
 * call at a time. Mutable, confined to its simulation.
 */
final class ConnectionPool {

    private static final int NOWHERE = -1;

    private final int[] replica;
    private final int[] idle;
    private final Random random;
    private final boolean lastUsedFirst;
    private final Deque<ServedCall> waiting = new ArrayDeque<>();
    private int idleCount;

    /**
     * Every connection is made at once, to one of {@code replicas} uniformly at random.
     *
     * @param lastUsedFirst whether the connection that became idle last is given out next, or any idle one
     */
    ConnectionPool(int connections, int replicas, boolean lastUsedFirst, Random random) {
        this.lastUsedFirst = lastUsedFirst;
        this.replica = new int[connections];
        this.idle = new int[connections];
        this.random = random;
        for (int i = 0; i < connections; i++) {
            replica[i] = random.nextInt(replicas);
            idle[i] = i;
        }
        idleCount = connections;
    }

    /** Gives {@code call} an idle connection; false where there is none, and the call waits for one. */
    boolean take(ServedCall call) {
        if (idleCount == 0) {
            waiting.addLast(call);
            return false;
        }
        int at = lastUsedFirst ? idleCount - 1 : random.nextInt(idleCount);
        call.connection = idle[at];
        idle[at] = idle[--idleCount];
        return true;
    }

    /** The replica of the call's connection, made anew to one of {@code up} where it is on none. */
    int replicaOf(ServedCall call, int[] up) {
        if (replica[call.connection] == NOWHERE) {
            replica[call.connection] = up[random.nextInt(up.length)];
        }
        return replica[call.connection];
    }

    /** The call's connection is idle again; the call that waited longest for one, if any. */
    @Nullable
    ServedCall release(ServedCall call) {
        idle[idleCount++] = call.connection;
        return waiting.pollFirst();
    }

    /** A replica went down, and its connections with it. */
    void closed(int down) {
        for (int i = 0; i < replica.length; i++) {
            if (replica[i] == down) {
                replica[i] = NOWHERE;
            }
        }
    }

    /** How many connections each of {@code replicas} has. */
    int[] perReplica(int replicas) {
        int[] counts = new int[replicas];
        Arrays.stream(replica).filter(at -> at != NOWHERE).forEach(at -> counts[at]++);
        return counts;
    }
}
