package dev.scepsy.planner.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Shortened;
import dev.scepsy.planner.serve.journal.Documents;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;

/** A verb that asks the planner service for one thing and tells what came of it. */
abstract class ServiceVerb implements Callable<Integer> {

    @Mixin
    private Terminal terminal = new Terminal();

    @Mixin
    private ServiceOptions service = new ServiceOptions();

    @Override
    public final Integer call() throws InterruptedException {
        try {
            JsonNode answer = ask(service.open(terminal));
            if (terminal.json()) {
                terminal.out().println(answer);
            } else {
                tell(answer);
            }
            terminal.out().flush();
            return ExitCode.DONE;
        } catch (JsonProcessingException strange) {
            return ended(
                    ExitCode.BAD_INPUT,
                    "The service's answer is not what this version understands: it may be of another version, or no planner"
                            + " service.");
        } catch (ServiceClient.FailedException failed) {
            return ended(failed.exitCode(), String.valueOf(failed.getMessage()));
        }
    }

    /** The answer, which {@code --json} prints as it is. */
    abstract JsonNode ask(ServiceClient client) throws ServiceClient.FailedException, InterruptedException;

    /** The answer in words. */
    abstract void tell(JsonNode answer) throws JsonProcessingException;

    final Terminal terminal() {
        return terminal;
    }

    final void say(String line) {
        terminal.out().println(Shortened.printable(line));
    }

    static <T> T value(JsonNode answer, Class<T> type) throws JsonProcessingException {
        return WholeRecord.of(answer, type);
    }

    /** As a part of a path. */
    static String part(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    static ObjectNode body(@Nullable String reason) {
        ObjectNode body = Documents.mapper().createObjectNode();
        if (reason != null) {
            body.put("reason", reason);
        }
        return body;
    }

    /** The end that {@code --for} or {@code --until} gives; empty where neither is given. */
    static Optional<Instant> end(@Nullable String lasting, @Nullable String until)
            throws ServiceClient.FailedException {
        if (lasting != null && until != null) {
            throw new ServiceClient.FailedException(ExitCode.BAD_INPUT, "Give either --for or --until.");
        }
        if (lasting != null) {
            List<Problem> problems = new ArrayList<>();
            Instant now = Instant.now();
            Optional<Instant> end = DurationText.read("scepsy proposals", "--for", lasting, problems)
                    .map(now::plus);
            if (end.isEmpty()) {
                throw new ServiceClient.FailedException(
                        ExitCode.BAD_INPUT, problems.get(0).toString());
            }
            return end;
        }
        if (until == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(OffsetDateTime.parse(until).toInstant());
        } catch (DateTimeParseException e) {
            throw new ServiceClient.FailedException(
                    ExitCode.BAD_INPUT,
                    "--until: The time (" + until + ") must be like 2026-12-01T18:00:00Z or 2026-12-01T18:00+01:00.");
        }
    }

    private int ended(int exitCode, String sentence) {
        terminal.err().println(sentence);
        terminal.err().flush();
        return exitCode;
    }
}
