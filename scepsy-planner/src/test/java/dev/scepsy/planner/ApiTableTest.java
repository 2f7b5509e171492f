package dev.scepsy.planner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every package is in the table of what is API, once, and says the same of itself. */
class ApiTableTest {

    private static final Path PACKAGES = Path.of("src/main/java/dev/scepsy/planner");
    private static final List<String> KINDS = List.of(
            "<p>API.",
            "<p>API are the values that other packages of the API take and give.",
            "<p>Internal: public for the planner's other packages, changes without notice.");

    @Test
    void everyPackageIsInTheTableAndSaysTheSame() throws IOException {
        Map<String, Integer> kinds = kinds();
        try (Stream<Path> folders = Files.list(PACKAGES)) {
            assertThat(folders.filter(Files::isDirectory)
                            .map(folder -> folder.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(kinds.keySet());
        }
        assertThat(Files.readString(PACKAGES.resolve("package-info.java"))).contains(KINDS.get(0));
        for (Map.Entry<String, Integer> kind : kinds.entrySet()) {
            assertThat(Files.readString(PACKAGES.resolve(kind.getKey()).resolve("package-info.java")))
                    .as(kind.getKey())
                    .contains(KINDS.get(kind.getValue()));
        }
    }

    /** Rows of the table by package. */
    private static Map<String, Integer> kinds() throws IOException {
        String page = Files.readString(Path.of("../docs/guide/library.md"));
        String table = page.substring(page.indexOf("| Package of `dev.scepsy.planner` |"));
        Map<String, Integer> kinds = new TreeMap<>();
        List<String> rows = table.lines().skip(2).toList();
        assertThat(rows).hasSize(KINDS.size());
        for (int row = 0; row < rows.size(); row++) {
            Matcher names = Pattern.compile("`([a-z]+)`").matcher(rows.get(row).split("\\|")[1]);
            while (names.find()) {
                assertThat(kinds.put(names.group(1), row)).as(names.group(1)).isNull();
            }
        }
        return kinds;
    }
}
