package dev.scepsy.planner.cli;

import dev.scepsy.planner.execution.ClockSkew;
import dev.scepsy.planner.execution.IncompleteReason;
import dev.scepsy.planner.execution.RootRule;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.WorkflowsFile;
import dev.scepsy.planner.recorded.Recording;
import dev.scepsy.planner.recorded.Roles;
import dev.scepsy.planner.share.Selection;
import dev.scepsy.planner.share.ShareEstimator;
import dev.scepsy.planner.share.WorkflowShares;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code scepsy shares}: statistics of recorded traces. */
@Command(
        name = "shares",
        description = "Learns every workflow's statistics from traces: calls, parallelism, shares, times and tokens.",
        footer = {
            "",
            "TRACES are files of OTLP JSON lines, plain or gzip, folders or patterns of such files, or a running Jaeger:",
            "  scepsy shares target/demo/traces.jsonl 'old/*.jsonl.gz'",
            "  scepsy shares \\",
            "    'jaeger:http://localhost:16686?service=research&lookback=6h&limit=10000'",
            "",
            "What each source holds and what it lacks is printed on standard error.",
            "",
            "Exit codes: 0 statistics were written; 2 nothing was written: no span, workflow or model call was found, or"
                    + " a line is malformed (--strict)."
        })
final class SharesCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "TRACES",
            arity = "1..*",
            description = "Files, folders, patterns, or jaeger:URL?service=NAME.")
    private List<String> traces = List.of();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            defaultValue = "workflows.json",
            description = "File for the statistics (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("workflows.json");

    @Option(names = "--strict", description = "Treat a malformed line as an error: exit code 2, nothing is written.")
    private boolean strict;

    @Option(
            names = "--required-executions",
            paramLabel = "N",
            defaultValue = "30",
            description = "Least number of complete executions; a workflow with fewer is marked as not enough data"
                    + " (default: ${DEFAULT-VALUE}).")
    private int requiredExecutions;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of the bootstrap (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--skip-first",
            paramLabel = "N",
            defaultValue = "0",
            description = "Leave out the first N executions (cold starts) of each workflow and service instance"
                    + " (default: ${DEFAULT-VALUE}).")
    private int skipFirst;

    @Option(
            names = "--trim",
            paramLabel = "PART",
            defaultValue = "0",
            description = "Trimmed mean: leave out this part of the executions, in [0, 0.5), at either end of the"
                    + " order of end-to-end times (default: ${DEFAULT-VALUE}).")
    private double trim;

    @Mixin
    private DemandOptions demand = new DemandOptions();

    @Mixin
    private StabilityOptions stability = new StabilityOptions();

    @Mixin
    private TraceOptions reading = new TraceOptions();

    @Mixin
    private Terminal terminal;

    SharesCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    SharesCommand() {
        this(new Terminal());
    }

    @Override
    public Integer call() throws IOException {
        List<Problem> problems = new ArrayList<>();
        if (requiredExecutions < 1) {
            problems.add(
                    terminal.wrongArgument("--required-executions (" + requiredExecutions + ") must be at least 1."));
        }
        if (skipFirst < 0) {
            problems.add(terminal.wrongArgument("--skip-first (" + skipFirst + ") must be 0 or more."));
        }
        if (!(trim >= 0 && trim < 0.5)) {
            problems.add(terminal.wrongArgument("--trim (" + trim + ") must lie in [0, 0.5)."));
        }
        RootRule rule = reading.rule(terminal, problems);
        demand.read(terminal, problems);
        if (!stability.isPrecise()) {
            problems.add(terminal.wrongArgument("--precision (" + stability.precision() + ") must lie in (0, 1)."));
        }
        if (!problems.isEmpty()) {
            return terminal.badInput(problems);
        }
        try (Progress progress = terminal.progress("reading traces");
                ReadTraces read = ReadTraces.of(traces, terminal, progress, problems)) {
            if (problems.isEmpty() && strict && read.malformedCount() > 0) {
                problems.add(terminal.wrongArgument(
                        read.malformedCount() + " malformed line(s), and --strict was given: nothing was written."));
            } else if (problems.isEmpty() && read.spanCount() == 0) {
                problems.add(terminal.wrongArgument("No span was read: nothing was written."));
            }
            if (!problems.isEmpty()) {
                return terminal.badInput(problems);
            }
            progress.now("summing up " + read.spanCount() + " spans");
            ClockSkew skew = read.skew(reading);
            Recording recording = Recording.of(read.traces(), rule, skew);
            progress.close();
            Selection selection = new Selection(skipFirst, trim);
            read.explain(recording, rule, selection);
            Optional<String> nothing = NothingToLearn.from(recording, read.seen(), rule);
            if (nothing.isPresent()) {
                return terminal.nothing(nothing.get());
            }
            WorkflowShares shares = new ShareEstimator(requiredExecutions, seed)
                    .estimate(recording.tally().executions(), recording.tally().incomplete(), selection);
            Roles.Found roles = Roles.in(shares, read.traces(), recording, rule, skew, selection, demand.engine());
            write(demand.in(roles.shares()), read.spanCount());
            RolesText.verdicts(roles.verdicts()).forEach(terminal.err()::println);
            terminal.err().flush();
            if (stability.isAsked()) {
                stability.report(
                        selection.stabilities(recording.tally().executions(), stability.precision()),
                        terminal.json(),
                        terminal.out());
                terminal.out().flush();
            }
        } catch (UncheckedIOException e) {
            return terminal.badInput(String.valueOf(e.getMessage()));
        }
        return ExitCode.DONE;
    }

    private void write(WorkflowShares shares, long spanCount) throws IOException {
        Map<String, Long> incomplete = new LinkedHashMap<>();
        for (Map.Entry<IncompleteReason, Long> count :
                shares.incompleteExecutions().entrySet()) {
            incomplete.put(count.getKey().key(), count.getValue());
        }
        WorkflowsFile.write(shares.workflows(), incomplete, out);
        if (terminal.json()) {
            terminal.out().print(WorkflowsFile.toJson(shares.workflows(), incomplete));
        } else {
            SharesTable.print(shares, spanCount, terminal.out());
        }
        terminal.out().flush();
        shares.workflows().forEach(workflow -> DemandOptions.waiting(workflow).forEach(terminal.err()::println));
        terminal.err().flush();
    }
}
