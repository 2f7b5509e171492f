package dev.scepsy.planner.cli;

import dev.scepsy.planner.allocation.LlmAllocation;
import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.allocation.ReplicaPlacement;
import dev.scepsy.planner.cluster.ClusterClient;
import dev.scepsy.planner.cluster.ClusterUnreachableException;
import dev.scepsy.planner.cluster.Intent;
import dev.scepsy.planner.cluster.ServingOptions;
import dev.scepsy.planner.cluster.Timing;
import dev.scepsy.planner.cluster.TrialEngines;
import dev.scepsy.planner.profile.ProfileKey;
import dev.scepsy.planner.profile.ServedModel;
import dev.scepsy.planner.topology.Cluster;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where a campaign gets its engines from, one at a time. */
interface CampaignEngines extends AutoCloseable {

    /** An engine to measure, or why there is none. */
    record Engine(Optional<String> address, String reason) {}

    /** Fails at once where nothing could be started. */
    void check() throws ClusterUnreachableException;

    /** Whether {@code key} could be measured here at all. */
    boolean has(ProfileKey key);

    /** Gets the engine of {@code key} ready. */
    Engine start(ProfileKey key, ServedModel model, double memoryGiBPerGpu) throws ClusterUnreachableException;

    /** Gives it up again; says how many there were. */
    int remove() throws ClusterUnreachableException;

    /** Starts nothing any more; from any thread. */
    void end();

    @Override
    void close();

    /** Engines that run already, by address. */
    record Given(Map<ProfileKey, String> addresses) implements CampaignEngines {
        public Given {
            addresses = Map.copyOf(addresses);
        }

        @Override
        public void check() {}

        @Override
        public boolean has(ProfileKey key) {
            return addresses.containsKey(key);
        }

        @Override
        public Engine start(ProfileKey key, ServedModel model, double memoryGiBPerGpu) {
            return new Engine(Optional.ofNullable(addresses.get(key)), "");
        }

        @Override
        public int remove() {
            return 0;
        }

        @Override
        public void end() {}

        @Override
        public void close() {}
    }

    /** Engines that the cluster client starts on free GPUs. */
    record Started(
            ClusterClient client,
            TrialEngines trials,
            Cluster cluster,
            ServingOptions options,
            TrialEngines.Reach reach)
            implements CampaignEngines {

        static Started on(
                ClusterClient client,
                String campaign,
                Cluster cluster,
                ServingOptions options,
                TrialEngines.Reach reach) {
            return new Started(
                    client,
                    client.trials(campaign, Timing.DEFAULT),
                    cluster,
                    options.withGpuUuids(client.gpuUuids()),
                    reach);
        }

        @Override
        public void check() throws ClusterUnreachableException {
            trials.check();
        }

        @Override
        public boolean has(ProfileKey key) {
            return true;
        }

        @Override
        public Engine start(ProfileKey key, ServedModel model, double memoryGiBPerGpu)
                throws ClusterUnreachableException {
            Optional<ReplicaPlacement> place =
                    trials.freePlace(cluster, key.model(), key.gpu(), key.tensorParallel(), key.gpuFraction());
            if (place.isEmpty()) {
                return new Engine(
                        Optional.empty(),
                        "No " + key.tensorParallel() + " GPU(s) of " + key.gpu()
                                + " of one domain are free of other engines; measured alone means alone.");
            }
            LlmAllocation allocation = new LlmAllocation(
                    key.model(), key.gpu(), key.gpuFraction(), key.tensorParallel(), 1, memoryGiBPerGpu);
            Plan plan = new Plan(0, 0, 0, List.of(allocation), List.of(place.get()), List.of(), allocation.gpus(), 0);
            TrialEngines.Start start = trials.start(Intent.of(plan, List.of(model), cluster, options), reach);
            return start instanceof TrialEngines.Start.Ready ready
                    ? new Engine(Optional.of(ready.address()), "")
                    : new Engine(Optional.empty(), ((TrialEngines.Start.Failed) start).reason());
        }

        @Override
        public int remove() throws ClusterUnreachableException {
            return trials.remove(options.drainSeconds());
        }

        @Override
        public void end() {
            trials.end();
        }

        @Override
        public void close() {
            client.close();
        }
    }
}
