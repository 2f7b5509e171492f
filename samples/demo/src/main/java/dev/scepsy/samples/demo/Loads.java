package dev.scepsy.samples.demo;

import dev.scepsy.samples.demo.LoadGenerator.Arrivals;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;

/** Loads A and B, each judged by the processor time the demo used meanwhile. */
final class Loads {

    /** Executions that load A measures; the contract asks for 60. */
    static final int MEASURED = 62;

    /** Offered before load A measures, scaled seconds: some two executions long. */
    private static final double WARM_UP_SECONDS = 30;

    private static final long SEQUENCE_A = 1;
    private static final long SEQUENCE_B = 2;
    private static final long SEQUENCE_BETWEEN = 3;
    private static final long SEQUENCE_FIRST = 4;

    /** After this much of the demo's time no rate rises any more, so that it ends in time on slow machines too. */
    private static final Duration LAST_RISE = Duration.ofSeconds(150);

    private final LoadGenerator generator;
    private final ScaledClock clock;
    private final CpuMeter cpu;
    private final long lastRiseNanos;

    Loads(LoadGenerator generator, ScaledClock clock, CpuMeter cpu) {
        Duration sinceStart =
                Duration.between(ProcessHandle.current().info().startInstant().orElse(Instant.now()), Instant.now());
        this.lastRiseNanos = System.nanoTime() + LAST_RISE.minus(sinceStart).toNanos();
        this.generator = generator;
        this.clock = clock;
        this.cpu = cpu;
    }

    /**
     * What load A said.
     *
     * @param fromEpochNanos real time from which executions were measured
     * @param toEpochNanos real time up to which they were offered
     * @param cpuUsed part of all cores
     */
    record Steady(Latency latency, long fromEpochNanos, long toEpochNanos, double cpuUsed) {}

    /** What load B said. */
    record Rising(RisingLoad.Result result, double cpuUsed) {}

    /** The first questions, few at a time: classes load, and the latency of an idle system shows. */
    Latency first(double perSecond, int executions) throws IOException {
        List<Execution> offered =
                generator.offer(Arrivals.PACED, perSecond, SEQUENCE_FIRST, 0, offers -> offers.size() == executions);
        generator.drain();
        return Latency.of(offered.subList(executions / 2, executions), clock);
    }

    /** Load A: open loop at one rate, which goes on until the last measured execution is answered. */
    Steady steady(double perSecond) {
        cpu.restart();
        int warmUp = (int) Math.ceil(perSecond * WARM_UP_SECONDS);
        long[] epochNanos = new long[2];
        List<Execution> offered = generator.offer(Arrivals.POISSON, perSecond, SEQUENCE_A, 0, offers -> {
            if (offers.size() == warmUp && epochNanos[0] == 0) {
                epochNanos[0] = epochNanos();
            }
            if (offers.size() < warmUp + MEASURED) {
                return false;
            }
            if (epochNanos[1] == 0) {
                epochNanos[1] = epochNanos();
            }
            return offers.subList(warmUp, warmUp + MEASURED).stream().allMatch(Execution::isAnswered);
        });
        Latency latency = Latency.of(offered.subList(warmUp, warmUp + MEASURED), clock);
        return new Steady(latency, epochNanos[0], epochNanos[1], cpu.used());
    }

    /** Waits until everything offered is answered. */
    void drain() throws IOException {
        generator.drain();
    }

    /** Load B. */
    Rising rising(double startPerSecond, double idleLatencySeconds) throws IOException {
        cpu.restart();
        RisingLoad load = new RisingLoad(generator, clock, Loads::print);
        RisingLoad.Result result = load.run(startPerSecond, idleLatencySeconds, SEQUENCE_B, lastRiseNanos);
        double used = cpu.used();
        generator.drain();
        return new Rising(result, used);
    }

    /** Does {@code work} while another thread keeps load A's rate up. */
    <T> T meanwhile(double perSecond, Work<T> work) throws IOException {
        AtomicBoolean done = new AtomicBoolean();
        Thread load = new Thread(
                () -> generator.offer(Arrivals.POISSON, perSecond, SEQUENCE_BETWEEN, 0, offers -> done.get()), "load");
        load.setDaemon(true);
        load.start();
        try {
            return work.run();
        } finally {
            done.set(true);
        }
    }

    /** Work that reads and writes files. */
    interface Work<T> {
        T run() throws IOException;
    }

    private static void print(RisingLoad.Step step) {
        System.out.printf(Locale.ROOT, "    offered %.2f/s, %3d inside", step.offeredPerSecond(), step.inside());
        if (step.held()) {
            System.out.printf(
                    Locale.ROOT,
                    "; held: completed %.2f/s, %.0f %% of the offered",
                    step.completedPerSecond(),
                    100 * step.completedOfOffered());
        }
        System.out.println();
    }

    private static long epochNanos() {
        return System.currentTimeMillis() * 1_000_000;
    }
}
