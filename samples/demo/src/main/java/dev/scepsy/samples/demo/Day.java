package dev.scepsy.samples.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.otlp.OtlpReceiver;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A day in six minutes ({@code -Dscepsy.demo=day}): an application under load, {@code scepsy serve} beside it, and five things that
 * happen; with {@code -Dscepsy.full=true} the same day twice more, without it. Everything that is started is closed on every way out.
 */
final class Day {

    private static final List<String> NODES = List.of("node-1", "node-2", "node-3");
    static final List<String> MODELS = List.of("critic", "embedder", "executor", "planner", "reranker", "summariser");
    private static final String GPU = "A100-SXM-80GB";
    private static final double GPU_MEMORY_GIB = 80;
    private static final String APPLY = "apply";

    private static final double RATE_PER_SECOND = 0.34;
    private static final double LEARN_SECONDS = 240;
    private static final double PLAN_SECONDS = 400;
    private static final int OPINIONS = 3;
    private static final String MODEL_THAT_SLOWS = "executor";
    private static final double SLOW_FACTOR = 3;
    /** Emulated time goes fast. */
    static final Map<String, String> OFTEN =
            Map.of("OTEL_METRIC_EXPORT_INTERVAL", "1000", "OTEL_BSP_SCHEDULE_DELAY", "200");

    private static final Set<String> SERVES = Set.of("verifying", "kept", "rolledBack", "failed");

    private final DemoSettings settings;
    private final Keeping keeping;

    private final ScaledClock clock;

    Day(DemoSettings settings, Keeping keeping) {
        this.settings = settings;
        this.keeping = keeping;
        this.clock = new ScaledClock(settings.timeScale(), System.currentTimeMillis() * 1_000_000);
    }

    /** Runs it. Returns the exit code: 0 only if everything was noticed and no request failed. */
    int run() throws IOException {
        Routing routing = settings.routing().playable();
        DemoFiles files = DemoFiles.prepare(
                settings.folder(),
                settings.timeScale(),
                routing,
                name -> name.equals(Scepsy.MODELS_OF_GUESS) ? name : "day-" + name);
        Scepsy scepsy = new Scepsy(files);
        return keeping.isWanted()
                ? served(routing, files, scepsy, lived -> report(lived, routing, files, scepsy))
                : report(served(routing, files, scepsy, lived -> lived), routing, files, scepsy);
    }

    private int report(Lived lived, Routing routing, DemoFiles files, Scepsy scepsy) throws IOException {
        files.write("day.json", lived.script().json());
        files.write("served.json", lived.served().json());
        Story.say("The day is over. The same executions without the service, simulated.");
        DayComparison comparison =
                new DayComparison(lived.served().points().get(0).startedSeconds(), lived.script());
        LatencySeries firstPlan = comparison.onTheFirstPlan(scepsy, files);
        LatencySeries autoscaled = comparison.autoscaled(scepsy, files);
        Optional<DayReport.Emulated> emulated = Optional.empty();
        if (Boolean.getBoolean("scepsy.full")) {
            DayReplay replay = new DayReplay(settings, files, scepsy, lived.script(), clock);
            emulated = Optional.of(new DayReport.Emulated(replay.onTheFirstPlan(routing), replay.autoscaled(routing)));
        }
        DayReport report = new DayReport(
                lived.phases(),
                lived.served(),
                firstPlan,
                autoscaled,
                emulated,
                lived.requests(),
                lived.failures(),
                clock.scale());
        return finish(report, lived, files);
    }

    /**
     * What became of the day with the service.
     *
     * @param requests asked, those before the first plan too
     * @param firstFailure what the first that failed said; null: none failed
     * @param cpuUsed part of all cores
     */
    private record Lived(
            List<DayOutcome> phases,
            LatencySeries served,
            DayScript script,
            int requests,
            int failures,
            @Nullable String firstFailure,
            double cpuUsed) {}

    /** What is done with a day while its service still runs. */
    private interface Sequel<T> {
        T of(Lived lived) throws IOException;
    }

    private <T> T served(Routing routing, DemoFiles files, Scepsy scepsy, Sequel<T> sequel) throws IOException {
        Story.say(
                "An emulated serving cluster: 4 nodes x 1 %s, shared by MPS; one is left empty by every plan (spareGpus: 1). All seconds are emulated ones, %.0f to a real one.",
                GPU, clock.scale());
        try (ServingCluster cluster = ServingCluster.start(files, settings.timeScale(), new ScriptedAnswers())) {
            files.writePlan("guess.json", Guess.of(MODELS, GPU, GPU_MEMORY_GIB, NODES, 1));
            scepsy.require(cluster.apply(scepsy, Scepsy.MODELS_OF_GUESS, "guess.json"));
            Story.say("scepsy serve --config serve.yaml --time-scale %.0f, mode apply.", clock.scale());
            try (ServiceProcess service =
                            ServiceProcess.start(settings.cliJar(), files, cluster.apiServerUrl(), clock, APPLY, 1);
                    OtlpReceiver recorder = OtlpReceiver.builder(span -> {})
                            .recordTo(files.path(Demo.RECORDING))
                            .start();
                    OtlpRelay relay = OtlpRelay.start(clock, service.otlp(), recorder.endpoint())) {
                ServiceApi api = new ServiceApi(service.web());
                service.awaitReady(api);
                try (ServiceEvents events = new ServiceEvents(service.web());
                        Application application = Application.start(
                                settings,
                                cluster.models(routing, MODELS),
                                relay.endpoint(),
                                files.path("application.log"),
                                OFTEN)) {
                    DayWatch watch = new DayWatch(service::mustRun, api, events, clock);
                    T result = sequel.of(live(application, cluster, service, api, watch, files));
                    if (keeping.isWanted()) {
                        relay.passOnTo(service.otlp(), Optional.empty());
                        keeping.go(service, application.url(), clock, APPLY, 2 * RATE_PER_SECOND);
                    }
                    return result;
                }
            }
        }
    }

    private Lived live(
            Application application,
            ServingCluster cluster,
            ServiceProcess service,
            ServiceApi api,
            DayWatch watch,
            DemoFiles files)
            throws IOException {
        LoadGenerator generator = new LoadGenerator(application.url(), clock);
        CpuMeter cpu = new CpuMeter(() -> List.of(ProcessHandle.current(), application.process(), service.process()));
        List<DayOutcome> phases = new ArrayList<>();
        long dayNanos;
        double critics = 0;
        double nodeLost = 0;
        double nodeBack = 0;
        double slow = 0;
        String dies;
        try (DayLoad load = new DayLoad(generator, RATE_PER_SECOND)) {
            Story.say(
                    "The service learns from %.0f s of load on the usual guess; then it is asked for a plan.",
                    LEARN_SECONDS);
            watch.pass(LEARN_SECONDS);
            firstPlan(api, watch);
            dies = savePlans(api, files);
            watch.dayBegins();
            dayNanos = System.nanoTime();
            cpu.restart();
            for (DayPhase phase : DayPhase.DAY) {
                Story.say("%s: %s", phase.key(), phase.title());
                double from = watch.seconds();
                switch (phase.key()) {
                    case "critic" -> {
                        critics = from;
                        application.askCritics(OPINIONS);
                    }
                    case "rate" -> load.setRate(2 * RATE_PER_SECOND);
                    case "nodeLost" -> {
                        nodeLost = from;
                        cluster.faults().nodeDown(dies);
                    }
                    case "nodeBack" -> {
                        nodeBack = from;
                        cluster.faults().nodeUp(dies);
                    }
                    case "slowEngine" -> {
                        slow = from;
                        cluster.slow(MODEL_THAT_SLOWS, SLOW_FACTOR);
                    }
                    default -> {}
                }
                phases.add(watch.watch(phase, from));
            }
        }
        double used = cpu.used();
        double healed = watch.seconds();
        cluster.heal(MODEL_THAT_SLOWS);
        generator.drain();
        savePlans(api, files);
        long dayEpochNanos = System.currentTimeMillis() * 1_000_000 - (System.nanoTime() - dayNanos);
        Traces.writeComplete(
                files.path(Demo.RECORDING), files.path(DayComparison.TRACES), dayEpochNanos, Long.MAX_VALUE, clock);
        long beganNanos = dayNanos;
        List<DayScript.Arrival> arrivals = generator.all().stream()
                .filter(execution -> execution.offeredNanos() >= beganNanos)
                .map(execution -> new DayScript.Arrival(
                        clock.scaledSeconds(execution.offeredNanos() - beganNanos), execution.question()))
                .toList();
        return new Lived(
                phases,
                LatencySeries.of(generator.all(), dayNanos, clock),
                new DayScript(
                        arrivals,
                        critics,
                        OPINIONS,
                        dies,
                        nodeLost,
                        nodeBack,
                        MODEL_THAT_SLOWS,
                        SLOW_FACTOR,
                        slow,
                        healed),
                generator.offered(),
                generator.failures(),
                generator.firstFailure(),
                used);
    }

    /** As a person would: plan now, look, approve. */
    private void firstPlan(ServiceApi api, DayWatch watch) throws IOException {
        ServiceApi.Answer made = api.post("/api/v1/proposals", "{\"reason\": \"the first plan of the day\"}");
        if (made.status() >= 300) {
            throw new DemoFailure("The service made no first plan: " + made.status() + " " + made.body());
        }
        String id = made.body().path("id").asText();
        ServiceApi.Answer approved = api.post("/api/v1/proposals/" + id + "/approve", "{\"reason\": \"looks right\"}");
        if (approved.status() >= 300) {
            throw new DemoFailure("The first plan was not approved: " + approved.status() + " " + approved.body());
        }
        String state = watch.await(id, SERVES, PLAN_SECONDS);
        if (!state.equals("verifying") && !state.equals("kept")) {
            throw new DemoFailure("The first plan did not come to serve: proposal " + id + " is " + state + ".");
        }
    }

    /** The plans that were applied; the first of this service's is what the day is compared with. Returns the last of its nodes. */
    private static String savePlans(ServiceApi api, DemoFiles files) throws IOException {
        int number = 0;
        for (JsonNode entry : api.plans()) {
            if (entry.path("kind").asText().equals("found")) {
                continue;
            }
            JsonNode plan = entry.has("plan")
                    ? entry.path("plan")
                    : api.get("/api/v1/plans/" + entry.path("id").asText())
                            .body()
                            .path("plan");
            files.write(number == 0 ? DayComparison.FIRST_PLAN : "plan-" + number + ".json", plan);
            number++;
        }
        if (number == 0) {
            throw new DemoFailure("The service says that it has applied no plan.");
        }
        String last = "";
        for (JsonNode placement : files.read(DayComparison.FIRST_PLAN).path("placements")) {
            String node = placement.path("node").asText();
            last = node.compareTo(last) > 0 ? node : last;
        }
        return last;
    }

    private int finish(DayReport report, Lived lived, DemoFiles files) throws IOException {
        System.out.println(report.table());
        Files.writeString(files.path("day.txt"), report.table() + "\n" + report.lastLines());
        Files.writeString(files.path("day.svg"), DayPicture.svg(report));
        System.out.printf(
                "Requests: %d, failed: %d%s. Processor time used: %.0f %%. Files: %s%n",
                lived.requests(),
                lived.failures(),
                lived.firstFailure() == null ? "" : " (first: " + lived.firstFailure() + ")",
                100 * lived.cpuUsed(),
                settings.folder());
        System.out.print(report.lastLines());
        return report.isAsItShould() ? 0 : 1;
    }
}
