package dev.scepsy.planner.simulate;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * All replicas of one model behind their router. Calls that find no replica up wait for one; calls lost with a replica are
 * sent again at once, or reported lost. Mutable, confined to its simulation.
 */
final class ModelService {

    /** One replica and whether it is up: a replica may be down for several reasons at once. */
    private static final class Backend {
        final Station station;
        final double bornSeconds;
        int calls;
        int reasonsDown;
        double downSinceSeconds;
        double downSeconds;
        double retiredSeconds = Double.POSITIVE_INFINITY;

        Backend(Station station, double bornSeconds) {
            this.station = station;
            this.bornSeconds = bornSeconds;
        }

        boolean isUp() {
            return reasonsDown == 0 && retiredSeconds == Double.POSITIVE_INFINITY;
        }
    }

    private final List<Backend> replicas;
    private final Routing routing;
    private final LostCalls lostCalls;
    private final Random random;
    private final EventQueue events;
    private final @Nullable ConnectionPool pool;
    private final Deque<ServedCall> unrouted = new ArrayDeque<>();
    private final Consumer<ServedCall> answered = this::answered;
    private int turn;
    private long calls;
    private double callSeconds;
    private long failures;
    private long resent;
    private long lost;

    ModelService(
            List<? extends Station> stations, Routing routing, LostCalls lostCalls, Random random, EventQueue events) {
        this.replicas = new ArrayList<>(
                stations.stream().map(station -> new Backend(station, 0)).toList());
        this.routing = routing;
        this.lostCalls = lostCalls;
        this.random = random;
        this.events = events;
        this.pool = routing.connections() == 0
                ? null
                : new ConnectionPool(
                        routing.connections(),
                        replicas.size(),
                        routing.rule() == Routing.Rule.LAST_USED_CONNECTION,
                        random);
    }

    int replicas() {
        return replicas.size();
    }

    /** Calls inside replicas that take more, and those that wait for one. */
    int callsInside() {
        int inside = unrouted.size();
        for (Backend replica : replicas) {
            inside += replica.isUp() ? replica.station.inside() : 0;
        }
        return inside;
    }

    /** Whether a replica takes calls. */
    boolean isUp(int number) {
        return replicas.get(number).isUp();
    }

    /** Calls inside one replica. */
    int inside(int number) {
        return replicas.get(number).station.inside();
    }

    /** Time that replicas worked so far, summed. */
    double busySeconds() {
        return replicas.stream()
                .mapToDouble(replica -> replica.station.tally().busySeconds())
                .sum();
    }

    /** One more replica, which takes calls at once; its number. */
    int add(Station station) {
        if (pool != null) {
            throw new IllegalStateException("Replicas behind connections are not added.");
        }
        replicas.add(new Backend(station, events.nowSeconds()));
        routeWaiting();
        return replicas.size() - 1;
    }

    /** A replica gets no more calls and finishes those inside. */
    void retire(int number) {
        replicas.get(number).retiredSeconds = events.nowSeconds();
    }

    /** A replica's steps take so many times as long from now on. */
    void slow(int number, double factor) {
        replicas.get(number).station.slow(factor);
    }

    /** How many connections each replica has now; empty where requests are routed. */
    List<Integer> connections() {
        return pool == null
                ? List.of()
                : Arrays.stream(pool.perReplica(replicas.size())).boxed().toList();
    }

    void call(CallScript script, @Nullable PromptBlocks blocks, Runnable done, Runnable notAnswered) {
        ServedCall call = new ServedCall(
                script.inputTokens(), script.outputTokens(), blocks, events.nowSeconds(), done, notAnswered);
        if (pool == null || pool.take(call)) {
            route(call);
        }
    }

    private void route(ServedCall call) {
        Backend chosen = chosen(call);
        if (chosen == null) {
            unrouted.addLast(call);
        } else {
            chosen.calls++;
            chosen.station.submit(call, answered);
        }
    }

    private void answered(ServedCall call) {
        calls++;
        callSeconds += events.nowSeconds() - call.madeSeconds;
        release(call);
        call.done.run();
    }

    /** The call that waits for its connection, if any, gets it. */
    private void release(ServedCall call) {
        ServedCall next = pool == null ? null : pool.release(call);
        if (pool != null && next != null && pool.take(next)) {
            route(next);
        }
    }

    private @Nullable Backend chosen(ServedCall call) {
        return switch (routing.rule()) {
            case LEAST_LOADED -> leastLoaded();
            case ROUND_ROBIN -> nextUp();
            case POWER_OF_TWO -> lessLoadedOfTwo();
            case ANY_CONNECTION, LAST_USED_CONNECTION -> connected(call);
        };
    }

    private @Nullable Backend connected(ServedCall call) {
        int[] up = IntStream.range(0, replicas.size())
                .filter(place -> replicas.get(place).isUp())
                .toArray();
        return pool == null || up.length == 0 ? null : replicas.get(pool.replicaOf(call, up));
    }

    /** Ties take turns, or an idle model would send everything to its first replica. */
    private @Nullable Backend leastLoaded() {
        Backend least = null;
        int at = turn;
        for (int i = 0; i < replicas.size(); i++) {
            int place = (turn + i) % replicas.size();
            Backend replica = replicas.get(place);
            if (replica.isUp() && (least == null || replica.station.inside() < least.station.inside())) {
                least = replica;
                at = place;
            }
        }
        turn = (at + 1) % replicas.size();
        return least;
    }

    private @Nullable Backend nextUp() {
        for (int i = 0; i < replicas.size(); i++) {
            Backend replica = replicas.get(turn);
            turn = (turn + 1) % replicas.size();
            if (replica.isUp()) {
                return replica;
            }
        }
        return null;
    }

    private @Nullable Backend lessLoadedOfTwo() {
        List<Backend> up = new ArrayList<>(replicas);
        up.removeIf(replica -> !replica.isUp());
        if (up.size() < 2) {
            return up.isEmpty() ? null : up.get(0);
        }
        int first = random.nextInt(up.size());
        int second = random.nextInt(up.size() - 1);
        Backend one = up.get(first);
        Backend other = up.get(second < first ? second : second + 1);
        return other.station.inside() < one.station.inside() ? other : one;
    }

    /** A replica goes down with all that is inside; whether it was up. */
    boolean fail(int number) {
        Backend replica = replicas.get(number);
        if (replica.reasonsDown++ > 0) {
            return false;
        }
        failures++;
        replica.downSinceSeconds = events.nowSeconds();
        if (pool != null) {
            pool.closed(number);
        }
        for (ServedCall call : replica.station.fail()) {
            if (lostCalls == LostCalls.RETRY) {
                resent++;
                route(call);
            } else {
                lost++;
                release(call);
                call.lost.run();
            }
        }
        return true;
    }

    /** One reason to be down is gone. */
    void restart(int number) {
        Backend replica = replicas.get(number);
        if (--replica.reasonsDown > 0) {
            return;
        }
        replica.downSeconds += events.nowSeconds() - replica.downSinceSeconds;
        replica.station.restart();
        routeWaiting();
    }

    private void routeWaiting() {
        List<ServedCall> waiting = List.copyOf(unrouted);
        unrouted.clear();
        waiting.forEach(this::route);
    }

    /** What happened so far. */
    Moment now() {
        Tally tally = Tally.NOTHING;
        double down = 0;
        double existed = 0;
        int left = 0;
        for (Backend replica : replicas) {
            tally = tally.plus(replica.station.tally());
            double end = Math.min(events.nowSeconds(), replica.retiredSeconds);
            down += replica.downSeconds + (replica.reasonsDown > 0 ? Math.max(0, end - replica.downSinceSeconds) : 0);
            existed += end - replica.bornSeconds;
            left += replica.retiredSeconds == Double.POSITIVE_INFINITY ? 1 : 0;
        }
        return new Moment(
                events.nowSeconds(),
                tally,
                calls,
                callSeconds,
                replicas.stream().map(replica -> replica.calls).toList(),
                failures,
                resent,
                lost,
                down,
                existed,
                left);
    }

    /** Counts up to a moment. Immutable. */
    record Moment(
            double atSeconds,
            Tally tally,
            long calls,
            double callSeconds,
            List<Integer> replicaCalls,
            long failures,
            long resent,
            long lost,
            double downSeconds,
            double replicaSeconds,
            int left) {

        /** What happened between {@code since} and now to the replicas of {@code model}. */
        SimulationReport.ModelOutcome outcome(String model, List<Integer> connections, Moment since) {
            double seconds = atSeconds - since.atSeconds;
            boolean scaled = replicaCalls.size() != left || replicaCalls.size() != since.replicaCalls.size();
            double replicas = scaled ? (replicaSeconds - since.replicaSeconds) / seconds : left;
            Tally own = tally.minus(since.tally);
            long answered = calls - since.calls;
            return new SimulationReport.ModelOutcome(
                    model,
                    left,
                    answered,
                    answered == 0 ? 0 : (callSeconds - since.callSeconds) / answered,
                    Math.max(0, Math.min(1, own.busySeconds() / seconds / replicas)),
                    own.queuedSeconds() / seconds,
                    answered == 0 ? 0 : own.queuedSeconds() / answered,
                    own.firstTokens() == 0 ? 0 : own.firstTokenSeconds() / own.firstTokens(),
                    own.preemptions(),
                    own.refused(),
                    own.prefixQueryTokens() == 0 ? 0 : (double) own.prefixHitTokens() / own.prefixQueryTokens(),
                    failures - since.failures,
                    resent - since.resent,
                    lost - since.lost,
                    Math.max(0, 1 - (downSeconds - since.downSeconds) / seconds / replicas),
                    IntStream.range(0, replicaCalls.size())
                            .mapToObj(i -> replicaCalls.get(i)
                                    - (i < since.replicaCalls.size() ? since.replicaCalls.get(i) : 0))
                            .toList(),
                    connections);
        }
    }
}
