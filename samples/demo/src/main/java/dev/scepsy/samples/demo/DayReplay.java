package dev.scepsy.samples.demo;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.file.PlanFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.otlp.OtlpReceiver;
import dev.scepsy.samples.demo.LoadGenerator.Arrivals;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The same day again without the service, on an emulated cluster of its own with real requests: the first plan left alone, or with an
 * autoscaler. Like the simulation it begins empty, but for a few executions that load the application's classes before the day begins.
 */
final class DayReplay {

    private static final long SEQUENCE_BEFORE = 12;
    private static final double BEFORE_PER_SECOND = 0.34;
    private static final int BEFORE = 24;

    private final DemoSettings settings;
    private final DemoFiles files;
    private final Scepsy scepsy;
    private final DayScript script;
    private final ScaledClock clock;

    DayReplay(DemoSettings settings, DemoFiles files, Scepsy scepsy, DayScript script, ScaledClock clock) {
        this.settings = settings;
        this.files = files;
        this.scepsy = scepsy;
        this.script = script;
        this.clock = clock;
    }

    /** Something that happens at a time of the day. */
    private interface Event {
        void happen(long dueNanos) throws IOException;
    }

    private record Timed(double seconds, Event event) {}

    /** The first plan as it is, all day. */
    LatencySeries onTheFirstPlan(Routing routing) throws IOException {
        Story.say("The same day on the emulated cluster: the first plan, left alone.");
        return play(routing, false, "first-plan-emulated.json");
    }

    /** The first plan with an autoscaler. */
    LatencySeries autoscaled(Routing routing) throws IOException {
        Story.say("The same day on the emulated cluster: the first plan and an autoscaler.");
        return play(routing, true, "autoscaled-emulated.json");
    }

    private LatencySeries play(Routing routing, boolean autoscales, String out) throws IOException {
        Plan plan = firstPlan();
        try (ServingCluster cluster = ServingCluster.start(files, settings.timeScale(), new ScriptedAnswers());
                OtlpReceiver nobody = OtlpReceiver.builder(span -> {}).start()) {
            scepsy.require(cluster.apply(scepsy, Scepsy.MODELS, DayComparison.FIRST_PLAN));
            Optional<ClusterAutoscaler> autoscaler =
                    autoscales ? Optional.of(ClusterAutoscaler.of(cluster.api(), plan, clock)) : Optional.empty();
            String log = autoscales ? "application-autoscaler.log" : "application-first-plan.log";
            try (Application application = Application.start(
                    settings, cluster.models(routing, Day.MODELS), nobody.endpoint(), files.path(log), Day.OFTEN)) {
                LoadGenerator before = new LoadGenerator(application.url(), clock);
                before.offer(
                        Arrivals.PACED, BEFORE_PER_SECOND, SEQUENCE_BEFORE, 0, offered -> offered.size() == BEFORE);
                before.drain();
                LatencySeries series = day(application, cluster, plan, autoscaler);
                files.write(out, series.json());
                return series;
            } finally {
                autoscaler.ifPresent(ClusterAutoscaler::close);
            }
        }
    }

    private LatencySeries day(
            Application application, ServingCluster cluster, Plan plan, Optional<ClusterAutoscaler> autoscaler)
            throws IOException {
        LoadGenerator generator = new LoadGenerator(application.url(), clock);
        cluster.takeWorstLagSeconds();
        CpuMeter cpu = new CpuMeter(() -> List.of(ProcessHandle.current(), application.process()));
        long beganNanos = System.nanoTime();
        autoscaler.ifPresent(ClusterAutoscaler::begin);
        for (Timed timed : timeline(application, generator, cluster, plan)) {
            long due = beganNanos + clock.real(timed.seconds()).toNanos();
            LoadGenerator.sleepUntil(due);
            timed.event().happen(due);
        }
        double used = cpu.used();
        generator.drain();
        System.out.printf(
                Locale.ROOT,
                "  asked: %d, failed: %d%s; processor time used: %.0f %%; emulated clock late by at most %.2f s%s%n",
                generator.offered(),
                generator.failures(),
                generator.firstFailure() == null ? "" : " (first: " + generator.firstFailure() + ")",
                100 * used,
                cluster.takeWorstLagSeconds(),
                autoscaler
                        .map(scaler -> "; replicas changed " + scaler.changes() + " times")
                        .orElse(""));
        return LatencySeries.of(generator.all(), beganNanos, clock);
    }

    private List<Timed> timeline(Application application, LoadGenerator generator, ServingCluster cluster, Plan plan) {
        List<Timed> timeline = new ArrayList<>();
        for (DayScript.Arrival arrival : script.arrivals()) {
            timeline.add(new Timed(arrival.seconds(), due -> generator.ask(arrival.question(), due)));
        }
        tell(timeline, script.criticsSeconds(), "a release", due -> application.askCritics(script.opinions()));
        tell(
                timeline,
                script.nodeLostSeconds(),
                script.node() + " dies",
                due -> cluster.faults().nodeDown(script.node()));
        tell(
                timeline,
                script.nodeBackSeconds(),
                script.node() + " is back",
                due -> cluster.faults().nodeUp(script.node()));
        tell(
                timeline,
                script.slowSeconds(),
                "an engine of " + script.slowModel() + " is slow",
                due -> cluster.slowOn(firstNodeOf(plan), script.slowModel(), script.slowFactor()));
        tell(timeline, script.endSeconds(), "the day is over", due -> cluster.heal(script.slowModel()));
        timeline.sort(Comparator.comparingDouble(Timed::seconds));
        return timeline;
    }

    private static void tell(List<Timed> timeline, double seconds, String what, Event event) {
        timeline.add(new Timed(seconds, due -> {
            System.out.printf(Locale.ROOT, "  %6.0f s  %s%n", seconds, what);
            event.happen(due);
        }));
    }

    /** Where the simulation's replica 0 of the model that slows down is. */
    private String firstNodeOf(Plan plan) {
        return plan.placements().stream()
                .filter(placement -> placement.model().equals(script.slowModel()))
                .min(Comparator.comparingInt(ReplicaPlacement::replica))
                .map(ReplicaPlacement::node)
                .orElse("");
    }

    private Plan firstPlan() {
        Reading<Plan> read = PlanFile.read(files.path(DayComparison.FIRST_PLAN));
        if (read instanceof Reading.Legal<Plan> legal) {
            return legal.value();
        }
        throw new DemoFailure(read.whyMalformed().toString());
    }
}
