package dev.scepsy.planner.stat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class IntervalOverlapTest {

    @Test
    void intervalsApartSeeOnlyThemselves() {
        assertThat(IntervalOverlap.squared(new long[] {0, 5, 9}, new long[] {5, 9, 12}))
                .isEqualTo(12);
        assertThat(IntervalOverlap.squared(new long[0], new long[0])).isZero();
        assertThat(IntervalOverlap.squared(new long[] {3, 3}, new long[] {3, 4}))
                .isEqualTo(1);
    }

    @Test
    void siblingsSeeEachOther() {
        assertThat(IntervalOverlap.squared(new long[] {0, 0, 0}, new long[] {7, 7, 7}))
                .isEqualTo(9 * 7);
    }

    @Test
    void equalsTheSumOverEveryInstant() {
        Random random = new Random(5);
        for (int round = 0; round < 500; round++) {
            int count = 1 + random.nextInt(6);
            long[] starts = new long[count];
            long[] ends = new long[count];
            long[] open = new long[40];
            for (int i = 0; i < count; i++) {
                starts[i] = random.nextInt(20);
                ends[i] = starts[i] + random.nextInt(20);
                for (long t = starts[i]; t < ends[i]; t++) {
                    open[(int) t]++;
                }
            }
            double expected = 0;
            for (long c : open) {
                expected += c * c;
            }
            assertThat(IntervalOverlap.squared(starts, ends)).isEqualTo(expected);
        }
    }
}
