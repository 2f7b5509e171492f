package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import java.io.Console;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/**
 * What every verb talks through: results on standard output, problems, warnings and progress on standard error. A verb
 * takes it as {@code @Mixin}, which also gives it {@code --json}.
 *
 * @see Mixin
 */
public final class Terminal {

    @Spec(Target.MIXEE)
    private CommandSpec verb = CommandSpec.create();

    @Option(names = "--json", description = "Print results, and problems with the input, as JSON on standard output.")
    private boolean json;

    Terminal() {}

    /** Whether programs read the output. */
    public boolean json() {
        return json;
    }

    /** Standard output. */
    public PrintWriter out() {
        return verb.commandLine().getOut();
    }

    /** Standard error. */
    public PrintWriter err() {
        return verb.commandLine().getErr();
    }

    /** Prints every problem and returns {@link ExitCode#BAD_INPUT}; {@code return terminal.badInput(problems)}. */
    public int badInput(List<Problem> problems) {
        problems.forEach(problem -> err().println(problem));
        err().println(problems.size() == 1 ? "1 problem found." : problems.size() + " problems found.");
        err().flush();
        if (json) {
            out().print(Json.object(object -> object.objects(
                    "problems",
                    problems,
                    (item, problem) -> item.field("file", problem.file())
                            .field("path", problem.path())
                            .field("line", problem.line())
                            .field("column", problem.column())
                            .field("message", problem.message()))));
            out().flush();
        }
        return ExitCode.BAD_INPUT;
    }

    /** Prints one sentence that says why there is no result and returns {@link ExitCode#BAD_INPUT}. */
    int nothing(String sentence) {
        err().println(sentence);
        err().flush();
        if (json) {
            Problem problem = wrongArgument(sentence);
            out().print(Json.object(object -> object.objects(
                    "problems",
                    List.of(problem),
                    (item, each) -> item.field("file", each.file()).field("message", each.message()))));
            out().flush();
        }
        return ExitCode.BAD_INPUT;
    }

    /** Prints one sentence about an argument and returns {@link ExitCode#BAD_INPUT}. */
    public int badInput(String message) {
        return badInput(List.of(wrongArgument(message)));
    }

    /** One sentence about an argument, to be reported with what is wrong with the files. */
    public Problem wrongArgument(String message) {
        return new Problem("scepsy " + verb.name(), "", 0, 0, message);
    }

    /** Prints the warnings of {@code readings}. */
    public void warn(Reading<?>... readings) {
        for (Reading<?> reading : readings) {
            warn(reading.warnings());
        }
    }

    /** Prints {@code warnings}. */
    public void warn(List<Problem> warnings) {
        warnings.forEach(warning -> err().println("warning: " + warning));
        err().flush();
    }

    /** Whether a person watches standard error. */
    static boolean isWatched() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            // From Java 22 on there is always a console, and it has to be asked.
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }

    /** Shows what is being done, from two seconds on, while a person watches; close it when done. */
    public Progress progress(String what) {
        return Progress.start(what, err(), isWatched());
    }
}
