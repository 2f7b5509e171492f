package dev.scepsy.planner.profile;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Coefficients from measured rows; every coefficient is drawn towards its prior within its spread. Time per token first, by
 * logarithms of predicted over measured, so that a fast and a slow engine count alike. Then, with its coefficients held, the
 * time to the first token on the rows where it can be trusted, by relative errors: it scatters twice as much, and what is
 * too high costs more than what is too low in the mean relative error it is judged by.
 */
public final class EngineFit {

    /** Weight of a prior against one row. */
    private static final double PRIOR_WEIGHT = 0.5;

    /** Weight of known coefficients against one row of a calibration: some ten rows move what they agree on. */
    private static final double CALIBRATION_WEIGHT = 0.3;

    /** What a term held at nothing is multiplied with: 0, but logarithms exist of it. */
    private static final double NOTHING = 1e-12;

    private EngineFit() {}

    /** The coefficients that explain {@code rows} best; rows an engine could not run are left out. */
    public static EngineCoefficients fit(List<EngineMeasurement> rows) {
        return fitWithout(Set.of(), rows);
    }

    /** The same with terms held at nothing: what an ingredient is worth is the error without it. */
    public static EngineCoefficients fitWithout(Set<Coefficient> terms, List<EngineMeasurement> rows) {
        Map<Coefficient, Double> values = new EnumMap<>(Coefficient.class);
        terms.forEach(term -> values.put(term, NOTHING));
        return refine(EngineCoefficients.of(values), rows, PRIOR_WEIGHT, terms).fittedOn(rows);
    }

    /**
     * A calibration by a few points of one's own engine: coefficients that start from {@code known} instead of the priors
     * and move only as far as {@code rows} ask.
     */
    public static EngineCoefficients calibrate(EngineCoefficients known, List<EngineMeasurement> rows) {
        return refine(known, rows, CALIBRATION_WEIGHT, Set.of()).fittedOn(rows);
    }

    private static EngineCoefficients refine(
            EngineCoefficients start, List<EngineMeasurement> rows, double weight, Set<Coefficient> held) {
        List<Prepared> possible = rows.stream()
                .map(row -> new Prepared(row, new KernelTerms(row.setup())))
                .filter(row -> row.predicted(start) instanceof ClosedLoop.Result.Steady steady
                        && steady.perTokenSeconds().isPresent())
                .toList();
        EngineCoefficients perToken = stage(start, start, possible, false, weight, held);
        List<Prepared> trusted = possible.stream()
                .filter(prepared -> prepared.row().firstTokenIsTrustworthy())
                .toList();
        return stage(start, perToken, trusted, true, weight, held);
    }

    private static EngineCoefficients stage(
            EngineCoefficients start,
            EngineCoefficients from,
            List<Prepared> rows,
            boolean firstToken,
            double weight,
            Set<Coefficient> held) {
        List<Coefficient> free = Arrays.stream(Coefficient.values())
                .filter(coefficient -> coefficient.concernsFirstToken() == firstToken && !held.contains(coefficient))
                .toList();
        double[] theta = LeastSquares.minimise(new double[free.size()], at -> {
            EngineCoefficients coefficients = scaled(start, from, free, at);
            double[] residuals = new double[rows.size() + free.size()];
            for (int i = 0; i < rows.size(); i++) {
                residuals[i] = residual(rows.get(i), coefficients, firstToken);
            }
            for (int p = 0; p < free.size(); p++) {
                residuals[rows.size() + p] = weight * at[p] / free.get(p).spread();
            }
            return residuals;
        });
        return scaled(start, from, free, theta);
    }

    private static EngineCoefficients scaled(
            EngineCoefficients start, EngineCoefficients from, List<Coefficient> free, double[] theta) {
        Map<Coefficient, Double> values = new EnumMap<>(Coefficient.class);
        for (Coefficient coefficient : Coefficient.values()) {
            values.put(coefficient, from.get(coefficient));
        }
        for (int p = 0; p < theta.length; p++) {
            values.put(free.get(p), start.get(free.get(p)) * Math.exp(theta[p]));
        }
        return EngineCoefficients.of(values);
    }

    private static double residual(Prepared prepared, EngineCoefficients coefficients, boolean firstToken) {
        ClosedLoop.Result.Steady steady = (ClosedLoop.Result.Steady) prepared.predicted(coefficients);
        EngineMeasurement row = prepared.row();
        return firstToken
                ? steady.firstTokenSeconds() / row.firstTokenSeconds() - 1
                : Math.log(steady.perTokenSeconds().orElseThrow() / row.perTokenSeconds());
    }

    /** A row with its kernel times, which no coefficient changes. */
    private record Prepared(EngineMeasurement row, KernelTerms terms) {

        ClosedLoop.Result predicted(EngineCoefficients coefficients) {
            return row.predicted(terms, coefficients);
        }
    }
}
