package dev.scepsy.planner.cli;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.file.PlanFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.file.WholeFile;
import dev.scepsy.planner.planning.Planner;
import dev.scepsy.planner.planning.PlanningOptions;
import dev.scepsy.planner.planning.PlanningResult;
import dev.scepsy.planner.planning.Stage;
import dev.scepsy.planner.problem.PipelineForm;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.problem.ProblemAssembly;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code scepsy plan}: files in, a placed plan and its reasons out. */
@Command(
        name = "plan",
        description = "Chooses GPU fraction, tensor parallelism, replicas and GPUs for every model, and"
                + " explains the choice.")
final class PlanCommand implements Callable<Integer> {

    @Mixin
    private Terminal terminal = new Terminal();

    @Mixin
    private ProblemFiles files = new ProblemFiles();

    @Option(
            names = "--max-utilisation",
            defaultValue = "0.85",
            paramLabel = "U",
            description = "Highest planned utilisation of a replica: the fraction of its saturation rate that may"
                    + " be used, in (0, 1] (default: ${DEFAULT-VALUE}).")
    private double maxUtilisation;

    @Mixin
    private FormOption form = new FormOption();

    @Option(
            names = "--out",
            defaultValue = "plan.json",
            paramLabel = "plan.json",
            description = "File for the plan, or for the reasons why there is none (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("plan.json");

    @Option(
            names = "--current",
            paramLabel = "plan.json",
            description = "Plan that serves now, from 'scepsy plan' or 'scepsy status --plan-out': of equally good"
                    + " placements the one that moves the fewest of its replicas is taken, and the moves are"
                    + " listed (default: none).")
    private @Nullable Path current;

    @Option(
            names = "--n-minus-1",
            description =
                    "Report which targets still hold after the failure of any one node (default: on clusters of up to"
                            + " " + Planner.GPUS_TO_LOOK_BEYOND + " GPUs).")
    private boolean nMinusOne;

    @Mixin
    private WhatIfOptions whatIfs = new WhatIfOptions();

    @Option(
            names = "--seed",
            defaultValue = "0",
            paramLabel = "N",
            description = "Seed of the search's random draws; the same files and seed give the same bytes"
                    + " (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--refine",
            defaultValue = "0",
            paramLabel = "N",
            description = "Simulate the best plan and its neighbours, N in all, and take the one with the least"
                    + " simulated latency; 0 simulates none (default: ${DEFAULT-VALUE}).")
    private int refine;

    @Mixin
    private GoalOptions goal = new GoalOptions();

    @Override
    public Integer call() throws IOException {
        Optional<PipelineForm> chosen = form.form();
        ProblemAssembly assembly = files.assembly(chosen.orElse(PipelineForm.CRITICAL_PATH));
        Planner planner = Planner.of(assembly);
        Reading<PlanningProblem> reading = planner.problem();
        Optional<Reading<Plan>> served = Optional.ofNullable(current).map(PlanFile::read);
        terminal.warn(reading);
        List<Problem> problems = new ArrayList<>();
        WholeFile.missingFolder(out).ifPresent(missing -> problems.add(terminal.wrongArgument("--out: " + missing)));
        wrongArguments(chosen, KnownNames.of(assembly, reading))
                .forEach(message -> problems.add(terminal.wrongArgument(message)));
        problems.addAll(reading.whyMalformed());
        served.ifPresent(plan -> problems.addAll(plan.whyMalformed()));
        if (!problems.isEmpty()) {
            return terminal.badInput(problems);
        }
        PlanningOptions options = goal.options(seed)
                .maxUtilisation(maxUtilisation)
                .simulatedPlans(refine, seed)
                .current(served.flatMap(Reading::legalValue))
                .nodeFailures(nMinusOne)
                .whatIfs(whatIfs.changes())
                .build();
        PlanningResult result;
        try (Progress progress = terminal.progress(Stage.TABULATING.text())) {
            result = planner.plan(options, stage -> progress.now(stage.text()));
        }
        WholeFile.write(out, result.toJson());
        if (result instanceof PlanningResult.Planned planned) {
            report(planned);
        } else if (result instanceof PlanningResult.NoPlan none) {
            report(none);
        }
        terminal.out().flush();
        return result instanceof PlanningResult.Planned ? ExitCode.DONE : ExitCode.INFEASIBLE;
    }

    private void report(PlanningResult.Planned planned) {
        if (terminal.json()) {
            terminal.out().print(PlanJson.of(planned));
            return;
        }
        new PlanReport(planned, terminal.out()).print();
        terminal.out().println();
        terminal.out().println("Written to " + out + ".");
    }

    private void report(PlanningResult.NoPlan none) {
        none.unusable().forEach(terminal.err()::println);
        terminal.err().flush();
        if (terminal.json()) {
            terminal.out().print(none.toJson());
        } else {
            PlanReport.infeasible(none.why(), none.remedies(), terminal.out());
        }
    }

    private List<String> wrongArguments(Optional<PipelineForm> chosen, KnownNames known) {
        List<String> wrong = new ArrayList<>();
        if (!(maxUtilisation > 0 && maxUtilisation <= 1)) {
            wrong.add("The --max-utilisation (" + maxUtilisation + ") must lie in (0, 1].");
        }
        if (files.routing().connections().isPresent()) {
            wrong.add("The --routing (" + files.routing() + ") is no rule to search by: a plan is made for a router of"
                    + " requests. Leave it out, and see what the plan does without one: scepsy predict --plan " + out
                    + " --routing " + files.routing() + ".");
        }
        if (refine < 0) {
            wrong.add("The --refine (" + refine + ") must be 0 or more.");
        }
        if (chosen.isEmpty()) {
            wrong.add(form.wrong());
        }
        wrong.addAll(goal.wrong(known));
        wrong.addAll(whatIfs.wrong(known));
        return wrong;
    }
}
