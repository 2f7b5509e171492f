package dev.scepsy.planner.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.scepsy.planner.profile.ArchitectureResult;
import dev.scepsy.planner.profile.ModelArchitecture;
import dev.scepsy.planner.profile.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whatever stands under a key of a published file, the answer is a shape with sensible sizes or a list of problems. */
class MutatedConfigsTest {

    private static final Path PUBLISHED = Path.of("src/test/resources/dev/scepsy/planner/checkpoint/published");
    private static final int EVERY = Boolean.getBoolean("scepsy.full") ? 1 : 8;
    private static final List<Object> JUNK =
            Arrays.asList("4", "x", -4, 0, 2.7, 1e30, 7, 4_000_000, true, List.of(4, 4), List.of(), Map.of(), null);

    @Test
    void noValueOfAnyKeyBreaksTheReader() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        List<Path> files;
        try (Stream<Path> stream = Files.list(PUBLISHED)) {
            files = stream.sorted().toList();
        }
        int read = 0;
        for (int i = 0; i < files.size(); i += EVERY) {
            Map<?, ?> json = mapper.readValue(files.get(i).toFile(), Map.class);
            read += mutate(files.get(i).getFileName().toString(), json);
        }
        assertThat(read).isGreaterThan(1000);
    }

    private static int mutate(String file, Map<?, ?> json) {
        int read = 0;
        for (Object key : json.keySet()) {
            for (Object junk : JUNK) {
                Map<String, Object> mutant = copy(json);
                mutant.put(String.valueOf(key), junk);
                check(file + " with " + key + " = " + junk, mutant);
                read++;
            }
            if (json.get(key) instanceof Map<?, ?> nested) {
                for (Object inner : nested.keySet()) {
                    for (Object junk : JUNK) {
                        Map<String, Object> mutant = copy(json);
                        Map<String, Object> within = copy(nested);
                        within.put(String.valueOf(inner), junk);
                        mutant.put(String.valueOf(key), within);
                        check(file + " with " + key + "." + inner + " = " + junk, mutant);
                        read++;
                    }
                }
            }
        }
        return read;
    }

    private static Map<String, Object> copy(Map<?, ?> map) {
        Map<String, Object> copy = new HashMap<>();
        map.forEach((key, value) -> copy.put(String.valueOf(key), value));
        return copy;
    }

    private static void check(String what, Map<String, Object> config) {
        ArchitectureResult result = HuggingFaceConfig.read("mutant", config);
        if (result instanceof ArchitectureResult.Unknown unknown) {
            assertThat(unknown.problems()).as(what).isNotEmpty().doesNotHaveDuplicates();
            return;
        }
        ModelArchitecture model = ((ArchitectureResult.Known) result).architecture();
        assertThat(model.totalParameters()).as(what).isBetween(1L, (long) 1e16);
        assertThat(model.weightBytesPerGpu(model.publishedPrecision(), 4))
                .as(what)
                .isPositive();
        assertThat(model.kvBytes(1000, 4, Precision.BF16)).as(what).isBetween(0.0, 1e15);
        assertThat(model.stateBytesPerSequence(4)).as(what).isBetween(0.0, 1e15);
    }
}
