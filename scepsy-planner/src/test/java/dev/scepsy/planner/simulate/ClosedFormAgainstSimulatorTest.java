package dev.scepsy.planner.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineProfiles;
import dev.scepsy.planner.profile.GpuFacts;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.ProfileResult;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.simulate.Simulation.Load;
import dev.scepsy.planner.simulate.Simulation.Options;
import dev.scepsy.planner.simulate.Simulation.Replica;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The closed form screens what the simulator confirms, so the two must tell the same story on stable problems. */
class ClosedFormAgainstSimulatorTest {

    private static final int PROBLEMS = Boolean.getBoolean("scepsy.full") ? 200 : 20;

    private static final List<String> MODELS =
            List.of("Llama-3.1-8B", "Qwen3-4B", "Qwen3-14B", "Qwen3-30B-A3B", "gpt-oss-20b");
    private static final List<String> GPUS = List.of("H100-SXM-80GB", "A100-SXM-80GB", "B200-SXM-180GB", "L40S-48GB");

    @Test
    void latenciesAgreeOnStableOpenLoops() {
        Random random = new Random(42);
        double[] errors = new double[PROBLEMS];
        for (int i = 0; i < PROBLEMS; i++) {
            errors[i] = problem(random, i);
        }
        double[] sorted = Arrays.stream(errors).map(Math::abs).sorted().toArray();
        double median = sorted[PROBLEMS / 2];
        double p95 = sorted[(int) Math.ceil(0.95 * PROBLEMS) - 1];
        System.out.printf(
                Locale.ROOT,
                "closed form against simulator, %d problems: median %.1f %%, 95th percentile %.1f %%, mean signed %+.1f %%%n",
                PROBLEMS,
                100 * median,
                100 * p95,
                100 * Arrays.stream(errors).average().orElse(0));
        assertThat(median).isLessThan(0.10);
        assertThat(p95).isLessThan(0.20);
    }

    private static double problem(Random random, int number) {
        Catalogue catalogue = Catalogue.builtIn();
        while (true) {
            ModelArchitecture model = catalogue
                    .architecture(MODELS.get(random.nextInt(MODELS.size())))
                    .orElseThrow();
            GpuFacts gpu = catalogue.gpu(GPUS.get(random.nextInt(GPUS.size()))).orElseThrow();
            int degree = 1 << random.nextInt(2);
            int input = 100 + random.nextInt(3000);
            int output = 20 + random.nextInt(500);
            double utilisation = 0.1 + 0.75 * random.nextDouble();
            ServedModel served = served();
            ProfileResult result =
                    EngineProfiles.builtIn().profile(served, model, gpu, degree, GpuFraction.whole(), input, output);
            if (result instanceof ProfileResult.Modelled modelled) {
                LatencyProfile profile = modelled.profile();
                double rate = utilisation * profile.saturationRequestsPerSecond();
                double duration = 3000 / rate;
                ExecutionScript script = new ExecutionScript(
                        "w", List.of(new CallScript(Optional.of("m"), input, output, 0, List.of(), 0)), 0);
                Replica engine = new Replica.Engine(
                        new EngineModel(
                                EngineProfiles.setup(served, model, gpu, degree, 1), EngineCoefficients.builtIn()),
                        List.of("gpu"));
                double simulated = Simulation.run(
                                Map.of("m", List.of(engine)),
                                List.of(new Load("w", rate, any -> script)),
                                new Options(duration, duration / 5, number, Routing.LEAST_LOADED))
                        .workflows()
                        .get(0)
                        .latencySeconds()
                        .orElseThrow()
                        .mean()
                        .value();
                double error = profile.meanLatencySeconds(rate) / simulated - 1;
                if (Boolean.getBoolean("scepsy.verbose")) {
                    System.out.printf(
                            Locale.ROOT,
                            "%s %s t%d in %d out %d u %.2f sat %.2f form %.3f sim %.3f %+.1f %%%n",
                            model.name(),
                            gpu.name(),
                            degree,
                            input,
                            output,
                            utilisation,
                            profile.saturationRequestsPerSecond(),
                            profile.meanLatencySeconds(rate),
                            simulated,
                            100 * error);
                }
                return error;
            }
        }
    }

    private static ServedModel served() {
        return new ServedModel(
                "m",
                Optional.empty(),
                Optional.empty(),
                "bf16",
                Optional.empty(),
                OptionalInt.empty(),
                Set.of(),
                Set.of(),
                Set.of(),
                1,
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalDouble.empty(),
                List.of(),
                false);
    }
}
