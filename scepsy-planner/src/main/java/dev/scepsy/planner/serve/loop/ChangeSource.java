package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.serve.engines.EngineLoads.ModelLoad;
import dev.scepsy.planner.serve.journal.Trigger;
import dev.scepsy.planner.serve.loop.Operations.EngineView;
import dev.scepsy.planner.serve.observe.FoldedExecution;
import dev.scepsy.planner.serve.observe.Observations.Bin;
import dev.scepsy.planner.share.WorkflowShares;
import dev.scepsy.planner.topology.Cluster;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Notices changes. {@link #folded} comes on the folding thread, the rest on the loop's. */
public interface ChangeSource {

    /** Notices nothing. */
    ChangeSource NONE = new ChangeSource() {
        @Override
        public void folded(FoldedExecution execution) {}

        @Override
        public List<Trigger> look(Sight sight) {
            return List.of();
        }

        @Override
        public void reference(Reference reference) {}
    };

    /** One more execution; quick, does not throw. */
    void folded(FoldedExecution execution);

    /** What has changed against the reference, each as long as it holds or once. */
    List<Trigger> look(Sight sight);

    /** What is normal from now on: what a plan that serves was made for. */
    void reference(Reference reference);

    /**
     * What there is to see now.
     *
     * @param rates finished bins since the reference or of the window, oldest first, by workflow as shown
     * @param hardware empty: not known now
     * @param engines that there are
     */
    record Sight(
            Instant at,
            Map<String, List<Bin>> rates,
            Map<String, ModelLoad> loads,
            Map<String, Double> measuredUtilisation,
            Optional<Cluster> hardware,
            List<EngineView> engines) {}

    /**
     * What was planned for.
     *
     * @param targetsPerSecond by workflow as shown
     * @param utilisation predicted, by model, in (0, 1]
     * @param replicas by model
     * @param hardware that the plan was made for; empty: not known
     * @param engines that serve it
     */
    record Reference(
            Instant at,
            WorkflowShares statistics,
            Map<String, Double> targetsPerSecond,
            Map<String, Double> utilisation,
            Map<String, Integer> replicas,
            Optional<Cluster> hardware,
            List<EngineView> engines) {}
}
