package dev.scepsy.javaagent.trace;

import dev.scepsy.javaagent.host.Stderr;
import java.util.HashSet;
import java.util.Set;

/**
 * The counter {@code scepsy.executions}: one for every execution whose root has ended, whether or not its trace is sampled, by workflow and
 * outcome. So rates are known where only some traces are exported. At most {@link #MOST_WORKFLOWS} names are told apart; what comes
 * later counts as {@link #OTHER}. Used by one thread.
 */
public final class Executions {

    /** Its name as a metric: a monotonic sum of whole executions. */
    public static final String METRIC = "scepsy.executions";

    /** Its unit. */
    public static final String UNIT = "{execution}";

    /** What it says of itself. */
    public static final String DESCRIPTION = "Number of executions whose root has ended, sampled or not.";

    /** Attribute: what the root calls its workflow, as {@code gen_ai.workflow.name} of its spans. */
    public static final String WORKFLOW = "workflow";

    /** Attribute: {@code complete}, {@code failed}, or a value of {@code scepsy.stream.state}. */
    public static final String OUTCOME = "outcome";

    /** The workflow of all whose names came too late. */
    public static final String OTHER = "other";

    /** A name that is made up for each request must not fill every backend's memory. */
    static final int MOST_WORKFLOWS = 200;

    private final Set<String> names = new HashSet<>();

    /** Takes one execution. */
    @FunctionalInterface
    public interface Receiver {
        void ended(String workflow, String outcome);
    }

    /** Counts an ended operation if it is an execution's root: the outermost workflow or, without one, agent. */
    public void count(Operation ended, Receiver receiver) {
        if (ended.isExecutionRoot()) {
            receiver.ended(known(SpanAttributes.cut(ended.workflowName())), outcome(ended));
        }
    }

    private String known(String workflow) {
        if (names.contains(workflow)) {
            return workflow;
        }
        if (names.size() < MOST_WORKFLOWS) {
            names.add(workflow);
            return workflow;
        }
        Stderr.once(
                METRIC,
                METRIC + " tells " + MOST_WORKFLOWS + " workflows apart; " + workflow + " and later ones count as "
                        + OTHER + " (said once)");
        return OTHER;
    }

    private static String outcome(Operation ended) {
        if (ended.get(GenAi.STREAM_STATE) instanceof String state) {
            return state;
        }
        return ended.errorType() == null ? "complete" : "failed";
    }
}
