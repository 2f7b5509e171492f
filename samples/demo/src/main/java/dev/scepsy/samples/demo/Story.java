package dev.scepsy.samples.demo;

import dev.scepsy.samples.cluster.GpuUsage;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** What happens between a running application on the guess and the same application on the plan. */
final class Story {

    private static final double LOAD_A_SHARE = 0.7;
    private static final double FIRST_PER_SECOND = 0.35;
    private static final int FIRST_EXECUTIONS = 16;
    private static final double GUESS_STARTS_AT_PER_SECOND = 0.45;

    /** Part of the predicted throughput at which load B starts, to spend its time where it matters. */
    private static final double STARTS_AT = 0.55;

    /** What loads A and B said of one layout. */
    record Chapter(Steadied steadied, Loads.Rising rising) {}

    /**
     * Load A and the cluster under it.
     *
     * @param gpuBusy part of the GPUs' time in which an engine computed
     * @param lagSeconds how late the emulated clock was at worst, which is what too little CPU does
     */
    record Steadied(Loads.Steady load, double gpuBusy, double lagSeconds) {}

    /** @param applied whether the plan was pushed to the end */
    record Ending(Chapter guess, Chapter plan, double ratePerSecond, boolean applied) {}

    private final DemoFiles files;
    private final Scepsy scepsy;
    private final ServingCluster cluster;
    private final Loads loads;
    private final ScaledClock clock;

    Story(DemoFiles files, Scepsy scepsy, ServingCluster cluster, Loads loads, ScaledClock clock) {
        this.files = files;
        this.scepsy = scepsy;
        this.cluster = cluster;
        this.loads = loads;
        this.clock = clock;
    }

    Ending tell(SettlingShares shares) throws IOException {
        double idleSeconds = loads.first(FIRST_PER_SECOND, FIRST_EXECUTIONS).meanSeconds();
        say("The first runs took %.1f s each. Load B on the guess: rising rates.", idleSeconds);
        Loads.Rising guessB = loads.rising(GUESS_STARTS_AT_PER_SECOND, idleSeconds);

        double rate = LOAD_A_SHARE * guessB.result().throughputPerSecond();
        say(
                "The guess sustains %.2f executions/s. Load A on it: %.0f %% of that, %.3f/s.",
                guessB.result().throughputPerSecond(), 100 * LOAD_A_SHARE, rate);
        Steadied guessA;
        try (SettlingShares.Watch watch = shares.watch()) {
            guessA = steady(rate);
        }
        boolean applied = loads.meanwhile(rate, () -> planAndPush(guessA.load(), rate));
        say("Load A on the plan, the same questions again.");
        Steadied planA = steady(rate);
        loads.drain();
        record(planA.load(), "traces-plan.jsonl");
        double startPerSecond = Math.max(rate, STARTS_AT * predictedThroughput());
        say("Load B on the plan.");
        Loads.Rising planB = loads.rising(startPerSecond, planA.load().latency().meanSeconds());
        return new Ending(new Chapter(guessA, guessB), new Chapter(planA, planB), rate, applied);
    }

    private Steadied steady(double rate) {
        List<GpuUsage> before = cluster.usage();
        cluster.takeWorstLagSeconds();
        Loads.Steady load = loads.steady(rate);
        return new Steadied(load, ServingCluster.busyShare(before, cluster.usage()), cluster.takeWorstLagSeconds());
    }

    private double predictedThroughput() throws IOException {
        return files.predicted("predictions-plan.json", Demo.WORKFLOW, "maxThroughputPerSecond")
                .orElse(0);
    }

    private int record(Loads.Steady load, String name) throws IOException {
        return Traces.writeComplete(
                files.path(Demo.RECORDING), files.path(name), load.fromEpochNanos(), load.toEpochNanos(), clock);
    }

    /** From the recorded traces of load A to a reconfigured cluster, while load A goes on. */
    private boolean planAndPush(Loads.Steady guessA, double rate) throws IOException {
        int executions = record(guessA, "traces.jsonl");
        say("Learn from the %d executions of load A, plan for %.3f/s, and push under load.", executions, rate);
        scepsy.require("shares", scepsy.file("traces.jsonl"), "--out", scepsy.file("workflows.json"));
        files.setTarget(Demo.WORKFLOW, rate);
        String workflows = scepsy.file("workflows.json");
        scepsy.require(
                "plan",
                "--cluster",
                scepsy.file("cluster.yaml"),
                "--models",
                scepsy.file(Scepsy.MODELS),
                "--workflows",
                workflows,
                "--out",
                scepsy.file("plan.json"));
        scepsy.require(scepsy.of(
                "render", Scepsy.MODELS, "plan.json", "--platform", "kubernetes", "--out", scepsy.file("manifests")));
        predict(Scepsy.MODELS_OF_GUESS, "guess.json", workflows, "predictions-guess.json");
        predict(Scepsy.MODELS, "plan.json", workflows, "predictions-plan.json");
        return scepsy.run(cluster.apply(scepsy, Scepsy.MODELS, "plan.json")) == 0;
    }

    private void predict(String models, String plan, String workflows, String out) {
        scepsy.require(scepsy.of("predict", models, plan, "--workflows", workflows, "--out", scepsy.file(out)));
    }

    static void say(String format, Object... values) {
        System.out.printf(Locale.ROOT, "%n== " + format + "%n", values);
    }
}
