package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever one file, answer or argument holds, every verb answers within its ranges or refuses in words: no stack trace, no hang, no
 * exit code that is not documented, no file of a run that failed, no nonsense accepted. {@code -Dscepsy.seed=N} tries others,
 * {@code -Dscepsy.only=N} one of them again.
 */
class FuzzTest {

    private static final int INPUTS =
            Integer.getInteger("scepsy.fuzz", Boolean.getBoolean("scepsy.full") ? 20_000 : 1_000);
    private static final long SEED = Long.getLong("scepsy.seed", 12);

    /** The number of one input, to try it again. */
    private static final int ONLY = Integer.getInteger("scepsy.only", -1);

    private static final int LANES =
            Math.min(4, Math.max(1, Runtime.getRuntime().availableProcessors()));

    @TempDir
    Path folder;

    private final Map<String, Integer> outcomes = new ConcurrentSkipListMap<>();
    private final List<String> faults = Collections.synchronizedList(new ArrayList<>());

    @Test
    void theInputsAsTheyAreAreAccepted() throws Exception {
        try (FuzzLane lane = new FuzzLane(folder, outcomes, faults)) {
            lane.soundInputs();
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void noInputBreaksAnyVerb() throws Exception {
        List<FuzzCase> cases = FuzzCase.all();
        long start = System.nanoTime();
        int end = ONLY < 0 ? INPUTS : ONLY + 1;
        AtomicInteger next = new AtomicInteger(Math.max(0, ONLY));
        ExecutorService lanes = Executors.newFixedThreadPool(LANES);
        try {
            List<Future<Object>> all = new ArrayList<>();
            for (int lane = 0; lane < LANES; lane++) {
                Path own = Files.createDirectories(folder.resolve("lane-" + lane));
                all.add(lanes.submit(() -> {
                    try (FuzzLane fuzz = new FuzzLane(own, outcomes, faults)) {
                        for (int i = next.getAndIncrement(); i < end; i = next.getAndIncrement()) {
                            fuzz.attempt(
                                    i, cases.get(i % cases.size()), new FuzzMutator(new Random(SEED * 1_000_003 + i)));
                        }
                    }
                    return null;
                }));
            }
            for (Future<Object> lane : all) {
                lane.get();
            }
        } finally {
            lanes.shutdownNow();
        }
        System.out.printf(
                "FUZZ %d inputs, seed %d, %d cases of %d verbs in %d s: %s; %d faults%n",
                INPUTS,
                SEED,
                cases.size(),
                cases.stream().map(FuzzCase::verb).distinct().count(),
                (System.nanoTime() - start) / 1_000_000_000,
                outcomes,
                faults.size());
        assertThat(faults).as("first of %d faults", faults.size()).isEmpty();
    }
}
