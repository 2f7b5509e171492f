package dev.scepsy.planner.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class TabulatedTimesTest {

    @Test
    void aFunctionIsExactAtPowersOfTwoAndStraightBetween() {
        Doublings squares = Doublings.of(x -> x * x);
        for (int power = 0; power <= 18; power++) {
            assertThat(squares.at(1 << power)).isEqualTo(Math.pow(4, power));
        }
        // half of the way from 4 to 8: the mean of 16 and 64
        assertThat(squares.at(6)).isEqualTo(40);
        assertThat(squares.at(0)).isEqualTo(1);
        assertThat(squares.at(0.3)).isEqualTo(1);
        Doublings line = Doublings.of(x -> 3 + 2 * x);
        assertThat(line.at(777)).isCloseTo(1557, within(1e-9));
        // beyond the last along its last piece
        assertThat(line.at(1_000_000)).isCloseTo(2_000_003, within(1e-6));
    }

    @Test
    void levellingLeavesGrowingTimesAloneAndMeetsDipsHalfway() {
        assertThat(Doublings.growing(Math::sqrt).at(48))
                .isEqualTo(Doublings.of(Math::sqrt).at(48));
        // 1, 5, 3, 8, 8 ...: the highest before is 1, 5, 5, 8, the lowest after 1, 3, 3, 8
        Doublings level = Doublings.growing(x -> x == 1 ? 1 : x == 2 ? 5 : x == 4 ? 3 : 8);
        assertThat(level.at(1)).isEqualTo(1);
        assertThat(level.at(2)).isEqualTo(4);
        assertThat(level.at(4)).isEqualTo(4);
        assertThat(level.at(8)).isEqualTo(8);
    }

    @Test
    void overSquaresWhatGrowsWithTheSquareIsExactAnywhere() {
        Doublings times = Doublings.of(x -> 5 + 3 * x * x);
        assertThat(times.overSquaresAt(48)).isCloseTo(5 + 3 * 48 * 48, within(1e-9));
        assertThat(times.overSquaresAt(1_000_000)).isCloseTo(5 + 3e12, within(1.0));
        assertThat(times.overSquaresAt(0)).isZero();
        // 1 at 4 and 4 at 8: 6² = 36 lies 20 of 48 along
        assertThat(Doublings.of(x -> x / 4 * x / 4).overSquaresAt(6)).isCloseTo(2.25, within(1e-12));
    }

    @Test
    void levelledTimesNeverFall() {
        Random random = new Random(8);
        for (int round = 0; round < 50; round++) {
            Doublings times = Doublings.growing(x -> Math.log(x + 1) * (1 + random.nextDouble()));
            AttentionTimes attention =
                    AttentionTimes.of((s, c) -> Math.log(s + 1) * Math.log(c + 1) * (1 + random.nextDouble()));
            for (int i = 0; i < 100; i++) {
                double x = Math.exp(11.7 * random.nextDouble());
                double sequences = Math.exp(6.9 * random.nextDouble());
                double more = 1 + random.nextDouble();
                assertThat(times.at(x * more)).isGreaterThanOrEqualTo(times.at(x) * (1 - 1e-12));
                double here = attention.at(sequences, x) * (1 - 1e-12);
                assertThat(attention.at(sequences * more, x)).isGreaterThanOrEqualTo(here);
                assertThat(attention.at(sequences, x * more)).isGreaterThanOrEqualTo(here);
            }
        }
    }

    @Test
    void sumsAreSumsOfEveryPoint() {
        Doublings sum = Doublings.of(x -> x).plus(3, Doublings.of(x -> 2 * x));
        assertThat(sum.at(100)).isCloseTo(700, within(1e-9));
        AttentionTimes times = AttentionTimes.of((s, c) -> s * c).plus(3, AttentionTimes.of((s, c) -> 2 * s * c));
        assertThat(times.at(5, 100)).isCloseTo(3500, within(1e-9));
        assertThat(AttentionTimes.zero().at(5, 100)).isZero();
    }

    @Test
    void attentionIsExactForTrafficAnywhereAndForAPartOfOneSequence() {
        AttentionTimes traffic = AttentionTimes.of((sequences, context) -> 7 + 0.5 * sequences * context);
        Random random = new Random(9);
        for (int i = 0; i < 1000; i++) {
            double sequences = 1 + 5000 * random.nextDouble();
            double context = 1 + 600_000 * random.nextDouble();
            double expected = 7 + 0.5 * sequences * context;
            assertThat(traffic.at(sequences, context)).isCloseTo(expected, within(1e-9 * expected));
        }
        assertThat(traffic.at(0, 100)).isZero();
        assertThat(traffic.at(0.25, 100)).isCloseTo(0.25 * 57, within(1e-9));
    }

    @Test
    void attentionIsLevelledInBothDirections() {
        // a bump at 2 sequences of 2 tokens: 9 where its neighbours are 1; all after it are 10 and more
        AttentionTimes times = AttentionTimes.of((s, c) -> s == 2 && c == 2 ? 9 : s <= 2 && c <= 4 ? 1 : 10);
        assertThat(times.at(2, 2)).isEqualTo(5);
        assertThat(times.at(2, 4)).isEqualTo(5);
        assertThat(times.at(1, 4)).isEqualTo(1);
        assertThat(times.at(4, 4)).isEqualTo(10);
    }
}
