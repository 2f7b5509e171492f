package dev.scepsy.planner.serve.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.serve.settings.ServiceTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class AgesTest {

    private static final Instant BEGIN = Instant.parse("2026-11-30T10:00:00Z");

    /** A wall's clock that jumps beside one that does not. */
    private static final class Clocks implements ServiceTime {
        private Instant wall = BEGIN;
        private long steady = -5;

        void pass(Duration time) {
            wall = wall.plus(time);
            steady += time.toNanos();
        }

        void jump(Duration by) {
            wall = wall.plus(by);
        }

        @Override
        public Instant instant() {
            return wall;
        }

        @Override
        public long steadyNanos() {
            return steady;
        }

        @Override
        public Duration real(Duration serviceTime) {
            return serviceTime;
        }
    }

    private final Clocks clocks = new Clocks();
    private final Ages ages = new Ages(clocks);

    @Test
    void whatIsSeenFirstIsAsOldAsTheRecordSays() {
        assertThat(ages.since(BEGIN.minusSeconds(90))).isEqualTo(Duration.ofSeconds(90));
    }

    @Test
    void aJumpEitherWayMakesNothingOlderOrYounger() {
        ages.since(BEGIN);
        for (int hours : new int[] {1, -2, 1}) {
            clocks.pass(Duration.ofMinutes(5));
            clocks.jump(Duration.ofHours(hours));
        }
        assertThat(ages.since(BEGIN)).isEqualTo(Duration.ofMinutes(15));
    }

    @Test
    void whatAnEarlierProcessWroteInTheFutureHappenedNow() {
        clocks.jump(Duration.ofHours(-1));
        assertThat(ages.since(BEGIN)).isZero();
        clocks.pass(Duration.ofMinutes(3));
        assertThat(ages.since(BEGIN)).isEqualTo(Duration.ofMinutes(3));
    }

    @Test
    void aMeasurementBeginsAnewWhereTheClockJumpsThoughItsWholeAgeGoesOn() {
        ages.measured("e-1", BEGIN);
        clocks.pass(Duration.ofMinutes(8));
        assertThat(ages.measured("e-1", BEGIN).unbroken()).isEqualTo(Duration.ofMinutes(8));
        clocks.jump(Duration.ofHours(1));
        assertThat(ages.measured("e-1", BEGIN).unbroken()).isZero();
        clocks.pass(Duration.ofMinutes(4));
        assertThat(ages.measured("e-1", BEGIN))
                .isEqualTo(new Ages.Measured(Duration.ofMinutes(12), Duration.ofMinutes(4)));
    }

    @Test
    void aClockThatIsOnlyPulledIntoStepBreaksNoMeasurement() {
        ages.measured("e-1", BEGIN);
        clocks.pass(Duration.ofMinutes(8));
        clocks.jump(Duration.ofSeconds(-2));
        assertThat(ages.measured("e-1", BEGIN).unbroken()).isEqualTo(Duration.ofMinutes(8));
    }
}
