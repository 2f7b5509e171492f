package dev.scepsy.planner.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever bytes a file has: a value, or problems with a line; never an exception. */
class MutatedTextTest {

    private static final int MUTANTS = Boolean.getBoolean("scepsy.full") ? 50_000 : 2_000;
    private static final String[] BITS = OddText.bits();

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void anyTextGivesAValueOrProblemsWithALine(ContractReaders kind) throws Exception {
        Random random = new Random(7);
        for (int i = 0; i < MUTANTS; i++) {
            byte[] bytes = mutated(kind.example(), random);
            Path file = Files.write(folder.resolve(kind.fileName()), bytes);
            Reading<?> reading;
            try {
                reading = kind.read(file);
            } catch (RuntimeException | StackOverflowError e) {
                throw new AssertionError("Fails on:\n" + new String(bytes, StandardCharsets.UTF_8), e);
            }
            assertThat(reading.whyMalformed())
                    .as(() -> new String(bytes, StandardCharsets.UTF_8))
                    .allMatch(
                            problem -> problem.line() > 0 && !problem.message().isBlank());
        }
    }

    private static byte[] mutated(String text, Random random) {
        StringBuilder mutant = new StringBuilder(text);
        for (int changes = 0; changes <= random.nextInt(4); changes++) {
            int at = random.nextInt(mutant.length());
            switch (random.nextInt(5)) {
                case 0 -> mutant.deleteCharAt(at);
                case 1 -> mutant.delete(at, Math.min(mutant.length(), at + random.nextInt(20)));
                case 2 -> mutant.insert(at, BITS[random.nextInt(BITS.length)]);
                case 3 -> mutant.insert(at, mutant.substring(at, Math.min(mutant.length(), at + random.nextInt(60))));
                default -> mutant.setLength(Math.max(1, at));
            }
            if (mutant.isEmpty()) {
                mutant.append(' ');
            }
        }
        byte[] bytes = mutant.toString().getBytes(StandardCharsets.UTF_8);
        if (random.nextInt(20) == 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }
}
