package dev.scepsy.planner.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.profile.AdapterSlots;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.Precision;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** vLLM's scheduling rules, one by one, with the numbers worked out by hand. */
class SchedulerByHandTest {

    private static EngineCore engine(int maxNumSeqs, int maxNumBatchedTokens, int kvBlocks) {
        Catalogue catalogue = Catalogue.builtIn();
        EngineSetup setup = EngineSetup.of(
                        catalogue.architecture("Llama-3.1-8B").orElseThrow(),
                        catalogue.gpu("H100-SXM-80GB").orElseThrow(),
                        Precision.BF16,
                        1)
                .withLimits(maxNumSeqs, maxNumBatchedTokens, OptionalInt.of(kvBlocks));
        return new EngineCore(new EngineModel(setup, EngineCoefficients.builtIn()));
    }

    /** How long the step in progress takes, seen from {@code startedSeconds}. */
    private static double stepSeconds(EngineCore engine, double startedSeconds) {
        return engine.nextStepEndSeconds().orElseThrow() - startedSeconds;
    }

    @Test
    void aChunkedPromptLeavesDecodesTheirTokenAndTakesTheRestOfTheBudget() {
        EngineCore engine = engine(8, 100, 1000);
        engine.submit(1, 30, 10, 0);
        double first = engine.advance();
        engine.submit(2, 250, 10, first);
        // the step in progress decodes request 1 alone; then 1 token for it and 99 of the prompt, 99, and the last 52
        double at = engine.advance();
        EngineModel model = engine.model();
        assertThat(stepSeconds(engine, at))
                .isCloseTo(model.stepSeconds(1, 31, 31, 99, 99 * 49.5, 99 * 49.5, 1, 1), within(1e-12));
        at = engine.advance();
        double pairs = 99 * (99 + 49.5);
        assertThat(stepSeconds(engine, at))
                .isCloseTo(model.stepSeconds(1, 32, 32, 99, pairs, pairs, 1, 1), within(1e-12));
        at = engine.advance();
        pairs = 52 * (198 + 26.0);
        assertThat(stepSeconds(engine, at))
                .isCloseTo(model.stepSeconds(1, 33, 33, 52, pairs, pairs, 1, 1), within(1e-12));
        assertThat(engine.completeStep().tokens()).containsExactly(1L, 2L);
    }

    @Test
    void severalPromptsShareOneStepsBudgetAndTheLastIsCut() {
        EngineCore engine = engine(8, 100, 1000);
        engine.submit(1, 1, 1, 0);
        engine.submit(2, 60, 5, 0);
        engine.submit(3, 60, 5, 0);
        engine.submit(4, 60, 5, 0);
        engine.advance();
        // 60 of request 2 and 40 of request 3; request 4 finds no budget
        assertThat(engine.running()).isEqualTo(2);
        assertThat(engine.waiting()).isEqualTo(1);
        assertThat(engine.completeStep().tokens()).containsExactly(2L);
        // 1 token for request 2, the last 20 of request 3, and all of request 4
        assertThat(engine.completeStep().tokens()).containsExactly(2L, 3L, 4L);
    }

    @Test
    void aSequenceHoldsItsTokensInWholeBlocks() {
        EngineCore engine = engine(8, 1000, 10);
        engine.submit(1, 31, 20, 0);
        // a prompt of 31 tokens: two blocks
        assertThat(engine.kvCacheUsage()).isCloseTo(0.2, within(1e-12));
        engine.advance();
        // the next step stores token 32, the one after it token 33
        assertThat(engine.kvCacheUsage()).isCloseTo(0.2, within(1e-12));
        engine.advance();
        assertThat(engine.kvCacheUsage()).isCloseTo(0.3, within(1e-12));
    }

    @Test
    void theHeadOfTheQueueWaitsForBlocksAndNobodyOvertakesIt() {
        EngineCore engine = engine(8, 1000, 10);
        engine.submit(1, 96, 3, 0);
        engine.submit(2, 80, 1, 0);
        engine.submit(3, 16, 1, 0);
        engine.advance();
        // 6 blocks are taken, 5 are asked for; request 3 would fit but stands behind
        assertThat(engine.running()).isEqualTo(1);
        assertThat(engine.waiting()).isEqualTo(2);
        engine.advance();
        engine.advance();
        assertThat(engine.running()).isEqualTo(2);
    }

    @Test
    void theLastAdmittedIsEvictedAndRecomputesPromptAndAnswer() {
        EngineCore engine = engine(8, 1000, 5);
        engine.submit(1, 32, 20, 0);
        double at = engine.advance();
        engine.submit(2, 30, 20, at);
        // request 2 is admitted into the next step: 3 blocks for request 1, 2 blocks for request 2
        at = engine.advance();
        assertThat(engine.kvCacheUsage()).isEqualTo(1);
        engine.advance();
        engine.advance();
        assertThat(engine.completeStep().tokens()).containsExactly(1L, 2L);
        // request 2 stored 32 tokens and needs a third block: it is itself the last admitted
        assertThat(engine.preemptions()).isEqualTo(1);
        assertThat(engine.running()).isEqualTo(1);
        assertThat(engine.waiting()).isEqualTo(1);
        for (int i = 0; i < 15; i++) {
            at = engine.advance();
        }
        // request 1 ended after 20 tokens; 30 prompt tokens and the 3 made before are computed again in one step
        assertThat(engine.waiting()).isZero();
        assertThat(engine.running()).isEqualTo(1);
        assertThat(stepSeconds(engine, at))
                .isCloseTo(engine.model().stepSeconds(0, 0, 0, 33, 33 * 16.5, 33 * 16.5, 1, 1), within(1e-12));
        assertThat(engine.completeStep().tokens()).containsExactly(2L);
    }

    @Test
    void aStepThatEvictsAdmitsNobody() {
        EngineCore engine = engine(8, 1000, 6);
        engine.submit(1, 32, 30, 0);
        engine.submit(2, 32, 30, 0);
        engine.submit(3, 16, 30, 0);
        // 3 + 2 + 1 blocks, then request 2 needs a third: request 3, admitted last, gives its own up
        engine.advance();
        assertThat(engine.running()).isEqualTo(3);
        engine.advance();
        assertThat(engine.preemptions()).isEqualTo(1);
        assertThat(engine.running()).isEqualTo(2);
        assertThat(engine.waiting()).isEqualTo(1);
        assertThat(engine.kvCacheUsage()).isEqualTo(1);
    }

    @Test
    void waitingAndFirstTokenTimesAreThoseOfTheQueue() {
        EngineCore engine = engine(1, 1000, 1000);
        engine.submit(1, 100, 2, 0);
        engine.submit(2, 100, 2, 0);
        double firstPrompt = engine.advance();
        double firstDone = engine.advance();
        double secondPrompt = engine.advance();
        assertThat(engine.queuedSeconds()).isCloseTo(firstDone, within(1e-12));
        assertThat(engine.firstTokens()).isEqualTo(2);
        assertThat(engine.firstTokenSeconds()).isCloseTo(firstPrompt + secondPrompt, within(1e-12));
    }

    @Test
    void aHitRateSparesItsPartOfEveryPrompt() {
        Catalogue catalogue = Catalogue.builtIn();
        EngineSetup plain = EngineSetup.of(
                catalogue.architecture("Llama-3.1-8B").orElseThrow(),
                catalogue.gpu("H100-SXM-80GB").orElseThrow(),
                Precision.BF16,
                1);
        EngineSetup setup = new EngineSetup(
                plain.architecture(),
                plain.gpu(),
                plain.engine(),
                plain.weightPrecision(),
                plain.kvCachePrecision(),
                1,
                1,
                8,
                1000,
                0.25,
                AdapterSlots.NONE,
                OptionalInt.empty());
        EngineCore engine = new EngineCore(new EngineModel(setup, EngineCoefficients.builtIn()));
        engine.submit(1, 400, 1, 0);
        double pairs = 300 * (100 + 150.0);
        assertThat(stepSeconds(engine, 0))
                .isCloseTo(engine.model().stepSeconds(0, 0, 0, 300, pairs, pairs, 1, 1), within(1e-12));
        assertThat(engine.prefixHitTokens()).isEqualTo(100);
    }
}
