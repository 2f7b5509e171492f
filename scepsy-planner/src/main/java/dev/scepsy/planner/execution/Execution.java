package dev.scepsy.planner.execution;

import dev.scepsy.planner.span.Origin;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** One run of a workflow. */
public sealed interface Execution {

    ExecutionId id();

    /** Name of the workflow; null where an incomplete one does not say it. */
    @Nullable
    String workflow();

    /** Who made its root. */
    Origin origin();

    /**
     * A run of which everything was seen. Immutable.
     *
     * @param id its identity
     * @param workflow name of the workflow
     * @param startEpochNanos start of its root
     * @param endEpochNanos end of its root, not before the start
     * @param calls its leaf calls, in the order of their span ids; some may reach beyond the root
     * @param targetPerSecond the rate its workflow asks for, if the root says so
     * @param weight the weight its workflow states, if the root says so
     * @param origin who made its root
     */
    record Complete(
            ExecutionId id,
            String workflow,
            long startEpochNanos,
            long endEpochNanos,
            List<LeafCall> calls,
            OptionalDouble targetPerSecond,
            OptionalDouble weight,
            Origin origin)
            implements Execution {

        /** Of a program that does not say its name. */
        public Complete(
                ExecutionId id,
                String workflow,
                long startEpochNanos,
                long endEpochNanos,
                List<LeafCall> calls,
                OptionalDouble targetPerSecond,
                OptionalDouble weight) {
            this(id, workflow, startEpochNanos, endEpochNanos, calls, targetPerSecond, weight, Origin.UNKNOWN);
        }

        /** @throws IllegalArgumentException if it ends before it starts */
        public Complete {
            if (endEpochNanos < startEpochNanos) {
                throw new IllegalArgumentException("The execution (" + id + ") ends before it starts.");
            }
            calls = List.copyOf(calls);
        }

        public long durationNanos() {
            return endEpochNanos - startEpochNanos;
        }
    }

    /**
     * A run that statistics leave out. Immutable.
     *
     * @param id its identity; the root is {@link dev.scepsy.planner.span.SpanId#NONE} when all that is known is its trace
     * @param workflow name of the workflow, or null when nothing says it
     * @param reason the first that applies
     * @param origin who made its root, as far as it was seen
     */
    record Incomplete(ExecutionId id, @Nullable String workflow, IncompleteReason reason, Origin origin)
            implements Execution {

        /** Of a program that does not say its name. */
        public Incomplete(ExecutionId id, @Nullable String workflow, IncompleteReason reason) {
            this(id, workflow, reason, Origin.UNKNOWN);
        }

        /** The same for another reason. */
        public Incomplete because(IncompleteReason other) {
            return new Incomplete(id, workflow, other, origin);
        }
    }
}
