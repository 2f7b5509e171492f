package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.file.ServeFile;
import dev.scepsy.planner.file.WholeFile;
import dev.scepsy.planner.serve.settings.Role;
import dev.scepsy.planner.serve.settings.ServeSettings;
import dev.scepsy.planner.serve.settings.TokenWriter;
import dev.scepsy.planner.serve.settings.Tokens;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code scepsy serve token}: a new token for the service. */
@Command(
        name = "token",
        mixinStandardHelpOptions = true,
        description = {
            "Makes a token, prints it once, and appends its line (name, role, SHA-256) to the file of tokens, which the"
                    + " service reads again by itself.",
            "To take a token away, delete its line."
        },
        footer = {
            "",
            "  scepsy serve token --name rag-app --role sender --config serve.yaml",
            "  export OTEL_EXPORTER_OTLP_HEADERS=\"Authorization=Bearer%%20scepsy_...\"   # of the application",
            "  scepsy serve token --name alice --role operator --tokens tokens.txt > alice.token",
            "",
            "Exit codes: 0 the token is printed and its line written, 2 bad input."
        })
final class ServeTokenCommand implements Callable<Integer> {

    @Option(
            names = "--name",
            required = true,
            paramLabel = "NAME",
            description = "Who bears it; decisions are recorded with this name.")
    String name = "";

    @Option(
            names = "--role",
            required = true,
            paramLabel = "ROLE",
            description = "What it is for: sender (OTLP), viewer (reads) or operator (decides).")
    String role = "";

    @Option(names = "--tokens", paramLabel = "FILE", description = "File of tokens; made where it is not there.")
    @Nullable
    Path tokens;

    @Option(names = "--config", paramLabel = "FILE", description = "serve.yaml that names the file of tokens instead.")
    @Nullable
    Path config;

    @Mixin
    private final Terminal terminal = new Terminal();

    @Override
    public Integer call() throws IOException {
        List<Problem> problems = new ArrayList<>();
        Optional<Role> known = role();
        if (known.isEmpty()) {
            problems.add(problem("--role", "The role (" + role + ") must be one of sender, viewer, operator."));
        }
        Optional<Path> file = file(problems);
        file.flatMap(WholeFile::missingFolder).ifPresent(missing -> problems.add(problem("--tokens", missing)));
        if (!problems.isEmpty() || known.isEmpty() || file.isEmpty()) {
            return terminal.badInput(problems);
        }
        String token;
        try {
            token = TokenWriter.append(file.get(), name, known.get());
        } catch (Tokens.UnusableException e) {
            e.problems().forEach(sentence -> problems.add(problem("", sentence)));
            return terminal.badInput(problems);
        }
        if (terminal.json()) {
            terminal.out()
                    .print(Json.object(object -> object.field("name", name)
                            .field("role", role)
                            .field("token", token)
                            .field("file", file.get().toString())));
        } else {
            terminal.out().println(token);
        }
        terminal.out().flush();
        terminal.err()
                .println("This is the only time that the token of (" + name + ") is shown; " + file.get()
                        + " has its hash.");
        terminal.err().flush();
        return ExitCode.DONE;
    }

    private Optional<Role> role() {
        for (Role each : Role.values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(role)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    private Optional<Path> file(List<Problem> problems) {
        if ((tokens == null) == (config == null)) {
            problems.add(problem(
                    "--tokens",
                    "Give either --tokens, the file of tokens, or --config, the serve.yaml that" + " names it."));
            return Optional.empty();
        }
        if (tokens != null) {
            return Optional.of(tokens);
        }
        Reading<ServeSettings> reading = ServeFile.readBeforeTokens(config);
        // other files may be yet to be written: only what says where the tokens are must be right
        List<Problem> about = reading.whyMalformed().stream()
                .filter(problem -> reading.readAllTheSame().isEmpty()
                        || problem.path().equals("access")
                        || problem.path().startsWith("access.tokens"))
                .toList();
        Optional<Path> named =
                reading.readAllTheSame().flatMap(seen -> seen.value().access()).map(ServeSettings.Access::tokens);
        problems.addAll(about);
        if (about.isEmpty() && named.isEmpty()) {
            problems.add(new Problem(
                    config.toString(),
                    "access",
                    0,
                    0,
                    "The file has no access, so it asks nobody for a token. Add access: {tokens: tokens.txt}, or give"
                            + " --tokens."));
        }
        return about.isEmpty() ? named : Optional.empty();
    }

    private static Problem problem(String place, String message) {
        return new Problem("scepsy serve token", place, 0, 0, message);
    }
}
