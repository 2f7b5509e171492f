package dev.scepsy.planner.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each kind of input that could use up memory or time has one limit, and says so in one sentence. */
class ExhaustionTest {

    @TempDir
    Path folder;

    private static String bomb(int levels) {
        StringBuilder text = new StringBuilder("x-a0: &a0 [lol,lol,lol,lol,lol,lol,lol,lol,lol,lol]\n");
        for (int i = 1; i <= levels; i++) {
            text.append("x-a").append(i).append(": &a").append(i).append(" [");
            for (int j = 0; j < 10; j++) {
                text.append(j == 0 ? "*a" : ",*a").append(i - 1);
            }
            text.append("]\n");
        }
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 12, 30})
    void whatAliasesRepeatIsCounted(int levels) {
        assertThat(problem(Document.parse("bomb.yaml", bomb(levels))))
                .contains("values here; what an alias (*name) repeats counts every time.");
    }

    @Test
    void aBombInAConfigOfAModelIsRefusedInOneSentence() throws IOException {
        Path config = Files.writeString(folder.resolve("config.json"), bomb(8) + "hidden_size: 64\n");
        assertThat(ArchitectureFile.read("m", config).toString()).contains("counts every time.");
    }

    @Test
    void aliasesThatRepeatLittleAreRead() {
        assertThat(Document.parse("file.yaml", bomb(3)).legalValue()).isPresent();
    }

    @Test
    void moreValuesThanTheHeapHoldsAreRefused() {
        assertThat(Document.mostValues(64L << 20)).isBetween(100_000, 200_000);
        assertThat(Document.mostValues(64L << 30)).isEqualTo(4_000_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a: %s", "a: \"%s\"", "a: '%s'", "a: |\n  %s", "# %s\na: 1", "%s"})
    void oneLongScalarOfAnyStyleIsRead(String form) {
        // 8 MiB took half a minute when its time was quadratic
        String text = form.formatted("x".repeat(8 << 20));
        org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
                java.time.Duration.ofSeconds(60),
                () -> assertThat(Document.parse("long.yaml", text).legalValue()).isPresent());
    }

    @Test
    void deepNestingIsRefusedInEitherForm() {
        assertThat(problem(Document.parse("deep.json", "[".repeat(100_000))))
                .contains("Values nest more than 100 deep");
        assertThat(problem(Document.parse("deep.yaml", "- ".repeat(100_000) + "1")))
                .contains("nest more than 100 deep");
    }

    @Test
    void aFileAboveTheLimitIsRefusedBeforeItIsHeld() throws IOException {
        Path file = Files.write(folder.resolve("large.yaml"), new byte[(4 << 20) + 1]);
        TextFile.Unreadable refused = org.assertj.core.api.Assertions.catchThrowableOfType(
                TextFile.Unreadable.class, () -> TextFile.read(file, TextFile.longestBytes(16L << 20)));
        assertThat(refused.sentence()).startsWith("The file is larger than 4 MiB.");
        assertThat(TextFile.longestBytes(Long.MAX_VALUE)).isEqualTo(128 << 20);
    }

    @Test
    void aFileWithoutEndIsRefusedLikeALargeOne() {
        TextFile.Unreadable refused = org.assertj.core.api.Assertions.catchThrowableOfType(
                TextFile.Unreadable.class, () -> TextFile.read(Path.of("/dev/zero"), 4 << 20));
        assertThat(refused.sentence()).startsWith("The file is larger than 4 MiB.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE"})
    void aFileWithAByteOrderMarkIsReadAsItsMarkSays(String charset) throws IOException {
        Path file =
                Files.write(folder.resolve("file.csv"), "\uFEFFgröße: 1\nb: [2]\n".getBytes(Charset.forName(charset)));
        assertThat(TextFile.read(file)).isEqualTo("größe: 1\nb: [2]\n");
        assertThat(Document.read(file).legalValue()).isPresent();
    }

    @Test
    void whatIsNoTextIsSaidWithItsLine() throws IOException {
        Path file = Files.write(folder.resolve("latin.yaml"), "a: 1\nb: größe\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(problem(Document.read(file))).startsWith(file + ":2:").contains("not UTF-8 text. Save it as UTF-8.");
    }

    @Test
    void anEmptyNameIsSaidToBeEmpty() {
        assertThat(problem(Document.read(Path.of("")))).contains("The name of the file is empty.");
    }

    private static String problem(Reading<?> reading) {
        assertThat(reading.whyMalformed()).hasSize(1);
        return reading.whyMalformed().get(0).toString();
    }
}
