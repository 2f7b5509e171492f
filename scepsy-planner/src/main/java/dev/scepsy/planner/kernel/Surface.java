package dev.scepsy.planner.kernel;

import java.util.Arrays;
import java.util.List;

/**
 * Logarithms over a rectangular grid, read between by straight lines over logarithms and held constant outside. A surface of
 * time over roofline is an efficiency, inverted. Immutable.
 *
 * @param grids directions, slowest first
 * @param logarithms one value per point, the last direction fastest
 */
record Surface(List<Grid> grids, double[] logarithms) {

    Surface {
        grids = List.copyOf(grids);
        int points = grids.stream().mapToInt(Grid::size).reduce(1, (one, other) -> one * other);
        if (logarithms.length != points) {
            throw new IllegalArgumentException(
                    "The surface has " + logarithms.length + " values where its grid has " + points + " points.");
        }
        if (!Arrays.stream(logarithms).allMatch(Double::isFinite)) {
            throw new IllegalArgumentException("Every value of a surface must be a number above 0.");
        }
    }

    /** The value (not its logarithm) at {@code coordinates}, one per direction. */
    double at(double... coordinates) {
        return Math.exp(logarithmAt(0, 0, coordinates));
    }

    private double logarithmAt(int direction, int offset, double[] coordinates) {
        if (direction == coordinates.length) {
            return logarithms[offset];
        }
        Grid grid = grids.get(direction);
        int left = grid.left(coordinates[direction]);
        double part = grid.part(left, coordinates[direction]);
        int here = (offset * grid.size()) + left;
        double low = part == 1 ? 0 : logarithmAt(direction + 1, here, coordinates);
        double high = part == 0 ? 0 : logarithmAt(direction + 1, here + 1, coordinates);
        return part == 0 ? low : part == 1 ? high : low + part * (high - low);
    }
}
