package dev.scepsy.samples.demo;

import dev.scepsy.samples.demo.LoadGenerator.Arrivals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Load B: rates rise by a constant factor until the application completes less than 98 % of what it is offered. A step
 * is suspect when more executions are inside than its rate and the latency of an idle system explain (Little's law); the
 * rate is then held, and what completes while it is held decides. Throughput is the most that completed per second while a
 * rate was held, and no more than was offered.
 */
final class RisingLoad {

    static final double SUSTAINED = 0.98;

    private static final double GROWTH = 1.3;
    private static final double CROWDED = 1.6;
    private static final double CHANCE = 3;
    private static final Duration STEP = Duration.ofMillis(2_200);
    private static final Duration SETTLE = Duration.ofMillis(1_500);
    private static final Duration HOLD = Duration.ofMillis(6_000);
    private static final Duration BUDGET = Duration.ofMillis(22_000);

    /**
     * One rate.
     *
     * @param offeredPerSecond executions offered per scaled second
     * @param completedPerSecond executions completed per scaled second meanwhile
     * @param inside executions inside at the end
     * @param held whether the rate was held long enough to be judged
     */
    record Step(double offeredPerSecond, double completedPerSecond, int inside, boolean held) {
        double completedOfOffered() {
            return completedPerSecond / offeredPerSecond;
        }
    }

    /** @param throughputPerSecond executions per scaled second, the most that a held rate completed */
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
     * @param endNanos by {@code System.nanoTime()}: from then on the rate is held and judged, whatever it is
     */
    Result run(double startPerSecond, double idleLatencySeconds, long sequence, long endNanos) {
        long giveUpNanos = Math.min(System.nanoTime() + BUDGET.toNanos(), endNanos);
        List<Step> steps = new ArrayList<>();
        int index = 0;
        double sustained = 0;
        for (double rate = startPerSecond; ; rate *= GROWTH) {
            Step step = step(rate, sequence, index, STEP, false);
            index += 10_000;
            boolean crowded = step.inside() > CROWDED * rate * idleLatencySeconds + CHANCE;
            boolean late = System.nanoTime() > giveUpNanos;
            if (crowded || late) {
                step = step(rate, sequence, index, HOLD, true);
                index += 10_000;
            }
            steps.add(step);
            if (step.held()) {
                sustained = Math.max(sustained, Math.min(step.offeredPerSecond(), step.completedPerSecond()));
            }
            if (step.held() && (late || step.completedOfOffered() < SUSTAINED)) {
                return new Result(List.copyOf(steps), sustained);
            }
        }
    }

    /** Offers at one rate; a held rate is measured once the change from the rate before it has passed through. */
    private Step step(double rate, long sequence, int index, Duration length, boolean held) {
        Arrivals paced = Arrivals.PACED;
        int settling = 0;
        if (held) {
            settling =
                    generator.offer(paced, rate, sequence, index, until(SETTLE)).size();
        }
        long from = System.nanoTime();
        int offered = generator
                .offer(paced, rate, sequence, index + settling, until(length))
                .size();
        long ended = System.nanoTime();
        double seconds = clock.scaledSeconds(ended - from);
        Step step = new Step(
                offered / seconds, generator.answeredWithin(from, ended) / seconds, generator.inFlight(), held);
        progress.accept(step);
        return step;
    }

    private static Predicate<List<Execution>> until(Duration length) {
        long end = System.nanoTime() + length.toNanos();
        return offers -> System.nanoTime() >= end;
    }
}
