package dev.scepsy.samples.cluster.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventClockTest {
    private long nanos;
    private final List<Long> alarms = new ArrayList<>();
    private final List<Runnable> callbacks = new ArrayList<>();
    private final EventClock clock = new EventClock(10, () -> nanos, (millis, callback) -> {
        alarms.add(millis);
        callbacks.add(callback);
    });

    @Test
    void emulatedTimeRunsAsManyTimesAsFast() {
        nanos = 500_000_000;
        assertThat(clock.nowSeconds()).isCloseTo(5, within(1e-9));
    }

    @Test
    void eventsRunInTheOrderOfTheirTimesAndSeeTheirOwnTime() {
        List<Double> seen = new ArrayList<>();
        clock.at(3, () -> seen.add(clock.nowSeconds()));
        clock.at(1, () -> seen.add(clock.nowSeconds()));
        nanos = 1_000_000_000;
        clock.catchUp();

        assertThat(seen).containsExactly(1.0, 3.0);
    }

    @Test
    void aChainOfStepsDoesNotDriftHoweverLateTheThread() {
        List<Double> ends = new ArrayList<>();
        step(ends);
        nanos = 10_000_000_000L;
        for (int i = 0; i < 200 && ends.size() < 1000; i++) {
            clock.catchUp();
        }

        assertThat(ends).hasSize(1000);
        assertThat(ends.get(999)).isCloseTo(1000 * 0.02, within(1e-9));
    }

    private void step(List<Double> ends) {
        clock.at(clock.nowSeconds() + 0.02, () -> {
            ends.add(clock.nowSeconds());
            if (ends.size() < 1000) {
                step(ends);
            }
        });
    }

    @Test
    void anAlarmIsSetForTheEarliestEventOnly() {
        clock.at(10, () -> {});
        clock.at(20, () -> {});
        clock.at(5, () -> {});

        assertThat(alarms).containsExactly(1000L, 500L);
    }

    @Test
    void theAlarmWakesTheClock() {
        List<String> happened = new ArrayList<>();
        clock.at(1, () -> happened.add("event"));
        nanos = 100_000_000;
        callbacks.get(0).run();

        assertThat(happened).containsExactly("event");
    }

    @Test
    void aCancelledEventNeverHappens() {
        List<String> happened = new ArrayList<>();
        clock.at(1, () -> happened.add("event")).cancel();
        nanos = 1_000_000_000;
        clock.catchUp();

        assertThat(happened).isEmpty();
    }

    @Test
    void latenessIsMeasuredInEmulatedSeconds() {
        clock.at(1, () -> {});
        nanos = 300_000_000;
        clock.catchUp();

        assertThat(clock.takeWorstLagSeconds()).isCloseTo(2, within(1e-9));
        assertThat(clock.takeWorstLagSeconds()).isZero();
    }

    @Test
    void aCoarserScaleThanThirtyIsRefused() {
        assertThatThrownBy(() -> new EventClock(31, () -> 0, (millis, callback) -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("timeScale (31.0)");
    }
}
