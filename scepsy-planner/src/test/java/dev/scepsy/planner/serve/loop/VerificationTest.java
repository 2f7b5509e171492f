package dev.scepsy.planner.serve.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.serve.journal.Scorecard;
import dev.scepsy.planner.serve.settings.ServeSettings.Verify;
import dev.scepsy.planner.share.WorkflowStatistics;
import dev.scepsy.planner.share.WorkflowStatistics.EndToEnd;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class VerificationTest {

    private static final Verify VERIFY = new Verify(Duration.ofMinutes(10), 0.25, true);

    private static Optional<Scorecard> judge(
            double measured, long executions, Double predicted, Double before, Double former, boolean last) {
        List<WorkflowStatistics> since =
                List.of(Examples.workflow("rag", OptionalDouble.empty(), measured, executions, Map.of("chat", 1.0)));
        return Verification.of(
                new Verification.Evidence(
                        since,
                        Map.of("rag", 1.0),
                        predicted == null ? Map.of() : Map.of("rag", predicted),
                        former == null ? Map.of() : Map.of("rag", former),
                        before == null ? Map.of() : Map.of("rag", before),
                        Map.of("rag", 1.0),
                        List.of()),
                VERIFY,
                30,
                Examples.BEGIN,
                Examples.BEGIN.plusSeconds(600),
                last);
    }

    @Test
    void theIntervalIsThatOfALogNormalWithTheMeasuredQuantiles() {
        // p95 / p50 = e^1.645: sigma 1, cv = sqrt(e - 1) = 1.3108; 1.96 x 2 x 1.3108 / sqrt(100)
        EndToEnd seconds = new EndToEnd(2, 1, Math.exp(1.645), 20);
        assertThat(Verdict.halfWidthSeconds(seconds, 100)).isCloseTo(0.51385, Offset.offset(1e-4));
    }

    @Test
    void slowerThanPredictedBeyondToleranceAndChanceIsWorse() {
        assertThat(judge(1.24, 1000, 1.0, 1.2, null, false).get().verdict()).isEqualTo("asPredicted");
        assertThat(judge(1.4, 1000, 1.0, 1.2, null, false).get().verdict()).isEqualTo("worse");
        assertThat(judge(1.4, 1000, 1.0, 1.2, null, false).get().sentence()).contains("predicted 1 s");
    }

    @Test
    void chanceIsNotWorse() {
        // half width at 30 executions, p95 = 1.2 p50: cv 0.111, 1.96 x 1.27 x 0.111 / 5.48 = 0.05
        assertThat(Verdict.worse(new EndToEnd(1.3, 1.3, 8, 20), 30, 1.0, 0.25)).isFalse();
        assertThat(Verdict.worse(new EndToEnd(1.3, 1.3, 1.5, 2), 30, 1.0, 0.25)).isTrue();
    }

    @Test
    void slowerThanBeforeIsWorseUnlessTheFormerPlanWouldBeSlowerUnderThisLoad() {
        assertThat(judge(1.4, 1000, 1.3, 1.0, null, false).get().verdict()).isEqualTo("worse");
        assertThat(judge(1.4, 1000, 1.3, 1.0, 5.0, false).get().verdict()).isEqualTo("asPredicted");
        assertThat(judge(1.4, 1000, 1.3, 1.0, Double.POSITIVE_INFINITY, false)
                        .get()
                        .verdict())
                .isEqualTo("asPredicted");
    }

    @Test
    void tooFewExecutionsAreWaitedForAndAtLastItIsKeptWithThatSaid() {
        assertThat(judge(9, 29, 1.0, 1.0, null, false)).isEmpty();
        assertThat(judge(9, 29, 1.0, 1.0, null, true).get().verdict()).isEqualTo("notEnoughData");
    }

    @Test
    void muchFasterThanPredictedIsBetter() {
        assertThat(judge(0.5, 1000, 1.0, 1.2, null, false).get().verdict()).isEqualTo("better");
    }
}
