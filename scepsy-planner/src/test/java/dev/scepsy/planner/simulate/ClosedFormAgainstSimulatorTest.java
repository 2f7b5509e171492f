package dev.scepsy.planner.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.simulate.SimulationReport.WorkflowOutcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The closed form screens what the simulator confirms, so the two must tell the same story on stable problems: workflows
 * that share models, fan-outs, several replicas, two engines on one card, 10 % to 85 % of saturation.
 */
class ClosedFormAgainstSimulatorTest {

    private static final boolean FULL = Boolean.getBoolean("scepsy.full");
    private static final int PROBLEMS = FULL ? 200 : 8;
    private static final int SATURATED = FULL ? 40 : 3;
    private static final int EXECUTIONS = 400;

    /** A simulation of fewer latencies than this is still filling its engines. */
    private static final double STATIONARY_LATENCIES = 50;

    @Test
    void latenciesOfWorkflowsAgree() {
        Errors whole = new Errors("whole cards");
        Errors shared = new Errors("some engines on half a card");
        Random random = new Random(42);
        for (int i = 0; whole.size() + shared.size() < PROBLEMS; i++) {
            boolean onlyWhole = i % 4 != 0;
            RandomServing serving = new RandomServing(i, onlyWhole);
            double utilisation = 0.1 + 0.75 * random.nextDouble();
            if (!serving.isPossible()) {
                continue;
            }
            double scale = utilisation / serving.utilisationPerScale();
            Map<String, Double> predicted = serving.predicted(scale);
            double longest = predicted.values().stream()
                    .mapToDouble(seconds -> seconds)
                    .max()
                    .orElse(1);
            double duration = Math.max(serving.durationSeconds(scale, EXECUTIONS), STATIONARY_LATENCIES * longest);
            SimulationReport report = serving.simulated(scale, duration / 5, duration, Routing.LEAST_LOADED);
            List<Double> errors = new ArrayList<>();
            for (WorkflowOutcome workflow : report.workflows()) {
                double seconds = workflow.latencySeconds().orElseThrow().mean().value();
                double form = predicted.getOrDefault(workflow.workflow(), Double.NaN);
                errors.add(form / seconds - 1);
                if (Boolean.getBoolean("scepsy.verbose")) {
                    System.out.printf(
                            Locale.ROOT,
                            "%d %s %s u %.2f form %.3f sim %.3f %+.1f %%%n",
                            i,
                            onlyWhole ? "whole" : "shared",
                            workflow.workflow(),
                            utilisation,
                            form,
                            seconds,
                            100 * (form / seconds - 1));
                }
            }
            (onlyWhole ? whole : shared).add(errors);
        }
        Errors all = new Errors("all");
        all.addAll(whole);
        all.addAll(shared);
        List.of(whole, shared, all).forEach(Errors::print);
        assertThat(all.absolute(0.5)).isLessThan(0.10);
        assertThat(all.absolute(0.95)).isLessThan(0.20);
    }

    @Test
    void saturationsAgree() {
        Errors errors = new Errors("saturation");
        for (int i = 0; errors.size() < SATURATED; i++) {
            RandomServing serving = new RandomServing(1000 + i, true);
            if (!serving.isPossible()) {
                continue;
            }
            String bottleneck = serving.bottleneck();
            double scale = 1.5 / serving.utilisationPerScale();
            double duration = serving.secondsToFill(scale, bottleneck);
            SimulationReport report = serving.simulated(scale, duration, 2 * duration, Routing.LEAST_LOADED);
            double simulated = calls(report, bottleneck) / duration;
            double error = serving.capacity(bottleneck) / simulated - 1;
            if (Boolean.getBoolean("scepsy.verbose")) {
                System.out.printf(
                        Locale.ROOT,
                        "%d saturation form %.3f sim %.3f %+.1f %%%n",
                        i,
                        serving.capacity(bottleneck),
                        simulated,
                        100 * error);
            }
            errors.add(List.of(error));
        }
        errors.print();
        assertThat(errors.absolute(0.5)).isLessThan(0.08);
    }

    private static long calls(SimulationReport report, String model) {
        return report.models().stream()
                .filter(outcome -> outcome.model().equals(model))
                .findFirst()
                .orElseThrow()
                .calls();
    }

    /** Relative errors of problems, each the mean over its workflows for the sign, the worst workflow for the size. */
    private static final class Errors {

        private final String name;
        private final List<double[]> problems = new ArrayList<>();

        Errors(String name) {
            this.name = name;
        }

        void add(List<Double> errors) {
            problems.add(errors.stream().mapToDouble(Double::doubleValue).toArray());
        }

        void addAll(Errors others) {
            problems.addAll(others.problems);
        }

        int size() {
            return problems.size();
        }

        /** Quantile of the absolute errors of all workflows. */
        double absolute(double quantile) {
            double[] sorted = problems.stream()
                    .flatMapToDouble(Arrays::stream)
                    .map(Math::abs)
                    .sorted()
                    .toArray();
            return sorted.length == 0 ? 0 : sorted[(int) Math.ceil(quantile * sorted.length) - 1];
        }

        void print() {
            double signed =
                    problems.stream().flatMapToDouble(Arrays::stream).average().orElse(0);
            System.out.printf(
                    Locale.ROOT,
                    "closed form against simulator, %s, %d problems: median %.1f %%, 95th percentile %.1f %%,"
                            + " mean signed %+.1f %%%n",
                    name,
                    size(),
                    100 * absolute(0.5),
                    100 * absolute(0.95),
                    100 * signed);
        }
    }
}
