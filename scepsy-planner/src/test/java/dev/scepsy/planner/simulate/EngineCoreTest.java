package dev.scepsy.planner.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.Precision;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EngineCoreTest {

    private static EngineCore engine(int maxNumSeqs, int maxNumBatchedTokens, OptionalInt kvBlocks) {
        Catalogue catalogue = Catalogue.builtIn();
        EngineSetup setup = EngineSetup.of(
                        catalogue.architecture("Llama-3.1-8B").orElseThrow(),
                        catalogue.gpu("RTX-4090-24GB").orElseThrow(),
                        Precision.BF16,
                        1)
                .withLimits(maxNumSeqs, maxNumBatchedTokens, kvBlocks);
        return new EngineCore(new EngineModel(setup, EngineCoefficients.builtIn()));
    }

    @Test
    void promptsInChunksThenOneTokenAStep() {
        EngineCore engine = engine(8, 512, OptionalInt.empty());
        engine.submit(1, 1000, 3, 0);
        assertThat(engine.completeStep().tokens()).isEmpty();
        StepOutcome second = engine.completeStep();
        assertThat(second.tokens()).containsExactly(1L);
        assertThat(engine.completeStep().finished()).isEmpty();
        StepOutcome last = engine.completeStep();
        assertThat(last.tokens()).containsExactly(1L);
        assertThat(last.finished()).containsExactly(1L);
        assertThat(engine.nextStepEndSeconds()).isEmpty();
        assertThat(engine.kvCacheUsage()).isZero();
        assertThat(engine.busySeconds()).isCloseTo(last.endSeconds(), within(1e-12));
    }

    @Test
    void stepLastsWhatTheModelSays() {
        EngineCore engine = engine(8, 2048, OptionalInt.empty());
        engine.submit(1, 100, 2, 5.0);
        EngineModel model = engine.model();
        double prompt = model.stepSeconds(0, 0, 0, 100, 100 * 50.0, 100 * 50.0, 1, 1);
        assertThat(engine.nextStepEndSeconds().orElseThrow()).isCloseTo(5 + prompt, within(1e-12));
        double ended = engine.completeStep().endSeconds();
        assertThat(engine.nextStepEndSeconds().orElseThrow() - ended)
                .isCloseTo(model.stepSeconds(1, 100, 100, 0, 0, 0, 0, 1), within(1e-12));
    }

    @Test
    void admitsFirstComeFirstServedUpToTheLimit() {
        EngineCore engine = engine(2, 2048, OptionalInt.empty());
        for (int id = 0; id < 4; id++) {
            engine.submit(id, 10, 5, 0);
        }
        engine.completeStep();
        assertThat(engine.running()).isEqualTo(2);
        assertThat(engine.waiting()).isEqualTo(2);
        assertThat(engine.completeStep().tokens()).containsExactly(0L, 1L);
    }

    @Test
    void evictsTheLastAdmittedWhenTheCacheIsFullAndLosesNothing() {
        EngineCore engine = engine(8, 2048, OptionalInt.of(8));
        engine.submit(1, 48, 60, 0);
        engine.submit(2, 48, 60, 0);
        Map<Long, Integer> tokens = drain(engine);
        assertThat(engine.preemptions()).isPositive();
        assertThat(tokens).containsEntry(1L, 60).containsEntry(2L, 60);
        assertThat(engine.kvCacheUsage()).isZero();
    }

    @Test
    void contentionStretchesMemoryTraffic() {
        EngineCore quiet = engine(8, 2048, OptionalInt.empty());
        EngineCore crowded = engine(8, 2048, OptionalInt.empty());
        crowded.setBandwidthContention(1.5);
        quiet.submit(1, 100, 20, 0);
        crowded.submit(1, 100, 20, 0);
        drain(quiet);
        drain(crowded);
        assertThat(crowded.busySeconds() / quiet.busySeconds()).isBetween(1.2, 1.5);
    }

    @Test
    void refusesWhatNeverFits() {
        EngineCore engine = engine(8, 2048, OptionalInt.of(8));
        assertThat(engine.canHold(100, 28)).isTrue();
        assertThat(engine.canHold(100, 29)).isFalse();
        assertThatThrownBy(() -> engine.submit(1, 100, 29, 0)).hasMessageContaining("does not fit");
    }

    @Test
    void everyTokenIsMadeExactlyOnceWhateverTheLoad() {
        Random random = new Random(11);
        for (int round = 0; round < 20; round++) {
            EngineCore engine = engine(1 + random.nextInt(20), 64 + random.nextInt(2000), OptionalInt.of(60));
            Map<Long, Integer> wanted = new HashMap<>();
            for (long id = 0; id < 50; id++) {
                int input = 1 + random.nextInt(300);
                int output = 1 + random.nextInt(300);
                engine.submit(id, input, output, 0);
                wanted.put(id, output);
            }
            for (long id = 0; id < 50; id += 7) {
                assertThat(engine.abort(id)).isTrue();
                wanted.remove(id);
            }
            Map<Long, Integer> made = drain(engine);
            made.keySet().removeIf(id -> id % 7 == 0);
            assertThat(made).isEqualTo(wanted);
            assertThat(engine.running() + engine.waiting()).isZero();
            assertThat(engine.kvCacheUsage()).isZero();
        }
    }

    private static Map<Long, Integer> drain(EngineCore engine) {
        Map<Long, Integer> tokens = new HashMap<>();
        while (engine.nextStepEndSeconds().isPresent()) {
            engine.completeStep().tokens().forEach(id -> tokens.merge(id, 1, Integer::sum));
        }
        return tokens;
    }
}
