package dev.scepsy.planner.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.ClosedLoop;
import dev.scepsy.planner.profile.Coefficient;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.Precision;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** SGLang's schedule by hand, and the closed form of its waves against a simulated closed loop. */
class PromptsFirstByHandTest {

    private static EngineModel model(
            String model, String gpu, String engine, int maxNumSeqs, int budget, OptionalInt kvBlocks) {
        Catalogue catalogue = Catalogue.builtIn();
        return new EngineModel(
                EngineSetup.of(
                                catalogue.architecture(model).orElseThrow(),
                                catalogue.gpu(gpu).orElseThrow(),
                                Precision.BF16,
                                1)
                        .withEngine(engine)
                        .withLimits(maxNumSeqs, budget, kvBlocks),
                EngineCoefficients.builtIn());
    }

    private static EngineCore engine(int maxNumSeqs, int budget, int kvBlocks) {
        return new EngineCore(
                model("Llama-3.1-8B", "H100-SXM-80GB", "sglang", maxNumSeqs, budget, OptionalInt.of(kvBlocks)));
    }

    private static double stepSeconds(EngineCore engine, double startedSeconds) {
        return engine.nextStepEndSeconds().orElseThrow() - startedSeconds;
    }

    @Test
    void thoseThatDecodeStandStillUntilEveryPromptIsComputed() {
        EngineCore engine = engine(8, 100, 1000);
        EngineModel model = engine.model();
        engine.submit(1, 30, 10, 0);
        double at = engine.advance();
        engine.submit(2, 250, 10, at);
        // the step in progress decodes request 1; then 100, 100 and 50 of the prompt with nobody beside it
        assertThat(stepSeconds(engine, at)).isCloseTo(model.stepSeconds(1, 30, 30, 0, 0, 0, 0, 1), within(1e-12));
        at = engine.advance();
        assertThat(stepSeconds(engine, at)).isCloseTo(model.stepSeconds(0, 0, 0, 100, 5000, 5000, 1, 1), within(1e-12));
        StepOutcome first = engine.completeStep();
        assertThat(first.tokens()).isEmpty();
        assertThat(stepSeconds(engine, first.endSeconds()))
                .isCloseTo(model.stepSeconds(0, 0, 0, 100, 15000, 15000, 1, 1), within(1e-12));
        at = engine.advance();
        assertThat(stepSeconds(engine, at))
                .isCloseTo(model.stepSeconds(0, 0, 0, 50, 50 * 225, 50 * 225, 1, 1), within(1e-12));
        StepOutcome last = engine.completeStep();
        assertThat(last.tokens()).containsExactly(2L);
        // 31 tokens of request 1, 250 of request 2
        assertThat(stepSeconds(engine, last.endSeconds()))
                .isCloseTo(model.stepSeconds(2, 281, 281, 0, 0, 0, 0, 1), within(1e-12));
        assertThat(engine.completeStep().tokens()).containsExactly(1L, 2L);
    }

    @Test
    void aPromptThatCannotBeAdmittedHoldsNobodyUp() {
        EngineCore engine = engine(1, 100, 1000);
        engine.submit(1, 30, 10, 0);
        engine.submit(2, 30, 10, 0);
        engine.advance();
        assertThat(engine.completeStep().tokens()).containsExactly(1L);
        assertThat(engine.waiting()).isEqualTo(1);
    }

    @Test
    void whoIsAbortedWhilePausedGivesBackWhatItHoldsAndNoMore() {
        EngineCore engine = engine(8, 100, 100);
        engine.submit(1, 15, 10, 0);
        double at = engine.advance();
        engine.submit(2, 50, 3, at);
        engine.advance();
        // request 1 has filled its block and made no room for another; the prompt of request 2 has 4
        assertThat(engine.kvCacheUsage()).isCloseTo(0.05, within(1e-12));
        assertThat(engine.abort(1)).isTrue();
        assertThat(engine.kvCacheUsage()).isCloseTo(0.04, within(1e-12));
        while (engine.nextStepEndSeconds().isPresent()) {
            engine.advance();
        }
        assertThat(engine.kvCacheUsage()).isZero();
    }

    /** Means of time to first token and per token over the last rounds of {@code clients} in a closed loop. */
    private static double[] simulated(EngineModel model, int clients, int input, int output, int rounds) {
        EngineCore engine = new EngineCore(model);
        Map<Long, Double> sent = new HashMap<>();
        Map<Long, Double> first = new HashMap<>();
        for (long client = 0; client < clients; client++) {
            sent.put(client, 0.0);
            engine.submit(client, input, output, 0);
        }
        double firstToken = 0;
        double perToken = 0;
        int count = 0;
        long next = clients;
        while (next < (long) clients * rounds) {
            StepOutcome outcome = engine.completeStep();
            double now = outcome.endSeconds();
            outcome.tokens().forEach(id -> first.putIfAbsent(id, now));
            for (long done : outcome.finished().toArray()) {
                if (next > 2L * clients) {
                    double started = first.getOrDefault(done, now);
                    firstToken += started - sent.get(done);
                    perToken += (now - started) / Math.max(1, output - 1);
                    count++;
                }
                sent.put(next, now);
                engine.submit(next++, input, output, now);
            }
        }
        return new double[] {firstToken / count, perToken / count};
    }

    @Test
    void theClosedFormOfWavesFollowsTheSimulatedClosedLoop() {
        int[][] loads = {{64, 2000, 200}, {32, 1024, 1024}, {128, 512, 64}, {20, 8000, 30}};
        for (int[] load : loads) {
            EngineModel model = model("Llama-3.1-8B", "H200-SXM-141GB", "sglang", 1024, 8192, OptionalInt.empty());
            ClosedLoop.Result.Steady steady =
                    (ClosedLoop.Result.Steady) ClosedLoop.at(model, load[1], load[2], load[0]);
            double[] simulated = simulated(model, load[0], load[1], load[2], 6);
            double scheduled = steady.firstTokenSeconds()
                    - model.firstTokenOverheadSeconds(load[1])
                    - load[0] * EngineCoefficients.builtIn().get(Coefficient.FIRST_TOKEN_SECONDS_PER_CLIENT);
            assertThat(steady.perTokenSeconds().orElseThrow())
                    .as("%d clients, %d in, %d out", load[0], load[1], load[2])
                    .isCloseTo(simulated[1], within(0.05 * simulated[1]));
            assertThat(scheduled)
                    .as("first token: %d clients, %d in, %d out", load[0], load[1], load[2])
                    .isCloseTo(simulated[0], within(0.08 * simulated[0]));
        }
    }

    @Test
    void belowOneStepsBudgetSglangIsAnsweredAsAnyOtherEngineWithoutRows() {
        EngineModel sglang = model("Llama-3.1-8B", "H100-SXM-80GB", "sglang", 256, 8192, OptionalInt.empty());
        EngineModel other = model("Llama-3.1-8B", "H100-SXM-80GB", "another", 256, 8192, OptionalInt.empty());
        assertThat(ClosedLoop.at(sglang, 512, 100, 16)).isEqualTo(ClosedLoop.at(other, 512, 100, 16));
        assertThat(ClosedLoop.at(sglang, 513, 100, 16)).isNotEqualTo(ClosedLoop.at(other, 513, 100, 16));
    }

    @Test
    void promptsOfManyClientsOfAnEncoderDoNotSeeEachOther() {
        EngineModel model = model("bge-m3", "L4-24GB", "vllm", 256, 2048, OptionalInt.empty());
        ClosedLoop.Result.Steady steady = (ClosedLoop.Result.Steady) ClosedLoop.at(model, 512, 0, 64);
        double simulated = simulated(model, 64, 512, 0, 6)[0];
        assertThat(steady.firstTokenSeconds() - model.firstTokenOverheadSeconds(512))
                .isCloseTo(simulated, within(0.05 * simulated));
    }
}
