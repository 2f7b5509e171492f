package dev.scepsy.planner.cluster;

import dev.scepsy.planner.topology.Cluster;
import dev.scepsy.planner.transition.Engine;
import java.util.List;
import java.util.Optional;

/**
 * What the cluster serves, beside what it should. Immutable.
 *
 * @param record how the last push stands: none, applying, rolling-back, stopped, applied or rolled-back
 * @param planId id of the plan that was last applied completely; empty when there is none
 * @param progress what an unfinished push did last; empty when there is none
 * @param engines one per place and shape, of the plan and beyond it; the plan is that of the unfinished push, else the one applied last
 * @param history one line per push, newest first
 * @param hardware as the plans on record know it: of the unfinished push, then of the plan applied last
 * @param leaving pods that are on their way out and still hold their GPUs, a sentence each
 * @param router what stands before the engines; empty where nothing does and nothing should
 */
public record ServingState(
        String record,
        Optional<String> planId,
        String progress,
        List<EngineState> engines,
        List<String> history,
        List<Cluster> hardware,
        List<String> leaving,
        Optional<RouterState> router) {

    /** A state in which no pod is on its way out. */
    public ServingState(
            String record,
            Optional<String> planId,
            String progress,
            List<EngineState> engines,
            List<String> history,
            List<Cluster> hardware) {
        this(record, planId, progress, engines, history, hardware, List.of(), Optional.empty());
    }

    public ServingState {
        leaving = List.copyOf(leaving);
        hardware = List.copyOf(hardware);
        engines = List.copyOf(engines);
        history = List.copyOf(history);
    }

    /**
     * Engines of one kind.
     *
     * @param planned replicas the plan has here
     * @param ready replicas that serve
     * @param found replicas that exist, ready or not
     * @param placements where they really are
     * @param trouble why some are not ready, one line each
     * @param olderPods whether its pods are others than would be started now: what differs reaches them at their next start
     */
    public record EngineState(
            Engine engine,
            String deployment,
            int planned,
            int ready,
            int found,
            List<VerifiedPlacement> placements,
            String enforced,
            List<String> trouble,
            boolean olderPods) {

        public EngineState {
            placements = List.copyOf(placements);
            trouble = List.copyOf(trouble);
        }

        /** Engines whose pods are those that would be started now. */
        public EngineState(
                Engine engine,
                String deployment,
                int planned,
                int ready,
                int found,
                List<VerifiedPlacement> placements,
                String enforced,
                List<String> trouble) {
            this(engine, deployment, planned, ready, found, placements, enforced, trouble, false);
        }

        /** Whether exactly what is planned serves, where it is planned. */
        public boolean asPlanned() {
            return planned == ready && planned == found && placements.stream().allMatch(VerifiedPlacement::asPlanned);
        }
    }

    /**
     * What stands before the engines.
     *
     * @param kind as {@code models.yaml} names it; {@code none} where it should not be there
     * @param planned pods that should be there
     * @param ready pods that take requests, with the configuration that they should have
     * @param current whether the configuration is the one that the plan has
     * @param trouble why some pods are not ready, a sentence each
     */
    public record RouterState(String kind, int planned, int ready, boolean current, List<String> trouble) {

        public RouterState {
            trouble = List.copyOf(trouble);
        }

        /** Whether exactly what is planned routes. */
        public boolean asPlanned() {
            return planned == ready && current;
        }
    }

    /** Whether everything is as planned and no push is unfinished. */
    public boolean asPlanned() {
        return progress.isEmpty()
                && engines.stream().allMatch(EngineState::asPlanned)
                && router.map(RouterState::asPlanned).orElse(true);
    }
}
