package dev.scepsy.planner.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.scepsy.planner.serve.journal.Pin;
import dev.scepsy.planner.stat.ReadableNumber;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code scepsy proposals pin}: what every plan must give a model. */
@Command(
        name = "pin",
        mixinStandardHelpOptions = true,
        description = "Pins what every plan must give a model; with only its name as it is served now.")
final class ProposalsPin extends ServiceVerb {

    @Parameters(paramLabel = "MODEL", description = "Name of the model.")
    String model = "";

    @Option(names = "--gpu", paramLabel = "TYPE", description = "GPU type (default: free).")
    @Nullable
    String gpu;

    @Option(
            names = "--gpu-fraction",
            paramLabel = "F",
            description = "Share of each GPU, above 0 to 1 (default: free).")
    @Nullable
    Double gpuFraction;

    @Option(names = "--tensor-parallel", paramLabel = "N", description = "GPUs per replica (default: free).")
    @Nullable
    Integer tensorParallel;

    @Option(names = "--replicas", paramLabel = "N", description = "Number of replicas (default: free).")
    @Nullable
    Integer replicas;

    @Option(names = "--for", paramLabel = "TIME", description = "How long, such as 4h (default: until unpin).")
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
        end(lasting, until).ifPresent(instant -> body.put("until", instant.toString()));
        if (gpu != null) {
            body.put("gpu", gpu);
        }
        if (gpuFraction != null) {
            body.put("gpuFraction", gpuFraction);
        }
        if (tensorParallel != null) {
            body.put("tensorParallel", tensorParallel);
        }
        if (replicas != null) {
            body.put("replicas", replicas);
        }
        return client.change("PUT", "/pins/" + part(model), body);
    }

    @Override
    void tell(JsonNode answer) throws JsonProcessingException {
        Pin pin = value(answer, Pin.class);
        List<String> parts = new ArrayList<>();
        add(parts, "GPU ", pin.gpu());
        add(parts, "fraction ", pin.gpuFraction() == null ? null : ReadableNumber.of(pin.gpuFraction(), 6));
        add(parts, "tensor parallelism ", pin.tensorParallel());
        add(parts, "replicas ", pin.replicas());
        say(pin.model() + " is pinned by " + pin.by() + (parts.isEmpty() ? "" : ": " + String.join(", ", parts))
                + (pin.until() == null ? "." : ", until " + pin.until() + "."));
    }

    private static void add(List<String> parts, String name, @Nullable Object value) {
        if (value != null) {
            parts.add(name + value);
        }
    }

    /** Its end. */
    @Command(name = "unpin", mixinStandardHelpOptions = true, description = "Leaves a pinned model to the plans again.")
    static final class End extends ServiceVerb {
        @Parameters(paramLabel = "MODEL", description = "Name of the model.")
        String model = "";

        @Option(names = "--reason", paramLabel = "TEXT", description = "Recorded with the decision.")
        @Nullable
        String reason;

        @Override
        JsonNode ask(ServiceClient client) throws ServiceClient.FailedException, InterruptedException {
            return client.change("DELETE", "/pins/" + part(model), body(reason));
        }

        @Override
        void tell(JsonNode answer) {
            say(model + " is the plans' to decide again.");
        }
    }
}
