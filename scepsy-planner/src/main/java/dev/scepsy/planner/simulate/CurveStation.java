package dev.scepsy.planner.simulate;

import dev.scepsy.planner.profile.AloneCurve;
import dev.scepsy.planner.profile.LatencyProfile;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntToDoubleFunction;

/**
 * A replica of which only a latency curve is known: a call takes what the curve says at the rate of recent arrivals. Calls
 * are let in at no more than the saturation rate, with some slack for chance, so that an overload queues for good.
 *
 * <p>One that was measured alone takes bandwidth from its neighbours as the engine model says, and what they take from it makes
 * it σ times slower, averaged over recent arrivals: its clock runs slow, as {@link AloneCurve} has it.
 */
final class CurveStation implements Station, SimulatedGpu.Tenant {

    /** Standard deviations of the number inside that may arrive at once before calls queue. */
    private static final double SLACK = 4;

    /** Latencies over which arrivals are averaged. */
    private static final double MEMORY_LATENCIES = 50;

    private final LatencyProfile profile;
    private final IntToDoubleFunction demand;
    private final List<SimulatedGpu> shared = new ArrayList<>();
    private final EventQueue events;
    private final double tokensAtMost;
    private final double memorySeconds;
    private final Set<ServedCall> inside = new LinkedHashSet<>();
    private double tokens;
    private double lastArrivalSeconds;
    private double recentArrivals;
    private double recentStretch;
    private double seenSeconds;
    private double busySeconds;
    private double queuedSeconds;
    private int life;
    private double slowness = 1;

    CurveStation(LatencyProfile profile, EventQueue events) {
        this(profile, inside -> 0, events);
    }

    CurveStation(AloneCurve measured, EventQueue events) {
        this(measured.alone(), measured::bandwidthDemand, events);
    }

    private CurveStation(LatencyProfile profile, IntToDoubleFunction demand, EventQueue events) {
        this.profile = profile;
        this.demand = demand;
        this.events = events;
        double saturation = profile.saturationRequestsPerSecond();
        double insideAtSaturation = saturation * profile.meanLatencySeconds(saturation);
        tokensAtMost = 1 + SLACK * Math.sqrt(1 + insideAtSaturation);
        tokens = tokensAtMost;
        memorySeconds = Math.max(MEMORY_LATENCIES * profile.meanLatencySeconds(0), MEMORY_LATENCIES / saturation);
    }

    @Override
    public void shares(SimulatedGpu gpu) {
        shared.add(gpu);
    }

    @Override
    public double bandwidthDemand() {
        return demand.applyAsDouble(inside.size());
    }

    /** σ with what is on its cards now, itself included. */
    private double stretch() {
        double contention = 1;
        for (SimulatedGpu gpu : shared) {
            contention = Math.max(contention, gpu.contention());
        }
        return 1 + (contention - 1) * bandwidthDemand();
    }

    @Override
    public void submit(ServedCall call, Consumer<ServedCall> answered) {
        double now = events.nowSeconds();
        inside.add(call);
        double elapsed = now - lastArrivalSeconds;
        lastArrivalSeconds = now;
        double fade = Math.exp(-elapsed / memorySeconds);
        recentArrivals = recentArrivals * fade + 1;
        recentStretch = recentStretch * fade + stretch();
        double stretch = slowness * recentStretch / recentArrivals;
        double saturation = profile.saturationRequestsPerSecond() / stretch;
        tokens = Math.min(tokensAtMost, tokens + saturation * elapsed) - 1;
        seenSeconds += elapsed;
        double rate = recentArrivals / (memorySeconds * -Math.expm1(-Math.max(1e-9, seenSeconds) / memorySeconds));
        double waitSeconds = Math.max(0, -tokens) / saturation;
        double latencySeconds =
                stretch * profile.meanLatencySeconds(stretch * Math.min(saturation, seenSeconds > 0 ? rate : 0));
        busySeconds += 1 / saturation;
        queuedSeconds += waitSeconds;
        int sameLife = life;
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
    public void slow(double factor) {
        slowness = factor;
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
