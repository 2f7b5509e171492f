package dev.scepsy.planner.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.allocation.GpuFraction;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EngineProfilesTest {

    private final Catalogue catalogue = Catalogue.builtIn();
    private final EngineProfiles profiles = EngineProfiles.builtIn();

    private ProfileResult profile(
            String model, String precision, OptionalInt longest, String gpu, int degree, double fraction) {
        return profiles.profile(
                ServedModels.with("m", precision, longest),
                catalogue.architecture(model).orElseThrow(),
                catalogue.gpu(gpu).orElseThrow(),
                degree,
                GpuFraction.of(fraction),
                900,
                180);
    }

    private LatencyProfile modelled(String model, String gpu, int degree, double fraction) {
        return ((ProfileResult.Modelled) profile(model, "bf16", OptionalInt.empty(), gpu, degree, fraction)).profile();
    }

    @Test
    void saysByHowMuchWeightsExceedTheMemoryAndWhereTheyWouldFit() {
        ProfileResult result = profile("Llama-3.1-70B", "bf16", OptionalInt.of(8192), "H100-SXM-80GB", 1, 1);
        assertThat(result).isInstanceOfSatisfying(ProfileResult.Unusable.class, unusable -> {
            assertThat(unusable.reason()).isEqualTo(ProfileResult.Reason.WEIGHTS_DO_NOT_FIT);
            // 141.1 GB + 3.5 GB - 80 GiB
            assertThat(unusable.message()).contains("54.6", "it fits with tensorParallel 2");
        });
    }

    @Test
    void refusesACacheThatHoldsNoRequestOfTheLongestLength() {
        assertThat(profile("Llama-3.1-8B", "bf16", OptionalInt.of(131072), "RTX-4090-24GB", 1, 1))
                .isInstanceOfSatisfying(
                        ProfileResult.Unusable.class,
                        unusable ->
                                assertThat(unusable.reason()).isEqualTo(ProfileResult.Reason.NO_ROOM_FOR_ONE_REQUEST));
    }

    @Test
    void refusesADegreeThatDoesNotDivideTheHeads() {
        assertThat(profile("Qwen2.5-7B", "bf16", OptionalInt.empty(), "H100-SXM-80GB", 8, 1))
                .isInstanceOfSatisfying(
                        ProfileResult.Unusable.class,
                        unusable -> assertThat(unusable.reason()).isEqualTo(ProfileResult.Reason.DEGREE_NOT_STARTED));
    }

    @Test
    void takesTheFractionOfTheMemoryAsItsOwn() {
        assertThat(modelled("Llama-3.1-8B", "H100-SXM-80GB", 1, 0.5).memoryGiBPerGpu())
                .isEqualTo(40);
    }

    @Test
    void moreHardwareNeverSaturatesEarlier() {
        LatencyProfile half = modelled("Llama-3.1-8B", "H100-SXM-80GB", 1, 0.5);
        LatencyProfile whole = modelled("Llama-3.1-8B", "H100-SXM-80GB", 1, 1);
        LatencyProfile two = modelled("Llama-3.1-8B", "H100-SXM-80GB", 2, 1);
        assertThat(half.saturationRequestsPerSecond()).isLessThan(whole.saturationRequestsPerSecond());
        assertThat(whole.saturationRequestsPerSecond()).isLessThan(two.saturationRequestsPerSecond());
        assertThat(whole.meanLatencySeconds(1)).isLessThan(half.meanLatencySeconds(1));
    }

    @Test
    void encodersAnswerAfterOneForwardPass() {
        LatencyProfile encoder = modelled("bge-m3", "L4-24GB", 1, 1);
        assertThat(encoder.meanLatencySeconds(0.1)).isBetween(0.001, 0.1);
        assertThat(encoder.saturationRequestsPerSecond()).isGreaterThan(20);
    }

    /** An A100 computes in no 8-bit floats and has no times of an 8-bit cache; engines keep one there all the same. */
    @Test
    void everyCardHasTimesOfEveryFormatOfWeightsAndCache() {
        for (GpuFacts gpu : catalogue.gpus()) {
            for (String model : List.of("Llama-3.1-8B", "DeepSeek-R1", "gpt-oss-20b", "Qwen3-30B-A3B", "bge-m3")) {
                ModelArchitecture architecture = catalogue.architecture(model).orElseThrow();
                for (Precision weights : Precision.values()) {
                    for (Precision cache : List.of(Precision.BF16, Precision.FP8)) {
                        EngineSetup setup =
                                EngineSetup.of(architecture, gpu, weights, 1).withKvCachePrecision(cache);
                        assertThatCode(() -> new EngineModel(setup, EngineCoefficients.builtIn()))
                                .as("%s on %s, weights %s, cache %s", model, gpu.name(), weights, cache)
                                .doesNotThrowAnyException();
                    }
                }
            }
        }
    }

    @Test
    void curvesFollowTheModelWithinHalfAPercent() {
        Random random = new Random(7);
        List<String> models = List.of("Llama-3.1-8B", "Qwen3-32B", "gpt-oss-20b", "Qwen3-30B-A3B");
        for (int i = 0; i < 40; i++) {
            EngineSetup setup = EngineSetup.of(
                            catalogue
                                    .architecture(models.get(i % models.size()))
                                    .orElseThrow(),
                            catalogue.gpu("H200-SXM-141GB").orElseThrow(),
                            Precision.BF16,
                            1 << random.nextInt(3))
                    .withGpuFraction(i % 3 == 0 ? 0.5 : 1);
            OpenLoop exact = new OpenLoop(
                    new EngineModel(setup, EngineCoefficients.builtIn()),
                    50 + random.nextInt(6000),
                    2 + random.nextInt(2000),
                    1 + (i % 2) * 6 * random.nextDouble(),
                    i % 5 == 0 ? Balancing.DEALT : Balancing.POOLED);
            LatencyProfile curve = exact.tabulate();
            for (int j = 0; j < 50; j++) {
                double rate = curve.saturationRequestsPerSecond() * (0.001 + 0.999 * random.nextDouble());
                int replicas = 1 << random.nextInt(3);
                double latency = exact.meanLatencySeconds(rate, replicas);
                assertThat(curve.meanLatencySeconds(rate, replicas)).isCloseTo(latency, within(0.005 * latency));
            }
        }
    }
}
