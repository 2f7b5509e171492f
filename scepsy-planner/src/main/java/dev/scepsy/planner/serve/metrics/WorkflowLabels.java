package dev.scepsy.planner.serve.metrics;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which workflows have a label of their own: the first {@value #MOST_WORKFLOWS} that were seen keep theirs, so that senders who
 * make up names cannot fill a Prometheus. The rest is {@code other}. One thread.
 */
final class WorkflowLabels {

    static final int MOST_WORKFLOWS = 50;

    static final String OTHER = "other";

    private final Set<String> labelled = new HashSet<>();

    /** Values by label; those without one are summed. */
    Map<String, Double> summed(Map<String, Double> values) {
        Map<String, Double> byLabel = new TreeMap<>();
        new TreeMap<>(values).forEach((workflow, value) -> byLabel.merge(label(workflow), value, Double::sum));
        return byLabel;
    }

    /** Values of those that have a label; for what has no sum. */
    Map<String, Double> labelled(Map<String, Double> values) {
        Map<String, Double> byLabel = new TreeMap<>();
        new TreeMap<>(values).forEach((workflow, value) -> {
            if (!label(workflow).equals(OTHER) || workflow.equals(OTHER)) {
                byLabel.put(workflow, value);
            }
        });
        return byLabel;
    }

    private String label(String workflow) {
        if (labelled.contains(workflow)) {
            return workflow;
        }
        if (labelled.size() < MOST_WORKFLOWS) {
            labelled.add(workflow);
            return workflow;
        }
        return OTHER;
    }
}
