package dev.scepsy.planner.serve.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {

    private static final String SHA = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    @TempDir
    Path folder;

    private final AtomicLong nanos = new AtomicLong();
    private final List<String> told = new ArrayList<>();

    /** The hash above is that of the four letters, by {@code printf test | sha256sum}. */
    @Test
    void aLineSaysWhoBearsWhat() throws Exception {
        Tokens tokens = tokens("# people\n\n  alice   operator " + SHA + "  \n");

        assertThat(tokens.actor("test")).hasValue(new Actor("alice", Role.OPERATOR));
        assertThat(tokens.actor("Test")).isEmpty();
        assertThat(tokens.actor("")).isEmpty();
        assertThat(tokens.actor("x".repeat(10_000))).isEmpty();
    }

    @Test
    void aWrittenTokenIsKnownByItsRoleAndIsNowhereInTheFile() throws Exception {
        Path file = folder.resolve("tokens.txt");
        String app = TokenWriter.append(file, "app", Role.SENDER);
        String eye = TokenWriter.append(file, "eye", Role.VIEWER);
        String ops = TokenWriter.append(file, "ops", Role.OPERATOR);

        Tokens tokens = Tokens.read(file, told::add);

        assertThat(tokens.actor(app)).hasValue(new Actor("app", Role.SENDER));
        assertThat(tokens.actor(eye)).hasValue(new Actor("eye", Role.VIEWER));
        assertThat(tokens.actor(ops)).hasValue(new Actor("ops", Role.OPERATOR));
        assertThat(Files.readString(file)).doesNotContain(app, eye, ops, "scepsy_");
        // 256 bits in base 64 are 43 letters
        assertThat(ops).matches("scepsy_[A-Za-z0-9_-]{43}");
        assertThat(Files.getPosixFilePermissions(file))
                .containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        assertThat(Files.list(folder)).containsExactly(file);
    }

    @Test
    void noTwoTokensAreAlike() throws Exception {
        Set<String> tokens = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            tokens.add(TokenWriter.append(folder.resolve("tokens.txt"), "n" + i, Role.VIEWER));
        }
        assertThat(tokens).hasSize(100);
    }

    @Test
    void whatIsInTheFileStaysWhenALineIsAppended() throws Exception {
        Path file = write("# people, no line end\nalice operator " + SHA);
        String before = Files.readString(file);

        var unused = TokenWriter.append(file, "bob", Role.VIEWER);

        assertThat(Files.readString(file))
                .startsWith(before + "\nbob viewer sha256:")
                .endsWith("\n");
    }

    @Test
    void aLinkIsFollowedAndStays() throws Exception {
        Path file = write("alice operator " + SHA + "\n");
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);

        var unused = TokenWriter.append(link, "bob", Role.VIEWER);

        assertThat(link).isSymbolicLink();
        assertThat(Files.readString(file)).contains("bob");
    }

    @Test
    void aNameIsGivenOnce() throws Exception {
        Path file = write("alice operator " + SHA + "\n");

        assertThatThrownBy(() -> TokenWriter.append(file, "alice", Role.VIEWER))
                .isInstanceOf(Tokens.UnusableException.class)
                .hasMessage(
                        file + ": The name (alice) has a token already. Take another name, or delete its line first.");
        assertThat(Files.readString(file)).isEqualTo("alice operator " + SHA + "\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "-a", "a\nb operator", "local", "scepsy", "#a", "ä"})
    void someNamesCannotBe(String name) {
        assertThatThrownBy(() -> TokenWriter.append(folder.resolve("tokens.txt"), name, Role.VIEWER))
                .isInstanceOf(Tokens.UnusableException.class);
        assertThat(folder.resolve("tokens.txt")).doesNotExist();
    }

    @Test
    void everyWrongLineIsToldAndNoTokenIsRepeated() throws Exception {
        Path file = write("alice operator " + SHA + "\nbob\nalice boss scepsy_secret\nlocal viewer sha256:"
                + "0".repeat(64) + "\ncarl viewer " + SHA + "\n");

        assertThat(Tokens.problems(file))
                .containsExactly(
                        file + ": line 2: A line is 'name role sha256:HEX'; this one has 1 word.",
                        file + ": line 3: The role (boss) must be one of sender, viewer, operator.",
                        file
                                + ": line 3: The third word must be sha256: and 64 hexadecimal digits, not the token itself."
                                + " 'scepsy serve token' writes such lines.",
                        file + ": line 3: The name (alice) stands in line 1 already. Keep one.",
                        file
                                + ": line 4: The name (local) is the service's own word for a decider without a token. Take"
                                + " another.",
                        file + ": line 5: The token of (carl) is that of line 1. Make one for each.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rwx--x---"})
    void aFileThatOthersMayUseIsRefused(String mode) throws Exception {
        Path file = write("alice operator " + SHA + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));

        assertThat(Tokens.problems(file)).singleElement().asString().endsWith("Run: chmod 600 " + file);
        assertThatThrownBy(() -> TokenWriter.append(file, "bob", Role.VIEWER)).hasMessageContaining("chmod 600");
    }

    @Test
    void aFileThatIsNotThereOrEmptyIsRefusedWithTheCommandThatMakesAToken() throws Exception {
        Path missing = folder.resolve("missing");

        assertThat(Tokens.problems(missing))
                .containsExactly(
                        missing + ": There is no such file. 'scepsy serve token --name N --role operator --tokens "
                                + missing + "' makes it.");
        assertThat(Tokens.problems(write("# nobody\n")))
                .singleElement()
                .asString()
                .contains("No token is in this file", "scepsy serve token");
        assertThat(Tokens.problems(folder)).singleElement().asString().doesNotContain("Exception");
        Path binary = write("");
        Files.write(binary, new byte[] {(byte) 0xff, 0});
        assertThat(Tokens.problems(binary)).singleElement().asString().contains("not UTF-8");
    }

    @Test
    void aChangeCountsFromTheFirstRequestAfterASecond() throws Exception {
        Path file = folder.resolve("tokens.txt");
        String alice = TokenWriter.append(file, "alice", Role.OPERATOR);
        Tokens tokens = Tokens.read(file, told::add, nanos::get);
        String bob = TokenWriter.append(file, "bob", Role.VIEWER);

        assertThat(tokens.actor(bob)).isEmpty();
        nanos.addAndGet(1_000_000_000L);
        assertThat(tokens.actor(bob)).hasValue(new Actor("bob", Role.VIEWER));

        // alice's line goes, and with it her token
        write(Files.readString(file)
                        .lines()
                        .filter(line -> line.startsWith("bob"))
                        .findFirst()
                        .orElseThrow() + "\n");
        nanos.addAndGet(1_000_000_000L);
        assertThat(tokens.actor(alice)).isEmpty();
        assertThat(tokens.actor(bob)).isPresent();
        assertThat(told).hasSize(2).allSatisfy(sentence -> assertThat(sentence).contains("read again"));
    }

    @Test
    void aFileThatBecomesUnusableIsToldOnceAndWhatItSaidLastGoesOn() throws Exception {
        Path file = folder.resolve("tokens.txt");
        String alice = TokenWriter.append(file, "alice", Role.OPERATOR);
        Tokens tokens = Tokens.read(file, told::add, nanos::get);

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(later(tokens, alice)).isTrue();
        Files.writeString(file, "nonsense\n", StandardOpenOption.APPEND);
        assertThat(later(tokens, alice)).isTrue();
        Files.delete(file);
        assertThat(later(tokens, alice)).isTrue();
        assertThat(told).singleElement().asString().contains("chmod 600", "the 1 read last go on");

        String bob = TokenWriter.append(file, "bob", Role.OPERATOR);
        assertThat(later(tokens, alice)).isFalse();
        assertThat(later(tokens, bob)).isTrue();
        assertThat(told).hasSize(2);
    }

    /** Who takes every token away means it. */
    @Test
    void aFileEmptiedWhileTheServiceRunsEndsEveryToken() throws Exception {
        Path file = folder.resolve("tokens.txt");
        String alice = TokenWriter.append(file, "alice", Role.OPERATOR);
        Tokens tokens = Tokens.read(file, told::add, nanos::get);

        write("# none\n");

        assertThat(later(tokens, alice)).isFalse();
    }

    private boolean later(Tokens tokens, String token) {
        nanos.addAndGet(1_000_000_000L);
        return tokens.actor(token).isPresent();
    }

    private Tokens tokens(String text) throws Exception {
        return Tokens.read(write(text), told::add, nanos::get);
    }

    private Path write(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("tokens.txt"), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }
}
