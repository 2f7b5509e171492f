package dev.scepsy.planner.serve.store;

import dev.scepsy.planner.serve.journal.Change;
import dev.scepsy.planner.serve.journal.Journal;
import dev.scepsy.planner.serve.journal.StatisticsStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A program that writes number after number and says which it was told are written, until it is killed. */
final class WritingProgram {

    private WritingProgram() {}

    public static void main(String[] arguments) throws Exception {
        JdbcStore store = Opened.store(Opened.h2(Path.of(arguments[0])));
        Journal journal = store.journal();
        long next = 1 + journal.note("n").map(Long::parseLong).orElse(0L);
        for (; ; next++) {
            journal.write(new Change()
                    .note("n", String.valueOf(next))
                    .event(Entries.T0, "step", Map.of("n", next))
                    .pin(Entries.pin("model-" + next % 7, "reason " + next)));
            System.out.println("written " + next);
            if (next % 5 == 0) {
                store.statistics()
                        .save(new StatisticsStore.Batch(
                                List.of(new StatisticsStore.Bucket(
                                        "rag",
                                        "",
                                        Entries.T0,
                                        "statistics",
                                        String.valueOf(next).getBytes(StandardCharsets.UTF_8))),
                                List.of(),
                                List.of(new StatisticsStore.Settled("e-" + next, Entries.T0))));
                System.out.println("saved " + next);
            }
        }
    }
}
