package dev.scepsy.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The same application in every environment, and the same spans from it: twelve environments that hold every pair of
 * values, or with {@code -Pfull} every launch with every telemetry on every JDK, whose summary becomes {@code docs/matrix.md}.
 */
class EnvironmentsIT {

    private static final boolean FULL = Boolean.getBoolean("scepsy.full");
    private static final Map<Environment, String> RESULTS = new LinkedHashMap<>();

    @Test
    void twelveEnvironmentsHoldEveryPairOfValuesThatIsPossible() {
        List<Environment> rows = Environments.pairwise();

        assertThat(rows).hasSize(12).allMatch(Environment::isPossible);
        for (int one = 0; one < 6; one++) {
            for (int other = one + 1; other < 6; other++) {
                int first = one;
                int second = other;
                assertThat(rows.stream()
                                .map(row -> List.of(
                                        row.groups().get(first), row.groups().get(second)))
                                .distinct()
                                .count())
                        .as("pairs of %s and %s", first, second)
                        .isEqualTo(valuesOf(rows, first) * valuesOf(rows, second));
            }
        }
        assertThat(rows.stream().map(Environment::launch).distinct()).hasSize(Environment.Launch.values().length);
        assertThat(rows.stream().map(Environment::telemetry).distinct()).hasSize(Environment.Telemetry.values().length);
        assertThat(Environments.all()).allMatch(Environment::isPossible).doesNotHaveDuplicates();
    }

    private static long valuesOf(List<Environment> rows, int dimension) {
        return rows.stream().map(row -> row.groups().get(dimension)).distinct().count();
    }

    @TestFactory
    Stream<DynamicTest> theSameSpansAndStatisticsInEveryEnvironment() {
        List<Environment> rows = FULL ? Environments.all() : Environments.pairwise();
        Launches launches = new Launches();
        int atOnce = Runtime.getRuntime().availableProcessors();
        ExecutorService forks = Executors.newFixedThreadPool(atOnce, EnvironmentsIT::daemon);
        Map<Environment, Future<ScenarioRun.Left>> runs = new LinkedHashMap<>();
        for (Environment row : rows) {
            if (row.whyNotHere().isEmpty()) {
                runs.put(row, forks.submit(() -> new ScenarioRun(row, launches).run()));
            }
        }
        return rows.stream()
                .map(row -> DynamicTest.dynamicTest(row.toString(), () -> examine(row, runs.get(row))))
                .onClose(launches::close);
    }

    private static void examine(Environment row, @Nullable Future<ScenarioRun.Left> run)
            throws InterruptedException, ExecutionException {
        if (run == null) {
            String reason = row.whyNotHere().orElse("");
            RESULTS.put(row, "NOT RUN: " + reason);
            Assumptions.abort("NOT RUN: " + reason);
            return;
        }
        RESULTS.put(row, "FAILED");
        ScenarioRun.Left left = run.get();
        new ScenarioCheck(row).check(left);
        RESULTS.put(row, "right, " + left.spans().size() + " spans");
    }

    /** The full matrix leaves its summary in the documentation. */
    @AfterAll
    static void summarise() throws IOException {
        if (!FULL || RESULTS.isEmpty()) {
            return;
        }
        List<String> lines = new ArrayList<>();
        long right = RESULTS.values().stream()
                .filter(result -> result.startsWith("right"))
                .count();
        long notRun = RESULTS.values().stream()
                .filter(result -> result.startsWith("NOT RUN"))
                .count();
        lines.add("# Where the agent has been run");
        lines.add("");
        lines.add("Written by `./mvnw verify -Pfull` (`EnvironmentsIT`): one application, the same spans and statistics"
                + " expected");
        lines.add("everywhere. No orphan, no wrong parent, nothing twice, traces whole or absent, calls and tokens"
                + " counted the same at");
        lines.add("every sampling; where everything is exported and a file can be written, the statistics of the"
                + " exported spans are");
        lines.add("those counted inside, times included.");
        lines.add("");
        lines.add(right + " of " + RESULTS.size() + " environments right, " + notRun + " not run, "
                + (RESULTS.size() - right - notRun) + " failed.");
        lines.add("");
        lines.add("| Launch | Other OpenTelemetry | JDK | Sampling | Threads | Condition | Result |");
        lines.add("|---|---|---|---|---|---|---|");
        RESULTS.forEach((row, result) -> lines.add("| " + String.join(" | ", row.inWords()) + " | " + result + " |"));
        Path root = Path.of(System.getProperty("scepsy.root", ".."));
        Files.write(root.resolve("docs/matrix.md"), lines);
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "fork");
        thread.setDaemon(true);
        return thread;
    }
}
