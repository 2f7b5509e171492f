package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.share.WorkflowStatistics.EndToEnd;
import org.jspecify.annotations.Nullable;

/**
 * Whether a measured mean latency is worse than a reference: beyond the tolerance and more than chance explains,
 *
 * <pre>
 * m &gt; reference · (1 + tolerance)   and   m − 1.96 · m · cv / √n &gt; reference
 * cv = √(exp(σ²) − 1),   σ = ln(p95 / p50) / 1.645
 * </pre>
 *
 * m: mean of n executions; cv: their coefficient of variation, were they log-normal with the measured median and 95th percentile. Executions
 * that overlap are taken as independent, so that the interval is rather too short; the tolerance stands beside it for that.
 */
final class Verdict {

    private static final double NORMAL_95 = 1.645;
    private static final double TWO_SIDED_95 = 1.96;

    /** A median this small against the 95th percentile says nothing more of the spread. */
    private static final double MOST_VARIATION = 10;

    private Verdict() {}

    /** @param reference s; null: not known, and nothing is worse than it; infinite likewise */
    static boolean worse(EndToEnd measured, long executions, @Nullable Double reference, double tolerance) {
        if (reference == null || executions < 1) {
            return false;
        }
        return measured.mean() > reference * (1 + tolerance)
                && measured.mean() - halfWidthSeconds(measured, executions) > reference;
    }

    /** Likewise beyond the tolerance and chance. */
    static boolean better(EndToEnd measured, long executions, double reference, double tolerance) {
        return executions >= 1
                && measured.mean() * (1 + tolerance) < reference
                && measured.mean() + halfWidthSeconds(measured, executions) < reference;
    }

    static double halfWidthSeconds(EndToEnd measured, long executions) {
        double sigma = measured.p50() > 0 && measured.p95() > measured.p50()
                ? Math.log(measured.p95() / measured.p50()) / NORMAL_95
                : 0;
        double variation = Math.min(MOST_VARIATION, Math.sqrt(Math.expm1(sigma * sigma)));
        return TWO_SIDED_95 * measured.mean() * variation / Math.sqrt(executions);
    }
}
