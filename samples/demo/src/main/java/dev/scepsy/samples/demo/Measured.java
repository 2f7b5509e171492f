package dev.scepsy.samples.demo;

import java.io.IOException;
import java.util.OptionalDouble;

/**
 * What loads A and B said of one layout of the cluster; scaled seconds throughout.
 *
 * @param latency load A
 * @param throughputPerSecond load B
 * @param gpusUsed Σ r·t·f of the layout
 * @param predictedLatencySeconds closed form at load A's rate
 * @param predictedThroughputPerSecond closed form
 * @param gpuBusy part of the GPUs' time in which an engine computed, load A
 * @param lagSeconds how late the emulated clock was at worst, load A
 * @param cpuOfA part of all cores the demo used during load A; above {@link CpuMeter#LIMIT} the load is void
 * @param cpuOfB the same for load B
 */
record Measured(
        Latency latency,
        double throughputPerSecond,
        double gpusUsed,
        OptionalDouble predictedLatencySeconds,
        OptionalDouble predictedThroughputPerSecond,
        double gpuBusy,
        double lagSeconds,
        double cpuOfA,
        double cpuOfB) {

    static Measured of(Story.Chapter chapter, DemoFiles files, String plan, String predictions) throws IOException {
        return new Measured(
                chapter.steadied().load().latency(),
                chapter.rising().result().throughputPerSecond(),
                files.gpusUsed(plan),
                files.predicted(predictions, Demo.WORKFLOW, "latencySeconds"),
                files.predicted(predictions, Demo.WORKFLOW, "maxThroughputPerSecond"),
                chapter.steadied().gpuBusy(),
                chapter.steadied().lagSeconds(),
                chapter.steadied().load().cpuUsed(),
                chapter.rising().cpuUsed());
    }

    boolean latencyIsVoid() {
        return cpuOfA > CpuMeter.LIMIT;
    }

    boolean throughputIsVoid() {
        return cpuOfB > CpuMeter.LIMIT;
    }
}
