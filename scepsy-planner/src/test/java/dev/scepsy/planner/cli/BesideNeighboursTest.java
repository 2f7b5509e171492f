package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.Precision;
import dev.scepsy.planner.simulate.CallScript;
import dev.scepsy.planner.simulate.ExecutionScript;
import dev.scepsy.planner.simulate.Routing;
import dev.scepsy.planner.simulate.Simulation;
import dev.scepsy.planner.simulate.SimulationReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A beam search of a decode-bound generator and a verifier on four cards, their shares measured one engine at a time: what was
 * measured alone is faster than it will be beside neighbours, and a plan that believes it loses.
 */
class BesideNeighboursTest {

    private static final String GPU = "H100-SXM-80GB";
    private static final ObjectMapper JSON = new ObjectMapper();

    private record Model(String name, String architecture, int inputTokens, int outputTokens) {}

    private static final Model GENERATOR = new Model("generator", "Llama-3.1-8B", 500, 200);
    private static final Model VERIFIER = new Model("verifier", "Qwen3-1.7B", 700, 1);

    private static String curves;

    @TempDir
    Path folder;

    @BeforeEach
    void files() throws IOException {
        if (curves == null) {
            curves = curves();
        }
        write("plain.yaml", curves.replace("beside: alone, ", ""));
        write("alone.yaml", curves);
        write("shared.yaml", curves.replace("beside: alone", "beside: shared"));
        write(
                "cluster.yaml",
                "racks: [{name: r, nodes: [{name: n, gpu: " + GPU + ", gpus: 4, sharing: {mode: mps, step: 0.1}}]}]");
        write(
                "models.yaml",
                "models: [{name: generator, architecture: Llama-3.1-8B, weightPrecision: bf16}, {name: verifier,"
                        + " architecture: Qwen3-1.7B, weightPrecision: bf16}]");
        write("workflows.json", """
            {"workflows": [{"name": "beam", "targetPerSecond": 1.6, "models": [
              {"model": "generator", "callsPerExecution": 64, "parallelism": 8, "concurrentCalls": 8,
               "inputTokens": {"mean": 500}, "outputTokens": {"mean": 200}},
              {"model": "verifier", "callsPerExecution": 64, "parallelism": 8, "concurrentCalls": 8,
               "inputTokens": {"mean": 700}, "outputTokens": {"mean": 1}}]}]}
            """);
    }

    @Test
    void thePlanThatCountsNeighboursIsFasterAtMostRatesAndNeverMuchSlower() throws IOException {
        List<Double> losses = new ArrayList<>();
        for (double rate : new double[] {0.6, 1.0, 1.6, 1.8, 2.0}) {
            Path believing = plan("plain.yaml", rate);
            Path correcting = plan("alone.yaml", rate);
            losses.add(trueSeconds(believing, rate) / trueSeconds(correcting, rate) - 1);
        }
        System.out.println("What plans that believe in curves measured alone lose: " + losses);
        // at 1.6 per second the two plans are within what the closed form can tell apart
        assertThat(losses).allMatch(loss -> loss > -0.1);
        assertThat(losses).filteredOn(loss -> loss > 0.05).hasSizeGreaterThanOrEqualTo(4);
        assertThat(losses).anyMatch(loss -> loss > 0.14);
    }

    @Test
    void sharedIsTakenAtItsWordLikeNothing() throws IOException {
        Path plain = plan("plain.yaml", 1);
        String withoutAWord = Files.readString(plain);
        assertThat(Files.readString(plan("shared.yaml", 1))).isEqualTo(withoutAWord);
        assertThat(predicted("shared.yaml", plain)).isEqualTo(predicted("plain.yaml", plain));
    }

    @Test
    void objectivePredictionAndSimulationAllCountNeighbours() throws IOException {
        Path plan = plan("alone.yaml", 1.6);
        double objective = JSON.readTree(plan.toFile()).get("objectiveSeconds").asDouble();
        assertThat(predicted("alone.yaml", plan)).isCloseTo(objective, within(1e-9));
        assertThat(predicted("plain.yaml", plan)).isLessThan(0.98 * objective);
        assertThat(simulated(plan, 1.6, "--profiles", folder.resolve("plain.yaml")))
                .isLessThan(0.98 * simulated(plan, 1.6, "--profiles", folder.resolve("alone.yaml")));
        CommandLineRun refined = run(
                "plan",
                "--profiles",
                folder.resolve("alone.yaml"),
                "--target",
                "beam=1.6",
                "--refine",
                2,
                "--out",
                plan,
                "--json");
        assertThat(JSON.readTree(refined.out()).get("objectiveSeconds").asDouble())
                .isGreaterThanOrEqualTo(objective - 1e-9);
    }

    @Test
    void withoutAnArchitectureThePlanWarnsAndTakesTheCurveAtItsWord() throws IOException {
        Path plain = plan("plain.yaml", 1);
        String before = Files.readString(plain);
        write("models.yaml", "models: [{name: generator}, {name: verifier}]");
        CommandLineRun run =
                run("plan", "--profiles", folder.resolve("alone.yaml"), "--target", "beam=1", "--out", plain, "--json");
        assertThat(run.exitCode()).isZero();
        assertThat(run.err())
                .contains(
                        "Model (generator) on " + GPU + ": gpuFraction 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9 were measured"
                                + " alone on the card (beside: alone)")
                .contains("measure with --beside");
        assertThat(JSON.readTree(plain.toFile()).get("objectiveSeconds"))
                .isEqualTo(JSON.readTree(before).get("objectiveSeconds"));
    }

    private Path plan(String profiles, double rate) {
        Path plan = folder.resolve(profiles + "-" + rate + ".json");
        CommandLineRun run = run(
                "plan", "--profiles", folder.resolve(profiles), "--target", "beam=" + rate, "--out", plan, "--json");
        assertThat(run.exitCode()).as(run.err()).isZero();
        return plan;
    }

    private double predicted(String profiles, Path plan) throws IOException {
        CommandLineRun run = run("predict", "--profiles", folder.resolve(profiles), "--plan", plan, "--json");
        return JSON.readTree(run.out()).at("/predictions/0/latencySeconds").asDouble(Double.NaN);
    }

    /** By engines that contend for the cards' bandwidth with those really beside them. */
    private double trueSeconds(Path plan, double rate) throws IOException {
        return simulated(plan, rate);
    }

    private double simulated(Path plan, double rate, Object... more) throws IOException {
        List<Object> arguments =
                new ArrayList<>(List.of("simulate", "--plan", plan, "--target", "beam=" + rate, "--duration", 120));
        arguments.addAll(List.of(more));
        arguments.add("--json");
        JsonNode report = JSON.readTree(run(arguments.toArray()).out());
        return report.at("/workflows/0/latencySeconds/mean/value")
                .asDouble(report.at("/workflows/0/latencySeconds/mean").asDouble());
    }

    private CommandLineRun run(Object... arguments) {
        List<Object> all = new ArrayList<>(List.of(arguments));
        all.addAll(
                1,
                List.of(
                        "--cluster",
                        folder.resolve("cluster.yaml"),
                        "--models",
                        folder.resolve("models.yaml"),
                        "--workflows",
                        folder.resolve("workflows.json")));
        return CommandLineRun.of(all.toArray());
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private static String curves() {
        StringBuilder text = new StringBuilder("profiles:\n");
        for (Model model : List.of(GENERATOR, VERIFIER)) {
            for (int tenths = 1; tenths <= 10; tenths++) {
                text.append(curve(model, tenths / 10.0));
            }
        }
        return text.toString();
    }

    /** One engine on a card of its own, as a measurement one engine at a time finds it; none where it does not fit. */
    private static String curve(Model model, double gpuFraction) {
        Catalogue catalogue = Catalogue.builtIn();
        EngineSetup setup = EngineSetup.of(
                        catalogue.architecture(model.architecture()).orElseThrow(),
                        catalogue.gpu(GPU).orElseThrow(),
                        Precision.BF16,
                        1)
                .withGpuFraction(gpuFraction);
        if (setup.kvBytesPerGpu() <= 0 || setup.requestsThatFit(model.inputTokens() + model.outputTokens()) < 4) {
            return "";
        }
        EngineModel engine = new EngineModel(setup, EngineCoefficients.builtIn());
        double lonely = alone(engine, model, 0.01, 1000).meanCallSeconds();
        double saturation =
                0.97 * alone(engine, model, 1000 / lonely, 20 * lonely).calls() / (15 * lonely);
        StringBuilder points = new StringBuilder();
        double highest = lonely;
        for (double part : new double[] {0.3, 0.6, 0.85, 1}) {
            double seconds = Math.max(200 / saturation, 20 * lonely);
            highest = Math.max(
                    highest, alone(engine, model, part * saturation, seconds).meanCallSeconds());
            points.append(String.format(
                    Locale.ROOT, ", {requestsPerSecond: %.5f, meanLatencySeconds: %.5f}", part * saturation, highest));
        }
        return String.format(
                Locale.ROOT,
                "  - {model: %s, gpu: %s, gpuFraction: %s, beside: alone, inputTokens: %d, outputTokens: %d,"
                        + " saturationRequestsPerSecond: %.5f, curve: [{requestsPerSecond: 0,"
                        + " meanLatencySeconds: %.5f}%s]}%n",
                model.name(),
                GPU,
                gpuFraction,
                model.inputTokens(),
                model.outputTokens(),
                saturation,
                lonely,
                points);
    }

    private static SimulationReport.ModelOutcome alone(
            EngineModel engine, Model model, double requestsPerSecond, double seconds) {
        ExecutionScript call = new ExecutionScript(
                "w",
                List.of(new CallScript(Optional.of("m"), model.inputTokens(), model.outputTokens(), 0, List.of(), 0)),
                0);
        return Simulation.run(
                        Map.of("m", List.of(new Simulation.Replica.Engine(engine, List.of("g")))),
                        List.of(new Simulation.Load("w", requestsPerSecond, random -> call)),
                        new Simulation.Options(seconds, seconds / 4, 7, Routing.LEAST_LOADED))
                .models()
                .get(0);
    }
}
