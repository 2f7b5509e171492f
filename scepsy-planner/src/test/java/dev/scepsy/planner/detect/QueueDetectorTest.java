package dev.scepsy.planner.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class QueueDetectorTest {

    private static final boolean FULL = Boolean.getBoolean("scepsy.full");
    private static final double STEP_SECONDS = 5;

    /** M/M/c in discrete events, sampled every 5 s. */
    private static final class Queue {
        private final SplittableRandom random;
        private final int servers;
        private final double serviceSeconds;
        private double clock;
        private double sampleAt = STEP_SECONDS;
        private int requests;
        double perSecond;

        Queue(long seed, int servers, double serviceSeconds, double utilisation) {
            this.random = new SplittableRandom(seed);
            this.servers = servers;
            this.serviceSeconds = serviceSeconds;
            this.perSecond = utilisation * servers / serviceSeconds;
        }

        /** Requests waiting at the next sample. */
        int waiting() {
            while (true) {
                double out = Math.min(requests, servers) / serviceSeconds;
                double next = clock - Math.log(1 - random.nextDouble()) / (perSecond + out);
                if (next > sampleAt) {
                    clock = sampleAt;
                    sampleAt += STEP_SECONDS;
                    return Math.max(0, requests - servers);
                }
                clock = next;
                requests += random.nextDouble() < perSecond / (perSecond + out) ? 1 : -1;
            }
        }

        int busy() {
            return Math.min(requests, servers);
        }

        /** Mean requests waiting of M/M/c: C ρ / (1 − ρ), C by Erlang. */
        static double mean(int servers, double utilisation) {
            double load = servers * utilisation;
            double blocked = 1;
            for (int i = 1; i <= servers; i++) {
                blocked = load * blocked / (i + load * blocked);
            }
            double waits = blocked / (1 - utilisation * (1 - blocked));
            return waits * utilisation / (1 - utilisation);
        }
    }

    @Test
    void queuesThatThePlanPredictsAreQuietHoweverLongTheirBursts() {
        int told = 0;
        int hours = FULL ? 1_000 : 60;
        for (double utilisation : new double[] {0.5, 0.7, 0.85, 0.93}) {
            int of = 0;
            for (int seed = 0; seed < (FULL ? 2 : 1); seed++) {
                Queue queue = new Queue(seed, 4, 2, utilisation);
                QueueDetector detector =
                        new QueueDetector("m", Queue.mean(4, utilisation), OptionalDouble.of(utilisation));
                for (int i = 0; i < hours * 720; i++) {
                    int waiting = queue.waiting();
                    of += detector.take(at(i), waiting, OptionalDouble.of(queue.busy() / 4.0))
                                    .isPresent()
                            ? 1
                            : 0;
                }
            }
            if (FULL) {
                System.out.println("queue findings at utilisation " + utilisation + ": " + of);
            }
            told += of;
        }
        assertThat(told).as("findings").isLessThanOrEqualTo(FULL ? 20 : 1);
    }

    @Test
    void moreThanTheEnginesCanServeIsToldInMinutes() {
        Queue queue = new Queue(1, 4, 2, 0.7);
        QueueDetector detector = new QueueDetector("m", Queue.mean(4, 0.7), OptionalDouble.empty());
        int i = 0;
        for (; i < 720; i++) {
            assertThat(detector.take(at(i), queue.waiting(), OptionalDouble.empty()))
                    .isEmpty();
        }
        queue.perSecond *= 1.8;
        Optional<Change.Queue> told = Optional.empty();
        int late = 0;
        for (; told.isEmpty() && late < 720; late++) {
            told = detector.take(at(i + late), queue.waiting(), OptionalDouble.empty());
        }
        assertThat(late * STEP_SECONDS).isLessThan(600);
        assertThat(told).hasValueSatisfying(change -> {
            assertThat(change.measure()).isEqualTo("waitingRequests");
            assertThat(change.measured()).isGreaterThan(5);
            assertThat(change.evidenceKey()).isEqualTo("queue/m/waitingRequests");
            assertThat(change.sentence()).contains("the plan predicts").contains("bursts would have passed");
        });
        for (int more = 0; more < 100; more++) {
            assertThat(detector.take(at(i + late + more), queue.waiting(), OptionalDouble.empty()))
                    .as("it is told once")
                    .isEmpty();
        }
    }

    @Test
    void enginesBusierThanPredictedAreToldEvenIfNothingWaits() {
        QueueDetector detector = new QueueDetector("m", 0, OptionalDouble.of(0.5));
        Optional<Change.Queue> told = Optional.empty();
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 720 && told.isEmpty(); i++) {
            told = detector.take(at(i), 0, OptionalDouble.of(0.7 + 0.1 * random.nextDouble()));
        }
        assertThat(told)
                .hasValueSatisfying(change -> assertThat(change.measure()).isEqualTo("utilisation"));
    }

    private static long at(int i) {
        return (long) (i * STEP_SECONDS * 1e9);
    }
}
