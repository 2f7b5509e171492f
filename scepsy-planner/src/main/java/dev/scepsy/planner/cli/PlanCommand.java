package dev.scepsy.planner.cli;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.file.PlanFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.file.WholeFile;
import dev.scepsy.planner.placement.Placement;
import dev.scepsy.planner.problem.PipelineForm;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.problem.ProblemAssembly;
import dev.scepsy.planner.search.AllocationProblem;
import dev.scepsy.planner.search.Explainer;
import dev.scepsy.planner.search.Explanation;
import dev.scepsy.planner.search.InfeasibleReason;
import dev.scepsy.planner.search.Placeability;
import dev.scepsy.planner.search.Remedy;
import dev.scepsy.planner.search.Search;
import dev.scepsy.planner.search.SearchResult;
import dev.scepsy.planner.topology.HeldShare;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    /** Up to this many GPUs the plan is made a second time to price one more of them. */
    private static final int GPUS_TO_PRICE = 256;

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
                            + " " + GPUS_TO_PRICE + " GPUs).")
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
        Reading<PlanningProblem> reading = assembly.assemble();
        Optional<Reading<Plan>> served = Optional.ofNullable(current).map(PlanFile::read);
        terminal.warn(reading);
        List<Problem> problems = new ArrayList<>();
        WholeFile.missingFolder(out).ifPresent(missing -> problems.add(terminal.wrongArgument("--out: " + missing)));
        wrongArguments(chosen, KnownNames.of(assembly, reading))
                .forEach(message -> problems.add(terminal.wrongArgument(message)));
        problems.addAll(reading.whyMalformed());
        served.ifPresent(plan -> problems.addAll(plan.whyMalformed()));
        if (!(reading instanceof Reading.Legal<PlanningProblem> legal) || !problems.isEmpty()) {
            return terminal.badInput(problems);
        }
        Optional<Plan> serving = served.flatMap(Reading::legalValue);
        Placeability.Factory placement =
                serving.<Placeability.Factory>map(Placement::keeping).orElse(Placement::on);
        AllocationProblem problem;
        SearchResult result;
        List<Remedy> remedies = List.of();
        try (Progress progress = terminal.progress("tabulating profiles")) {
            problem = goal.applied(legal.value(), maxUtilisation);
            progress.now("searching");
            result = search(problem, placement);
            if (result instanceof SearchResult.Found found) {
                Optional<Refinement> refined = Optional.empty();
                if (refine > 0) {
                    progress.now("simulating");
                    refined = Optional.of(Refinement.of(legal.value(), problem, found.plan(), placement, refine, seed));
                }
                progress.now("explaining");
                return found(legal.value(), problem, found, refined, serving);
            }
            progress.now("looking for what would help");
            remedies = WaysOut.of(assembly, legal.value(), problem, (SearchResult.Infeasible) result);
        }
        SearchResult.Infeasible infeasible = (SearchResult.Infeasible) result;
        String whyNot = PlanFile.toJson(infeasible, remedies);
        WholeFile.write(out, whyNot);
        sayWhyUnusable(legal.value(), infeasible);
        if (terminal.json()) {
            terminal.out().print(whyNot);
        } else {
            PlanReport.infeasible(infeasible, remedies, terminal.out());
        }
        terminal.out().flush();
        return ExitCode.INFEASIBLE;
    }

    private List<String> wrongArguments(Optional<PipelineForm> chosen, KnownNames known) {
        List<String> wrong = new ArrayList<>();
        if (!(maxUtilisation > 0 && maxUtilisation <= 1)) {
            wrong.add("The --max-utilisation (" + maxUtilisation + ") must lie in (0, 1].");
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

    /** The search knows that no profile is usable; the assembly knows by how many GiB. */
    private void sayWhyUnusable(PlanningProblem problem, SearchResult.Infeasible infeasible) {
        for (InfeasibleReason reason : infeasible.reasons()) {
            if (reason instanceof InfeasibleReason.NoUsableProfile) {
                reason.model()
                        .flatMap(problem::model)
                        .ifPresent(model -> problem.whyNoCandidate(model).forEach(terminal.err()::println));
            }
        }
        terminal.err().flush();
    }

    private int found(
            PlanningProblem planning,
            AllocationProblem problem,
            SearchResult.Found searched,
            Optional<Refinement> refined,
            Optional<Plan> current)
            throws IOException {
        SearchResult.Found found = refined.map(
                        refinement -> new SearchResult.Found(refinement.chosen().plan(), searched.effort()))
                .orElse(searched);
        WholeFile.write(
                out,
                PlanFile.toJson(
                        found.plan(),
                        refined.map(refinement -> refinement.chosen().workflows())
                                .orElseGet(Map::of),
                        HeldShare.of(problem.cluster(), found.plan()),
                        goal.quantile()));
        AllocationProblem served = goal.served(problem, found.plan());
        boolean priceOneMore =
                found.plan().goal().isEmpty() && problem.cluster().gpus() <= GPUS_TO_PRICE;
        Explanation explanation = Explainer.explain(served, found.plan(), Placement::on, priceOneMore);
        PlacementStory story = PlacementStory.of(
                served, found.plan(), current, nMinusOne || problem.cluster().gpus() <= GPUS_TO_PRICE);
        Map<String, SearchResult> changed = new LinkedHashMap<>();
        whatIfs.changes().forEach((text, change) -> changed.put(text, search(change.apply(problem), Placement::on)));
        if (terminal.json()) {
            terminal.out().print(PlanJson.of(problem, found, explanation, story, refined, changed));
        } else {
            goal.print(found.plan(), terminal.out());
            PlanReport report = new PlanReport(served, found, explanation, terminal.out());
            report.print();
            report.links(ParallelEfficiency.of(planning, found.plan()));
            story.print(terminal.out());
            refined.ifPresent(refinement -> refinement.print(terminal.out()));
            changed.forEach(report::whatIf);
            terminal.out().println();
            terminal.out().println("Written to " + out + ".");
        }
        terminal.out().flush();
        return ExitCode.DONE;
    }

    private SearchResult search(AllocationProblem problem, Placeability.Factory placement) {
        return Search.plan(problem, placement, goal.limits(seed));
    }
}
