package dev.scepsy.planner.cli;

import dev.scepsy.planner.cluster.ServingTask;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.EndpointsFile;
import dev.scepsy.planner.file.EngineStart;
import dev.scepsy.planner.file.MeasuredProfile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.measure.Api;
import dev.scepsy.planner.measure.Curve;
import dev.scepsy.planner.measure.Endpoint;
import dev.scepsy.planner.measure.EndpointLostException;
import dev.scepsy.planner.measure.LengthSource;
import dev.scepsy.planner.measure.Profiler;
import dev.scepsy.planner.measure.ProfilerSettings;
import dev.scepsy.planner.measure.RatePoint;
import dev.scepsy.planner.measure.RequestLengths;
import dev.scepsy.planner.problem.PlanningProblem;
import dev.scepsy.planner.problem.ProblemAssembly;
import dev.scepsy.planner.profile.Beside;
import dev.scepsy.planner.profile.ProfileKey;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.serving.EngineStarts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** {@code scepsy profile --campaign}: from options to a {@link Campaign}, and from an engine's address to its profile. */
final class CampaignRun {

    private final CampaignOptions options;
    private final LengthOptions lengths;
    private final MeasuredReplica replica;
    private final Optional<String> key;
    private final Duration timeout;
    private final ProfilerSettings settings;
    private final Terminal terminal;
    private final Map<String, LengthSource> sources = new HashMap<>();
    private final Map<String, Api> apis = new HashMap<>();

    /** @param key of engines that want one */
    CampaignRun(
            CampaignOptions options,
            LengthOptions lengths,
            MeasuredReplica replica,
            Optional<String> key,
            Duration timeout,
            ProfilerSettings settings,
            Terminal terminal) {
        this.options = options;
        this.lengths = lengths;
        this.replica = replica;
        this.key = key;
        this.timeout = timeout;
        this.settings = settings;
        this.terminal = terminal;
    }

    int run(String cluster, Path models, Optional<Duration> timeLimit, List<Problem> problems)
            throws IOException, InterruptedException {
        CampaignFiles files = CampaignFiles.read(cluster, models, options, lengths, replica.out);
        problems.addAll(files.whyMalformed());
        problems.addAll(files.measured().whyMalformed());
        Reading<PlanningProblem> unmeasured =
                files.assembly(ProblemAssembly.nothingMeasured()).assemble();
        problems.addAll(unmeasured.whyMalformed());
        if (!(unmeasured instanceof Reading.Legal<PlanningProblem> problem)
                || !(files.models() instanceof Reading.Legal<ModelsFile.Described> described)
                || !(files.cluster() instanceof Reading.Legal<ClusterFile.Described> hardware)
                || !problems.isEmpty()) {
            return terminal.badInput(problems);
        }
        terminal.warn(unmeasured.warnings());
        EngineStarts starts = EngineStarts.of(described);
        problems.addAll(starts.problems());
        for (ServedModel model : problem.value().usedModels()) {
            api(model, described.value());
            Set<String> names = new LinkedHashSet<>(model.allNames());
            boolean generates = apis.get(model.name()) == Api.CHAT;
            lengths.read(names, generates, terminal, problems).ifPresent(found -> sources.put(model.name(), found));
        }
        Map<ProfileKey, String> given = given(files, problem.value(), problems);
        if (!problems.isEmpty()) {
            return terminal.badInput(problems);
        }
        CampaignJournal journal = CampaignJournal.beside(replica.out);
        AtomicBoolean stopping = new AtomicBoolean();
        try (CampaignEngines engines = files.endpoints().isPresent()
                        ? new CampaignEngines.Given(given)
                        : CampaignEngines.Started.on(
                                options.connection.open(),
                                journal.campaign(),
                                hardware.value().cluster(),
                                CampaignFiles.serving(options, starts),
                                options.reach);
                CampaignStop stop = new CampaignStop(engines, stopping, terminal.err(), replica.out)) {
            return new Campaign(
                            files,
                            journal,
                            engines,
                            this::measure,
                            new Campaign.Limits(
                                    Optional.ofNullable(options.maxMeasurements),
                                    timeLimit,
                                    options.stopLossPercent / 100),
                            options.maxUtilisation,
                            settings.seed(),
                            new CampaignReport(terminal, replica.out),
                            stopping,
                            InstantSource.system())
                    .run(problem.value());
        }
    }

    private void api(ServedModel model, ModelsFile.Described described) {
        EngineStart start = described.starts().get(model.name());
        ServingTask task = Optional.ofNullable(start)
                .flatMap(EngineStart::task)
                .map(text -> ServingTask.valueOf(text.toUpperCase(Locale.ROOT)))
                .orElseGet(() -> ServingTask.guess(model.architecture().orElse(model.name()), model.name()));
        apis.put(
                model.name(),
                switch (task) {
                    case GENERATE -> Api.CHAT;
                    case EMBED -> Api.EMBEDDINGS;
                    case RERANK -> Api.RERANK;
                });
    }

    /** The engines of {@code --endpoints}; those that serve another model are problems. */
    private Map<ProfileKey, String> given(CampaignFiles files, PlanningProblem problem, List<Problem> problems)
            throws InterruptedException {
        Map<ProfileKey, String> given = new HashMap<>();
        if (files.endpoints().isEmpty()
                || !(files.endpoints().get() instanceof Reading.Legal<List<EndpointsFile.Running>> running)) {
            return given;
        }
        for (EndpointsFile.Running engine : running.value()) {
            ProfileKey named = engine.key();
            Optional<ServedModel> model = problem.modelServing(named.model());
            if (model.isEmpty()) {
                problems.add(running.source()
                        .problem(
                                engine.path() + ".model",
                                "The models file does not describe model (" + named.model() + ")."));
                continue;
            }
            try {
                Endpoint address = endpoint(model.get(), engine.url());
                try (Profiler asked = new Profiler(
                        address,
                        new LengthSource.Recorded(List.of(new RequestLengths(1, 1))),
                        settings,
                        0,
                        new Notes(new ArrayList<>(), points -> {}))) {
                    List<String> served = asked.servedModels();
                    if (!served.isEmpty() && !served.contains(model.get().name())) {
                        problems.add(running.source()
                                .problem(
                                        engine.path() + ".url",
                                        "The endpoint (" + engine.url() + ") serves " + String.join(", ", served)
                                                + ", not " + model.get().name()
                                                + ". Start it with --served-model-name, or correct the file."));
                    }
                }
            } catch (IllegalArgumentException e) {
                problems.add(running.source().problem(engine.path() + ".url", String.valueOf(e.getMessage())));
            }
            given.put(
                    new ProfileKey(model.get().name(), named.gpu(), named.tensorParallel(), named.gpuFraction()),
                    engine.url());
        }
        return given;
    }

    private Endpoint endpoint(ServedModel model, String address) {
        return Endpoint.of(address, apis.getOrDefault(model.name(), Api.CHAT), model.name(), key, timeout);
    }

    private Optional<MeasuredProfile> measure(ProfileKey replicaKey, ServedModel model, String address)
            throws IOException, InterruptedException, EndpointLostException {
        LengthSource source = Objects.requireNonNull(sources.get(model.name()));
        Path stateFile = replica.stateFile(replicaKey);
        String fingerprint = "campaign; " + source.description() + "; " + settings.requests() + " requests, "
                + settings.windowSeconds() + " s, resolution " + settings.resolution() + ", seed " + settings.seed();
        ProfileState state = ProfileState.read(stateFile);
        List<RatePoint> known = state.settings().equals(fingerprint) ? state.points() : List.of();
        ProfileTable table = new ProfileTable(terminal);
        table.header(MeasuredReplica.described(replicaKey), source.description());
        known.forEach(table::row);
        List<String> notes = new ArrayList<>();
        Notes listener = new Notes(notes, points -> {
            table.row(points.get(points.size() - 1));
            try {
                new ProfileState(fingerprint, points).write(stateFile);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        // engines of a campaign may have served before: prompts that no earlier run sent
        long nonce = new SecureRandom().nextInt(Integer.MAX_VALUE);
        try (Profiler profiler = new Profiler(endpoint(model, address), source, settings, nonce, listener)) {
            List<String> served = profiler.servedModels();
            if (!served.isEmpty() && !served.contains(model.name())) {
                throw new EndpointLostException(
                        "The endpoint serves " + String.join(", ", served) + ", not " + model.name() + ".");
            }
            Curve curve = profiler.measure(known);
            notes.forEach(note -> terminal.err().println("note: " + note));
            terminal.err().flush();
            Files.deleteIfExists(stateFile);
            return curve.saturationRequestsPerSecond().isEmpty()
                    ? Optional.empty()
                    : Optional.of(replica.profile(replicaKey, curve, Beside.ALONE, nonce));
        }
    }

    /** Keeps notes, and hands on points. */
    private record Notes(List<String> notes, Consumer<List<RatePoint>> points) implements Profiler.Listener {
        @Override
        public void doing(String what) {}

        @Override
        public void note(String sentence) {
            notes.add(sentence);
        }

        @Override
        public void measured(List<RatePoint> all) {
            points.accept(all);
        }
    }
}
