package dev.scepsy.planner.file;

/**
 * The numbers a key may hold. Immutable.
 *
 * @param low least value
 * @param lowIncluded whether {@code low} itself is legal
 * @param high greatest value, itself legal; infinite: no bound
 */
record Range(double low, boolean lowIncluded, double high) {

    static final Range POSITIVE = new Range(0, false, Double.POSITIVE_INFINITY);
    static final Range NOT_NEGATIVE = new Range(0, true, Double.POSITIVE_INFINITY);
    static final Range UNIT = new Range(0, true, 1);

    static Range atLeast(double low) {
        return new Range(low, true, Double.POSITIVE_INFINITY);
    }

    static Range between(double low, double high) {
        return new Range(low, true, high);
    }

    boolean contains(double value) {
        return (lowIncluded ? value >= low : value > low) && value <= high && Double.isFinite(value);
    }

    /** A legal value, to go on with after a problem was reported. */
    double placeholder() {
        return lowIncluded ? low : Math.min(high, low + 1);
    }

    /** {@code be above 0}, {@code lie in [0, 1]}. */
    String rule() {
        if (Double.isInfinite(high)) {
            return lowIncluded ? "be at least " + plain(low) : "be above " + plain(low);
        }
        return "lie in " + (lowIncluded ? "[" : "(") + plain(low) + ", " + plain(high) + "]";
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
