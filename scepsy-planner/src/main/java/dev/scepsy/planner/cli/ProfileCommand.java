package dev.scepsy.planner.cli;

import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.file.MeasuredProfile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.ProfilesFile;
import dev.scepsy.planner.file.ProfilesText;
import dev.scepsy.planner.measure.Api;
import dev.scepsy.planner.measure.Curve;
import dev.scepsy.planner.measure.Endpoint;
import dev.scepsy.planner.measure.EndpointLostException;
import dev.scepsy.planner.measure.LengthSource;
import dev.scepsy.planner.measure.Profiler;
import dev.scepsy.planner.measure.ProfilerSettings;
import dev.scepsy.planner.measure.RatePoint;
import dev.scepsy.planner.profile.ProfileKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code scepsy profile}: measures one replica behind an OpenAI-compatible address. */
@Command(
        name = "profile",
        description = {
            "Measures the latency of one replica at rising rates until it cannot keep up, and writes profiles.yaml.",
            "Requests are sent open-loop (Poisson arrivals), whether or not earlier ones were"
                    + " answered; every rate is warmed up first and drained after. Rates rise from half a"
                    + " request in flight, then close in until the highest sustained and the lowest"
                    + " unsustained rate are within --resolution. A stopped or killed measurement continues"
                    + " with the same command."
        },
        subcommands = {ProfileImportCommand.class},
        footer = {
            "",
            "  scepsy profile --endpoint http://127.0.0.1:8000 --model generator \\",
            "    --gpu L4-24GB --input-tokens 900 --output-tokens 180",
            "  scepsy profile --endpoint http://127.0.0.1:8000 --model generator \\",
            "    --gpu L4-24GB --traces traces.jsonl --dry-run",
            "  scepsy profile import guidellm.json --model generator --gpu L4-24GB",
            "  scepsy profile --campaign --cluster cluster.yaml --models models.yaml \\",
            "    --workflows workflows.json",
            "",
            "Exit codes: 0 a profile was written, 2 bad input or the endpoint never answered, 3 no rate is sustained, 5"
                    + " stopped, or the endpoint was lost midway."
        })
final class ProfileCommand implements Callable<Integer> {

    private static final String VERB = "scepsy profile";

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            description = "Address of the replica, such as http://127.0.0.1:8000; /v1 is added where the path is"
                    + " missing.")
    @Nullable
    String endpoint;

    @Option(
            names = "--served-model-name",
            paramLabel = "NAME",
            description = "Model name in the requests (default: --model).")
    @Nullable
    String servedModelName;

    @Option(
            names = "--api",
            paramLabel = "KIND",
            defaultValue = "CHAT",
            description = "Kind of the requests: ${COMPLETION-CANDIDATES}; the last two are for models that"
                    + " generate nothing (default: ${DEFAULT-VALUE}).")
    Api api = Api.CHAT;

    @Option(
            names = "--api-key-env",
            paramLabel = "VARIABLE",
            defaultValue = "SCEPSY_API_KEY",
            description = "The endpoint's API key is read from the environment variable named here and is never"
                    + " printed (default: ${DEFAULT-VALUE}).")
    String apiKeyVariable = "SCEPSY_API_KEY";

    @Mixin
    MeasuredReplica replica = new MeasuredReplica();

    @Mixin
    CampaignOptions campaign = new CampaignOptions();

    @Mixin
    NeighbourOptions neighbours = new NeighbourOptions();

    @Mixin
    LengthOptions lengths = new LengthOptions();

    @Option(
            names = "--shared-prefix-tokens",
            paramLabel = "N",
            defaultValue = "0",
            description = "Length of the prefix that all prompts share; 0: prompts are unique, so that the prefix"
                    + " cache saves nothing (default: ${DEFAULT-VALUE}).")
    int sharedPrefixTokens;

    @Option(
            names = "--requests",
            paramLabel = "N",
            defaultValue = "200",
            description = "Number of requests to measure per rate, as far as --window-seconds allows (default:"
                    + " ${DEFAULT-VALUE}).")
    int requests = 200;

    @Option(
            names = "--window-seconds",
            paramLabel = "S",
            defaultValue = "60",
            description = "Longest measurement per rate, in seconds; extended to at least 20 requests and three"
                    + " latencies (default: ${DEFAULT-VALUE}).")
    double windowSeconds = 60;

    @Option(
            names = "--resolution",
            paramLabel = "R",
            defaultValue = "0.1",
            description =
                    "Relative width to which the highest sustained rate is bracketed (default:" + " ${DEFAULT-VALUE}).")
    double resolution = 0.1;

    @Option(
            names = "--max-rate",
            paramLabel = "R",
            defaultValue = "400",
            description = "Highest rate to try, in requests per second (default: ${DEFAULT-VALUE}).")
    double maxRate = 400;

    @Option(
            names = "--max-in-flight",
            paramLabel = "N",
            defaultValue = "4096",
            description = "Highest number of requests in flight; with more the replica counts as overloaded"
                    + " (default: ${DEFAULT-VALUE}).")
    int maxInFlight = 4096;

    @Option(
            names = "--max-duration",
            paramLabel = "D",
            defaultValue = "30m",
            description =
                    "Time after which no further rate is begun, such as 90s, 30m, 2h (default:" + " ${DEFAULT-VALUE}).")
    String maxDuration = "30m";

    @Option(
            names = "--timeout",
            paramLabel = "D",
            defaultValue = "10m",
            description = "Longest time of one request, such as 90s, 10m (default: ${DEFAULT-VALUE}).")
    String timeout = "10m";

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of arrivals, lengths and prompts (default: ${DEFAULT-VALUE}).")
    long seed = 1;

    @Option(
            names = "--prompt-nonce",
            paramLabel = "N",
            description = "Number that makes prompts differ from those of other runs, so that none is in the"
                    + " engine's prefix cache; printed and recorded (default: new for every run).")
    @Nullable
    Long promptNonce;

    @Option(names = "--restart", description = "Discard the measurements of an earlier, stopped run.")
    boolean restart;

    @Option(
            names = "--dry-run",
            description = "Send a few requests, estimate how long the measurement would take, write nothing.")
    boolean dryRun;

    @Mixin
    private final Terminal terminal = new Terminal();

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Problem> problems = new ArrayList<>();
        if (campaign.requested) {
            return campaign(problems);
        }
        List<Problem> warnings = new ArrayList<>();
        Optional<ProfileKey> key = replica.key(VERB, problems, warnings);
        Optional<Endpoint> address = address(problems);
        Optional<ProfilerSettings> settings = settings(problems);
        Set<String> names = new LinkedHashSet<>();
        for (String name : new String[] {replica.model, servedModelName}) {
            if (name != null) {
                names.add(name);
            }
        }
        neighbours.check(VERB, replica.gpuFraction, problems);
        boolean generates = api == Api.CHAT || api == Api.COMPLETIONS;
        Optional<LengthSource> source = lengths.read(names, generates, terminal, problems);
        if (Files.exists(replica.out) && Files.size(replica.out) > 0) {
            problems.addAll(ProfilesFile.read(replica.out).whyMalformed());
        }
        if (!problems.isEmpty() || key.isEmpty() || address.isEmpty() || settings.isEmpty() || source.isEmpty()) {
            return terminal.badInput(problems);
        }
        Optional<Endpoint> neighbour = neighbours.endpoint(VERB, address.get(), problems);
        if (!problems.isEmpty()) {
            return terminal.badInput(problems);
        }
        terminal.warn(warnings);
        return measure(key.get(), address.get(), neighbour, settings.get(), source.get());
    }

    private int campaign(List<Problem> problems) throws IOException, InterruptedException {
        Optional<Duration> limit = campaign.check(VERB, problems);
        Optional<Duration> most = DurationText.read(VERB, "--timeout", timeout, problems);
        Optional<ProfilerSettings> settings = settings(problems);
        if (!problems.isEmpty()
                || settings.isEmpty()
                || most.isEmpty()
                || campaign.cluster == null
                || campaign.models == null) {
            return terminal.badInput(problems);
        }
        return new CampaignRun(campaign, lengths, replica, key(), most.get(), settings.get(), terminal)
                .run(campaign.cluster, campaign.models, limit, problems);
    }

    private Optional<String> key() {
        String key = System.getenv(apiKeyVariable);
        return key == null || key.isBlank() ? Optional.empty() : Optional.of(key.strip());
    }

    private Optional<Endpoint> address(List<Problem> problems) {
        Optional<Duration> limit = DurationText.read(VERB, "--timeout", timeout, problems);
        if (endpoint == null || endpoint.isBlank()) {
            problems.add(problem("--endpoint", "This option is missing: the address of one replica."));
            return Optional.empty();
        }
        String key = System.getenv(apiKeyVariable);
        if (key != null && !key.strip().chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            problems.add(problem(
                    "--api-key-env",
                    "The key in " + apiKeyVariable + " holds blanks, line ends or letters that no request's head may"
                            + " hold. Copy it again."));
            return Optional.empty();
        }
        String name = servedModelName == null ? String.valueOf(replica.model) : servedModelName;
        try {
            return limit.map(most -> Endpoint.of(String.valueOf(endpoint), api, name, key(), most));
        } catch (IllegalArgumentException e) {
            problems.add(problem("--endpoint", String.valueOf(e.getMessage())));
            return Optional.empty();
        }
    }

    private Optional<ProfilerSettings> settings(List<Problem> problems) {
        Optional<Duration> most = DurationText.read(VERB, "--max-duration", maxDuration, problems);
        try {
            return most.map(duration -> new ProfilerSettings(
                    requests,
                    windowSeconds,
                    resolution,
                    maxRate,
                    maxInFlight,
                    ProfilerSettings.defaults().mostPoints(),
                    duration,
                    sharedPrefixTokens,
                    seed));
        } catch (IllegalArgumentException e) {
            problems.add(problem("", String.valueOf(e.getMessage())));
            return Optional.empty();
        }
    }

    private static Problem problem(String option, String message) {
        return new Problem(VERB, option, 0, 0, message);
    }

    private int measure(
            ProfileKey key,
            Endpoint address,
            Optional<Endpoint> neighbour,
            ProfilerSettings settings,
            LengthSource source)
            throws IOException, InterruptedException {
        String fingerprint = String.join(
                "; ",
                address.base() + " " + address.api() + " " + address.model(),
                MeasuredReplica.described(key),
                source.description(),
                settings.requests() + " requests, " + settings.windowSeconds() + " s, resolution "
                        + settings.resolution(),
                settings.sharedPrefixTokens() + " shared tokens, seed " + settings.seed()
                        + neighbours.described(neighbour));
        Path stateFile = replica.stateFile(key);
        ProfileState state = restart || dryRun ? new ProfileState("", List.of()) : ProfileState.read(stateFile);
        if (!state.points().isEmpty() && !state.settings().equals(fingerprint)) {
            return terminal.badInput("An earlier run with other settings was stopped (" + stateFile
                    + "). Give --restart to begin anew. It had: " + state.settings());
        }
        long nonce = promptNonce == null ? new SecureRandom().nextInt(Integer.MAX_VALUE) : promptNonce;
        promptNonce = nonce;
        ProfileTable table = new ProfileTable(terminal);
        List<String> notes = new ArrayList<>();
        try (Progress progress = terminal.progress("measuring");
                NeighbourOptions.Load busy =
                        neighbours.start(dryRun ? Optional.empty() : neighbour, source, settings, nonce, notes);
                Profiler profiler = new Profiler(address, source, settings, nonce, new Profiler.Listener() {
                    @Override
                    public void doing(String what) {
                        progress.now(what);
                    }

                    @Override
                    public void note(String sentence) {
                        notes.add(sentence);
                    }

                    @Override
                    public void measured(List<RatePoint> points) {
                        table.row(points.get(points.size() - 1));
                        try {
                            new ProfileState(fingerprint, points).write(stateFile);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }
                })) {
            busy.load().ifPresent(profiler::beside);
            if (dryRun) {
                return estimated(profiler.probe(), settings, notes);
            }
            table.header(MeasuredReplica.described(key), source.description() + ", prompt nonce " + nonce);
            state.points().forEach(table::row);
            if (!state.points().isEmpty()) {
                terminal.err().println(state.points().size() + " points are from an earlier run.");
            }
            Curve curve;
            try (StopWithState stop = new StopWithState(terminal.err(), stateFile)) {
                curve = profiler.measure(state.points());
            } catch (EndpointLostException e) {
                return lost(e, stateFile);
            }
            return written(key, curve, notes, table, stateFile);
        } catch (EndpointLostException e) {
            return lost(e, stateFile);
        }
    }

    private int lost(EndpointLostException problem, Path stateFile) throws IOException {
        boolean begun = !dryRun && !ProfileState.read(stateFile).points().isEmpty();
        String message = String.valueOf(problem.getMessage());
        String advice = message.contains("door is closed")
                ? " Put the key into the environment variable " + apiKeyVariable
                        + " (or name another by --api-key-env)."
                : "";
        if (!begun) {
            return terminal.badInput(message + advice);
        }
        terminal.err().println(message + advice);
        terminal.err().println("Stopped midway. What was measured is in " + stateFile + "; the same command goes on.");
        terminal.err().flush();
        return ExitCode.STOPPED_MIDWAY;
    }

    private int estimated(double lonelySeconds, ProfilerSettings settings, List<String> notes) {
        double seconds = settings.estimatedSeconds(lonelySeconds);
        notes.forEach(note -> terminal.err().println("note: " + note));
        terminal.err().flush();
        if (terminal.json()) {
            terminal.out()
                    .print(Json.object(json -> json.field("dryRun", true)
                            .field("meanLatencySeconds", lonelySeconds)
                            .field("estimatedSeconds", seconds)
                            .field("mostSeconds", (double)
                                    settings.maxDuration().toSeconds())));
        } else {
            terminal.out()
                    .printf(
                            Locale.ROOT,
                            "A request alone takes %.3f s. Measuring would take about %.0f min, and no rate is begun"
                                    + " after %d min. Nothing was written.%n",
                            lonelySeconds,
                            Math.ceil(seconds / 60),
                            settings.maxDuration().toMinutes());
        }
        terminal.out().flush();
        return ExitCode.DONE;
    }

    private int written(ProfileKey key, Curve curve, List<String> notes, ProfileTable table, Path stateFile)
            throws IOException {
        if (curve.saturationIsLowerBound()) {
            notes.add("The replica was never overloaded: it may sustain more than "
                    + ProfileTable.number(curve.saturationRequestsPerSecond().orElse(0)) + " requests/s.");
        }
        if (!curve.done()) {
            notes.add(
                    "The time was over before the knee was found to the wanted resolution: the same command goes on.");
        }
        if (curve.saturationRequestsPerSecond().isEmpty()) {
            notes.forEach(note -> terminal.err().println("note: " + note));
            terminal.err()
                    .println("No rate was sustained: there is no profile to write. The lowest tried was "
                            + ProfileTable.number(curve.overloadedPerSecond().orElse(0)) + " requests/s.");
            terminal.err().flush();
            return ExitCode.INFEASIBLE;
        }
        MeasuredProfile profile = replica.profile(key, curve, neighbours.beside(), promptNonce);
        List<Problem> problems = ProfilesText.put(List.of(profile), replica.out);
        if (!problems.isEmpty()) {
            return terminal.badInput(problems);
        }
        if (curve.done()) {
            Files.deleteIfExists(stateFile);
        }
        table.summary(profile, curve, notes, replica.out);
        return ExitCode.DONE;
    }
}
