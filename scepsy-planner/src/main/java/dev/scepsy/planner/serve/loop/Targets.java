package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.serve.observe.Observations.Bin;
import dev.scepsy.planner.serve.settings.ServeSettings.Target;
import dev.scepsy.planner.serve.settings.ServeSettings.TargetDefaults;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What every workflow shall have: the rate that is configured, else {@code @Workflow}'s, else the measured one,
 *
 * <pre>
 * target = headroom · quantile over bins of (executions of the bin / its length)
 * </pre>
 *
 * by nearest rank over all finished bins since the first with an arrival; below one day of them the largest. Immutable.
 *
 * @param perSecond by workflow as shown; one of which nothing is known has 0 and adds no load
 * @param latencyLimitSeconds by workflow as shown
 * @param sources by workflow: where its target comes from, the words after "target x/s"
 * @param notes what is unclear, sentences
 */
record Targets(
        Map<String, Double> perSecond,
        Map<String, Double> latencyLimitSeconds,
        Map<String, String> sources,
        List<String> notes) {

    /** Data below this use the largest bin. */
    private static final Duration ENOUGH = Duration.ofDays(1);

    Targets {
        perSecond = new TreeMap<>(perSecond);
        latencyLimitSeconds = new TreeMap<>(latencyLimitSeconds);
        sources = new TreeMap<>(sources);
        notes = List.copyOf(notes);
    }

    /**
     * @param rates finished bins of {@code defaults.bin()} by workflow as shown
     * @param asked targets of this one question, by any name of a workflow; they come first
     */
    static Targets of(
            Map<String, Target> configured,
            TargetDefaults defaults,
            List<WorkflowStatistics> workflows,
            Map<String, List<Bin>> rates,
            Map<String, Double> asked) {
        Map<String, Double> perSecond = new TreeMap<>();
        Map<String, Double> limits = new TreeMap<>();
        Map<String, String> sources = new TreeMap<>();
        List<String> notes = new ArrayList<>();
        unclear(configured.keySet(), workflows, "targets", notes);
        for (WorkflowStatistics workflow : workflows) {
            String name = workflow.name();
            Optional<Target> target = called(configured, workflow);
            target.map(Target::latencyLimitSeconds)
                    .filter(OptionalDouble::isPresent)
                    .ifPresent(limit -> limits.put(name, limit.getAsDouble()));
            Optional<Double> now = called(asked, workflow);
            OptionalDouble stated = target.map(Target::perSecond).orElse(OptionalDouble.empty());
            if (now.isPresent()) {
                perSecond.put(name, now.get());
                sources.put(name, "asked for");
            } else if (stated.isPresent()) {
                perSecond.put(name, stated.getAsDouble());
                sources.put(name, "configured");
            } else if (workflow.targetPerSecond().isPresent()) {
                perSecond.put(name, workflow.targetPerSecond().getAsDouble());
                sources.put(name, "of @Workflow");
            } else {
                Measured measured = measured(defaults, rates.getOrDefault(name, List.of()));
                perSecond.put(name, measured.perSecond());
                sources.put(name, measured.how());
                if (measured.perSecond() == 0) {
                    notes.add("Workflow (" + name + ") has no target and no finished bin of " + text(defaults.bin())
                            + " with arrivals yet: it adds no load to plans.");
                }
            }
        }
        return new Targets(perSecond, limits, sources, notes);
    }

    /** Where a workflow's target comes from, in a word; null: it has none. */
    @Nullable
    String from(String workflow) {
        String source = sources.get(workflow);
        if (source == null) {
            return null;
        }
        return switch (source) {
            case "configured" -> "configured";
            case "of @Workflow" -> "stated";
            case "asked for" -> "asked";
            default -> source.startsWith("measured") ? "measured" : "unknown";
        };
    }

    private record Measured(double perSecond, String how) {}

    private static Measured measured(TargetDefaults defaults, List<Bin> bins) {
        int first = 0;
        while (first < bins.size() && bins.get(first).executions() <= 0) {
            first++;
        }
        List<Bin> seen = bins.subList(first, bins.size());
        if (seen.isEmpty()) {
            return new Measured(0, "not known yet");
        }
        double binSeconds = defaults.bin().toNanos() / 1e9;
        double[] sorted = seen.stream()
                .mapToDouble(bin -> bin.executions() / binSeconds)
                .sorted()
                .toArray();
        Instant begin = seen.get(0).begin();
        Instant end = seen.get(seen.size() - 1).begin().plus(defaults.bin());
        boolean aDay = Duration.between(begin, end).compareTo(ENOUGH) >= 0;
        int rank =
                aDay ? Math.max(0, (int) Math.ceil(defaults.quantile() * sorted.length - 1e-9) - 1) : sorted.length - 1;
        return new Measured(
                sorted[rank] * defaults.headroom(),
                String.format(
                        Locale.ROOT,
                        "measured: %s of %d bins of %s, times %s",
                        aDay ? "quantile " + defaults.quantile() : "the largest",
                        sorted.length,
                        text(defaults.bin()),
                        Double.toString(defaults.headroom())));
    }

    /** The value under a name that {@code workflow} is called by. */
    private static <T> Optional<T> called(Map<String, T> byName, WorkflowStatistics workflow) {
        return byName.entrySet().stream()
                .filter(entry -> workflow.isCalled(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** Names that mean several workflows, or none that was seen. */
    static void unclear(Iterable<String> names, List<WorkflowStatistics> workflows, String where, List<String> notes) {
        for (String name : names) {
            if (workflows.stream().noneMatch(workflow -> workflow.isCalled(name))) {
                List<String> several = workflows.stream()
                        .map(WorkflowStatistics::name)
                        .filter(shown -> shown.startsWith(name + "@"))
                        .toList();
                notes.add(
                        several.isEmpty()
                                ? "Workflow (" + name + ") of " + where + " was not seen in the window."
                                : "Several services have a workflow (" + name + ") of " + where + ": name one of "
                                        + String.join(", ", several) + ".");
            }
        }
    }

    private static String text(Duration duration) {
        return duration.toString().substring(2).toLowerCase(Locale.ROOT);
    }
}
