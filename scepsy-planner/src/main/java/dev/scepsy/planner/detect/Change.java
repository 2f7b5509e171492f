package dev.scepsy.planner.detect;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Something that a plan rests on is no longer as it was. Immutable.
 *
 * <p>Evidence is numbers by name, units in the names, in the order of the names. The evidence key is the same for the same finding, however
 * often it is made and whatever the exact numbers are: what was tried on it and failed need not be tried again.
 */
public sealed interface Change {

    /** {@code drift}, {@code rate}, {@code queue} or {@code cluster}. */
    String kind();

    /** As it is shown; null where it is of none. */
    @Nullable
    String workflow();

    /** Null where it is of none. */
    @Nullable
    String model();

    /** When it began, as far as that can be told. */
    Instant since();

    /** What, for people, with the numbers. */
    String sentence();

    Map<String, Double> evidence();

    String evidenceKey();

    /**
     * A workflow asks something else of a model than it did.
     *
     * @param estimate such as {@code callsPerExecution}
     * @param before 0 where it was not called
     * @param after 0 where it is not called any more
     */
    record Drift(
            String workflow,
            String model,
            String estimate,
            double before,
            double after,
            Instant since,
            String sentence,
            Map<String, Double> evidence)
            implements Change {
        public Drift {
            evidence = sorted(evidence);
        }

        @Override
        public String kind() {
            return "drift";
        }

        @Override
        public String evidenceKey() {
            return "drift/" + workflow + "/" + model + "/" + estimate + "/" + step(before, after);
        }
    }

    /**
     * Executions arrive at a rate that was not planned for.
     *
     * @param above whether it is above the plan's target; else far below
     */
    record Rate(
            String workflow,
            boolean above,
            double targetPerSecond,
            double measuredPerSecond,
            Instant since,
            String sentence,
            Map<String, Double> evidence)
            implements Change {
        public Rate {
            evidence = sorted(evidence);
        }

        @Override
        public String kind() {
            return "rate";
        }

        @Override
        public @Nullable String model() {
            return null;
        }

        @Override
        public String evidenceKey() {
            return "rate/" + workflow + "/" + step(targetPerSecond, measuredPerSecond);
        }
    }

    /**
     * Requests wait, or engines are busy, beyond what the plan predicts.
     *
     * @param measure {@code waitingRequests} or {@code utilisation}
     */
    record Queue(
            String model,
            String measure,
            double predicted,
            double measured,
            Instant since,
            String sentence,
            Map<String, Double> evidence)
            implements Change {
        public Queue {
            evidence = sorted(evidence);
        }

        @Override
        public String kind() {
            return "queue";
        }

        @Override
        public @Nullable String workflow() {
            return null;
        }

        @Override
        public String evidenceKey() {
            return "queue/" + model + "/" + measure;
        }
    }

    /**
     * The hardware or the engines are not those of the plan.
     *
     * @param difference what kind of
     * @param subject node or engine
     * @param model of the engine; null for nodes
     */
    record Cluster(
            Difference difference,
            String subject,
            @Nullable String model,
            Instant since,
            String sentence,
            Map<String, Double> evidence)
            implements Change {
        public Cluster {
            evidence = sorted(evidence);
        }

        @Override
        public String kind() {
            return "cluster";
        }

        @Override
        public @Nullable String workflow() {
            return null;
        }

        @Override
        public String evidenceKey() {
            return "cluster/" + difference + "/" + subject;
        }
    }

    /** How a cluster differs from the plan's. */
    enum Difference {
        NODE_GONE,
        NODE_NEW,
        NODE_CORDONED,
        NODE_USABLE_AGAIN,
        FEWER_GPUS,
        MORE_GPUS,
        OTHER_GPUS,
        ENGINE_GONE,
        ENGINE_NOT_READY,
        ENGINE_NEW,
        ENGINE_SLOW
    }

    private static Map<String, Double> sorted(Map<String, Double> evidence) {
        return Collections.unmodifiableMap(new TreeMap<>(evidence));
    }

    /** In steps of a factor √2: numbers that come of the same change fall into one step, or the next. */
    private static String step(double before, double after) {
        if (!(before > 0)) {
            return "new";
        }
        return after > 0 ? String.valueOf(Math.round(2 * Math.log(after / before) / Math.log(2))) : "gone";
    }
}
