package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/**
 * {@code docs/reference/cli.md} is what the verbs print. It is written anew by running this test, in the build's JVM options, with
 * {@code -Dscepsy.rewrite=true}.
 */
class CliReferenceTest {

    private static final Path PAGE = root().resolve("docs/reference/cli.md");

    @Test
    void everyVerbIsInTheReference() throws IOException {
        if (Boolean.getBoolean("scepsy.rewrite")) {
            Files.writeString(PAGE, page());
        }
        String written = Files.readString(PAGE);
        assertThat(written)
                .as("its head, as rewriting would leave it")
                .startsWith(page().substring(0, page().indexOf("```")));
        assertThat(ScepsyCommand.commandLine().getSubcommands().keySet())
                .as("verbs in docs/reference/cli.md; run CliReferenceTest with -Dscepsy.rewrite=true")
                .allMatch(verb -> written.contains("\n## " + verb + "\n"));
    }

    private static String page() {
        CommandLine commandLine = ScepsyCommand.commandLine();
        StringBuilder page = new StringBuilder("""
            # Command line

            `java -jar scepsy-planner/target/scepsy-cli.jar VERB`, after `./mvnw -q -DskipTests package`. What follows is
            what `--help` prints; the files are described in [files.md](files.md).

            | Exit code | Means |
            |---|---|
            | 0 | done |
            | 1 | internal error: a mistake in the program, not in your input |
            | 2 | bad input: arguments or files; every problem stands on standard error with file, line and place. Also output that cannot be written: a full disk, a closed standard output (`\\| head -1` is no failure), though what the verb does to a cluster is done then |
            | 3 | infeasible: the problem is well stated and has no solution |
            | 4 | refused before any change |
            | 5 | stopped midway; the state is recorded |
            | 6 | rolled back |
            | 130, 143 | ended by Ctrl-C or by SIGTERM before anything was changed; verbs that record their state end with 5 then |

            Results go to standard output, everything else to standard error. `--json` makes the results JSON. What takes
            longer than two seconds shows its progress on standard error while that is a terminal.

            """);
        page.append("```\n").append(commandLine.getUsageMessage(Ansi.OFF)).append("```\n");
        commandLine.getSubcommands().forEach((name, verb) -> append(page, name, verb));
        return page.toString();
    }

    private static void append(StringBuilder page, String name, CommandLine verb) {
        page.append("\n## ")
                .append(name)
                .append("\n\n```\n")
                .append(verb.getUsageMessage(Ansi.OFF).stripTrailing())
                .append("\n```\n");
        verb.getSubcommands().forEach((below, command) -> append(page, name + " " + below, command));
    }

    private static Path root() {
        Path here = Path.of("").toAbsolutePath();
        Path parent = here.getParent();
        return Files.isDirectory(here.resolve("docs")) || parent == null ? here : parent;
    }
}
