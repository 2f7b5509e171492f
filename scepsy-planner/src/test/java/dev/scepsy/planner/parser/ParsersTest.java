package dev.scepsy.planner.parser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No bytes break any parser. Inputs that once did, and sound ones, are kept in {@code src/test/resources/parser-corpus}, a folder for each
 * parser, and tried with what is near them; under {@code -Dscepsy.full=true} Jazzer, which sees what an input reaches, looks for more
 * for a minute each ({@code -Dscepsy.parsers=NAME,NAME}: these only). What it finds is printed, and belongs into the corpus.
 */
class ParsersTest {

    private static final Path CORPUS = Path.of("src/test/resources/parser-corpus");
    private static final int NEAR_EACH = 60;
    private static final int SECONDS =
            Integer.getInteger("scepsy.jazzer-seconds", Boolean.getBoolean("scepsy.full") ? 60 : 0);

    /** Names of parsers, to try these again. */
    private static final List<String> ONLY = Stream.of(
                    System.getProperty("scepsy.parsers", "").split(","))
            .filter(name -> !name.isEmpty())
            .toList();

    @TempDir
    Path folder;

    static Stream<String> parsers() {
        return Parsers.all().keySet().stream().filter(name -> ONLY.isEmpty() || ONLY.contains(name));
    }

    @ParameterizedTest
    @MethodSource("parsers")
    void theCorpusAndWhatIsNearItBreaksNothing(String name) throws IOException {
        ParserUnderTest parser = Parsers.all().get(name);
        List<Path> inputs = corpus(name);
        assertThat(inputs).as("inputs kept for %s", name).isNotEmpty();
        for (Path input : inputs) {
            byte[] bytes = Files.readAllBytes(input);
            tryOut(parser, name, bytes);
            Random random = new Random(input.getFileName().toString().hashCode());
            for (int i = 0; i < NEAR_EACH; i++) {
                tryOut(parser, name, near(bytes, random));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("parsers")
    void jazzerFindsNothing(String name) throws IOException, InterruptedException {
        if (SECONDS == 0) {
            return;
        }
        Path out = folder.resolve("jazzer.txt");
        Path grown = Files.createDirectories(folder.resolve("corpus"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                classPath(),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + Parsers.class.getName(),
                "--target_args=" + name,
                "--instrumentation_includes=dev.scepsy.**:com.fasterxml.jackson.core.**",
                "--reproducer_path=" + folder,
                "-artifact_prefix=" + folder + File.separator,
                "-max_total_time=" + SECONDS,
                // of the clock on the wall, which on a busy machine is mostly others' work
                "-timeout=60",
                "-rss_limit_mb=0",
                "-max_len=20000",
                grown.toString(),
                CORPUS.resolve(name).toString()));
        Process jazzer = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        try {
            assertThat(jazzer.waitFor(SECONDS * 10L + 120, TimeUnit.SECONDS)).isTrue();
        } finally {
            jazzer.destroyForcibly();
        }
        List<String> said = Files.readAllLines(out);
        System.out.println("JAZZER " + name + ": "
                + said.stream()
                        .filter(line -> line.startsWith("Done ") || line.contains("DONE"))
                        .collect(Collectors.joining(", ")));
        assertThat(jazzer.exitValue())
                .as(String.join("\n", said.subList(Math.max(0, said.size() - 60), said.size())))
                .isZero();
    }

    /** Of the tests' own class path, for one that is longer than the system's command line may be. */
    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    private static List<Path> corpus(String name) throws IOException {
        try (Stream<Path> files = Files.list(CORPUS.resolve(name))) {
            return files.sorted().toList();
        }
    }

    private static void tryOut(ParserUnderTest parser, String name, byte[] bytes) {
        try {
            parser.parse(bytes);
        } catch (RuntimeException | StackOverflowError broken) {
            throw new AssertionError(
                    name + " breaks on "
                            + Map.of("hex", java.util.HexFormat.of().formatHex(bytes)),
                    broken);
        }
    }

    private static byte[] near(byte[] bytes, Random random) {
        if (bytes.length == 0) {
            return bytes;
        }
        byte[] near = bytes.clone();
        int at = random.nextInt(near.length);
        switch (random.nextInt(4)) {
            case 0 -> near[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> near = Arrays.copyOf(near, at);
            case 2 -> near = Arrays.copyOfRange(near, at, near.length);
            default -> near[at] = (byte) "{}[]:,\"0-9.eE \n\0".charAt(random.nextInt(16));
        }
        return near;
    }
}
