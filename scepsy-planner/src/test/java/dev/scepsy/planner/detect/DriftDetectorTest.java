package dev.scepsy.planner.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.scepsy.planner.detect.SimulatedWorkflow.Kind;
import dev.scepsy.planner.share.ModelPart;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DriftDetectorTest {

    private static final long SECOND = 1_000_000_000L;

    @Test
    void aSecondCriticCallInEveryExecutionIsToldWithBeforeAfterAndWhenItBegan() {
        DriftDetector detector = new DriftDetector("research");
        feed(detector, 0, 200, List.of(part("critic", 1, 2), part("writer", 1, 6)));
        Optional<Change.Drift> told = feed(detector, 200, 60, List.of(part("critic", 2, 4), part("writer", 1, 6)));

        assertThat(told).hasValueSatisfying(drift -> {
            assertThat(drift.kind()).isEqualTo("drift");
            assertThat(drift.workflow()).isEqualTo("research");
            assertThat(drift.model()).isEqualTo("critic");
            assertThat(drift.estimate()).isEqualTo("callsPerExecution");
            assertThat(drift.before()).isEqualTo(1);
            assertThat(drift.after()).isEqualTo(2);
            assertThat(drift.since()).isEqualTo(Epoch.instant(200 * 10 * SECOND));
            assertThat(drift.sentence())
                    .startsWith("research: calls per execution of critic went from 1 to 2 in the last");
            assertThat(drift.evidence().get("evidenceNats"))
                    .isGreaterThan(drift.evidence().get("thresholdNats"));
            assertThat(drift.evidence().get("executionsSince")).isLessThan(20);
            assertThat(drift.evidenceKey()).isEqualTo("drift/research/critic/callsPerExecution/2");
        });
    }

    @Test
    void aNewModelIsToldAtItsSecondExecution() {
        DriftDetector detector = new DriftDetector("w");
        feed(detector, 0, 100, List.of(part("writer", 1, 6)));
        List<ModelPart> both = List.of(part("reviewer", 1, 2), part("writer", 1, 6));
        assertThat(feed(detector, 100, 1, both)).isEmpty();
        assertThat(feed(detector, 101, 1, both)).hasValueSatisfying(drift -> {
            assertThat(drift.model()).isEqualTo("reviewer");
            assertThat(drift.before()).isZero();
            assertThat(drift.after()).isEqualTo(1);
            assertThat(drift.evidence()).containsEntry("executionShareAfter", 0.25);
            assertThat(drift.evidenceKey()).endsWith("/new");
        });
        assertThat(feed(detector, 102, 500, both)).isEmpty();
    }

    @Test
    void aModelThatCameOnceIsKnownFromThenOn() {
        DriftDetector detector = new DriftDetector("w");
        feed(detector, 0, 300, List.of(part("writer", 1, 6)));
        List<ModelPart> withFallback = List.of(part("fallback", 1, 6), part("writer", 1, 6));
        for (int round = 0; round < 20; round++) {
            int from = 300 + 60 * round;
            assertThat(feed(detector, from, 1, withFallback)).isEmpty();
            assertThat(feed(detector, from + 1, 59, List.of(part("writer", 1, 6))))
                    .isEmpty();
        }
    }

    @Test
    void aModelThatIsNotCalledAnyMoreIsToldWithinTwentyExecutions() {
        DriftDetector detector = new DriftDetector("w");
        feed(detector, 0, 200, List.of(part("critic", 1, 2), part("writer", 1, 6)));
        assertThat(feed(detector, 200, 20, List.of(part("writer", 1, 6)))).hasValueSatisfying(drift -> {
            assertThat(drift.model()).isEqualTo("critic");
            assertThat(drift.after()).isZero();
            assertThat(drift.sentence()).startsWith("w does not call critic any more: 0 instead of 1 calls");
            assertThat(drift.evidenceKey()).endsWith("/gone");
        });
    }

    @Test
    void timesAloneAreToldAsAShareWithAHintAtEngines() {
        DriftDetector detector = new DriftDetector("w");
        feed(detector, 0, 200, List.of(part("critic", 1, 3), part("writer", 1, 6)));
        assertThat(feed(detector, 200, 40, List.of(part("critic", 1, 9), part("writer", 1, 6))))
                .hasValueSatisfying(drift -> {
                    assertThat(drift.estimate()).isEqualTo("executionShare");
                    assertThat(drift.before()).isCloseTo(drift.model().equals("critic") ? 1 / 3.0 : 2 / 3.0, within());
                    assertThat(drift.after()).isCloseTo(drift.model().equals("critic") ? 0.6 : 0.4, within());
                    assertThat(drift.sentence()).contains("engines or load are others");
                });
    }

    @Test
    void aChangeTooSmallForAnotherPlanIsNotTold() {
        DriftDetector detector = new DriftDetector("w");
        feed(detector, 0, 1_000, List.of(part("critic", 10, 3), part("writer", 1, 6)));
        assertThat(feed(detector, 1_000, 3_000, List.of(part("critic", 11, 3.1), part("writer", 1, 6))))
                .isEmpty();
    }

    @Test
    void nothingIsToldOfTheFirstThirtyExecutions() {
        DriftDetector detector = new DriftDetector("w");
        SimulatedWorkflow wild = new SimulatedWorkflow(Kind.PARETO_1_5, 3, 60);
        for (int i = 0; i < 30; i++) {
            assertThat(detector.isReady()).isFalse();
            assertThat(detector.take(wild.now(), wild.next())).isEmpty();
        }
        assertThat(detector.isReady()).isTrue();
    }

    @Test
    void afterARestartOfTheReferenceOtherTimesAreOrdinary() {
        DriftDetector detector = new DriftDetector("w");
        feed(detector, 0, 200, List.of(part("critic", 1, 3), part("writer", 1, 6)));
        detector.restart();
        assertThat(feed(detector, 200, 500, List.of(part("critic", 1, 9), part("writer", 1, 6))))
                .isEmpty();
    }

    @Test
    void goingThereAndBackIsToldTwiceAndThenKnown() {
        DriftDetector detector = new DriftDetector("w");
        int told = 0;
        for (int round = 0; round < 12; round++) {
            boolean day = round % 2 == 0;
            for (int i = 0; i < 300; i++) {
                List<ModelPart> parts = List.of(part("critic", day ? 1 : 4, day ? 2 : 8), part("writer", 1, 6));
                told += detector.take((round * 300L + i) * 100 * SECOND, parts).isPresent() ? 1 : 0;
            }
        }
        assertThat(told).isEqualTo(2);
    }

    @Test
    void aRestoredDetectorGoesOnAsIfNothingHadHappened() {
        for (Kind kind : List.of(Kind.CODE_REPAIR, Kind.RARE_MODELS, Kind.DAY_AND_NIGHT)) {
            for (int restartAt : new int[] {0, 7, 29, 31, 200, 2_000, 12_000}) {
                SimulatedWorkflow one = new SimulatedWorkflow(kind, 5, 360);
                DriftDetector kept = new DriftDetector("a name % with spaces");
                DriftDetector restored = null;
                List<String> first = new ArrayList<>();
                List<String> second = new ArrayList<>();
                for (int i = 0; i < restartAt + 600; i++) {
                    if (i == restartAt) {
                        restored = DriftDetector.restored(kept.state());
                        assertThat(restored.state()).isEqualTo(kept.state());
                    }
                    if (i == restartAt + 200) {
                        one.changed = one.criticalModel();
                        one.callsFactor = 2;
                    }
                    List<ModelPart> parts = one.next();
                    kept.take(one.now(), parts).ifPresent(each -> first.add(each.toString()));
                    if (restored != null) {
                        restored.take(one.now(), parts).ifPresent(each -> second.add(each.toString()));
                    }
                }
                assertThat(first).endsWith(second.toArray(String[]::new));
                assertThat(restored.state()).isEqualTo(kept.state());
            }
        }
    }

    @Test
    void theStateOfFourModelsIsAFewKilobytes() {
        SimulatedWorkflow workflow = new SimulatedWorkflow(Kind.CODE_REPAIR, 1, 360);
        DriftDetector detector = new DriftDetector("w");
        for (int i = 0; i < 20_000; i++) {
            detector.take(workflow.now(), workflow.next());
        }
        assertThat(detector.state().length()).isLessThan(20_000);
    }

    @Test
    void aDamagedOrForeignStateIsRefused() {
        DriftDetector detector = new DriftDetector("w");
        feed(detector, 0, 50, List.of(part("writer", 1, 6)));
        String state = detector.state();
        assertThatThrownBy(() -> DriftDetector.restored(state.replace("scepsy.drift.2", "scepsy.drift.9")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("another version");
        for (int cut = 20; cut < state.length(); cut += 37) {
            String part = state.substring(0, cut);
            assertThatThrownBy(() -> DriftDetector.restored(part)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static org.assertj.core.data.Offset<Double> within() {
        return org.assertj.core.data.Offset.offset(0.02);
    }

    private static ModelPart part(String model, int calls, double seconds) {
        long nanos = (long) (seconds * 1e9);
        return new ModelPart(model, calls, nanos, nanos, nanos, 100L * calls, calls, 50L * calls, calls);
    }

    /** One execution every 10 s. */
    private static Optional<Change.Drift> feed(DriftDetector detector, int from, int count, List<ModelPart> parts) {
        for (int i = from; i < from + count; i++) {
            Optional<Change.Drift> told = detector.take(i * 10 * SECOND, parts);
            if (told.isPresent()) {
                return told;
            }
        }
        return Optional.empty();
    }
}
