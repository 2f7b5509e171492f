package dev.scepsy.planner.simulate;

import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.profile.EngineCoefficients;
import dev.scepsy.planner.profile.EngineModel;
import dev.scepsy.planner.profile.EngineSetup;
import dev.scepsy.planner.profile.Precision;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.TokenStatistics;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * 600 simulated seconds of the demo's cluster: the plan, the load and the statistics that {@code docs/guide/demo.md} prints.
 * 600 over the seconds per operation is how many times real time it runs at.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SimulationBenchmark {

    private static final double EXECUTIONS_PER_SECOND = 0.453;

    private final Map<String, List<Simulation.Replica>> replicas = new TreeMap<>();
    private List<Simulation.Load> loads = List.of();

    @Setup
    public void plan() {
        engine("critic", "Llama-3.1-8B", 0.4, 1, "2/0");
        engine("embedder", "bge-m3", 0.1, 1, "2/1", "2/1");
        engine("executor", "Qwen3-14B", 1, 2, "1/0,1/1");
        engine("planner", "Qwen3-8B", 0.4, 1, "2/0");
        engine("reranker", "bge-reranker-v2-m3", 0.2, 1, "2/0");
        engine("summariser", "Mistral-7B-v0.3", 0.4, 1, "2/1", "2/1");
        DrawnExecutions drawn = new DrawnExecutions(
                "research",
                0.053,
                List.of(
                        calls("critic", 1.5, 1.5, 904, 1668, 60, 60),
                        calls("embedder", 4.5, 1.52, 34, 39, 0, 0),
                        calls("executor", 5.61, 2.54, 1117, 1170, 144, 396),
                        calls("planner", 1, 1, 120, 123, 121, 182),
                        calls("reranker", 4.5, 1.46, 2705, 2773, 0, 0),
                        calls("summariser", 1, 1, 861, 1600, 274, 728)),
                replicas.keySet());
        loads = List.of(new Simulation.Load("research", EXECUTIONS_PER_SECOND, drawn::draw));
    }

    private void engine(String model, String architecture, double fraction, int degree, String... places) {
        Catalogue catalogue = Catalogue.builtIn();
        EngineSetup setup = EngineSetup.of(
                        catalogue.architecture(architecture).orElseThrow(),
                        catalogue.gpu("A100-SXM-80GB").orElseThrow(),
                        Precision.BF16,
                        degree)
                .withGpuFraction(fraction);
        EngineModel engine = new EngineModel(setup, EngineCoefficients.builtIn());
        replicas.put(
                model,
                List.of(places).stream()
                        .<Simulation.Replica>map(
                                gpus -> new Simulation.Replica.Engine(engine, List.of(gpus.split(",", -1))))
                        .toList());
    }

    private static ModelStatistics calls(
            String model, double calls, double sequential, double in, double in99, double out, double out99) {
        return new ModelStatistics(
                model,
                calls,
                calls / sequential,
                sequential,
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                Optional.of(new TokenStatistics(in, OptionalDouble.of(in99))),
                Optional.of(new TokenStatistics(out, OptionalDouble.of(out99))),
                Optional.empty(),
                Optional.empty());
    }

    @Benchmark
    public SimulationReport demo() {
        return Simulation.run(replicas, loads, new Simulation.Options(600, 60, 1, Routing.LEAST_LOADED));
    }
}
