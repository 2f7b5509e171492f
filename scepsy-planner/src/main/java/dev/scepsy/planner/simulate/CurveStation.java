package dev.scepsy.planner.simulate;

import dev.scepsy.planner.profile.LatencyProfile;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A replica of which only a latency curve is known: a call takes what the curve says at the rate of recent arrivals. Calls
 * are let in at no more than the saturation rate, with some slack for chance, so that an overload queues for good.
 */
final class CurveStation implements Station {

    /** Standard deviations of the number inside that may arrive at once before calls queue. */
    private static final double SLACK = 4;

    /** Latencies over which arrivals are averaged. */
    private static final double MEMORY_LATENCIES = 50;

    private final LatencyProfile profile;
    private final EventQueue events;
    private final double tokensAtMost;
    private final double memorySeconds;
    private final Set<ServedCall> inside = new LinkedHashSet<>();
    private double tokens;
    private double lastArrivalSeconds;
    private double recentArrivals;
    private double seenSeconds;
    private double busySeconds;
    private double queuedSeconds;
    private int life;

    CurveStation(LatencyProfile profile, EventQueue events) {
        this.profile = profile;
        this.events = events;
        double saturation = profile.saturationRequestsPerSecond();
        double insideAtSaturation = saturation * profile.meanLatencySeconds(saturation);
        tokensAtMost = 1 + SLACK * Math.sqrt(1 + insideAtSaturation);
        tokens = tokensAtMost;
        memorySeconds = Math.max(MEMORY_LATENCIES * profile.meanLatencySeconds(0), MEMORY_LATENCIES / saturation);
    }

    @Override
    public void submit(ServedCall call, Consumer<ServedCall> answered) {
        double now = events.nowSeconds();
        double saturation = profile.saturationRequestsPerSecond();
        double elapsed = now - lastArrivalSeconds;
        lastArrivalSeconds = now;
        tokens = Math.min(tokensAtMost, tokens + saturation * elapsed) - 1;
        recentArrivals = recentArrivals * Math.exp(-elapsed / memorySeconds) + 1;
        seenSeconds += elapsed;
        double rate = recentArrivals / (memorySeconds * -Math.expm1(-Math.max(1e-9, seenSeconds) / memorySeconds));
        double waitSeconds = Math.max(0, -tokens) / saturation;
        double latencySeconds = profile.meanLatencySeconds(Math.min(saturation, seenSeconds > 0 ? rate : 0));
        busySeconds += 1 / saturation;
        queuedSeconds += waitSeconds;
        int sameLife = life;
        inside.add(call);
        events.at(now + waitSeconds + latencySeconds, () -> {
            if (life == sameLife) {
                inside.remove(call);
                answered.accept(call);
            }
        });
    }

    @Override
    public int inside() {
        return inside.size();
    }

    @Override
    public List<ServedCall> fail() {
        List<ServedCall> lost = List.copyOf(inside);
        inside.clear();
        life++;
        return lost;
    }

    @Override
    public void restart() {
        tokens = tokensAtMost;
    }

    /** Busy is the part of its saturation that it used, as time. */
    @Override
    public Tally tally() {
        return new Tally(busySeconds, queuedSeconds, 0, 0, 0, 0, 0, 0, 0);
    }
}
