package dev.scepsy.planner.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.Precision;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Counting instead of visiting must change nothing: the same tokens, evictions and times, to the last bit. */
class QuickEngineIsThePlainOneTest {

    private static final int ROUNDS = Boolean.getBoolean("scepsy.full") ? 2000 : 150;

    /** Dense, with sliding windows in every other layer, with experts, and prefill only. */
    private static final List<String> MODELS = List.of("Llama-3.1-8B", "gpt-oss-20b", "Qwen3-30B-A3B", "bge-m3");

    @Test
    void sameOutcomesOnRandomLoads() {
        compare("vllm");
    }

    @Test
    void sameOutcomesWherePromptsComeFirst() {
        compare("sglang");
    }

    private static void compare(String engine) {
        Catalogue catalogue = Catalogue.builtIn();
        Random random = new Random(5);
        long preemptions = 0;
        for (int round = 0; round < ROUNDS; round++) {
            String name = MODELS.get(round % MODELS.size());
            EngineSetup setup = EngineSetup.of(
                            catalogue.architecture(name).orElseThrow(),
                            catalogue.gpu("H100-SXM-80GB").orElseThrow(),
                            Precision.BF16,
                            1)
                    .withEngine(engine)
                    .withLimits(
                            1 + random.nextInt(40),
                            16 + random.nextInt(random.nextBoolean() ? 60 : 3000),
                            OptionalInt.of(15 + random.nextInt(80)));
            EngineModel model = new EngineModel(setup, EngineCoefficients.builtIn());
            preemptions += compare(model, name.equals("bge-m3"), random);
        }
        assertThat(preemptions).isGreaterThan(ROUNDS);
    }

    private static long compare(EngineModel model, boolean encoder, Random random) {
        EngineCore quick = new EngineCore(model);
        PlainEngine plain = new PlainEngine(model);
        long submitted = 0;
        double nowSeconds = 0;
        for (int i = 0; i < 600; i++) {
            int action = random.nextInt(10);
            boolean idle = plain.nextStepEndSeconds().isEmpty();
            if (submitted < 100 && (idle || action < 4)) {
                int input = 1 + random.nextInt(random.nextInt(8) == 0 ? 600 : 80);
                int output = encoder ? 0 : random.nextInt(random.nextInt(4) == 0 ? 200 : 40);
                if (quick.canHold(input, output)) {
                    quick.submit(submitted, input, output, nowSeconds);
                    plain.submit(submitted, input, output, nowSeconds);
                    submitted++;
                }
            } else if (action == 4 && submitted > 0) {
                long victim = (long) (random.nextDouble() * submitted);
                assertThat(quick.abort(victim)).isEqualTo(plain.abort(victim));
            } else if (action == 5) {
                double factor = 1 + random.nextInt(3) * 0.3;
                quick.setBandwidthContention(factor);
                plain.setBandwidthContention(factor);
            } else if (!idle) {
                StepOutcome expected = plain.completeStep();
                if (random.nextBoolean()) {
                    StepOutcome outcome = quick.completeStep();
                    assertThat(outcome.tokens().toArray())
                            .containsExactly(expected.tokens().toArray());
                    assertThat(outcome.finished().toArray())
                            .containsExactly(expected.finished().toArray());
                    assertThat(outcome.endSeconds()).isEqualTo(expected.endSeconds());
                } else {
                    assertThat(quick.advance()).isEqualTo(expected.endSeconds());
                    assertThat(quick.finishedCount())
                            .isEqualTo((int) expected.finished().count());
                }
                nowSeconds = expected.endSeconds();
            }
            assertThat(quick.nextStepEndSeconds()).isEqualTo(plain.nextStepEndSeconds());
            assertThat(quick.kvCacheUsage()).isEqualTo(plain.kvCacheUsage());
            assertThat(quick.preemptions()).isEqualTo(plain.preemptions());
            assertThat(quick.waiting()).isEqualTo(plain.waiting());
        }
        return quick.preemptions();
    }
}
