package dev.scepsy.samples.demo;

import dev.scepsy.planner.LiveStatistics;
import dev.scepsy.planner.LiveStatisticsConfig;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.WorkflowStatistics;
import dev.scepsy.planner.span.Span;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes every span as it arrives; while watching, folds them into statistics and prints each model's share of the
 * execution time with its 95 % interval. Thread-safe.
 */
final class SettlingShares implements Consumer<Span> {

    private static final long EVERY_MILLIS = 3_000;

    private final ScaledClock clock;
    private final String workflow;
    private volatile @Nullable Watch watching;

    SettlingShares(ScaledClock clock, String workflow) {
        this.clock = clock;
        this.workflow = workflow;
    }

    @Override
    public void accept(Span span) {
        Watch watch = watching;
        if (watch != null && span.startEpochNanos() >= watch.fromEpochNanos) {
            watch.planner.record(clock.scaled(span));
        }
    }

    /** Watches from nothing on, until the returned value is closed. */
    Watch watch() {
        return new Watch();
    }

    /** A planner of its own, and a timer. */
    final class Watch implements AutoCloseable {
        /** Spans of earlier executions still come in for a while. */
        private final long fromEpochNanos = System.currentTimeMillis() * 1_000_000;

        private final LiveStatistics planner = LiveStatistics.start(LiveStatisticsConfig.builder()
                .settleAfter(Duration.ofMillis(800))
                .publishEvery(Duration.ofSeconds(1))
                .build());
        private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "settling-shares");
            thread.setDaemon(true);
            return thread;
        });

        private Watch() {
            watching = this;
            timer.scheduleAtFixedRate(() -> print(planner), EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
        }

        @Override
        public void close() {
            watching = null;
            timer.shutdownNow();
            planner.close();
        }
    }

    private void print(LiveStatistics planner) {
        for (WorkflowStatistics statistics : planner.statistics()) {
            if (statistics.name().equals(workflow) && statistics.executions().orElse(0) > 0) {
                System.out.printf(
                        Locale.ROOT,
                        "    shares after %3d executions: %s%n",
                        statistics.executions().orElse(0),
                        shares(statistics.models()));
            }
        }
    }

    private static String shares(List<ModelStatistics> models) {
        StringBuilder line = new StringBuilder();
        models.stream()
                .sorted(Comparator.comparingDouble((ModelStatistics model) ->
                                model.executionShare().orElse(0))
                        .reversed())
                .forEach(model -> line.append(model.model())
                        .append(' ')
                        .append(percent(model.executionShare().orElse(0)))
                        .append(interval(model))
                        .append("  "));
        return line.toString();
    }

    private static String interval(ModelStatistics model) {
        return model.interval95()
                .flatMap(ModelStatistics.Intervals::executionShare)
                .map(interval -> " ±" + percent((interval.high() - interval.low()) / 2))
                .orElse("");
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, share < 0.095 ? "%.1f%%" : "%.0f%%", 100 * share);
    }
}
