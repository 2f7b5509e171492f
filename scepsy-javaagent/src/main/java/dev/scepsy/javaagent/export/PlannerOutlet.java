package dev.scepsy.javaagent.export;

import dev.scepsy.javaagent.host.Stderr;
import dev.scepsy.javaagent.planning.ClusterPush;
import dev.scepsy.javaagent.planning.Planning;
import dev.scepsy.javaagent.planning.StatisticsServer;
import dev.scepsy.javaagent.setting.Settings;
import dev.scepsy.javaagent.trace.Operation;
import dev.scepsy.planner.LiveStatistics;
import dev.scepsy.planner.LiveStatisticsConfig;
import dev.scepsy.planner.file.WorkflowsFile;
import dev.scepsy.planner.share.WorkflowShares;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The planner's in-process door: every finished operation, whatever the sampler says. A planner that fails is left alone
 * after its failure has been said once. Used by one thread; the statistics are read by the server's too.
 */
final class PlannerOutlet {

    private static final int FAILURES_ALLOWED = 10;
    static final String PORT = "scepsy.statistics.port";

    private final Settings settings;
    private volatile @Nullable LiveStatistics planner;
    private volatile @Nullable Planning planning;
    private boolean started;
    private int failures;

    PlannerOutlet(Settings settings) {
        this.settings = settings;
    }

    /** Serves the statistics where {@code scepsy.statistics.port} says so. */
    void serve() {
        int port = (int) settings.number(PORT, 1, 0);
        if (port == 0 || mode() == LiveStatisticsConfig.Mode.OFF) {
            return;
        }
        try {
            new StatisticsServer(port, Map.of("/workflows.json", this::statistics, "/plan.json", this::plan));
        } catch (IOException | RuntimeException | LinkageError failure) {
            Stderr.once(PORT, "statistics are not served on port " + port + ": " + failure);
        }
    }

    private String statistics() {
        LiveStatistics running = planner;
        WorkflowShares shares = running == null ? new WorkflowShares(List.of(), Map.of()) : running.shares();
        Map<String, Long> incomplete = new LinkedHashMap<>();
        shares.incompleteExecutions().forEach((reason, count) -> incomplete.put(reason.key(), count));
        return WorkflowsFile.toJson(shares.workflows(), incomplete);
    }

    private @Nullable String plan() {
        Planning running = planning;
        return running == null ? null : running.latest();
    }

    private void start() {
        started = true;
        LiveStatisticsConfig.Mode mode = mode();
        if (mode == LiveStatisticsConfig.Mode.OFF) {
            return;
        }
        try {
            // Operations have waited in the agent's own queue; nothing goes through this one.
            LiveStatisticsConfig.Builder config =
                    LiveStatisticsConfig.builder().mode(mode).bufferCapacity(1);
            settings.text("scepsy.out").ifPresent(out -> config.out(Path.of(out)));
            planner = mode == LiveStatisticsConfig.Mode.OBSERVE
                    ? LiveStatistics.start(config.build(), (shares, drift) -> {}, Stderr::say)
                    : planning(mode, config.build());
        } catch (Throwable failure) { // Also that no thread can be made.
            Stderr.once("planner", "planner not started: " + failure + " (the application is not affected)");
        }
    }

    private LiveStatistics planning(LiveStatisticsConfig.Mode mode, LiveStatisticsConfig config) {
        Consumer<String> log = Stderr::say;
        Optional<Planning.Push> push =
                mode == LiveStatisticsConfig.Mode.PUSH ? Optional.of(new ClusterPush(settings, log)) : Optional.empty();
        AtomicReference<LiveStatistics> started = new AtomicReference<>();
        Planning made = new Planning(
                settings,
                push,
                shares -> {
                    LiveStatistics running = started.get();
                    if (running != null) {
                        running.accept(shares);
                    }
                },
                log);
        LiveStatistics running = LiveStatistics.start(config, made, log);
        planning = made;
        started.set(running);
        return running;
    }

    private LiveStatisticsConfig.Mode mode() {
        String text = settings.text("scepsy.planner").orElse("observe");
        try {
            return LiveStatisticsConfig.Mode.valueOf(text.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            Stderr.once(
                    "scepsy.planner",
                    "The scepsy.planner (" + text + ") is none of off, observe, plan, push; observing.");
            return LiveStatisticsConfig.Mode.OBSERVE;
        }
    }

    /** The first one starts the planner. */
    void accept(Operation finished) {
        if (!started) {
            start();
        }
        LiveStatistics running = planner;
        if (running == null) {
            return;
        }
        try {
            running.take(Spans.of(finished));
        } catch (RuntimeException | LinkageError failure) {
            Stderr.once("planner.record", "planner: " + failure + " (the application is not affected; said once)");
            if (++failures >= FAILURES_ALLOWED) {
                planner = null;
            }
        }
    }

    /** Called again and again: counts what has settled. */
    void step() {
        LiveStatistics running = planner;
        if (running != null) {
            running.settle();
        }
    }

    void close() {
        LiveStatistics running = planner;
        if (running != null) {
            try {
                running.close();
            } catch (RuntimeException | LinkageError failure) {
                Stderr.once("planner.close", "planner: " + failure);
            }
        }
    }
}
