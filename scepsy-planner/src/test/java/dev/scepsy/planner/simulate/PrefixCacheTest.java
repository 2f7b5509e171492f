package dev.scepsy.planner.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PrefixCacheTest {

    private static EngineCore engine(int kvBlocks) {
        Catalogue catalogue = Catalogue.builtIn();
        EngineSetup setup = EngineSetup.of(
                        catalogue.architecture("Llama-3.1-8B").orElseThrow(),
                        catalogue.gpu("H100-SXM-80GB").orElseThrow(),
                        Precision.BF16,
                        1)
                .withLimits(16, 1000, OptionalInt.of(kvBlocks));
        return new EngineCore(new EngineModel(setup, EngineCoefficients.builtIn()));
    }

    private static double drain(EngineCore engine) {
        double at = 0;
        while (engine.nextStepEndSeconds().isPresent()) {
            at = engine.advance();
        }
        return at;
    }

    @Test
    void aContinuedConversationComputesOnlyWhatIsNew() {
        EngineCore engine = engine(1000);
        Conversation first = new Conversation(1, 121, null);
        engine.submit(1, 100, 21, first, 0);
        double at = drain(engine);
        engine.submit(2, 160, 5, new Conversation(2, 165, first), at);
        // 120 tokens were computed (the 21st answer token never is): 7 full blocks, 112 tokens, are there
        double pairs = 48 * (112 + 24.0);
        assertThat(engine.nextStepEndSeconds().orElseThrow() - at)
                .isCloseTo(engine.model().stepSeconds(0, 0, 0, 48, pairs, pairs, 1, 1), within(1e-12));
        assertThat(engine.prefixHitTokens()).isEqualTo(112);
        assertThat(engine.prefixQueryTokens()).isEqualTo(260);
        drain(engine);
        assertThat(engine.kvCacheUsage()).isZero();
    }

    @Test
    void theLastTokenOfAPromptIsComputedEvenIfAllOfItIsThere() {
        EngineCore engine = engine(1000);
        Conversation same = new Conversation(1, 100, null);
        engine.submit(1, 64, 36, same, 0);
        double at = drain(engine);
        engine.submit(2, 64, 36, same, at);
        // 4 blocks would be all 64 tokens: 3 of them, and 16 tokens anew
        assertThat(engine.prefixHitTokens()).isEqualTo(48);
    }

    @Test
    void twoThatContinueTheSameShareItsBlocks() {
        EngineCore engine = engine(100);
        Conversation first = new Conversation(1, 321, null);
        engine.submit(1, 320, 1, first, 0);
        double at = drain(engine);
        engine.submit(2, 336, 4, new Conversation(2, 340, first), at);
        engine.submit(3, 336, 4, new Conversation(3, 340, first), at);
        engine.advance();
        // 20 blocks shared, and 2 of its own for each (21 for the prompt, one for the first answer token)
        assertThat(engine.running()).isEqualTo(2);
        drain(engine);
        assertThat(engine.prefixHitTokens()).isEqualTo(640);
        assertThat(engine.kvCacheUsage()).isZero();
    }

    @Test
    void sharedBlocksCountOnce() {
        EngineCore engine = engine(40);
        Conversation first = new Conversation(1, 321, null);
        engine.submit(1, 320, 1, first, 0);
        double at = drain(engine);
        engine.submit(2, 336, 4, new Conversation(2, 340, first), at);
        engine.submit(3, 336, 4, new Conversation(3, 340, first), at);
        // request 2 takes 21 blocks; 21 more would be above 40, but 20 of them are in use already
        engine.advance();
        assertThat(engine.running()).isEqualTo(2);
        assertThat(engine.kvCacheUsage()).isCloseTo((20 + 2 + 1) / 40.0, within(0.026));
    }

    @Test
    void whatWasLeftLongestIsOverwrittenFirstAndOfOneRequestItsEnd() {
        EngineCore engine = engine(20);
        Conversation old = new Conversation(1, 129, null);
        Conversation young = new Conversation(2, 129, null);
        engine.submit(1, 128, 1, old, 0);
        double at = drain(engine);
        engine.submit(2, 128, 1, young, at);
        at = drain(engine);
        // 8 + 8 blocks are left; 10 more leave room for 10: the old one keeps its first 2
        engine.submit(3, 160, 1, new Conversation(3, 161, null), at);
        at = drain(engine);
        long before = engine.prefixHitTokens();
        engine.submit(4, 136, 1, new Conversation(4, 137, old), at);
        assertThat(engine.prefixHitTokens() - before).isEqualTo(32);
        drain(engine);
    }

    @Test
    void anEvictedRequestFindsWhatNobodyHasOverwritten() {
        EngineCore engine = engine(5);
        engine.submit(1, 32, 10, new Conversation(1, 42, null), 0);
        double at = engine.advance();
        engine.submit(2, 30, 20, new Conversation(2, 50, null), at);
        for (int i = 0; i < 4; i++) {
            engine.advance();
        }
        assertThat(engine.preemptions()).isEqualTo(1);
        drain(engine);
        // both of its full blocks were still there when request 1 had ended
        assertThat(engine.prefixHitTokens()).isEqualTo(30);
    }

    @Test
    void everyTokenIsMadeAndNothingIsHeldInTheEnd() {
        Random random = new Random(3);
        for (int round = 0; round < 100; round++) {
            EngineCore engine = engine(20 + random.nextInt(60));
            List<Conversation> talks = new ArrayList<>();
            List<Integer> lengths = new ArrayList<>();
            long tokens = 0;
            long wanted = 0;
            for (int id = 0; id < 60; id++) {
                int before = talks.isEmpty() || random.nextInt(3) == 0 ? -1 : random.nextInt(talks.size());
                int input = 1 + random.nextInt(60) + (before < 0 ? 0 : lengths.get(before));
                int output = 1 + random.nextInt(40);
                if (!engine.canHold(input, output)) {
                    continue;
                }
                Conversation talk = new Conversation(id, input + output, before < 0 ? null : talks.get(before));
                talks.add(talk);
                lengths.add(input + output);
                engine.submit(
                        id, input, output, talk, engine.nextStepEndSeconds().orElse(1e6 * id));
                wanted += output;
                for (int step = random.nextInt(12);
                        step > 0 && engine.nextStepEndSeconds().isPresent();
                        step--) {
                    tokens += engine.completeStep().tokens().count();
                }
                if (random.nextInt(10) == 0 && engine.abort(id)) {
                    // what it made before is counted already, so count the rest of the tokens only from now on
                    wanted = -1;
                    break;
                }
            }
            while (engine.nextStepEndSeconds().isPresent()) {
                tokens += engine.completeStep().tokens().count();
            }
            if (wanted >= 0) {
                assertThat(tokens).isEqualTo(wanted);
            }
            assertThat(engine.kvCacheUsage()).isZero();
            assertThat(engine.running() + engine.waiting()).isZero();
        }
    }

    @Test
    void repliesOfOneAgentHitInASimulationAndTheRateAloneDoesNot() {
        ExecutionScript script = new ExecutionScript(
                "w",
                List.of(
                        new CallScript(Optional.of("m"), 1000, 100, 0, List.of(), 0),
                        new CallScript(Optional.of("m"), 1200, 100, 0, List.of(0), 1, OptionalInt.of(0))),
                0);
        double[] rates = new double[2];
        for (int i = 0; i < 2; i++) {
            ExecutionScript replayed = i == 0 ? script : script.withoutConversations();
            rates[i] = Simulation.run(
                            Map.of("m", List.of(SimulationTest.engine(1, "a"))),
                            List.of(new Simulation.Load("w", 0.5, random -> replayed)),
                            new Simulation.Options(200, 20, 1, Routing.LEAST_LOADED))
                    .models()
                    .get(0)
                    .prefixHitRate();
        }
        // 68 blocks of 16 tokens of every second prompt
        assertThat(rates[0]).isCloseTo(68 * 16 / 2200.0, within(0.02));
        assertThat(rates[1]).isZero();
    }
}
