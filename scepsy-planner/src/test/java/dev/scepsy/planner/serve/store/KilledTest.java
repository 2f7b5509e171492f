package dev.scepsy.planner.serve.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.serve.journal.StatisticsStore;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed (SIGKILL) while it writes: what it was told is written is there, whole, and nothing by halves. */
class KilledTest {

    private static final int ROUNDS = Boolean.getBoolean("scepsy.full") ? 60 : 3;
    private static final int MOST_WRITES = 60;

    @Test
    void whatWasAcknowledgedOutlivesAKillAndTheNextOneTakesOver(@TempDir Path folder) throws Exception {
        Random random = new Random(Long.getLong("scepsy.seed", 15));
        long written = 0;
        Set<Long> saved = new TreeSet<>();
        for (int round = 0; round < ROUNDS; round++) {
            Process writer = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx128m",
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC",
                            "-cp",
                            System.getProperty("java.class.path"),
                            WritingProgram.class.getName(),
                            folder.toString())
                    .redirectErrorStream(true)
                    .start();
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.UTF_8))) {
                if (round == 0) {
                    // While it makes the file and the tables.
                    Opened.until("a file", () -> Files.exists(Opened.h2(folder).database()));
                    LockSupport.parkNanos(random.nextInt(300) * 1_000_000L);
                }
                int after = round == 0 ? 0 : random.nextInt(MOST_WRITES);
                String line = "";
                for (int i = 0; i < after && line != null; i++) {
                    line = lines.readLine();
                    written = Math.max(written, number(line, "written"));
                    saved.add(number(line, "saved"));
                }
                writer.toHandle().destroyForcibly();
                for (line = lines.readLine(); line != null; line = lines.readLine()) {
                    written = Math.max(written, number(line, "written"));
                    saved.add(number(line, "saved"));
                }
            }
            writer.waitFor();
            assertThatAllIsThere(folder, written, saved);
        }
    }

    private static void assertThatAllIsThere(Path folder, long written, Set<Long> saved) throws Exception {
        try (JdbcStore store = Opened.store(Opened.h2(folder))) {
            long found = store.journal().note("n").map(Long::parseLong).orElse(0L);
            assertThat(found).isBetween(written, written + 1);
            assertThat(store.journal().eventsAfter(found - 1))
                    .hasSize(found == 0 ? 0 : 1)
                    .allSatisfy(event -> {
                        assertThat(event.id()).isEqualTo(found);
                        assertThat(event.data().get("n").asLong()).isEqualTo(found);
                    });
            assertThat(store.journal().pins()).hasSize((int) Math.min(found, 7));
            StatisticsStore.Recovered recovered = store.statistics().load(Entries.T0);
            Set<String> settled = new TreeSet<>();
            recovered.settled().forEach(one -> settled.add(one.id()));
            saved.stream()
                    .filter(number -> number > 0)
                    .forEach(number -> assertThat(settled).contains("e-" + number));
            // Of one that was not acknowledged all is there or nothing.
            recovered
                    .buckets()
                    .forEach(bucket ->
                            assertThat(settled).contains("e-" + new String(bucket.value(), StandardCharsets.UTF_8)));
            assertThat(recovered.buckets()).hasSize(Math.min(1, settled.size()));
        }
    }

    private static long number(String line, String what) {
        if (line != null && !line.startsWith("written ") && !line.startsWith("saved ")) {
            throw new AssertionError("the writer said: " + line);
        }
        return line != null && line.startsWith(what) ? Long.parseLong(line.substring(what.length() + 1)) : 0;
    }
}
