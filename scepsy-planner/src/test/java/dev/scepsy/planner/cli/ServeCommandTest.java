package dev.scepsy.planner.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.scepsy.planner.serve.ScepsyService;
import dev.scepsy.planner.serve.settings.Role;
import dev.scepsy.planner.serve.settings.Tokens;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class ServeCommandTest {

    @TempDir
    Path folder;

    @Test
    void whatIsWrongInTheFileIsToldAtOnceAndNothingStarts() throws IOException {
        Path config = write("serve.yaml", "modles: models.yaml\nreplan: {mode: aply}\n");

        CommandLineRun run = CommandLineRun.of("serve", "--config", config);

        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err())
                .contains(
                        "Maybe models is meant",
                        "The key (models) is missing",
                        "(aply) must be one of",
                        "3 problems found.");
    }

    @Test
    void withoutAFileItSaysWhatIsEnough() {
        CommandLineRun run = CommandLineRun.of("serve");

        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains("--config is missing", "models: models.yaml");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--log=xml", "--time-scale=0", "--time-scale=NaN", "--time-scale=1e9"})
    void wrongOptionsAreRefused(String option) throws IOException {
        CommandLineRun run = CommandLineRun.of("serve", "--config", config(), option);

        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains(option.substring(0, option.indexOf('=')));
    }

    @Test
    void aServiceThatRefusesEndsWithItsSentenceAndCode() throws IOException {
        StringWriter said = new StringWriter();
        ServeCommand verb = new ServeCommand(new Terminal(), (settings, time, log) -> {
            throw new ScepsyService.RefusedException(4, "The store is of a newer version.");
        });
        CommandLine commandLine = new CommandLine(verb).setErr(new PrintWriter(said));

        assertThat(commandLine.execute("--config", config().toString())).isEqualTo(4);
        assertThat(said.toString()).isEqualTo("The store is of a newer version." + System.lineSeparator());
    }

    @Test
    void aTokenIsPrintedOnceAndCountsForItsRole() throws Exception {
        Path tokens = folder.resolve("tokens.txt");

        CommandLineRun run =
                CommandLineRun.of("serve", "token", "--name", "ops", "--role", "operator", "--tokens", tokens);

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(Tokens.read(tokens, sentence -> {})
                        .actor(run.out().strip())
                        .orElseThrow()
                        .role())
                .isEqualTo(Role.OPERATOR);
        assertThat(run.err()).contains("only time").doesNotContain(run.out().strip());
        CommandLineRun again =
                CommandLineRun.of("serve", "token", "--name", "ops", "--role", "viewer", "--tokens", tokens);
        assertThat(again.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(again.err()).contains("The name (ops) has a token already");
        assertThat(again.out()).isEmpty();
    }

    /** Tokens come first: the models, and the file of tokens itself, may be yet to be written. */
    @Test
    void theConfigurationSaysWhereTokensAre() throws Exception {
        Path config =
                write("serve.yaml", "models: later.yaml\naccess: {tokens: own.txt}\nlisten: {web: \"0.0.0.0:8844\"}\n");

        CommandLineRun run =
                CommandLineRun.of("serve", "token", "--name", "app", "--role", "sender", "--config", config, "--json");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("\"token\": \"scepsy_", "\"role\": \"sender\"");
        assertThat(Files.readString(folder.resolve("own.txt"))).startsWith("app sender sha256:");
    }

    @Test
    void whereTokensAreMustBeSaid() throws IOException {
        Path config = write("serve.yaml", "models: later.yaml\n");

        assertThat(CommandLineRun.of("serve", "token", "--name", "a", "--role", "sender")
                        .err())
                .contains("either --tokens");
        assertThat(CommandLineRun.of("serve", "token", "--name", "a", "--role", "boss", "--config", config)
                        .err())
                .contains("The file has no access", "The role (boss) must be one of sender, viewer, operator");
        assertThat(CommandLineRun.of(
                                "serve",
                                "token",
                                "--name",
                                "a",
                                "--role",
                                "sender",
                                "--tokens",
                                folder.resolve("no/t.txt"))
                        .err())
                .contains("There is no folder");
    }

    @Test
    void anOptionBeforeTheVerbItIsNotForIsRefused() throws IOException {
        CommandLineRun run =
                CommandLineRun.of("serve", "--config", config(), "token", "--name", "a", "--role", "sender");

        assertThat(run.exitCode()).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(run.err()).contains("--config stands before token", "Write it after");
    }

    /** Other verbs start as fast as before: what the service is made of is loaded by the service alone. */
    @Test
    void otherVerbsLoadNothingOfTheService() throws Exception {
        Path log = folder.resolve("classes");
        Process shares = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xlog:class+load:file=" + log,
                        "-Xshare:auto",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.scepsy.planner.cli.ScepsyCommand",
                        "shares",
                        "missing.jsonl")
                .redirectErrorStream(true)
                .start();
        String said = new String(shares.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shares.waitFor(60, TimeUnit.SECONDS)).isTrue();

        assertThat(shares.exitValue()).as(said).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(
                        Files.readAllLines(log).stream()
                                .filter(
                                        line -> line.matches(
                                                ".*(com\\.linecorp|io\\.netty|org\\.h2|com\\.zaxxer|org\\.flywaydb|org\\.jdbi|org\\.postgresql|io\\.micrometer|dev\\.scepsy\\.planner\\.serve).*")))
                .isEmpty();
    }

    private Path config() throws IOException {
        var unused = write("models.yaml", "models: []");
        return write("serve.yaml", "models: models.yaml\n");
    }

    private Path write(String name, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(name), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }
}
