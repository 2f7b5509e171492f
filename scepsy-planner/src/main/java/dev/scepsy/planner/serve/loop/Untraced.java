package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.serve.engines.EngineLoads;
import dev.scepsy.planner.share.ModelStatistics;
import dev.scepsy.planner.share.WorkflowStatistics;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * Models whose engines answer requests that no span tells of. A plan gives a model nothing that no workflow calls, and would stop engines that
 * somebody uses: by itself the service makes no plan then, and people are told.
 */
final class Untraced {

    private static final Duration RECENT = Duration.ofMinutes(10);

    private Untraced() {}

    /** A sentence each. */
    static List<String> models(EngineLoads loads, List<WorkflowStatistics> workflows, Problems problems) {
        Set<String> traced = new HashSet<>();
        workflows.forEach(workflow -> workflow.models().stream()
                .map(ModelStatistics::model)
                .forEach(name -> traced.add(problems.described(name))));
        return new TreeMap<>(loads.requestsPerSecond(RECENT))
                .entrySet().stream()
                        .filter(each -> each.getValue() > 0 && !traced.contains(each.getKey()))
                        .map(
                                each -> "Engines of model (" + each.getKey() + ") finish "
                                        + Sentences.number(each.getValue())
                                        + " requests/s that no span tells of: a plan would stop them. Send the spans of what calls them.")
                        .toList();
    }
}
