package dev.scepsy.planner.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.scepsy.planner.kernel.ExpertShape;
import dev.scepsy.planner.kernel.GpuKernels;
import dev.scepsy.planner.kernel.KernelFormat;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class EngineModelTest {

    private static final Catalogue CATALOGUE = Catalogue.builtIn();

    private static EngineSetup setup(String model, String gpu, Precision precision, int degree) {
        return EngineSetup.of(
                CATALOGUE.architecture(model).orElseThrow(), CATALOGUE.gpu(gpu).orElseThrow(), precision, degree);
    }

    /** {@code coefficient} at {@code value}, all others at 0. */
    private static EngineCoefficients only(Map<Coefficient, Double> values) {
        Map<Coefficient, Double> all = new EnumMap<>(Coefficient.class);
        for (Coefficient coefficient : Coefficient.values()) {
            all.put(coefficient, values.getOrDefault(coefficient, 0.0));
        }
        all.put(Coefficient.TRTLLM_KERNELS, 1.0);
        all.put(Coefficient.TRTLLM_OVERHEADS, 1.0);
        return EngineCoefficients.of(all);
    }

    private static EngineCoefficients only(Coefficient coefficient) {
        return only(Map.of(coefficient, 1.0));
    }

    @Test
    void aStepIsTheSumOfItsTerms() {
        EngineCoefficients fitted = EngineCoefficients.builtIn();
        for (EngineSetup setup : List.of(
                setup("Qwen3-235B-A22B", "H200-SXM-141GB", Precision.FP8, 4),
                setup("gpt-oss-120b", "B200-SXM-180GB", Precision.FP4, 2),
                setup("Kimi-K2.5", "B200-SXM-180GB", Precision.INT4, 8))) {
            double sum = 0;
            for (Coefficient coefficient : Coefficient.values()) {
                sum += new EngineModel(setup, only(Map.of(coefficient, fitted.get(coefficient))))
                        .stepSeconds(20, 30_000, 2_500, 700, 500_000, 80_000, 2, 1);
            }
            double step = new EngineModel(setup, fitted).stepSeconds(20, 30_000, 2_500, 700, 500_000, 80_000, 2, 1);
            assertThat(step).isCloseTo(sum, within(1e-9 * sum));
        }
    }

    @Test
    void productsAreThoseOfEveryLayerAndTheHead() {
        EngineSetup setup = setup("Llama-3.1-8B", "H100-SXM-80GB", Precision.BF16, 2);
        GpuKernels kernels = setup.gpu().kernels();
        double micros = kernels.product(KernelFormat.BF16, 64128, 4096).applyAsDouble(64)
                + 32
                        * (kernels.product(KernelFormat.BF16, 3072, 4096).applyAsDouble(64)
                                + kernels.product(KernelFormat.BF16, 4096, 2048).applyAsDouble(64)
                                + kernels.product(KernelFormat.BF16, 14336, 4096)
                                        .applyAsDouble(64)
                                + kernels.product(KernelFormat.BF16, 4096, 7168).applyAsDouble(64));
        double step = new EngineModel(setup, only(Coefficient.PRODUCTS)).stepSeconds(64, 64, 64, 0, 0, 0, 0, 1);
        // up to the levelling of the tables' bumps
        assertThat(step * 1e6).isCloseTo(micros, within(0.05 * micros));
    }

    @Test
    void reductionsAreTwoALayerAndExpertsOneKernelALayer() {
        EngineSetup setup = setup("Qwen3-30B-A3B", "H100-SXM-80GB", Precision.BF16, 2);
        double reduce = setup.gpu().kernels().allReduce("vllm", 2).applyAsDouble(256 * 2048 * 2);
        assertThat(new EngineModel(setup, only(Coefficient.ALL_REDUCE)).stepSeconds(256, 256, 256, 0, 0, 0, 0, 1))
                .isCloseTo(96 * reduce * 1e-6, within(0.05 * 96 * reduce * 1e-6));
        double experts = setup.gpu()
                .kernels()
                .experts("vllm", KernelFormat.BF16, new ExpertShape(2048, 768, 128, 8, 3), 2)
                .applyAsDouble(256);
        assertThat(new EngineModel(setup, only(Coefficient.EXPERTS)).stepSeconds(256, 256, 256, 0, 0, 0, 0, 1))
                .isCloseTo(48 * experts * 1e-6, within(0.05 * 48 * experts * 1e-6));
        EngineSetup alone = setup.withTensorParallel(1);
        assertThat(new EngineModel(alone, only(Coefficient.ALL_REDUCE)).stepSeconds(256, 256, 256, 0, 0, 0, 0, 1))
                .isZero();
    }

    @Test
    void windowedLayersReadTheirWindowAndTheOthersEverything() {
        EngineModel attention = new EngineModel(
                setup("gpt-oss-120b", "H100-SXM-80GB", Precision.FP4, 1), only(Coefficient.DECODE_ATTENTION));
        assertThat(attention.windowed(100)).isEqualTo(100);
        assertThat(attention.windowed(5000)).isEqualTo(128);
        // 18 layers of each kind with the same heads: both at 4096 tokens cost twice what the full ones do
        double full = attention.stepSeconds(8, 8 * 4096, 0, 0, 0, 0, 0, 1);
        double none = attention.stepSeconds(8, 0, 0, 0, 0, 0, 0, 1);
        assertThat(attention.stepSeconds(8, 8 * 4096, 8 * 4096, 0, 0, 0, 0, 1) - none)
                .isCloseTo(2 * (full - none) + none - none, within(0.02 * full));
        assertThat(attention.decodeSeconds(8, 4096)).isLessThan(1.3 * full);
    }

    @Test
    void aLatentCacheIsReadWholeOnEveryGpu() {
        double[] seconds = new double[2];
        for (int i = 0; i < 2; i++) {
            EngineSetup setup = setup("DeepSeek-R1", "B200-SXM-180GB", Precision.FP8, 4 << i);
            seconds[i] = new EngineModel(setup, only(Coefficient.LATENT_ATTENTION)).decodeSeconds(64, 16_384);
            // 61 layers of 576 numbers of 2 bytes
            double traffic = 61 * 64 * 16_384 * 576 * 2 / setup.gpu().bandwidthBytesPerSecond();
            assertThat(seconds[i]).isGreaterThan(traffic);
        }
        assertThat(seconds[1]).isGreaterThan(0.6 * seconds[0]);
    }

    private static ModelArchitecture of(TokenMixer mixer) {
        return new ModelArchitecture(
                "a model",
                ModelArchitecture.Kind.DENSE,
                2048,
                32_000,
                List.of(new LayerGroup(10, List.of(mixer), new FeedForward.Dense(8192, true), 0)),
                0,
                0,
                0,
                false,
                OptionalInt.empty(),
                Optional.empty(),
                Optional.empty());
    }

    @Test
    void theStateOfRecurrentLayersIsReadAndWrittenByEveryRunningRequest() {
        TokenMixer.Recurrent mamba =
                new TokenMixer.Recurrent(TokenMixer.Recurrent.Kind.MAMBA2, 32, 20_000_000, 1_000_000, 4, 50_000);
        EngineSetup setup =
                EngineSetup.of(of(mamba), CATALOGUE.gpu("H100-SXM-80GB").orElseThrow(), Precision.BF16, 2);
        EngineModel model = new EngineModel(setup, only(Map.of()));
        // 10 layers of 4.1 MB, half on each GPU, both ways at 3350 GB/s, 12 % beyond the peak
        double expected = 8 * 10 * 4.1e6 / 2 * 2 / 3350e9 * 1.12;
        assertThat(model.decodeSeconds(8, 10)).isCloseTo(expected, within(1e-9 * expected));
        assertThat(model.decodeSeconds(8, 100_000)).isCloseTo(expected, within(1e-9 * expected));
    }

    @Test
    void theGateOfLatentAttentionIsAProductMore() {
        EngineSetup plain = EngineSetup.of(
                of(new TokenMixer.Latent(16, 0, 512, 64, 128, 128, 0, 0, false)),
                CATALOGUE.gpu("H100-SXM-80GB").orElseThrow(),
                Precision.BF16,
                1);
        EngineSetup gated = EngineSetup.of(
                of(new TokenMixer.Latent(16, 0, 512, 64, 128, 128, 0, 0, true)), plain.gpu(), Precision.BF16, 1);
        double gate =
                plain.gpu().kernels().product(KernelFormat.BF16, 2048, 2048).applyAsDouble(16) * 10e-6;
        double more = new EngineModel(gated, only(Coefficient.PRODUCTS)).decodeSeconds(16, 1)
                - new EngineModel(plain, only(Coefficient.PRODUCTS)).decodeSeconds(16, 1);
        assertThat(more).isCloseTo(gate, within(0.05 * gate));
    }

    @Test
    void encodersHaveNoHeadAndComputePromptsOnly() {
        EngineModel products =
                new EngineModel(setup("bge-m3", "L4-24GB", Precision.BF16, 1), only(Coefficient.PRODUCTS));
        assertThat(products.stepSeconds(0, 0, 0, 1024, 1e5, 0, 2, 1))
                .isEqualTo(products.stepSeconds(0, 0, 0, 1024, 1e5, 0, 200, 1));
    }

    @Test
    void neighboursStretchWhatIsReadOfWeightsAndCache() {
        EngineSetup setup = setup("gpt-oss-120b", "H200-SXM-141GB", Precision.FP4, 1);
        EngineModel model = new EngineModel(setup, EngineCoefficients.builtIn());
        // 36 layers of 128 experts of 3 x 2880 x 2880 weights, of which one token reads 4
        double experts = 36.0 * 128 * 3 * 2880 * 2880 * 4.25 / 8;
        double bytes = setup.weightBytesPerGpu() - experts * (1 - 4.0 / 128);
        // keys and values of 8 heads of 64: 18 layers whole, 18 of a window
        bytes += 18 * (1000 + 128) * 2.0 * 8 * 64 * 2;
        double more = model.decodeSeconds(1, 1000, 2) - model.decodeSeconds(1, 1000, 1);
        assertThat(more).isCloseTo(1.12 * bytes / 4.8e12, within(1e-6 * more));
    }

    @Test
    void everyCardAndFormatHasTimesThatDoNotFallWithTokens() {
        for (GpuFacts gpu : CATALOGUE.gpus()) {
            GpuKernels kernels = gpu.kernels();
            for (KernelFormat format : KernelFormat.values()) {
                List<DoubleUnaryOperator> times = new ArrayList<>(List.of(
                        kernels.product(format, 4096, 4096),
                        kernels.product(format, 1000, 14_336),
                        kernels.product(format, 151_936, 1000)));
                for (String engine : List.of("vllm", "sglang", "trtllm", "another")) {
                    times.add(kernels.experts(engine, format, new ExpertShape(2048, 768, 128, 8, 3), 2));
                    times.add(kernels.experts(engine, format, new ExpertShape(5000, 3000, 20, 2, 2), 4));
                }
                // bumps of the tables, which the model levels; quantising taken off 8-bit products leaves dips down to
                // 0.4
                double left = format == KernelFormat.FP8 ? 0.3 : 0.6;
                for (DoubleUnaryOperator time : times) {
                    double highest = 0;
                    for (double tokens = 1; tokens < 40_000; tokens *= 1.7) {
                        double micros = time.applyAsDouble(tokens);
                        assertThat(micros).isBetween(0.01, 1e8).isGreaterThan(left * highest);
                        highest = Math.max(highest, micros);
                    }
                }
            }
        }
    }

    @Test
    void cardsWithoutTablesBorrowFromTheirGeneration() {
        assertThat(CATALOGUE.gpu("L4-24GB").orElseThrow().kernels().source()).isEqualTo("L40S-48GB");
        assertThat(CATALOGUE.gpu("RTX-4090-24GB").orElseThrow().kernels().source())
                .isEqualTo("L40S-48GB");
        assertThat(CATALOGUE.gpu("A100-SXM-80GB").orElseThrow().kernels().source())
                .isEqualTo("A100-SXM-80GB");
        assertThat(CATALOGUE.gpus().stream()
                        .filter(gpu -> gpu.name().startsWith("H100-PCIe"))
                        .map(gpu -> gpu.kernels().source()))
                .allMatch("H100-SXM-80GB"::equals);
    }

    @Test
    void moreOfAnythingIsNeverFaster() {
        Random random = new Random(11);
        List<String> engines = List.of("vllm", "sglang", "trtllm", "another");
        for (GpuFacts gpu : CATALOGUE.gpus()) {
            for (ModelArchitecture model : CATALOGUE.architectures()) {
                Precision precision = Precision.values()[1 + random.nextInt(5)];
                int degree = 1 << random.nextInt(4);
                if (!model.divisibleBy(degree) || random.nextInt(3) > 0) {
                    continue;
                }
                EngineSetup setup = EngineSetup.of(model, gpu, precision, degree)
                        .withEngine(engines.get(random.nextInt(engines.size())));
                EngineModel engine = new EngineModel(setup, EngineCoefficients.builtIn());
                String what = model.name() + " " + precision + " on " + degree + " " + gpu.name();
                for (int i = 0; i < 20; i++) {
                    double batch = 1 + random.nextInt(500);
                    double context = Math.exp(11 * random.nextDouble());
                    double prompt = 1 + Math.exp(10 * random.nextDouble());
                    double more = 1 + random.nextDouble();
                    double decode = engine.decodeSeconds(batch, context) * (1 - 1e-12);
                    assertThat(decode).as(what).isPositive();
                    assertThat(engine.decodeSeconds(batch * more, context))
                            .as(what)
                            .isGreaterThanOrEqualTo(decode);
                    assertThat(engine.decodeSeconds(batch, context * more))
                            .as(what)
                            .isGreaterThanOrEqualTo(decode);
                    assertThat(engine.decodeSeconds(batch, context, more))
                            .as(what)
                            .isGreaterThanOrEqualTo(decode);
                    double mixed = mixed(engine, batch, context, prompt);
                    assertThat(mixed).as(what).isGreaterThanOrEqualTo(decode);
                    assertThat(mixed(engine, batch, context, prompt * more))
                            .as("%s: %.0f then %.0f prompt tokens beside %.0f", what, prompt, prompt * more, batch)
                            .isGreaterThanOrEqualTo(mixed * (1 - 1e-12));
                }
            }
        }
    }

    /** A step of {@code batch} sequences with one whole prompt beside them. */
    private static double mixed(EngineModel engine, double batch, double context, double prompt) {
        double pairs = prompt * prompt / 2;
        double windowedPairs = Math.min(pairs, prompt * engine.windowed(prompt));
        return engine.stepSeconds(
                batch, batch * context, batch * engine.windowed(context), prompt, pairs, windowedPairs, 1, 1);
    }
}
