package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.Hidden;
import dev.scepsy.planner.file.Nearest;
import dev.scepsy.planner.file.Shortened;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** {@code scepsy}: from traces to a placed plan, and to the cluster. */
@Command(
        name = "scepsy",
        versionProvider = ScepsyVersion.class,
        description = "Learns each LLM's share of an agent application's time and turns it into a GPU allocation.",
        synopsisSubcommandLabel = "VERB",
        subcommands = {
            // in the order in which data flows; one line each
            RecordCommand.class,
            SharesCommand.class,
            PredictCommand.class,
            PlanCommand.class,
            EngineCommand.class,
            ProfileCommand.class,
            SimulateCommand.class,
            RenderCommand.class,
            ApplyCommand.class,
            RollbackCommand.class,
            StatusCommand.class,
            InitCommand.class,
            ServeCommand.class,
            ViewCommand.class,
            ProposalsCommand.class,
            CommandLine.HelpCommand.class
        })
public final class ScepsyCommand {

    private ScepsyCommand() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** Runs one command inside the caller's JVM. Returns one of {@link ExitCode}. */
    public static int run(String... arguments) {
        return run(new StandardOutput(new FileOutputStream(FileDescriptor.out)), arguments);
    }

    /** As before, with another standard output. Output that could not be written makes a success a failure. */
    static int run(StandardOutput output, String... arguments) {
        PrintWriter out = output.writer();
        CommandLine commandLine = commandLine(arguments).setOut(out);
        int exitCode = commandLine.execute(arguments);
        out.flush();
        return output.loss()
                .map(why -> {
                    PrintWriter err = commandLine.getErr();
                    err.println("Standard output could not be written (" + why + "): what was to be printed is lost"
                            + (exitCode == ExitCode.DONE ? ", though the command itself was done." : "."));
                    err.flush();
                    return exitCode == ExitCode.DONE ? ExitCode.BAD_INPUT : exitCode;
                })
                .orElse(exitCode);
    }

    /**
     * The command line for these arguments. Where the first one is a verb the others are left out: reading all their
     * options would cost a cold start a quarter of its time.
     */
    static CommandLine commandLine(String... arguments) {
        for (Class<?> verb : ScepsyCommand.class.getAnnotation(Command.class).subcommands()) {
            boolean asked = arguments.length > 0
                    && verb != CommandLine.HelpCommand.class
                    && verb.getAnnotation(Command.class).name().equals(arguments[0]);
            if (asked) {
                CommandSpec root =
                        CommandSpec.wrapWithoutInspection(new ScepsyCommand()).name("scepsy");
                return prepared(new CommandLine(root).addSubcommand(verb));
            }
        }
        return commandLine();
    }

    /**
     * The command line with its verbs; {@code execute} returns one of {@link ExitCode}. Tests give it other writers for
     * standard output and error.
     */
    static CommandLine commandLine() {
        return prepared(new CommandLine(new ScepsyCommand()));
    }

    private static CommandLine prepared(CommandLine commandLine) {
        commandLine.getCommandSpec().mixinStandardHelpOptions(true);
        commandLine
                .getSubcommands()
                .values()
                .forEach(verb -> verb.getCommandSpec().mixinStandardHelpOptions(true));
        return commandLine
                .registerConverter(Path.class, ScepsyCommand::path)
                .setExecutionStrategy(ScepsyCommand::withinMemory)
                .setParameterExceptionHandler((problem, arguments) -> badArguments(problem))
                .setExecutionExceptionHandler((problem, verb, parsed) -> failed(problem, verb));
    }

    static Path path(String written) {
        try {
            return Path.of(written);
        } catch (InvalidPathException e) {
            throw new CommandLine.TypeConversionException("(" + written + ") is no path of a file.");
        }
    }

    /** Errors pass the exception handlers by; of these two the input is the cause, not the program. */
    private static int withinMemory(CommandLine.ParseResult parsed) {
        CommandLine.ParseResult verb = parsed;
        while (verb.hasSubcommand()) {
            outOfPlace(verb);
            verb = verb.subcommand();
        }
        CommandLine commandLine = verb.commandSpec().commandLine();
        Contradictions.in(verb).ifPresent(sentence -> {
            throw new ParameterException(commandLine, sentence);
        });
        try {
            return new CommandLine.RunLast().execute(parsed);
        } catch (OutOfMemoryError | StackOverflowError exhausted) {
            PrintWriter err = parsed.commandSpec().commandLine().getErr();
            err.println(tooLarge());
            err.flush();
            return ExitCode.BAD_INPUT;
        }
    }

    /** An option between a verb and the one below it would be read and then count for nothing. */
    private static void outOfPlace(CommandLine.ParseResult verb) {
        CommandLine below = verb.subcommand().commandSpec().commandLine();
        verb.matchedOptions().stream().findFirst().ifPresent(option -> {
            throw new ParameterException(
                    below,
                    option.longestName() + " stands before " + below.getCommandName() + ", where it counts for nothing."
                            + " Write it after.");
        });
    }

    private static String tooLarge() {
        return "The input is too large for the memory there is ("
                + (Runtime.getRuntime().maxMemory() >> 20)
                + " MiB). Give Java more, for example JAVA_TOOL_OPTIONS=-Xmx4g, or a smaller input.";
    }

    private static boolean isExhaustion(Throwable problem) {
        for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
            if (cause instanceof OutOfMemoryError || cause instanceof StackOverflowError) {
                return true;
            }
        }
        return false;
    }

    private static int badArguments(ParameterException problem) {
        CommandLine verb = problem.getCommandLine();
        PrintWriter err = verb.getErr();
        err.println(Shortened.sentence(Hidden.passwords(String.valueOf(problem.getMessage()))));
        boolean isVerb = problem instanceof CommandLine.UnmatchedArgumentException unmatched
                && !unmatched.isUnknownOption()
                && !verb.getSubcommands().isEmpty();
        if (isVerb) {
            String written = ((CommandLine.UnmatchedArgumentException) problem)
                    .getUnmatched()
                    .get(0);
            String near = Nearest.to(written, verb.getSubcommands().keySet())
                    .map(known -> "Maybe " + known + " is meant. ")
                    .orElse("");
            err.println(
                    near + "Verbs: " + String.join(", ", verb.getSubcommands().keySet()) + ".");
        } else if (!CommandLine.UnmatchedArgumentException.printSuggestions(problem, err)) {
            err.println("Try '" + verb.getCommandSpec().qualifiedName() + " --help'.");
        }
        err.flush();
        return ExitCode.BAD_INPUT;
    }

    private static int failed(Exception problem, CommandLine verb) {
        PrintWriter err = verb.getErr();
        if (isExhaustion(problem)) {
            err.println(tooLarge());
            err.flush();
            return ExitCode.BAD_INPUT;
        }
        Throwable cause = problem instanceof UncheckedIOException ? problem.getCause() : problem;
        if (cause instanceof IOException) {
            err.println(described((IOException) cause));
            err.flush();
            return ExitCode.BAD_INPUT;
        }
        err.println(
                "Internal error in " + verb.getCommandSpec().qualifiedName() + ", not your input's fault: " + problem);
        problem.printStackTrace(err);
        err.flush();
        return ExitCode.INTERNAL_ERROR;
    }

    /** The messages of file system exceptions are bare paths. */
    private static String described(IOException problem) {
        if (problem instanceof NoSuchFileException missing) {
            return missing.getFile() + ": There is no such file or folder.";
        }
        if (problem instanceof AccessDeniedException denied) {
            return denied.getFile() + ": Access is denied.";
        }
        if (problem instanceof FileAlreadyExistsException there) {
            return there.getFile() + ": A file with this name is in the way.";
        }
        if (problem instanceof NotDirectoryException file) {
            return file.getFile() + ": This is no folder.";
        }
        if (problem instanceof FileSystemException file) {
            return file.getFile() + ": " + (file.getReason() == null ? "The file cannot be used." : file.getReason());
        }
        return "Reading or writing failed: " + problem.getMessage();
    }
}
