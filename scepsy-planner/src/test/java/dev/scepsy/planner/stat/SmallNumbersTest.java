package dev.scepsy.planner.stat;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SmallNumbersTest {

    @Test
    void anyNumbersAreSortedAsArraysDoes() {
        SplittableRandom random = new SplittableRandom(1);
        for (int range : new int[] {1, 2, 50, 5_000, Integer.MAX_VALUE}) {
            for (int count : new int[] {0, 1, 2, 7, 1_000}) {
                int[] values = random.ints(count, 0, range).toArray();
                int[] wanted = values.clone();
                Arrays.sort(wanted);
                SmallNumbers.sort(values);
                assertThat(values).isEqualTo(wanted);
            }
        }
    }

    @Test
    void negativeNumbersAndTheLargestOnesAreSortedToo() {
        int[] values = {3, -1, Integer.MAX_VALUE, 0, Integer.MIN_VALUE, 3};
        SmallNumbers.sort(values);
        assertThat(values).containsExactly(Integer.MIN_VALUE, -1, 0, 3, 3, Integer.MAX_VALUE);
    }
}
