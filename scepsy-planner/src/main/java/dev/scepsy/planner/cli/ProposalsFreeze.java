package dev.scepsy.planner.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.planner.serve.journal.Freeze;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code scepsy proposals freeze}: nothing is applied for a while. */
@Command(
        name = "freeze",
        mixinStandardHelpOptions = true,
        description = "Stops applying, though not proposing and going back, until unfreeze or an end.")
final class ProposalsFreeze extends ServiceVerb {

    @Option(names = "--for", paramLabel = "TIME", description = "How long, such as 4h (default: until unfreeze).")
    @Nullable
    String lasting;

    @Option(names = "--until", paramLabel = "TIME", description = "When it ends instead, such as 2026-12-01T18:00:00Z.")
    @Nullable
    String until;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Shown to whoever wonders.")
    @Nullable
    String reason;

    @Override
    JsonNode ask(ServiceClient client) throws ServiceClient.FailedException, InterruptedException {
        ObjectNode body = body(reason);
        Optional<Instant> end = end(lasting, until);
        end.ifPresent(instant -> body.put("until", instant.toString()));
        return client.change("PUT", "/freeze", body);
    }

    @Override
    void tell(JsonNode answer) throws JsonProcessingException {
        Freeze freeze = value(answer, Freeze.class);
        say("Frozen by " + freeze.by() + (freeze.until() == null ? "." : " until " + freeze.until() + "."));
    }

    /** Its end. */
    @Command(name = "unfreeze", mixinStandardHelpOptions = true, description = "Lets plans be applied again.")
    static final class End extends ServiceVerb {
        @Option(names = "--reason", paramLabel = "TEXT", description = "Recorded with the decision.")
        @Nullable
        String reason;

        @Override
        JsonNode ask(ServiceClient client) throws ServiceClient.FailedException, InterruptedException {
            return client.change("DELETE", "/freeze", body(reason));
        }

        @Override
        void tell(JsonNode answer) {
            say("Plans may be applied again.");
        }
    }
}
