package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.Forecast;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.cluster.ServingOptions;
import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.transition.Step;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code scepsy apply}: moves a serving cluster to a plan. */
@Command(
        name = "apply",
        description = {
            "Moves a Kubernetes cluster to a plan, step by step, with no model below its least"
                    + " number of ready replicas; or what --platform names, as it can.",
            "Exit codes: 0 the plan serves, 2 bad input, 4 refused before any change, 5 stopped"
                    + " midway, 6 rolled back."
        })
final class ApplyCommand implements Callable<Integer> {

    @Mixin
    private Terminal terminal = new Terminal();

    @Mixin
    private PlanFiles files = new PlanFiles();

    @Mixin
    private Connection connection = new Connection();

    @Mixin
    private PushOptions push = new PushOptions();

    @Mixin
    private OtherPlatform platform = new OtherPlatform();

    @Override
    public Integer call() {
        Optional<String> wrong = platform.wrong();
        if (wrong.isPresent()) {
            return terminal.badInput(wrong.get());
        }
        return platform.isKubernetes() ? toKubernetes() : toAnother();
    }

    private int toAnother() {
        PlanFiles.Read read = files.read(ServingOptions.DEFAULT.namespace(), Map.of(), connection.server(), terminal);
        return read.placed().isEmpty()
                ? terminal.badInput(read.problems())
                : platform.apply(read.placed().get(), terminal, push);
    }

    private int toKubernetes() {
        try (ClusterClient client = connection.open()) {
            PlanFiles.Read read = files.read(client.namespace(), client.gpuUuids(), connection.server(), terminal);
            if (read.intent().isEmpty()) {
                return terminal.badInput(read.problems());
            }
            Intent intent = read.intent().get();
            PushReport report = new PushReport(terminal);
            if (push.dryRun()) {
                return dryRun(client, intent, report);
            }
            if (!push.confirmed("Move the cluster to plan " + intent.planId() + "?", terminal)) {
                terminal.err().println("Nothing was changed.");
                return ExitCode.REFUSED;
            }
            try (StopOnSignal stop = new StopOnSignal(client, terminal.err())) {
                return report.end(client.apply(intent, push.options(), report::tell));
            }
        }
    }

    private int dryRun(ClusterClient client, Intent intent, PushReport report) {
        ClusterClient.Rehearsal rehearsal = client.rehearse(intent, push.options());
        rehearsal.notes().forEach(terminal.err()::println);
        if (rehearsal.refused().isPresent()) {
            return report.end(rehearsal.refused().get());
        }
        List<Step> steps = rehearsal.steps();
        Forecast forecast = rehearsal.forecast();
        if (terminal.json()) {
            terminal.out().print(Json.object(json -> {
                json.field("outcome", "dryRun").field("plan", intent.planId());
                json.field("expectedSeconds", Math.round(forecast.totalSeconds()))
                        .field("expectedEnd", forecast.end(Instant.now()).toString());
                PushReport.steps(json, "steps", steps, forecast);
                PushReport.router(json, rehearsal.router());
                json.objects(
                        "manifests",
                        rehearsal.manifests().files().entrySet(),
                        (item, file) -> item.field("name", file.getKey()).field("yaml", file.getValue()));
            }));
        } else {
            terminal.out().print(rehearsal.manifests().yaml());
            terminal.out().flush();
            terminal.err().println("Dry run; nothing was changed. Steps:");
            rehearsal.router().forEach(step -> terminal.err().println("[router] " + step));
            int number = 0;
            for (Step step : steps) {
                terminal.err()
                        .println("[" + ++number + "/" + steps.size() + "] "
                                + PushReport.line(step, forecast.steps().get(number - 1)));
            }
            if (!steps.isEmpty()) {
                terminal.err().println(forecast.summary(Instant.now()));
            }
        }
        terminal.out().flush();
        terminal.err().flush();
        return ExitCode.DONE;
    }
}
