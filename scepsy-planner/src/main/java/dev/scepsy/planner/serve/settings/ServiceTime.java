package dev.scepsy.planner.serve.settings;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/**
 * The service's time, in which windows, cooldowns and quiet hours are meant. On an emulated cluster it runs faster than the
 * wall. Thread-safe.
 */
public interface ServiceTime extends InstantSource {

    /** The wall's. */
    ServiceTime WALL = new ServiceTime() {
        @Override
        public Instant instant() {
            return Instant.now();
        }

        @Override
        public long steadyNanos() {
            return System.nanoTime();
        }

        @Override
        public Duration real(Duration serviceTime) {
            return serviceTime;
        }
    };

    /** How long {@code serviceTime} lasts on the wall, to wait for. */
    Duration real(Duration serviceTime);

    /**
     * Nanoseconds of the service's time since some moment: for what lasts, since the wall's clock may jump either way. Differences count; never goes
     * back. Of a clock that cannot jump it is the clock itself.
     */
    default long steadyNanos() {
        Instant now = instant();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    /** From now on {@code factor} times as fast as the wall. */
    static ServiceTime scaled(double factor) {
        return scaled(factor, Instant.now());
    }

    /**
     * {@code factor} times as fast as the wall, with which it agrees at {@code origin}: the same for all programs that are told the same, whenever
     * they start. Where the wall's clock jumps this one does, {@code factor} times as far.
     */
    static ServiceTime scaled(double factor, Instant origin) {
        return scaled(factor, origin, InstantSource.system());
    }

    /** The same beside another wall. */
    static ServiceTime scaled(double factor, Instant origin, InstantSource wall) {
        long begin = System.nanoTime();
        return new ServiceTime() {
            @Override
            public Instant instant() {
                return origin.plusNanos(
                        (long) (Duration.between(origin, wall.instant()).toNanos() * factor));
            }

            @Override
            public long steadyNanos() {
                return (long) ((System.nanoTime() - begin) * factor);
            }

            @Override
            public Duration real(Duration serviceTime) {
                return Duration.ofNanos(Math.max(1, (long) (serviceTime.toNanos() / factor)));
            }
        };
    }
}
