package dev.scepsy.planner.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.ortools.Loader;
import com.google.ortools.linearsolver.MPConstraint;
import com.google.ortools.linearsolver.MPObjective;
import com.google.ortools.linearsolver.MPSolver;
import com.google.ortools.linearsolver.MPVariable;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinearProgrammeTest {

    private static final double NEAR = 1e-4;

    @Test
    void twoRowsByHand() {
        // maximise 3x + 5y with x <= 4, 2y <= 12, 3x + 2y <= 18: x = 2, y = 6
        LinearProgramme programme = new LinearProgramme(new double[] {4, 12, 18}, new double[3]);
        programme.add(-3, new int[] {0, 2}, new double[] {1, 3});
        programme.add(-5, new int[] {1, 2}, new double[] {2, 2});
        assertThat(programme.minimise(10)).isTrue();
        assertThat(programme.objective()).isCloseTo(-36, within(NEAR));
        assertThat(programme.shadowPrices()).containsExactly(new double[] {0, -1.5, -1}, within(NEAR));
    }

    @Test
    void aRowThatMustBeMetIsBoughtAtWhatMissingItCosts() {
        LinearProgramme programme = new LinearProgramme(new double[] {3}, new double[] {100});
        assertThat(programme.minimise(10)).isTrue();
        assertThat(programme.objective()).isCloseTo(300, within(NEAR));
        assertThat(programme.shadowPrices()[0]).isEqualTo(100);
        programme.add(7, new int[] {0}, new double[] {1});
        assertThat(programme.minimise(10)).isTrue();
        assertThat(programme.objective()).isCloseTo(21, within(NEAR));
        programme.add(5, new int[] {0}, new double[] {2});
        assertThat(programme.minimise(10)).isTrue();
        assertThat(programme.objective()).isCloseTo(7.5, within(NEAR));
        assertThat(programme.shadowPrices()[0]).isCloseTo(2.5, within(NEAR));
    }

    @Test
    void saysWhenThereIsNoMinimum() {
        LinearProgramme programme = new LinearProgramme(new double[] {1}, new double[1]);
        programme.add(-1, new int[] {0}, new double[] {-1});
        assertThat(programme.minimise(10)).isFalse();
    }

    @Test
    void saysWhenThePivotsEnd() {
        LinearProgramme programme = new LinearProgramme(new double[] {4, 12, 18}, new double[3]);
        programme.add(-3, new int[] {0, 2}, new double[] {1, 3});
        programme.add(-5, new int[] {1, 2}, new double[] {2, 2});
        assertThat(programme.minimise(1)).isFalse();
        assertThat(programme.minimise(10)).isTrue();
        assertThat(programme.objective()).isCloseTo(-36, within(NEAR));
    }

    /** Degenerate on purpose: most right-hand sides are 0, entries are small whole numbers. */
    @Test
    void reachesTheMinimumOfAnIndependentSolver() {
        assumeTrue(available(), "OR-Tools has no native library for this platform");
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            int rows = 2 + random.nextInt(20);
            int columns = 2 + random.nextInt(60);
            double[] right = new double[rows];
            double[] missing = new double[rows];
            MPSolver solver = MPSolver.createSolver("GLOP");
            MPConstraint[] constraints = new MPConstraint[rows];
            MPObjective objective = solver.objective();
            objective.setMinimization();
            for (int row = 0; row < rows; row++) {
                right[row] = random.nextInt(3) == 0 ? 1 + random.nextInt(5) : 0;
                missing[row] = random.nextInt(3) == 0 ? 1_000 : 0;
                constraints[row] = solver.makeConstraint(right[row], right[row]);
                MPVariable own = solver.makeNumVar(0, Double.POSITIVE_INFINITY, "");
                constraints[row].setCoefficient(own, 1);
                objective.setCoefficient(own, missing[row]);
            }
            LinearProgramme programme = new LinearProgramme(right, missing);
            for (int column = 0; column < columns; column++) {
                // columns with something to pay and something to take, so that there is a minimum
                double cost = random.nextInt(20);
                int at = random.nextInt(rows);
                int other = (at + 1 + random.nextInt(rows - 1)) % rows;
                double[] entries = {1 + random.nextInt(3), random.nextInt(3) - 1.0};
                programme.add(cost, new int[] {at, other}, entries);
                MPVariable x = solver.makeNumVar(0, Double.POSITIVE_INFINITY, "");
                objective.setCoefficient(x, cost);
                constraints[at].setCoefficient(x, entries[0]);
                constraints[other].setCoefficient(x, entries[1]);
                if (random.nextInt(4) == 0) {
                    programme.minimise(3);
                }
            }
            assertThat(programme.minimise(10_000)).as("seed " + seed).isTrue();
            assertThat(solver.solve()).isEqualTo(MPSolver.ResultStatus.OPTIMAL);
            // right-hand sides are raised by 2e-7 at most, and a unit missing costs 1,000
            assertThat(programme.objective()).as("seed " + seed).isCloseTo(objective.value(), within(0.02));
        }
    }

    private static boolean available() {
        try {
            Loader.loadNativeLibraries();
            return true;
        } catch (RuntimeException | UnsatisfiedLinkError e) {
            return false;
        }
    }
}
