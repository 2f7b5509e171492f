package dev.scepsy.planner.cli;

import dev.scepsy.planner.execution.ClockSkew;
import dev.scepsy.planner.execution.RootRule;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Shortened;
import dev.scepsy.planner.otlp.Seen;
import dev.scepsy.planner.otlp.TraceReader;
import dev.scepsy.planner.otlp.TraceSource;
import dev.scepsy.planner.recorded.RecordedTraces;
import dev.scepsy.planner.recorded.Recording;
import dev.scepsy.planner.share.Selection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.InvalidPathException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** All sources that a verb was given, read to the end, and what each of them looked like. Close it when done. */
final class ReadTraces implements AutoCloseable {

    /** Malformed lines that are shown; a folder of anything else has as many as lines. */
    private static final int MOST_MALFORMED_SHOWN = 100;

    private final RecordedTraces traces = new RecordedTraces();
    private final List<String> names = new ArrayList<>();
    private final List<Seen> seen = new ArrayList<>();
    private final Terminal terminal;
    private long malformed;

    private ReadTraces(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Reads what the arguments name; what cannot be read is added to {@code problems}. */
    static ReadTraces of(List<String> arguments, Terminal terminal, Progress progress, List<Problem> problems) {
        ReadTraces read = new ReadTraces(terminal);
        Set<TraceSource> sources = sources(arguments, problems);
        if (problems.isEmpty()) {
            read.read(sources, progress, problems);
        }
        return read;
    }

    private void read(Set<TraceSource> sources, Progress progress, List<Problem> problems) {
        TraceReader reader =
                new TraceReader(span -> traces.add(span, names.size() - 1), this::report, InstantSource.system());
        for (TraceSource source : sources) {
            progress.now("reading " + source.name());
            names.add(source.name());
            try {
                seen.add(reader.read(source));
            } catch (IOException | UncheckedIOException e) {
                seen.add(new Seen());
                problems.add(problem(source.name(), "The traces cannot be read: " + message(e)));
            }
        }
        if (malformed > MOST_MALFORMED_SHOWN) {
            terminal.err().println("note: " + (malformed - MOST_MALFORMED_SHOWN) + " more lines are malformed.");
            terminal.err().flush();
        }
    }

    private static String message(Exception e) {
        Throwable cause = e instanceof UncheckedIOException && e.getCause() != null ? e.getCause() : e;
        if (cause instanceof FileSystemLoopException loop) {
            return "its links lead in a circle at " + loop.getFile() + ".";
        }
        return String.valueOf(cause.getMessage());
    }

    private static Set<TraceSource> sources(List<String> arguments, List<Problem> problems) {
        Set<TraceSource> sources = new LinkedHashSet<>();
        for (String argument : arguments) {
            try {
                sources.addAll(TraceSource.named(argument));
            } catch (IllegalArgumentException e) {
                problems.add(
                        problem(argument, e instanceof InvalidPathException ? "This is no path." : e.getMessage()));
            } catch (IOException | UncheckedIOException e) {
                problems.add(problem(argument, "The folder cannot be read: " + message(e)));
            }
        }
        return sources;
    }

    private static Problem problem(String source, @org.jspecify.annotations.Nullable String message) {
        return new Problem(source, "", 0, 0, String.valueOf(message));
    }

    private void report(TraceReader.MalformedLine line) {
        malformed++;
        if (malformed <= MOST_MALFORMED_SHOWN) {
            terminal.err().println(Shortened.sentence(line.toString()));
            terminal.err().flush();
        }
    }

    /** Spans read. */
    long spanCount() {
        return traces.spanCount();
    }

    /** Lines that were skipped. */
    long malformedCount() {
        return malformed;
    }

    /** The spans themselves. */
    RecordedTraces traces() {
        return traces;
    }

    /** How far clocks are to be shifted, each shift said on standard error. */
    ClockSkew skew(TraceOptions options) {
        if (!options.correctSkew()) {
            return ClockSkew.NONE;
        }
        ClockSkew skew = traces.clockSkew();
        if (skew.shiftNanos().isEmpty()) {
            terminal.err()
                    .println("note: no clock was shifted: where a server's spans and its client's are from hosts that"
                            + " say their names, most lie inside.");
        }
        skew.shiftNanos()
                .forEach((pair, nanos) -> terminal.err()
                        .println(String.format(
                                Locale.ROOT,
                                "note: the clock of %s is shifted by %+.3f s below calls from %s",
                                pair.server(),
                                nanos / 1e9,
                                pair.client())));
        return skew;
    }

    /** One line for every source, and the notes on all, on standard error. */
    void explain(Recording recording, RootRule rule) {
        explain(recording, rule, Selection.ALL);
    }

    /** The same where some executions are left out. */
    void explain(Recording recording, RootRule rule, Selection selection) {
        for (int i = 0; i < names.size(); i++) {
            terminal.err().println(SourceLine.of(names.get(i), seen.get(i), recording.source(i), rule));
        }
        TraceNotes.of(recording, rule, selection).forEach(terminal.err()::println);
        terminal.err().flush();
    }

    /** What the spans of all sources look like. */
    Seen seen() {
        Seen all = new Seen();
        seen.forEach(all::add);
        return all;
    }

    @Override
    public void close() {
        traces.close();
    }
}
