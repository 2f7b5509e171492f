package dev.scepsy.planner.kernel;

import java.util.Arrays;

/** Points of one direction of a surface, ascending and above 0; read between on a logarithmic scale. Immutable. */
record Grid(double[] points, double[] logarithms) {

    static final Grid WIDTHS = of(128, 512, 2048, 8192, 51200);
    static final Grid TOKENS = of(1, 4, 16, 64, 256, 1024, 4096, 16384);
    static final Grid SEQUENCES = of(1, 4, 16, 64, 256, 1024);
    /** Cached tokens; tables count the one being written as another. */
    static final Grid CONTEXT = of(127, 511, 2047, 8191, 32767, 131071);

    static final Grid PROMPT = of(16, 64, 256, 1024, 4096, 16384);
    static final Grid MESSAGE =
            of(256, 1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24, 1 << 26, 1 << 28);

    static Grid of(double... points) {
        return new Grid(points, Arrays.stream(points).map(Math::log).toArray());
    }

    int size() {
        return points.length;
    }

    /** The index of the point left of {@code at}, clamped so that there is one to its right. */
    int left(double at) {
        int i = 0;
        while (i < points.length - 2 && at >= points[i + 1]) {
            i++;
        }
        return i;
    }

    /** How far {@code at} lies between point {@code left} and the next, in [0, 1]. */
    double part(int left, double at) {
        double logarithm = Math.log(Math.max(at, Double.MIN_NORMAL));
        double between = (logarithm - logarithms[left]) / (logarithms[left + 1] - logarithms[left]);
        return Math.min(1, Math.max(0, between));
    }

    /** Index of {@code point}, or -1. */
    int indexOf(double point) {
        return Arrays.binarySearch(points, point) < 0 ? -1 : Arrays.binarySearch(points, point);
    }
}
