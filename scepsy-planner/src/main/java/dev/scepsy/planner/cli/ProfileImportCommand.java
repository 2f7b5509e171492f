package dev.scepsy.planner.cli;

import dev.scepsy.planner.benchmark.BenchmarkCurve;
import dev.scepsy.planner.benchmark.BenchmarkFile;
import dev.scepsy.planner.benchmark.BenchmarkRun;
import dev.scepsy.planner.file.Json;
import dev.scepsy.planner.file.MeasuredProfile;
import dev.scepsy.planner.file.Problem;
import dev.scepsy.planner.file.ProfilesText;
import dev.scepsy.planner.profile.Beside;
import dev.scepsy.planner.profile.MeasuredPoint;
import dev.scepsy.planner.profile.ProfileKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code scepsy profile import}: the latency curve of one replica from what another tool has measured. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description = {
            "Makes a profile of one replica from the results of other tools: vllm bench serve --save-result, GuideLLM"
                    + " (benchmarks.json), AIPerf (profile_export_aiperf.json), or CSV with the columns requestsPerSecond"
                    + " and meanLatencySeconds.",
            "All files together make one curve, of runs at several rates or numbers of clients with"
                    + " similar lengths. Runs that the replica did not keep up with only bound its saturation"
                    + " rate.",
            "Outputs of all_reduce_perf (nccl-tests), one per number of GPUs, become an allReduce entry of cluster.yaml"
                    + " instead: the links of --gpu as they are."
        })
final class ProfileImportCommand implements Callable<Integer> {

    private static final String VERB = "scepsy profile import";
    private static final double MOST_PER_SECOND = 1e6;

    @Parameters(
            paramLabel = "FILE",
            arity = "1..*",
            description = "Result files; the format is detected from the content.")
    List<Path> files = List.of();

    @Mixin
    MeasuredReplica replica = new MeasuredReplica();

    @Option(
            names = "--saturation",
            paramLabel = "R",
            description = "Highest rate that the replica sustains, in requests per second (default: from the runs).")
    @Nullable
    Double saturation;

    @Option(
            names = "--beside",
            paramLabel = "alone|shared",
            description = "Other load on the GPU while a share of it was measured: alone (none) or shared (a busy"
                    + " neighbour) (default: unknown, the curve is used as it is).")
    @Nullable
    String beside;

    @Mixin
    private final Terminal terminal = new Terminal();

    @Override
    public Integer call() throws IOException {
        return MeasuredLinks.are(files) ? links() : curve();
    }

    /** Outputs of all_reduce_perf describe a GPU type, not a replica. */
    private int links() {
        MeasuredLinks links = MeasuredLinks.read(files);
        List<Problem> problems = new ArrayList<>(links.problems());
        String gpu = replica.gpu;
        if (gpu == null || gpu.isBlank()) {
            problems.add(new Problem(
                    VERB, "--gpu", 0, 0, "This option is missing: the GPU type whose links were measured."));
        }
        if (!problems.isEmpty() || gpu == null) {
            return terminal.badInput(problems);
        }
        terminal.out().print(terminal.json() ? links.json(gpu) : links.yaml(gpu));
        terminal.out().flush();
        return ExitCode.DONE;
    }

    private int curve() throws IOException {
        List<Problem> problems = new ArrayList<>();
        List<Problem> warnings = new ArrayList<>();
        Optional<ProfileKey> key = replica.key(VERB, problems, warnings);
        List<BenchmarkRun> runs = new ArrayList<>();
        Set<String> tools = new LinkedHashSet<>();
        for (Path file : files) {
            BenchmarkFile read = BenchmarkFile.read(file);
            problems.addAll(read.problems());
            runs.addAll(read.runs());
            tools.add(read.tool());
        }
        if (saturation != null && !(saturation > 0 && saturation <= MOST_PER_SECOND)) {
            problems.add(new Problem(
                    VERB,
                    "--saturation",
                    0,
                    0,
                    "The rate (" + saturation + ") must lie in (0, " + (int) MOST_PER_SECOND + "]."));
        }
        Optional<Beside> said = Optional.ofNullable(beside)
                .flatMap(text -> Optional.ofNullable(Beside.byKey().get(text)));
        if (beside != null && said.isEmpty()) {
            problems.add(
                    new Problem(VERB, "--beside", 0, 0, "The value (" + beside + ") must be one of alone, shared."));
        }
        if (!problems.isEmpty() || key.isEmpty()) {
            return terminal.badInput(problems);
        }
        BenchmarkCurve curve;
        try {
            curve = BenchmarkCurve.of(runs);
        } catch (IllegalArgumentException e) {
            return terminal.badInput(List.of(new Problem(names(), "", 0, 0, String.valueOf(e.getMessage()))));
        }
        terminal.warn(warnings);
        MeasuredProfile profile = new MeasuredProfile(
                key.get(),
                replica.memory(),
                OptionalDouble.of(saturation == null ? curve.saturationRequestsPerSecond() : saturation),
                saturation == null && curve.saturationIsLowerBound(),
                said,
                new MeasuredProfile.Load(
                        curve.inputTokens(),
                        curve.outputTokens(),
                        Optional.ofNullable(replica.engine),
                        Optional.of(String.join(", ", tools))),
                curve.points(),
                "");
        problems.addAll(ProfilesText.put(List.of(profile), replica.out));
        if (!problems.isEmpty()) {
            return terminal.badInput(problems);
        }
        report(profile, curve);
        return ExitCode.DONE;
    }

    private String names() {
        return String.join(", ", files.stream().map(Path::toString).toList());
    }

    private void report(MeasuredProfile profile, BenchmarkCurve curve) {
        List<String> notes = new ArrayList<>(curve.notes());
        double highest = 0;
        for (MeasuredPoint point : curve.points()) {
            if (point.meanLatencySeconds() < highest) {
                notes.add("At " + ProfileTable.number(point.requestsPerSecond()) + " requests/s the latency ("
                        + ProfileTable.number(point.meanLatencySeconds()) + " s) falls below an earlier one ("
                        + ProfileTable.number(highest) + " s): the higher one is used.");
            }
            highest = Math.max(highest, point.meanLatencySeconds());
        }
        double sustained = profile.saturationRequestsPerSecond().orElse(0);
        if (profile.saturationIsLowerBound()) {
            notes.add("No run went beyond the knee: the replica may sustain more than " + ProfileTable.number(sustained)
                    + " requests/s.");
        }
        if (terminal.json()) {
            terminal.out()
                    .print(Json.object(json -> json.field("model", profile.key().model())
                            .field("gpu", profile.key().gpu())
                            .field("tensorParallel", profile.key().tensorParallel())
                            .field("gpuFraction", profile.key().gpuFraction().toDouble())
                            .field("saturationRequestsPerSecond", sustained)
                            .field("saturationIsLowerBound", profile.saturationIsLowerBound())
                            .field("points", curve.points().size())
                            .objects("notes", notes, (item, note) -> item.field("message", note))
                            .field("out", replica.out.toString())));
        } else {
            notes.forEach(note -> terminal.err().println("note: " + note));
            terminal.err().flush();
            terminal.out()
                    .println(MeasuredReplica.described(profile.key()) + ": "
                            + curve.points().size() + " points up to " + ProfileTable.number(sustained)
                            + " requests/s written to " + replica.out + ".");
        }
        terminal.out().flush();
    }
}
