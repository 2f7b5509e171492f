package dev.scepsy.planner.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SurfaceTest {

    private static final Grid TENS = Grid.of(1, 10, 1000);
    private static final Grid TWOS = Grid.of(2, 8);

    private static Surface surface(List<Grid> grids, double... values) {
        return new Surface(grids, Arrays.stream(values).map(Math::log).toArray());
    }

    @Test
    void readsStraightLinesOverLogarithmsInOneDirection() {
        Surface surface = surface(List.of(TENS), 4, 1, 100);
        // half of the way from 1 to 10 is √10: the geometric middle of 4 and 1
        assertThat(surface.at(Math.sqrt(10))).isCloseTo(2, within(1e-12));
        // 100 is half of the way from 10 to 1000
        assertThat(surface.at(100)).isCloseTo(10, within(1e-12));
    }

    @Test
    void readsBetweenFourPointsInTwoDirectionsAndEightInThree() {
        Surface two = surface(List.of(TENS, TWOS), 1, 4, 16, 64, 1, 1);
        // √10 and 4 are the middles: the geometric mean of 1, 4, 16 and 64
        assertThat(two.at(Math.sqrt(10), 4)).isCloseTo(8, within(1e-12));
        assertThat(two.at(10, 4)).isCloseTo(32, within(1e-12));
        Surface three = surface(List.of(TWOS, TWOS, TWOS), 1, 2, 4, 8, 16, 32, 64, 128);
        assertThat(three.at(4, 4, 4)).isCloseTo(Math.pow(2, 3.5), within(1e-12));
        assertThat(three.at(8, 2, 4)).isCloseTo(Math.pow(2, 4.5), within(1e-12));
    }

    @Test
    void isExactAtEveryPointOfItsGridAndHeldConstantOutside() {
        Random random = new Random(3);
        double[] values = IntStream.range(0, KernelTable.PRODUCTS.size())
                .mapToDouble(i -> 0.1 + random.nextDouble())
                .toArray();
        Surface surface = surface(List.of(Grid.WIDTHS, Grid.WIDTHS, Grid.TOKENS), values);
        for (int i = 0; i < values.length; i++) {
            double n = KernelTable.PRODUCTS.coordinate(i, 0);
            double k = KernelTable.PRODUCTS.coordinate(i, 1);
            double m = KernelTable.PRODUCTS.coordinate(i, 2);
            assertThat(KernelTable.PRODUCTS.indexOf(n, k, m)).isEqualTo(i);
            assertThat(surface.at(n, k, m)).isCloseTo(values[i], within(1e-12));
        }
        assertThat(surface.at(0, 1, 0.5)).isCloseTo(values[0], within(1e-12));
        assertThat(surface.at(1e9, 1e9, 1e9)).isCloseTo(values[values.length - 1], within(1e-12));
    }

    @Test
    void liesBetweenTheValuesOfItsCell() {
        Surface surface = surface(List.of(TENS, TWOS), 3, 5, 2, 7, 11, 13);
        Random random = new Random(4);
        for (int i = 0; i < 1000; i++) {
            assertThat(surface.at(Math.exp(8 * random.nextDouble()), 1 + 10 * random.nextDouble()))
                    .isBetween(2 - 1e-9, 13 + 1e-9);
        }
    }

    @Test
    void refusesTooFewValuesAndThoseThatAreNotAboveZero() {
        assertThatThrownBy(() -> surface(List.of(TENS), 1, 2))
                .hasMessageContaining("2 values")
                .hasMessageContaining("3");
        for (double bad : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> surface(List.of(TENS), 1, bad, 2)).hasMessageContaining("above 0");
        }
    }
}
