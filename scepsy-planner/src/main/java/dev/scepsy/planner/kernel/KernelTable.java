package dev.scepsy.planner.kernel;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Kinds of kernels, the directions of their surfaces, and what their values are. */
enum KernelTable {
    /** Time over roofline of matrix products by n, k and tokens. */
    PRODUCTS("gemm", Grid.WIDTHS, Grid.WIDTHS, Grid.TOKENS),
    /** Microseconds of quantising activations to fp8 by k and tokens. */
    QUANTISING("quantize", Grid.WIDTHS, Grid.TOKENS),
    /** Time over roofline of a layer's experts by tokens. */
    EXPERTS("moe", Grid.TOKENS),
    /** Time over roofline of one decode step's attention by sequences and cached tokens. */
    DECODE_ATTENTION("generation-attention", Grid.SEQUENCES, Grid.CONTEXT),
    /** Time over roofline of one prompt's attention by its tokens. */
    PROMPT_ATTENTION("context-attention", Grid.PROMPT),
    /** Time over roofline of latent attention while decoding by sequences and cached tokens. */
    LATENT_DECODE("generation-mla", Grid.SEQUENCES, Grid.CONTEXT),
    /** Microseconds of the two batched products around it by tokens. */
    LATENT_PRODUCTS("mla-bmm", Grid.TOKENS),
    /** Microseconds of an engine's all-reduce by bytes. */
    ALL_REDUCE("allreduce", Grid.MESSAGE);

    private final String key;
    private final List<Grid> grids;

    KernelTable(String key, Grid... grids) {
        this.key = key;
        this.grids = List.of(grids);
    }

    String key() {
        return key;
    }

    int size() {
        return grids.stream().mapToInt(Grid::size).reduce(1, (one, other) -> one * other);
    }

    static KernelTable of(String key) {
        return Arrays.stream(values())
                .filter(table -> table.key.equals(key))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("The table (" + key + ") must be one of "
                        + Arrays.stream(values()).map(KernelTable::key).collect(Collectors.joining(", ")) + "."));
    }

    /** Index of a point of the grid, or -1 where one coordinate is none of its points. */
    int indexOf(double... point) {
        int index = 0;
        for (int direction = 0; direction < grids.size(); direction++) {
            int at = grids.get(direction).indexOf(point[direction]);
            if (at < 0) {
                return -1;
            }
            index = index * grids.get(direction).size() + at;
        }
        return index;
    }

    /** Coordinate of the point {@code index} in {@code direction}. */
    double coordinate(int index, int direction) {
        int rest = index;
        for (int d = grids.size() - 1; d > direction; d--) {
            rest /= grids.get(d).size();
        }
        Grid grid = grids.get(direction);
        return grid.points()[rest % grid.size()];
    }

    Surface surface(String values) {
        return new Surface(
                grids,
                Arrays.stream(values.split(" "))
                        .mapToDouble(Double::parseDouble)
                        .map(Math::log)
                        .toArray());
    }

    /** {@code values} as {@link #surface} reads them; what was not measured takes its neighbour's. */
    static String text(double[] values, int alongLast) {
        double[] filled = values.clone();
        for (int i = 0; i < filled.length; i++) {
            if (Double.isNaN(filled[i])) {
                boolean first = i % alongLast == 0;
                filled[i] = !first ? filled[i - 1] : i >= alongLast ? filled[i - alongLast] : Double.NaN;
            }
        }
        for (int i = filled.length - 1; i >= 0; i--) {
            if (Double.isNaN(filled[i])) {
                filled[i] = i + 1 < filled.length ? filled[i + 1] : 1;
            }
        }
        return Arrays.stream(filled).mapToObj(KernelTable::shortest).collect(Collectors.joining(" "));
    }

    private static String shortest(double value) {
        String text = String.format(Locale.ROOT, "%.3g", value);
        return text.contains("e") || !text.contains(".")
                ? Double.toString(Double.parseDouble(text))
                : text.replaceAll("0+$", "").replaceAll("\\.$", "");
    }

    int directions() {
        return grids.size();
    }

    int lastSize() {
        return grids.get(grids.size() - 1).size();
    }
}
