package dev.scepsy.planner;

import dev.scepsy.planner.allocation.GpuFraction;
import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.predict.ModelCalls;
import dev.scepsy.planner.predict.WorkflowDemand;
import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.search.Search;
import dev.scepsy.planner.search.SearchResult;
import dev.scepsy.planner.search.choice.AllocationProblem;
import dev.scepsy.planner.search.choice.AllocationProblem.Candidate;
import dev.scepsy.planner.search.choice.AllocationProblem.ModelOptions;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.GpuType;
import dev.scepsy.planner.topology.Node;
import dev.scepsy.planner.topology.Rack;
import dev.scepsy.planner.topology.Sharing;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Planning time with ready curves, from the demo's size to a fleet; {@code size} is models:GPUs:workflows. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
public class PlanningBenchmark {

    @Param({"6:4:1", "5:16:1", "6:32:2", "8:64:3", "10:104:4", "30:1000:8", "100:10000:20"})
    public String size;

    private AllocationProblem problem;

    @Setup
    public void problem() {
        String[] parts = size.split(":");
        problem = fleet(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
    }

    @Benchmark
    public SearchResult plan() {
        return Search.plan(problem, Placement::on);
    }

    /** Rises in straight pieces to {@code factor} times its base at saturation. */
    private record Curve(double base, double factor, double saturationRequestsPerSecond, double memoryGiBPerGpu)
            implements LatencyProfile {
        @Override
        public double meanLatencySeconds(double requestsPerSecond) {
            double load = Math.min(1, requestsPerSecond / saturationRequestsPerSecond);
            return load < 0.2
                    ? base
                    : load < 0.6
                            ? base * (1 + (factor - 1) * 0.3 * (load - 0.2) / 0.4)
                            : base * (1 + (factor - 1) * (0.3 + 0.7 * (load - 0.6) / 0.4));
        }
    }

    static AllocationProblem fleet(int models, int gpus, int workflows) {
        Random random = new Random(1);
        int gpusPerNode = Math.min(8, Math.max(2, gpus / 2));
        List<Node> nodes = new ArrayList<>();
        for (int node = 0; node < gpus / gpusPerNode; node++) {
            nodes.add(new Node(
                    "node-" + node,
                    new GpuType("A", 80),
                    gpusPerNode,
                    gpusPerNode,
                    new Sharing.Grid(Sharing.Mode.MPS, GpuFraction.of(0.1), false)));
        }
        List<Rack> racks = new ArrayList<>();
        for (int from = 0; from < nodes.size(); from += 32) {
            racks.add(new Rack("rack-" + from / 32, nodes.subList(from, Math.min(from + 32, nodes.size()))));
        }
        List<ModelOptions> options = new ArrayList<>();
        for (int model = 0; model < models; model++) {
            double base = 0.3 + 4 * random.nextDouble();
            double saturation = 0.5 + 4 * random.nextDouble();
            int leastTenths = gpus < 8 ? 1 + random.nextInt(2) : 1 + random.nextInt(8);
            double factor = 1.5 + random.nextInt(3);
            List<Candidate> candidates = new ArrayList<>();
            for (int width = 1; width <= gpusPerNode; width *= 2) {
                for (int tenths = width > 1 ? 10 : leastTenths; tenths <= 10; tenths++) {
                    double power = Math.pow(width, 0.8) * Math.pow(tenths / 10.0, 0.7);
                    candidates.add(new Candidate(
                            "A",
                            width,
                            new GpuFraction(tenths, 10),
                            new Curve(base / power, factor, saturation * power, 8.0 * tenths)));
                }
            }
            options.add(new ModelOptions("model-" + model, 1, OptionalInt.empty(), candidates));
        }
        List<WorkflowDemand> demands = new ArrayList<>();
        for (int workflow = 0; workflow < workflows; workflow++) {
            List<ModelCalls> calls = new ArrayList<>();
            for (int model = workflow; model < models; model += workflows) {
                double n = 0.3 + 3 * random.nextDouble();
                calls.add(new ModelCalls("model-" + model, n, n / (1 + random.nextDouble())));
            }
            demands.add(new WorkflowDemand(
                    "workflow-" + workflow,
                    0.3 * gpus / models * (0.5 + random.nextDouble()),
                    1 + random.nextInt(3),
                    random.nextDouble(),
                    0,
                    calls));
        }
        return new AllocationProblem(new Cluster(racks), options, demands, 0.85);
    }
}
