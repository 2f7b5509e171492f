package dev.scepsy.samples.demo;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The same executions at the same times without the service, simulated: on the first plan as it stands, and with an autoscaler that begins
 * with it. The node is gone and the engine is slow when they were.
 *
 * @param firstSeconds when the first recorded execution started, from which the simulator counts
 */
record DayComparison(double firstSeconds, DayScript script) {

    static final String FIRST_PLAN = "first-plan.json";
    static final String TRACES = "traces.jsonl";

    /** Engines start as in the emulated cluster: 6 s, and 6e9 bytes of weights per second. */
    private static final String START_SECONDS = "6";

    private static final String GIB_PER_SECOND = "5.588";

    /** On the first plan, which stays. */
    LatencySeries onTheFirstPlan(Scepsy scepsy, DemoFiles files) throws IOException {
        return simulate(scepsy, files, "static.json", null);
    }

    /** With an autoscaler. */
    LatencySeries autoscaled(Scepsy scepsy, DemoFiles files) throws IOException {
        return simulate(scepsy, files, "hpa.json", "hpa");
    }

    private LatencySeries simulate(Scepsy scepsy, DemoFiles files, String out, @Nullable String baseline)
            throws IOException {
        List<String> options = new ArrayList<>(List.of(
                "--traces",
                scepsy.file(TRACES),
                "--arrivals",
                "recorded",
                "--failure",
                String.format(
                        Locale.ROOT,
                        "%s@%.1f+%.1f",
                        script.node(),
                        Math.max(0, script.nodeLostSeconds() - firstSeconds),
                        Math.max(1, script.nodeBackSeconds() - script.nodeLostSeconds())),
                "--slowdown",
                String.format(
                        Locale.ROOT,
                        "%s#0@%.1fx%s",
                        script.slowModel(),
                        Math.max(0, script.slowSeconds() - firstSeconds),
                        script.slowFactor()),
                "--executions",
                scepsy.file(out)));
        if (baseline != null) {
            options.addAll(
                    List.of("--baseline", baseline, "--start-time", START_SECONDS, "--load-rate", GIB_PER_SECOND));
        }
        scepsy.require(scepsy.of("simulate", Scepsy.MODELS, FIRST_PLAN, options.toArray(String[]::new)));
        List<LatencySeries.Point> points = new ArrayList<>();
        int failed = 0;
        for (JsonNode execution : files.read(out).path("executions")) {
            if (execution.path("failed").asBoolean()) {
                failed++;
            } else {
                points.add(new LatencySeries.Point(
                        execution.path("startedSeconds").asDouble() + firstSeconds,
                        execution.path("latencySeconds").asDouble()));
            }
        }
        return new LatencySeries(points, failed);
    }
}
