package dev.scepsy.planner.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The numbers of Kubernetes' documentation, by hand. */
class HorizontalScalingTest {

    private final HorizontalScaling rule = new HorizontalScaling(1, 20, 100);

    @Test
    void twiceTheTargetDoublesAndATenthMoreOrLessChangesNothing() {
        assertThat(rule.desired(15, 2, 400)).isEqualTo(4);
        assertThat(rule.desired(30, 4, 440)).isEqualTo(4);
        assertThat(rule.desired(45, 4, 441)).isEqualTo(5);
        assertThat(rule.desired(60, 5, 450)).isEqualTo(5);
    }

    @Test
    void itNeverMoreThanDoublesAtOnceUnlessFourMoreAreMore() {
        assertThat(rule.desired(15, 1, 2_000)).isEqualTo(5);
        assertThat(rule.desired(30, 5, 2_000)).isEqualTo(10);
        assertThat(rule.desired(45, 10, 5_000)).isEqualTo(20);
    }

    @Test
    void itShrinksToTheMostThatWasAskedForWithinFiveMinutes() {
        assertThat(rule.desired(15, 4, 400)).isEqualTo(4);
        assertThat(rule.desired(30, 4, 100)).isEqualTo(4);
        assertThat(rule.desired(100, 4, 250)).isEqualTo(4);
        assertThat(rule.desired(316, 4, 100))
                .isEqualTo(3); // Of 100 s, when three were asked for; 15 s is too long ago.
        assertThat(rule.desired(401, 3, 100)).isEqualTo(1);
    }

    @Test
    void withoutLoadTheLeastAreLeft() {
        HorizontalScaling two = new HorizontalScaling(2, 4, 1);
        assertThat(two.desired(0, 4, 0)).isEqualTo(4);
        assertThat(two.desired(301, 4, 0)).isEqualTo(2);
    }

    @Test
    void itStaysWithinItsBoundsAndAConstantLoadFindsItsRest() {
        SplittableRandom random = new SplittableRandom(7);
        for (int run = 0; run < 200; run++) {
            HorizontalScaling each = new HorizontalScaling(1, 12, 1 + random.nextInt(10));
            int current = 1 + random.nextInt(12);
            double total = random.nextDouble(200);
            int before = -1;
            for (int look = 0; look < 60; look++) {
                before = current;
                current = each.desired(look * Autoscaling.SYNC_SECONDS, current, total);
                assertThat(current).isBetween(1, 12);
            }
            assertThat(current).isEqualTo(before);
        }
    }
}
