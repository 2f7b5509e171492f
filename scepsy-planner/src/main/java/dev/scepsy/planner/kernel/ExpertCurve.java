package dev.scepsy.planner.kernel;

/**
 * Time over roofline of one engine's experts of one shape by tokens.
 *
 * @param tensorParallel GPUs the width was split over
 */
record ExpertCurve(ExpertShape shape, int tensorParallel, Surface ratio) {

    static ExpertCurve of(String shapeAndSplit, Surface ratio) {
        String[] sizes = shapeAndSplit.split(" ");
        return new ExpertCurve(
                new ExpertShape(
                        number(sizes, 0), number(sizes, 1), number(sizes, 2), number(sizes, 3), number(sizes, 4)),
                number(sizes, 5),
                ratio);
    }

    private static int number(String[] sizes, int at) {
        return Integer.parseInt(sizes[at]);
    }

    /** How unlike a wanted shape and split it is; the shape comes first. */
    double distance(ExpertShape wanted, double wantedSplit) {
        return 10 * shape.distance(wanted) + Math.abs(Math.log(tensorParallel / wantedSplit));
    }

    /** Time over roofline of {@code tokens} of a model of the {@code wanted} shape: at the same tokens per expert. */
    double ratio(ExpertShape wanted, double tokens) {
        return ratio.at(Math.max(1, tokens) * wanted.density() / shape.density());
    }
}
