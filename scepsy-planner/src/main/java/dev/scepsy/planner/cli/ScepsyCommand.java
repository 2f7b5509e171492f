package dev.scepsy.planner.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code scepsy}: from traces to a placed plan, and to the cluster. */
@Command(
        name = "scepsy",
        mixinStandardHelpOptions = true,
        versionProvider = ScepsyVersion.class,
        description = "Learns each LLM's share of an agent application's time and turns it into a GPU allocation.",
        synopsisSubcommandLabel = "VERB",
        subcommands = {CommandLine.HelpCommand.class})
public final class ScepsyCommand {

    private ScepsyCommand() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new ScepsyCommand()).execute(arguments));
    }
}
