package dev.scepsy.planner.campaign;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * Which combination to measure next: the one after which the plan is expected to lose least (knowledge gradient; Frazier, Powell,
 * Dayanik, SIAM J. Control Optim. 2008, on plans for alternatives).
 *
 * <pre>
 *   x_k ~ belief                       K draws of all factors
 *   P_0 = best plan by the means       P_k = best plan by x_k
 *   loss = mean over k of  seconds(P_0, x_k) / seconds(P_k, x_k) − 1
 *   after i: P_0 is chosen anew, among P_0 and all P_k, by the means given that i was measured to be as x_k says
 * </pre>
 *
 * Often no single measurement changes the plan although together they do. So to what it gains alone is added the part of the
 * loss that it has a share in: every draw's loss, by the variances that the combinations in which P_0 and P_k differ give to their
 * seconds. Loss is bounded by 1, so that a plan that breaks down counts as much as one twice as slow. A pure
 * function of its input and seed.
 *
 * @param draws K, at least 2
 * @param error standard deviation of a measurement's logarithm
 */
public record Chooser(int draws, double error, long seed) {

    private static final double MOST_LOSS = 1;
    private static final double NEGLIGIBLE = 1e-9;

    /** 64 draws; repeats of a measurement differ by 3 %. */
    public static Chooser standard(long seed) {
        return new Chooser(64, 0.03, seed);
    }

    /**
     * Judges the plan of now.
     *
     * @param canBeMeasured which combinations are left to measure
     */
    public <P> Verdict<P> judge(Belief belief, Planning<P> planning, IntPredicate canBeMeasured) {
        Optional<P> now = planning.best(belief.means());
        List<double[]> factors = belief.draws(draws, seed);
        List<P> best = new ArrayList<>();
        List<double[]> solvable = new ArrayList<>();
        for (double[] draw : factors) {
            Optional<P> plan = planning.best(draw);
            if (plan.isPresent()) {
                solvable.add(draw);
                best.add(plan.get());
            }
        }
        Set<P> pool = new LinkedHashSet<>(best);
        now.ifPresent(pool::add);
        double[] least = new double[best.size()];
        double loss = 0;
        int kept = 0;
        for (int k = 0; k < least.length; k++) {
            // chance may leave the best one of a draw a little slower than another that keeps less headroom
            double[] draw = solvable.get(k);
            least[k] = Math.min(
                    planning.seconds(best.get(k), draw),
                    now.map(plan -> planning.seconds(plan, draw)).orElse(Double.POSITIVE_INFINITY));
            loss += loss(planning, now, draw, least[k]);
            kept += now.isPresent() && now.get().equals(best.get(k)) ? 1 : 0;
        }
        int unsolvable = factors.size() - best.size();
        double expected = best.isEmpty() ? 0 : loss / factors.size();
        double keptShare = (kept + (now.isEmpty() ? unsolvable : 0)) / (double) factors.size();
        Value value = next(belief, planning, canBeMeasured, now, List.copyOf(pool), solvable, best, least, expected);
        return new Verdict<>(now, keptShare, expected, value.next(), value.lossAfter());
    }

    private record Value(OptionalInt next, double lossAfter) {}

    private <P> Value next(
            Belief belief,
            Planning<P> planning,
            IntPredicate canBeMeasured,
            Optional<P> now,
            List<P> pool,
            List<double[]> drawn,
            List<P> best,
            double[] least,
            double expected) {
        double[] involved = involved(belief, planning, canBeMeasured, now, drawn, best, least);
        OptionalInt next = OptionalInt.empty();
        double lossAfter = expected;
        double most = -1;
        for (int i = 0; i < belief.size(); i++) {
            if (!canBeMeasured.test(i)) {
                continue;
            }
            double after = involved[i] == 0 ? expected : lossAfter(i, belief, planning, now, pool, drawn, least);
            double value = Math.max(0, expected - after)
                    + involved[i]
                    + NEGLIGIBLE * belief.deviation(i) * belief.deviation(i);
            if (value > most) {
                most = value;
                next = OptionalInt.of(i);
                lossAfter = Math.min(expected, after);
            }
        }
        return new Value(next, lossAfter);
    }

    /** By combination its share in the loss of the draws; the shares of all add up to it, as far as they can be measured. */
    private <P> double[] involved(
            Belief belief,
            Planning<P> planning,
            IntPredicate canBeMeasured,
            Optional<P> now,
            List<double[]> drawn,
            List<P> best,
            double[] least) {
        double[] involved = new double[belief.size()];
        for (int k = 0; k < least.length; k++) {
            double[] variances = new double[involved.length];
            double sum = 0;
            for (int i = 0; i < variances.length; i++) {
                boolean used = now.isPresent() && planning.uses(now.get(), i);
                if (canBeMeasured.test(i) && used != planning.uses(best.get(k), i)) {
                    double effect = effect(belief, planning, used ? now.get() : best.get(k), i);
                    variances[i] = effect * effect;
                    sum += variances[i];
                }
            }
            double loss = loss(planning, now, drawn.get(k), least[k]) / draws;
            for (int i = 0; sum > 0 && i < variances.length; i++) {
                involved[i] += loss * variances[i] / sum;
            }
        }
        return involved;
    }

    /** Seconds that {@code plan} takes longer when combination {@code i} is a standard deviation slower than believed. */
    private static <P> double effect(Belief belief, Planning<P> planning, P plan, int i) {
        double[] factors = belief.means();
        double before = planning.seconds(plan, factors);
        factors[i] += belief.deviation(i);
        double after = planning.seconds(plan, factors);
        // what breaks down counts as twice as slow
        return Double.isInfinite(before) ? 0 : Double.isInfinite(after) ? before : after - before;
    }

    private <P> double lossAfter(
            int i,
            Belief belief,
            Planning<P> planning,
            Optional<P> now,
            List<P> pool,
            List<double[]> drawn,
            double[] least) {
        double loss = 0;
        for (int k = 0; k < least.length; k++) {
            double[] means = belief.meansAfter(i, drawn.get(k)[i], error);
            Optional<P> chosen = now.filter(plan -> planning.isLegal(plan, means));
            double seconds = chosen.map(plan -> planning.seconds(plan, means)).orElse(Double.POSITIVE_INFINITY);
            for (P plan : pool) {
                double other = planning.seconds(plan, means);
                if (other < seconds && planning.isLegal(plan, means)) {
                    seconds = other;
                    chosen = Optional.of(plan);
                }
            }
            loss += loss(planning, chosen, drawn.get(k), least[k]);
        }
        return loss / draws;
    }

    private static <P> double loss(Planning<P> planning, Optional<P> plan, double[] draw, double least) {
        if (plan.isEmpty()) {
            return MOST_LOSS;
        }
        double seconds = planning.seconds(plan.get(), draw);
        return least > 0 ? Math.min(MOST_LOSS, Math.max(0, seconds / least - 1)) : 0;
    }
}
