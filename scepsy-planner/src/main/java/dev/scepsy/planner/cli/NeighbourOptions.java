package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.measure.Api;
import dev.scepsy.planner.measure.Endpoint;
import dev.scepsy.planner.measure.EndpointLostException;
import dev.scepsy.planner.measure.LengthSource;
import dev.scepsy.planner.measure.NeighbourLoad;
import dev.scepsy.planner.measure.Profiler;
import dev.scepsy.planner.measure.ProfilerSettings;
import dev.scepsy.planner.measure.RatePoint;
import dev.scepsy.planner.measure.RequestLengths;
import dev.scepsy.planner.profile.Beside;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of a busy neighbour on the card: {@code @Mixin NeighbourOptions neighbours}. */
final class NeighbourOptions {

    @Option(
            names = "--beside",
            paramLabel = "URL",
            description = "Address of another engine on the same GPU, kept busy during the measurement; the"
                    + " profile then says beside: shared (default: none, beside: alone).")
    @Nullable
    String url;

    @Option(
            names = "--beside-model",
            paramLabel = "NAME",
            description = "Model name in the neighbour's requests (default: as in those of the measured replica).")
    @Nullable
    String model;

    @Option(
            names = "--beside-api",
            paramLabel = "KIND",
            description = "Kind of the neighbour's requests: ${COMPLETION-CANDIDATES} (default: as --api).")
    @Nullable
    Api api;

    @Option(
            names = "--beside-requests",
            paramLabel = "N",
            defaultValue = "8",
            description = "Requests that the neighbour has in flight at any time (default: ${DEFAULT-VALUE}).")
    int requests = 8;

    @Option(
            names = "--beside-input-tokens",
            paramLabel = "N",
            description = "Prompt tokens of the neighbour's requests (default: as of the measured replica).")
    @Nullable
    Integer inputTokens;

    @Option(
            names = "--beside-output-tokens",
            paramLabel = "N",
            description = "Tokens to generate in each of the neighbour's requests (default: 0, for models that"
                    + " generate nothing).")
    @Nullable
    Integer outputTokens;

    /** A load under way, or none. */
    record Load(Optional<NeighbourLoad> load) implements AutoCloseable {
        @Override
        public void close() {
            load.ifPresent(NeighbourLoad::close);
        }
    }

    /** Whether what was measured shared the card. */
    Beside beside() {
        return url == null ? Beside.ALONE : Beside.SHARED;
    }

    void check(String verb, double gpuFraction, List<Problem> problems) {
        if (url == null) {
            if (model != null || api != null || inputTokens != null || outputTokens != null) {
                problems.add(
                        problem(verb, "--beside", "The neighbour's address is missing: its settings need --beside."));
            }
            return;
        }
        if (gpuFraction >= 1) {
            problems.add(problem(
                    verb,
                    "--beside",
                    "A replica with all of the card (gpuFraction 1) has no neighbour there. Give --gpu-fraction, or leave"
                            + " --beside out."));
        }
        if (requests < 1 || requests > 4096) {
            problems.add(problem(
                    verb, "--beside-requests", "The number of requests (" + requests + ") must lie in [1, 4096]."));
        }
        if ((inputTokens == null && outputTokens != null)
                || (inputTokens != null && inputTokens < 1)
                || (outputTokens != null && outputTokens < 0)) {
            problems.add(problem(
                    verb,
                    "--beside-input-tokens",
                    "The neighbour's lengths (" + inputTokens + " and " + outputTokens
                            + " tokens) must be at least 1 and 0, the first given with the second."));
        }
    }

    /** The neighbour; empty where there is none or its address is wrong. Key and time limit are those of {@code measured}. */
    Optional<Endpoint> endpoint(String verb, Endpoint measured, List<Problem> problems) {
        if (url == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Endpoint.of(
                    url,
                    api == null ? measured.api() : api,
                    model == null ? measured.model() : model,
                    measured.key(),
                    measured.timeout()));
        } catch (IllegalArgumentException e) {
            problems.add(problem(verb, "--beside", String.valueOf(e.getMessage())));
            return Optional.empty();
        }
    }

    /** For people and for telling one measurement from another; empty text without a neighbour. */
    String described(Optional<Endpoint> neighbour) {
        return neighbour
                .map(endpoint -> "; beside " + endpoint + ", " + requests + " requests of "
                        + (inputTokens == null
                                ? "the same lengths"
                                : inputTokens + " and " + (outputTokens == null ? 0 : outputTokens) + " tokens"))
                .orElse("");
    }

    /** Puts {@code neighbour} under load, with lengths like {@code measured} unless options say otherwise. */
    Load start(
            Optional<Endpoint> neighbour,
            LengthSource measured,
            ProfilerSettings settings,
            long promptNonce,
            List<String> notes)
            throws EndpointLostException, InterruptedException {
        if (neighbour.isEmpty()) {
            return new Load(Optional.empty());
        }
        LengthSource lengths = inputTokens == null
                ? measured
                : new LengthSource.Fixed(new RequestLengths(inputTokens, outputTokens == null ? 0 : outputTokens));
        return new Load(Optional.of(
                NeighbourLoad.start(neighbour.get(), lengths, requests, settings, promptNonce, new Profiler.Listener() {
                    @Override
                    public void doing(String what) {}

                    @Override
                    public void note(String sentence) {
                        notes.add("Neighbour: " + sentence);
                    }

                    @Override
                    public void measured(List<RatePoint> points) {}
                })));
    }

    private static Problem problem(String verb, String option, String message) {
        return new Problem(verb, option, 0, 0, message);
    }
}
