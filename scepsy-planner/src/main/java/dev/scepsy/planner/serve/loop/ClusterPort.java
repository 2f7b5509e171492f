package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.serve.loop.Operations.EngineView;
import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.topology.Node;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The cluster as the loop sees it: what hardware there is, what serves, and moving it. Thread-safe; one push at a time is the
 * caller's care.
 */
public interface ClusterPort extends AutoCloseable {

    /** The cluster does not answer now; the message says why. */
    final class UnreachableException extends Exception {
        private static final long serialVersionUID = 1;

        public UnreachableException(String message, Throwable cause) {
            super(message, cause);
        }

        public UnreachableException(String message) {
            super(message);
        }
    }

    /** Whether plans can be applied here; else they are proposed only. */
    boolean applies();

    /** What is there now. */
    Look look() throws UnreachableException;

    /** How pushes stand, as the cluster itself has recorded it. */
    Pushed pushed() throws UnreachableException;

    /** Id under which the cluster would have {@code plan}; equal plans, equal ids. */
    String planId(Plan plan, Reading.Legal<ModelsFile.Described> models, Cluster cluster);

    /** What moving to {@code plan} would be. Changes nothing. */
    Rehearsal rehearse(Plan plan, Reading.Legal<ModelsFile.Described> models, Cluster cluster)
            throws UnreachableException;

    /** Moves to {@code plan}; {@code steps} is told of each, and may call {@link #stop}. */
    PushEnd push(Plan plan, Reading.Legal<ModelsFile.Described> models, Cluster cluster, Consumer<String> steps);

    /** Goes on with the unfinished push on record, to what it wanted. */
    PushEnd resume(Consumer<String> steps);

    /** Out of an unfinished push, else to the plan before. */
    PushEnd goBack(Consumer<String> steps);

    /** Asks a running push to stop between two steps. */
    void stop(String reason);

    @Override
    void close();

    /**
     * What is there.
     *
     * @param hardware what may be planned on; malformed where there is nothing
     * @param notes differences between file and server, nodes left out; sentences
     * @param served sizes and places of what runs; empty where nothing does or no plan says it
     * @param whyUnknown why {@code served} is empty although engines run
     * @param engines of the plan and beyond it
     * @param differences between what runs and what is on record as applied, sentences
     * @param leftOut nodes of the cluster file that are gone or take no engines
     */
    record Look(
            Reading<ClusterFile.Described> hardware,
            List<String> notes,
            Optional<Served> served,
            List<String> whyUnknown,
            List<EngineView> engines,
            List<String> differences,
            List<LeftOut> leftOut) {
        public Look {
            notes = List.copyOf(notes);
            whyUnknown = List.copyOf(whyUnknown);
            engines = List.copyOf(engines);
            differences = List.copyOf(differences);
            leftOut = List.copyOf(leftOut);
        }

        /** Where no node is left out. */
        public Look(
                Reading<ClusterFile.Described> hardware,
                List<String> notes,
                Optional<Served> served,
                List<String> whyUnknown,
                List<EngineView> engines,
                List<String> differences) {
            this(hardware, notes, served, whyUnknown, engines, differences, List.of());
        }
    }

    /** A node that is not planned on, and why, a sentence. */
    record LeftOut(String rack, Node node, String why) {}

    /** Sizes and places. */
    record Served(List<LlmAllocation> allocations, List<ReplicaPlacement> placements) {
        public Served {
            allocations = List.copyOf(allocations);
            placements = List.copyOf(placements);
        }
    }

    /**
     * The cluster's own record.
     *
     * @param current id of the plan that was last applied completely
     * @param previous id of the one before, where going back leads
     * @param target id of the plan that an unfinished push wants
     * @param history one line per push, newest first
     */
    record Pushed(
            String state,
            Optional<String> current,
            Optional<String> previous,
            Optional<String> target,
            List<String> history) {
        public Pushed {
            history = List.copyOf(history);
        }

        /** Nothing was ever pushed. */
        static final Pushed NOTHING =
                new Pushed("none", Optional.empty(), Optional.empty(), Optional.empty(), List.of());

        /** Whether the last push wanted {@code planId} and was taken back. */
        boolean tookBack(String planId) {
            return target.isEmpty() && !history.isEmpty() && history.get(0).contains("rolled back plan " + planId);
        }
    }

    /**
     * A move, rehearsed.
     *
     * @param refused why it would be refused, sentences; empty: it would not
     * @param waves steps that run side by side, one after the other
     */
    record Rehearsal(List<String> refused, List<List<RehearsedStep>> waves) {
        public Rehearsal {
            refused = List.copyOf(refused);
            waves = waves.stream().map(List::copyOf).toList();
        }

        /** Engines started or stopped. */
        int moves() {
            return waves.stream().mapToInt(List::size).sum();
        }

        List<String> texts() {
            return waves.stream().flatMap(List::stream).map(RehearsedStep::text).toList();
        }
    }

    /**
     * One step.
     *
     * @param start an engine starts; else one stops
     * @param seconds expected
     * @param gpus t·f of the engine
     */
    record RehearsedStep(String model, boolean start, double seconds, double gpus, String text) {}

    /** How a push ended. */
    enum End {
        /** What was wanted serves. */
        SERVES,
        /** Nothing was changed. */
        REFUSED,
        /** It ended between two steps, and can go on. */
        STOPPED,
        /** It failed, and what ran before serves again. */
        RESTORED,
        /** The cluster did not answer; nothing is known to have changed. */
        UNREACHABLE
    }

    /** How a push ended, and why; empty text where it serves. */
    record PushEnd(End end, String reason) {}
}
