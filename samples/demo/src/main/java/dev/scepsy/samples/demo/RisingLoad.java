package dev.scepsy.samples.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Load B: rates rise by a constant factor until the application completes less than 98 % of what it is offered. A step
 * is suspect when more executions are inside than its rate and the latency of an idle system explain (Little's law); the
 * rate is then held, and what completes while it is held decides. Throughput is what completed per second of that hold.
 */
final class RisingLoad {

    static final double SUSTAINED = 0.98;

    private static final double GROWTH = 1.35;
    private static final double CROWDED = 2.0;
    private static final Duration STEP = Duration.ofMillis(3_500);
    private static final Duration HOLD = Duration.ofMillis(9_000);
    private static final Duration BUDGET = Duration.ofMillis(26_000);

    /**
     * One rate.
     *
     * @param offeredPerSecond executions offered per scaled second
     * @param completedPerSecond executions completed per scaled second meanwhile
     */
    record Step(double offeredPerSecond, double completedPerSecond, boolean held) {
        double completedOfOffered() {
            return completedPerSecond / offeredPerSecond;
        }
    }

    /** @param throughputPerSecond executions completed per scaled second at the rate that was too much */
    record Result(List<Step> steps, double throughputPerSecond) {}

    private final LoadGenerator generator;
    private final ScaledClock clock;
    private final Consumer<Step> progress;

    RisingLoad(LoadGenerator generator, ScaledClock clock, Consumer<Step> progress) {
        this.generator = generator;
        this.clock = clock;
        this.progress = progress;
    }

    /**
     * @param startPerSecond first rate
     * @param idleLatencySeconds mean latency at a low rate
     */
    Result run(double startPerSecond, double idleLatencySeconds, long sequence) {
        long giveUpNanos = System.nanoTime() + BUDGET.toNanos();
        List<Step> steps = new ArrayList<>();
        int index = 0;
        for (double rate = startPerSecond; ; rate *= GROWTH) {
            Step step = step(rate, sequence, index, STEP, false);
            index += 10_000;
            boolean crowded = generator.inFlight() > CROWDED * rate * idleLatencySeconds + 2;
            boolean late = System.nanoTime() > giveUpNanos;
            if (crowded || late) {
                step = step(rate, sequence, index, HOLD, true);
                index += 10_000;
            }
            steps.add(step);
            if (step.held() && (late || step.completedOfOffered() < SUSTAINED)) {
                return new Result(List.copyOf(steps), step.completedPerSecond());
            }
        }
    }

    private Step step(double rate, long sequence, int index, Duration length, boolean held) {
        long from = System.nanoTime();
        long to = from + length.toNanos();
        int offered = generator
                .offer(LoadGenerator.Arrivals.PACED, rate, sequence, index, offers -> System.nanoTime() >= to)
                .size();
        long ended = System.nanoTime();
        double seconds = clock.scaledSeconds(ended - from);
        Step step = new Step(offered / seconds, generator.answeredWithin(from, ended) / seconds, held);
        progress.accept(step);
        return step;
    }
}
