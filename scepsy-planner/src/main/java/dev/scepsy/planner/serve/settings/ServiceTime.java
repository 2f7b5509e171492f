package dev.scepsy.planner.serve.settings;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

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
        public Duration real(Duration serviceTime) {
            return serviceTime;
        }
    };

    /** How long {@code serviceTime} lasts on the wall, to wait for. */
    Duration real(Duration serviceTime);

    /** From now on {@code factor} times as fast as the wall. */
    static ServiceTime scaled(double factor) {
        return scaled(factor, Instant.now());
    }

    /**
     * {@code factor} times as fast as the wall, with which it agrees at {@code origin}: the same for all programs that are told the same, whenever
     * they start.
     */
    static ServiceTime scaled(double factor, Instant origin) {
        long begin = System.nanoTime();
        long past = Duration.between(origin, Instant.now()).toNanos();
        return new ServiceTime() {
            @Override
            public Instant instant() {
                return origin.plusNanos((long) ((past + System.nanoTime() - begin) * factor));
            }

            @Override
            public Duration real(Duration serviceTime) {
                return Duration.ofNanos(Math.max(1, (long) (serviceTime.toNanos() / factor)));
            }
        };
    }
}
