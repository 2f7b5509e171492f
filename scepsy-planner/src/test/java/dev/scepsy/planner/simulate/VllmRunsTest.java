package dev.scepsy.planner.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/**
 * The steppable engine against two recorded runs of vLLM 0.19 far above capacity (LLMServingSim, MIT). Coefficients are
 * those fitted on other models and other cards; nothing is taken from these runs but their requests and settings.
 */
class VllmRunsTest {

    private record Served(double arrival, double first, double last, int outputTokens) {
        double perToken() {
            return (last - first) / Math.max(1, outputTokens - 1);
        }
    }

    @Test
    void followsAnOverloadOfTheLargerCard() throws IOException {
        compare("rtxpro6000-llama-3.1-8b", "RTX-PRO-6000-96GB", 128, OptionalInt.empty(), 0.10, 0.15);
    }

    @Test
    void followsARunBoundByCacheMemory() throws IOException {
        compare("rtx4090-llama-3.1-8b", "RTX-4090-24GB", 256, OptionalInt.of(2588), 0.20, 0.20);
    }

    private static void compare(
            String run, String gpu, int maxNumSeqs, OptionalInt kvBlocks, double meanTolerance, double p99Tolerance)
            throws IOException {
        Path file = Path.of(System.getProperty("scepsy.shared", "../../shared"), "data/vllm-runs", run, "requests.csv");
        assumeTrue(Files.exists(file), "needs the recorded run " + file);
        List<double[]> requests = Files.readAllLines(file).stream()
                .skip(1)
                .map(line -> Arrays.stream(line.split(","))
                        .skip(1)
                        .mapToDouble(Double::parseDouble)
                        .toArray())
                .toList();
        List<Served> measured = requests.stream()
                .map(request -> new Served(request[2], request[5], request[6], (int) request[1]))
                .toList();
        Catalogue catalogue = Catalogue.builtIn();
        EngineSetup setup = EngineSetup.of(
                        catalogue.architecture("Llama-3.1-8B").orElseThrow(),
                        catalogue.gpu(gpu).orElseThrow(),
                        Precision.BF16,
                        1)
                .withLimits(maxNumSeqs, 2048, kvBlocks);
        EngineCore engine = new EngineCore(new EngineModel(setup, EngineCoefficients.builtIn()));
        List<Served> simulated = replay(engine, requests);

        System.out.printf(Locale.ROOT, "%s: %d steps, %d preemptions%n", run, engine.steps(), engine.preemptions());
        print("TTFT mean", measured, simulated, served -> served.first() - served.arrival());
        print("TPOT mean", measured, simulated, Served::perToken);
        ToDoubleFunction<Served> endToEnd = served -> served.last() - served.arrival();
        double mean = print("E2E mean", measured, simulated, endToEnd);
        double p99 = percentile99(simulated, endToEnd) / percentile99(measured, endToEnd) - 1;
        System.out.printf(Locale.ROOT, "  E2E p99 %+.1f %%%n", 100 * p99);
        assertThat(Math.abs(mean)).isLessThan(meanTolerance);
        assertThat(Math.abs(p99)).isLessThan(p99Tolerance);
    }

    private static List<Served> replay(EngineCore engine, List<double[]> requests) {
        Map<Long, double[]> firstAndLast = new HashMap<>();
        int next = 0;
        while (next < requests.size() || engine.nextStepEndSeconds().isPresent()) {
            double arrival = next < requests.size() ? requests.get(next)[2] : Double.POSITIVE_INFINITY;
            if (arrival <= engine.nextStepEndSeconds().orElse(Double.POSITIVE_INFINITY)) {
                double[] request = requests.get(next);
                engine.submit(next, (int) request[0], (int) request[1], arrival);
                next++;
            } else {
                StepOutcome outcome = engine.completeStep();
                outcome.tokens().forEach(id -> {
                    firstAndLast.computeIfAbsent(id, key -> new double[] {outcome.endSeconds(), 0})[1] =
                            outcome.endSeconds();
                });
            }
        }
        List<Served> served = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            double[] times = firstAndLast.get((long) i);
            served.add(new Served(requests.get(i)[2], times[0], times[1], (int) requests.get(i)[1]));
        }
        return served;
    }

    private static double print(
            String what, List<Served> measured, List<Served> simulated, ToDoubleFunction<Served> figure) {
        double real = measured.stream().mapToDouble(figure).average().orElseThrow();
        double ours = simulated.stream().mapToDouble(figure).average().orElseThrow();
        System.out.printf(
                Locale.ROOT,
                "  %s: measured %.4f s, simulated %.4f s, %+.1f %%%n",
                what,
                real,
                ours,
                100 * (ours / real - 1));
        return ours / real - 1;
    }

    private static double percentile99(List<Served> served, ToDoubleFunction<Served> figure) {
        double[] sorted = served.stream().mapToDouble(figure).sorted().toArray();
        return sorted[(int) Math.ceil(0.99 * sorted.length) - 1];
    }
}
