package dev.scepsy.planner.predict;

import dev.scepsy.planner.profile.LatencyProfile;
import dev.scepsy.planner.profile.MeasuredCurve;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
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

/** One evaluation of every workflow's latency on curves of 64 points, with replicas that change from call to call. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PredictBenchmark {

    private static final int POINTS = 64;
    private static final int MOST_REPLICAS = 8;

    @Param({"10"})
    private int models;

    @Param({"1", "3"})
    private int workflows;

    private AggregateLlmPipeline pipeline;
    private LatencyProfile[] profiles;
    private int[] replicas;
    private double[] modelSeconds;
    private double[] workflowSeconds;
    private int turn;

    @Setup
    public void problem() {
        Random random = new Random(1);
        List<WorkflowDemand> demands = new ArrayList<>();
        for (int w = 0; w < workflows; w++) {
            List<ModelCalls> calls = new ArrayList<>();
            for (int m = 0; m < models; m++) {
                calls.add(new ModelCalls("m" + m, 1 + random.nextDouble(), random.nextDouble()));
            }
            demands.add(new WorkflowDemand("w" + w, 1 + random.nextDouble(), 1, 0.1, 0, calls));
        }
        pipeline = AggregateLlmPipeline.of(demands);
        profiles = new LatencyProfile[models];
        replicas = new int[models];
        for (int m = 0; m < models; m++) {
            List<MeasuredCurve.Point> points = new ArrayList<>();
            for (int i = 0; i < POINTS; i++) {
                points.add(new MeasuredCurve.Point(0.1 * (i + 1), 1 + 0.05 * i * i));
            }
            profiles[m] = MeasuredCurve.of(points, OptionalDouble.empty(), 40);
            replicas[m] = 1 + random.nextInt(MOST_REPLICAS);
        }
        modelSeconds = new double[models];
        workflowSeconds = new double[workflows];
    }

    @Benchmark
    public double latency() {
        int model = turn++ % models;
        replicas[model] = 1 + replicas[model] % MOST_REPLICAS;
        pipeline.latencySeconds(profiles, replicas, modelSeconds, workflowSeconds);
        return workflowSeconds[0];
    }
}
