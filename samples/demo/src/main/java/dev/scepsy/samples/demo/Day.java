package dev.scepsy.samples.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.scepsy.planner.otlp.OtlpReceiver;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * A day in six minutes ({@code -Dscepsy.demo=day}): an application under load, {@code scepsy serve} beside it, and five things that
 * happen. Everything that is started is closed on every way out.
 */
final class Day {

    private static final List<String> NODES = List.of("node-1", "node-2", "node-3");
    private static final List<String> MODELS =
            List.of("critic", "embedder", "executor", "planner", "reranker", "summariser");
    private static final String GPU = "A100-SXM-80GB";
    private static final double GPU_MEMORY_GIB = 80;

    private static final double RATE_PER_SECOND = 0.34;
    private static final double LEARN_SECONDS = 240;
    private static final double PLAN_SECONDS = 400;
    private static final int OPINIONS = 3;
    private static final String MODEL_THAT_SLOWS = "executor";
    private static final double SLOW_FACTOR = 3;
    /** Emulated time goes fast. */
    private static final Map<String, String> OFTEN =
            Map.of("OTEL_METRIC_EXPORT_INTERVAL", "1000", "OTEL_BSP_SCHEDULE_DELAY", "200");

    private static final Set<String> SERVES = Set.of("verifying", "kept", "rolledBack", "failed");

    private final DemoSettings settings;

    private final ScaledClock clock;
    private final HttpClient http = HttpClient.newHttpClient();

    Day(DemoSettings settings) {
        this.settings = settings;
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
        Story.say(
                "An emulated serving cluster: 4 nodes x 1 %s, shared by MPS; one is left empty by every plan (spareGpus: 1). All seconds are emulated ones, %.0f to a real one.",
                GPU, clock.scale());
        try (ServingCluster cluster = ServingCluster.start(files, settings.timeScale(), new ScriptedAnswers())) {
            files.writePlan("guess.json", Guess.of(MODELS, GPU, GPU_MEMORY_GIB, NODES, 1));
            scepsy.require(cluster.apply(scepsy, Scepsy.MODELS_OF_GUESS, "guess.json"));
            Story.say("scepsy serve --config serve.yaml --time-scale %.0f, mode apply.", clock.scale());
            try (ServiceProcess service =
                            ServiceProcess.start(settings.cliJar(), files, cluster.apiServerUrl(), clock);
                    OtlpReceiver recorder = OtlpReceiver.builder(span -> {})
                            .recordTo(files.path(Demo.RECORDING))
                            .start();
                    OtlpRelay relay = OtlpRelay.start(clock, service.otlp(), recorder.endpoint())) {
                ServiceApi api = new ServiceApi(service.web());
                awaitReady(service, api);
                try (ServiceEvents events = new ServiceEvents(service.web());
                        Application application = Application.start(
                                settings, cluster.models(routing, MODELS), relay.endpoint(), files, OFTEN)) {
                    DayWatch watch = new DayWatch(service::mustRun, api, events, clock);
                    return live(application, cluster, service, api, watch, files, scepsy);
                }
            }
        }
    }

    private static void awaitReady(ServiceProcess service, ServiceApi api) {
        long deadline = System.nanoTime() + 30_000_000_000L;
        while (!api.isReady()) {
            service.mustRun();
            if (System.nanoTime() > deadline) {
                throw new DemoFailure("scepsy serve was not ready within 30 s at " + service.web() + ".");
            }
            LockSupport.parkNanos(100_000_000);
        }
        System.out.println("  the service is ready: " + service.web());
    }

    private int live(
            Application application,
            ServingCluster cluster,
            ServiceProcess service,
            ServiceApi api,
            DayWatch watch,
            DemoFiles files,
            Scepsy scepsy)
            throws IOException {
        LoadGenerator generator = new LoadGenerator(application.url(), clock);
        CpuMeter cpu = new CpuMeter(() -> List.of(ProcessHandle.current(), application.process(), service.process()));
        List<DayOutcome> phases = new ArrayList<>();
        long dayNanos;
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
                    case "critic" -> askCritics(application.url());
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
        Story.say("The day is over. The same executions without the service, simulated.");
        if (Boolean.getBoolean("scepsy.full")) {
            System.out.println(
                    "  NOT RUN: the first plan and the autoscaler on the emulated cluster. Both are simulated here.");
        }
        savePlans(api, files);
        LatencySeries served = series(generator, dayNanos);
        long dayEpochNanos = System.currentTimeMillis() * 1_000_000 - (System.nanoTime() - dayNanos);
        Traces.writeComplete(
                files.path(Demo.RECORDING), files.path(DayComparison.TRACES), dayEpochNanos, Long.MAX_VALUE, clock);
        DayComparison comparison = new DayComparison(
                served.points().get(0).startedSeconds(),
                dies,
                nodeLost,
                Math.max(1, nodeBack - nodeLost),
                MODEL_THAT_SLOWS,
                slow,
                Math.max(1, healed - slow),
                SLOW_FACTOR);
        DayReport report = new DayReport(
                phases,
                served,
                comparison.onTheFirstPlan(scepsy, files),
                comparison.autoscaled(scepsy, files),
                generator.offered(),
                generator.failures(),
                clock.scale());
        return finish(report, generator, used, files);
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

    private void askCritics(URI application) throws IOException {
        try {
            int status = http.send(
                            HttpRequest.newBuilder(application.resolve("/critics"))
                                    .POST(BodyPublishers.ofString("{\"count\": " + OPINIONS + "}"))
                                    .build(),
                            BodyHandlers.discarding())
                    .statusCode();
            if (status != 200) {
                throw new DemoFailure("The application did not change: " + status + ".");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
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

    private LatencySeries series(LoadGenerator generator, long dayNanos) {
        List<LatencySeries.Point> points = new ArrayList<>();
        int failed = 0;
        for (Execution execution : generator.all()) {
            if (execution.offeredNanos() < dayNanos) {
                continue;
            }
            if (execution.isFailed()) {
                failed++;
            } else {
                points.add(new LatencySeries.Point(
                        clock.scaledSeconds(execution.offeredNanos() - dayNanos),
                        clock.scaledSeconds(execution.latencyNanos())));
            }
        }
        return new LatencySeries(points, failed);
    }

    private int finish(DayReport report, LoadGenerator generator, double cpu, DemoFiles files) throws IOException {
        System.out.println(report.table());
        Files.writeString(files.path("day.txt"), report.table() + "\n" + report.lastLines());
        Files.writeString(files.path("day.svg"), DayPicture.svg(report));
        System.out.printf(
                "Requests: %d, failed: %d%s. Processor time used: %.0f %%. Files: %s%n",
                generator.offered(),
                generator.failures(),
                generator.firstFailure() == null ? "" : " (first: " + generator.firstFailure() + ")",
                100 * cpu,
                settings.folder());
        System.out.print(report.lastLines());
        return report.isAsItShould() ? 0 : 1;
    }
}
