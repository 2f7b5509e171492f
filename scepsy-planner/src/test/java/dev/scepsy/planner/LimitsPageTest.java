package dev.scepsy.planner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/reference/limits.md} names every limit of what faces input, with the value that stands in the code, and nothing that is gone. */
class LimitsPageTest {

    private static final Path SOURCES = Path.of("src/main/java/dev/scepsy/planner");
    private static final List<String> FACING_INPUT = List.of(
            "file",
            "otlp",
            "receive",
            "cli",
            "engine",
            "planning",
            "cluster",
            "measure",
            "recorded",
            "benchmark",
            "platform",
            "serve/settings",
            "serve/web",
            "serve/view",
            "serve/store",
            "serve/observe",
            "serve/loop",
            "serve/engines",
            "serve/metrics",
            "serve/notify",
            "serving");
    private static final Pattern LIMIT = Pattern.compile(
            "static final (?:int|long|double|Duration) ("
                    + "(?:MOST|LONGEST|LARGEST|DEEPEST|SMALLEST|SHORTEST|MAX|DEFAULT_MAX|DEFAULT_LIMIT)[A-Z_]*|[A-Z_]*(?:_SECONDS|_MILLIS)) = ([^;]+);");

    private static final Path SCRIPTS = Path.of("src/main/resources/dev/scepsy/planner/serve/web/page/assets");
    private static final Pattern LIMIT_OF_A_SCRIPT =
            Pattern.compile("(?m)^(?:export )?const ((?:MOST|LONGEST)_[A-Z_]+|[A-Z_]+_MILLIS) = ([^;]+);");

    /** A constant with the line before it. */
    private static final Pattern NUMBER = Pattern.compile(
            "([^\\n]*)\\n +(?:public )?static final (?:int|long|double|double\\[\\]) ([A-Z_]+) = ([^;]+);");

    /** A number that somebody chose: a constant, or a tolerance in the middle of a line. */
    private static final Pattern MAGIC =
            Pattern.compile("static final (?:int|long|double|double\\[\\]) [A-Z_]+|\\b[0-9.]+e-?[0-9]+\\b");

    @Test
    void thePageHasEveryLimitWithItsValue() throws IOException {
        String page = Files.readString(Path.of("../docs/reference/limits.md"));
        List<String> inCode = new ArrayList<>();
        for (String facing : FACING_INPUT) {
            try (Stream<Path> files = Files.list(SOURCES.resolve(facing))) {
                files.filter(file -> file.toString().endsWith(".java")).sorted().forEach(file -> limits(file, inCode));
            }
        }
        List<String> onPage = page.lines()
                .filter(line -> line.matches("\\| `[A-Za-z]+(?<!Constants)\\.[A-Z_]+` \\| `.*` \\| .+ \\|"))
                .map(line -> line.substring(0, line.indexOf("` | ", line.indexOf("` | `") + 4) + 1))
                .toList();
        assertThat(inCode).hasSizeGreaterThan(50);
        assertThat(onPage).containsExactlyInAnyOrderElementsOf(inCode);
    }

    @Test
    void thePageHasEveryLimitOfTheServicesPageWithItsValue() throws IOException {
        List<String> inCode = new ArrayList<>();
        try (Stream<Path> files = Files.walk(SCRIPTS)) {
            for (Path file : files.filter(file -> file.toString().endsWith(".js"))
                    .sorted()
                    .toList()) {
                String name = SCRIPTS.relativize(file).toString().replace('\\', '/');
                LIMIT_OF_A_SCRIPT
                        .matcher(Files.readString(file))
                        .results()
                        .map(limit -> "| `" + name + "` `" + limit.group(1) + "` | `" + limit.group(2) + "` |")
                        .forEach(inCode::add);
            }
        }
        List<String> onPage = Files.readString(Path.of("../docs/reference/limits.md"))
                .lines()
                .filter(line -> line.matches("\\| `[a-z/-]+\\.js` `[A-Z_]+` \\| `.*` \\| .+ \\|"))
                .map(line -> line.substring(0, line.indexOf("` | ", line.indexOf("` | `") + 4) + 3))
                .toList();
        assertThat(inCode).hasSizeGreaterThan(20);
        assertThat(onPage).containsExactlyInAnyOrderElementsOf(inCode);
    }

    @Test
    void theNumbersOfTheSearchStandInOnePlacePerRoomWithTheirReasonsAndOnThePage() throws IOException {
        String page = Files.readString(Path.of("../docs/reference/limits.md"));
        List<String> inCode = new ArrayList<>();
        List<String> elsewhere = new ArrayList<>();
        List<String> withoutReason = new ArrayList<>();
        try (Stream<Path> files = Files.walk(SOURCES.resolve("search"))) {
            for (Path file : files.filter(file -> file.toString().endsWith(".java"))
                    .sorted()
                    .toList()) {
                String name = file.getFileName().toString().replace(".java", "");
                String text = Files.readString(file);
                if (name.endsWith("Constants")) {
                    NUMBER.matcher(text).results().forEach(number -> {
                        inCode.add("| `" + name + "." + number.group(2) + "` | `" + number.group(3) + "` |");
                        if (!number.group(1).strip().endsWith("*/")) {
                            withoutReason.add(name + "." + number.group(2));
                        }
                    });
                } else {
                    MAGIC.matcher(text).results().forEach(found -> elsewhere.add(name + ": " + found.group()));
                }
            }
        }
        List<String> onPage = page.lines()
                .filter(line -> line.matches("\\| `[A-Za-z]+Constants\\.[A-Z_]+` \\| `.*` \\| .+ \\|"))
                .map(line -> line.substring(0, line.indexOf("` | ", line.indexOf("` | `") + 4) + 3))
                .toList();
        assertThat(inCode).hasSizeGreaterThan(80);
        assertThat(withoutReason).isEmpty();
        assertThat(elsewhere)
                .as("numbers that belong into the constants of their room")
                .containsExactly("AllocationProblem: static final double DEFAULT_MAX_UTILISATION");
        assertThat(onPage).containsExactlyInAnyOrderElementsOf(inCode);
    }

    private static void limits(Path file, List<String> found) {
        try {
            String name = file.getFileName().toString().replace(".java", "");
            LIMIT.matcher(Files.readString(file))
                    .results()
                    .map(limit -> "| `" + name + "." + limit.group(1) + "` | `"
                            + limit.group(2).replaceAll("\\s+", " ") + "`")
                    .forEach(found::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
