package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code docs/guide/plan.md} shows what {@code scepsy plan} prints: its files are written as it gives them, its commands run in
 * the page's order, and every line it shows must come, in that order; {@code ...} stands for any lines. Commands that need a
 * cluster are proven where there is one.
 */
class GuidePlanIT {

    private static final Path PAGE = Path.of(System.getProperty("scepsy.root"), "docs/guide/plan.md");
    private static final Pattern BLOCK = Pattern.compile("```(\\w*)\\n(.*?)```", Pattern.DOTALL);

    @TempDir
    Path folder;

    @Test
    void thePageShowsWhatItsCommandsPrint() throws Exception {
        int commands = 0;
        for (MatchResult block : BLOCK.matcher(Files.readString(PAGE)).results().toList()) {
            String text = block.group(2);
            if (text.startsWith("$ scepsy plan ")) {
                run(text.replace("\\\n", " "));
                commands++;
            } else if (text.startsWith("$ scepsy status ")) {
                // applied and read back, the plan is the same
                Files.copy(folder.resolve("plan.json"), folder.resolve("current.json"));
            } else if (!block.group(1).isEmpty()) {
                write(block.group(1), text);
            }
        }
        assertThat(commands).isGreaterThanOrEqualTo(8);
    }

    private void run(String block) throws IOException, InterruptedException {
        int end = block.indexOf('\n');
        String command = block.substring("$ scepsy ".length(), end);
        List<String> arguments = Arrays.stream(command.trim().split("\\s+"))
                .map(argument -> argument.replace("'", ""))
                .toList();
        List<String> printed =
                new PackagedCli(folder).run(arguments).out().lines().toList();

        List<String> shown = new ArrayList<>();
        int from = 0;
        boolean skip = false;
        for (String line : block.substring(end + 1).lines().toList()) {
            if (line.equals("...")) {
                skip = true;
                continue;
            }
            shown.add(line);
            while (skip && from < printed.size() && !printed.get(from).equals(line)) {
                from++;
            }
            assertThat(from < printed.size() ? printed.get(from) : "nothing more")
                    .as(
                            "%s%nline %d of what is shown; printed was%n%s",
                            command, shown.size(), String.join("\n", printed))
                    .isEqualTo(line);
            skip = false;
            from++;
        }
        assertThat(skip || from == printed.size()).as(command + " prints more").isTrue();
    }

    /** Each file's name is said in its first line, or follows from what it holds. */
    private void write(String kind, String text) throws IOException {
        if (text.startsWith("# busy.yaml")) {
            String node = text.substring(text.indexOf('\n') + 1);
            String cluster = Files.readString(folder.resolve("cluster.yaml"));
            Files.writeString(
                    folder.resolve("busy.yaml"), cluster.substring(0, cluster.indexOf("      - {name: node-2")) + node);
        } else {
            String name = kind.equals("json") ? "workflows.json" : text.substring(2, text.indexOf('\n'));
            Files.writeString(folder.resolve(name), text);
        }
    }
}
