package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.simulate.SimulationWatch;
import java.util.ArrayList;
import java.util.List;

/** Every simulated execution with its times, and every change of an autoscaler's replicas, for pictures over time. */
final class ExecutionsFile implements SimulationWatch {

    private record Ended(String workflow, double startedSeconds, double latencySeconds, boolean failed) {}

    private record Scaled(String model, double atSeconds, int wanted, int serving) {}

    private final List<Ended> executions = new ArrayList<>();
    private final List<Scaled> replicas = new ArrayList<>();

    @Override
    public void executionEnded(String workflow, double startedSeconds, double latencySeconds, boolean failed) {
        executions.add(new Ended(workflow, startedSeconds, latencySeconds, failed));
    }

    @Override
    public void scaled(String model, double atSeconds, int wanted, int serving) {
        replicas.add(new Scaled(model, atSeconds, wanted, serving));
    }

    /** In the order in which they ended; simulated seconds. */
    String toJson() {
        return Json.object(json -> json.objects(
                        "executions",
                        executions,
                        (item, ended) -> item.field("workflow", ended.workflow)
                                .field("startedSeconds", ended.startedSeconds)
                                .field("latencySeconds", ended.latencySeconds)
                                .field("failed", ended.failed))
                .objects(
                        "replicas",
                        replicas,
                        (item, change) -> item.field("model", change.model)
                                .field("atSeconds", change.atSeconds)
                                .field("wanted", change.wanted)
                                .field("serving", change.serving)));
    }
}
