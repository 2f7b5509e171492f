package dev.scepsy.planner.cli;

import dev.scepsy.planner.RecordedTraces;
import dev.scepsy.planner.execution.IncompleteReason;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.WorkflowsFile;
import dev.scepsy.planner.otlp.TraceReader;
import dev.scepsy.planner.otlp.TraceSource;
import dev.scepsy.planner.share.ShareEstimator;
import dev.scepsy.planner.share.WorkflowShares;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
            "  scepsy shares 'jaeger:http://localhost:16686?service=research&lookback=6h&limit=10000'",
            "",
            "Exit code 0 when at least one span was read, 2 when none was or, with --strict, when a line is malformed."
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
            description = "Where the statistics are written (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("workflows.json");

    @Option(names = "--strict", description = "A malformed line is an error: exit code 2, and nothing is written.")
    private boolean strict;

    @Option(
            names = "--required-executions",
            paramLabel = "N",
            defaultValue = "30",
            description = "Complete executions below which a workflow is marked as not enough data (default: "
                    + "${DEFAULT-VALUE}).")
    private int requiredExecutions;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of the bootstrap (default: ${DEFAULT-VALUE}).")
    private long seed;

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
        if (requiredExecutions < 1) {
            return terminal.badInput("--required-executions (" + requiredExecutions + ") must be at least 1.");
        }
        List<Problem> problems = new ArrayList<>();
        Set<TraceSource> sources = sources(problems);
        if (!problems.isEmpty()) {
            return terminal.badInput(problems);
        }
        RecordedTraces recorded = new RecordedTraces();
        TraceReader reader = new TraceReader(recorded::add, this::report, InstantSource.system());
        WorkflowShares shares;
        try (Progress progress = terminal.progress("reading traces")) {
            for (TraceSource source : sources) {
                progress.now("reading " + source.name());
                try {
                    reader.read(source);
                } catch (IOException e) {
                    problems.add(problem(source.name(), "The traces cannot be read: " + e.getMessage()));
                }
            }
            if (!problems.isEmpty()) {
                return terminal.badInput(problems);
            }
            if (strict && reader.malformedCount() > 0) {
                return terminal.badInput(
                        reader.malformedCount() + " malformed line(s), and --strict was given: nothing was written.");
            }
            if (reader.spanCount() == 0) {
                return terminal.badInput("No span was read: nothing was written.");
            }
            progress.now("summing up " + recorded.size() + " traces");
            shares = recorded.drainShares(new ShareEstimator(requiredExecutions, seed));
        }
        write(shares, reader.spanCount());
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
    }

    private Set<TraceSource> sources(List<Problem> problems) {
        Set<TraceSource> sources = new LinkedHashSet<>();
        for (String argument : traces) {
            try {
                sources.addAll(TraceSource.named(argument));
            } catch (IllegalArgumentException e) {
                problems.add(
                        problem(argument, e instanceof InvalidPathException ? "This is no path." : e.getMessage()));
            } catch (IOException | java.io.UncheckedIOException e) {
                problems.add(problem(argument, "The folder cannot be read: " + e.getMessage()));
            }
        }
        return sources;
    }

    private static Problem problem(String source, @org.jspecify.annotations.Nullable String message) {
        return new Problem(source, "", 0, 0, String.valueOf(message));
    }

    private void report(TraceReader.MalformedLine line) {
        terminal.err().println(line);
        terminal.err().flush();
    }
}
