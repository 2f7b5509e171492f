package dev.scepsy.samples.demo;

import dev.scepsy.planner.otlp.OtlpReceiver;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** Starts what the story needs, tells it, and reports. Everything that is started is closed on every way out. */
final class Demo {

    static final String WORKFLOW = "research";

    /** The spans as they came; {@code traces.jsonl} has them in scaled time. */
    static final String RECORDING = "traces-real-time.jsonl";

    static final List<String> NODES = List.of("node-1", "node-2");
    static final int GPUS_PER_NODE = 2;

    private static final List<String> MODELS =
            List.of("critic", "embedder", "executor", "planner", "reranker", "summariser");
    private static final String GPU = "A100-SXM-80GB";
    private static final double GPU_MEMORY_GIB = 80;
    private static final String PROPOSE = "propose";

    private final DemoSettings settings;
    private final Keeping keeping;
    private final ScaledClock clock;

    Demo(DemoSettings settings, Keeping keeping) {
        this.settings = settings;
        this.keeping = keeping;
        this.clock = new ScaledClock(settings.timeScale(), System.currentTimeMillis() * 1_000_000);
    }

    /** Runs it. Returns the exit code: 0 only if every request was answered and the plan was applied. */
    int run() throws IOException {
        Routing routing = settings.routing().playable();
        DemoFiles files = DemoFiles.prepare(settings.folder(), settings.timeScale(), routing);
        Scepsy scepsy = new Scepsy(files);
        SettlingShares shares = new SettlingShares(clock, WORKFLOW);
        Optional<URI> jaeger = Jaeger.listening();
        Story.say(
                "An emulated serving cluster: 2 nodes x 2 %s, shared by MPS. All seconds are emulated ones, %.0f to a real one.",
                GPU, clock.scale());
        try (ServingCluster cluster = ServingCluster.start(files, settings.timeScale(), new ScriptedAnswers());
                OtlpReceiver receiver = receiver(files, shares, jaeger);
                OtlpRelay relay = OtlpRelay.start(clock, receiver.endpoint())) {
            Story.say("The usual guess: every model half a GPU, replicas dealt round robin over the eight halves.");
            files.writePlan("guess.json", Guess.of(MODELS, GPU, GPU_MEMORY_GIB, NODES, GPUS_PER_NODE));
            scepsy.require(cluster.apply(scepsy, Scepsy.MODELS_OF_GUESS, "guess.json"));
            String models = cluster.models(routing, MODELS);
            Story.say(
                    "The research assistant starts under the agent; its requests go through %s, its spans to %s%s.",
                    routing.described(), receiver.endpoint(), jaeger.isPresent() ? " and from there to Jaeger" : "");
            URI spansGo = keeping.isWanted() ? relay.endpoint() : receiver.endpoint();
            try (Application application = Application.start(settings, models, spansGo, files)) {
                LoadGenerator generator = new LoadGenerator(application.url(), clock);
                CpuMeter cpu = new CpuMeter(() -> List.of(ProcessHandle.current(), application.process()));
                Story story = new Story(files, scepsy, cluster, new Loads(generator, clock, cpu), clock);
                Story.Ending ending = story.tell(shares);
                System.out.println(Jaeger.hint(jaeger));
                int code = report(ending, generator, files);
                if (keeping.isWanted()) {
                    keep(application, cluster, relay, files, jaeger, ending.ratePerSecond());
                }
                return code;
            }
        }
    }

    /** The planner service beside what runs, and the same load without an end. */
    private void keep(
            Application application,
            ServingCluster cluster,
            OtlpRelay relay,
            DemoFiles files,
            Optional<URI> jaeger,
            double perSecond)
            throws IOException {
        try (ServiceProcess service =
                ServiceProcess.start(settings.cliJar(), files, cluster.apiServerUrl(), clock, PROPOSE, 0)) {
            service.awaitReady(new ServiceApi(service.web()));
            relay.passOnTo(service.otlp(), jaeger);
            keeping.go(service, application.url(), clock, PROPOSE, perSecond);
        }
    }

    private OtlpReceiver receiver(DemoFiles files, SettlingShares shares, Optional<URI> jaeger) throws IOException {
        OtlpReceiver.Builder builder = OtlpReceiver.builder(shares).recordTo(files.path(RECORDING));
        jaeger.ifPresent(builder::forwardTo);
        return builder.start();
    }

    private int report(Story.Ending ending, LoadGenerator generator, DemoFiles files) throws IOException {
        Measured guess = Measured.of(ending.guess(), files, "guess.json", "predictions-guess.json");
        Measured plan = Measured.of(ending.plan(), files, "plan.json", "predictions-plan.json");
        String table = Report.table(guess, plan, ending.ratePerSecond(), clock.scale());
        System.out.println(table);
        files.finish(table, ResultPicture.svg(guess, plan));
        System.out.printf(
                "Requests: %d, failed: %d%s. Plan applied: %s. Files: %s%n",
                generator.offered(),
                generator.failures(),
                generator.firstFailure() == null ? "" : " (first: " + generator.firstFailure() + ")",
                ending.applied() ? "yes" : "no",
                settings.folder());
        System.out.print(Report.lastLines(guess, plan));
        return ending.applied() && generator.failures() == 0 ? 0 : 1;
    }
}
