package dev.scepsy.planner.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.linear.RevisedSimplex.Column;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RevisedSimplexTest {

    /** Which proves the optimum: values that keep the rules cost what duals that keep theirs promise. */
    @Test
    void valuesAndDualsKeepTheRulesAndAgree() {
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            int rows = 2 + random.nextInt(30);
            double[] right = random.doubles(rows, 0, 10).toArray();
            List<Column> columns = new ArrayList<>();
            Column[] slacks = new Column[rows];
            for (int row = 0; row < rows; row++) {
                slacks[row] = new Column(0, new int[] {row}, new double[] {1}, -1);
                columns.add(slacks[row]);
            }
            for (int i = 0; i < 6 * rows; i++) {
                int[] entries =
                        random.ints(0, rows).distinct().limit(2).sorted().toArray();
                columns.add(new Column(
                        -random.nextDouble(), entries, new double[] {1 + random.nextDouble(), random.nextDouble()}, i));
            }

            RevisedSimplex simplex = new RevisedSimplex(right, slacks);
            int pivots = 0;
            for (Column next = cheapest(columns, simplex);
                    next.reducedCost(simplex.duals()) < -1e-9;
                    next = cheapest(columns, simplex)) {
                assertThat(simplex.enter(next)).isTrue();
                assertThat(++pivots).isLessThan(5_000);
            }

            double[] taken = new double[rows];
            for (int row = 0; row < rows; row++) {
                Column column = simplex.basis()[row];
                assertThat(simplex.values()[row]).isNotNegative();
                for (int i = 0; i < column.rows().length; i++) {
                    taken[column.rows()[i]] += column.values()[i] * simplex.values()[row];
                }
            }
            double promised = IntStream.range(0, rows)
                    .mapToDouble(row -> simplex.duals()[row] * right[row])
                    .sum();
            assertThat(taken).as("seed " + seed).containsExactly(right, within(1e-7));
            assertThat(simplex.objective()).as("seed " + seed).isCloseTo(promised, within(1e-7));
        }
    }

    private static Column cheapest(List<Column> columns, RevisedSimplex simplex) {
        return columns.stream()
                .min((a, b) -> Double.compare(a.reducedCost(simplex.duals()), b.reducedCost(simplex.duals())))
                .orElseThrow();
    }

    @Test
    void aColumnNothingMakesWayForDoesNotEnter() {
        RevisedSimplex simplex =
                new RevisedSimplex(new double[] {1}, new Column[] {new Column(0, new int[] {0}, new double[] {1}, -1)});

        assertThat(simplex.enter(new Column(-1, new int[] {0}, new double[] {-1}, 0)))
                .isFalse();
        assertThat(Arrays.stream(simplex.basis()).mapToInt(Column::label)).containsExactly(-1);
    }
}
