package dev.scepsy.samples.demo;

import dev.scepsy.planner.Planner;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Prints each model's share of the execution time while executions come in, with its 95 % interval. */
final class SettlingShares implements AutoCloseable {

    private static final long EVERY_SECONDS = 5;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "settling-shares");
        thread.setDaemon(true);
        return thread;
    });
    private final Planner planner;
    private final String workflow;

    SettlingShares(Planner planner, String workflow) {
        this.planner = planner;
        this.workflow = workflow;
        timer.scheduleAtFixedRate(this::print, EVERY_SECONDS, EVERY_SECONDS, TimeUnit.SECONDS);
    }

    private void print() {
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

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
