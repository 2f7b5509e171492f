package dev.scepsy.planner.simulate;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A baseline: every model's replicas follow its own load, as Kubernetes' HorizontalPodAutoscaler (v2, 1.36) scales deployments, one model
 * after the other and knowing nothing of workflows. New replicas have the shape that the plan gave the model and are put on
 * the first cards with room for them, in the order of the cluster; where there is none they wait. Immutable.
 *
 * @param models those that are scaled, by name
 * @param domains the cluster's cards as they are without any replica of these
 * @param metric what is held at its target
 * @param target mean of the metric over replicas, above 0
 */
public record Autoscaling(Map<String, Scaled> models, List<Domain> domains, Metric metric, double target) {

    /** Time between two looks at the metric, s: the controller's default. */
    public static final double SYNC_SECONDS = 15;

    /** Relative distance from the target at which nothing is done: the controller's default. */
    public static final double TOLERANCE = 0.1;

    /** Fewer replicas are made only when nothing in so many seconds has asked for more: the default of {@code scaleDown}. */
    public static final double DOWN_STABILISATION_SECONDS = 300;

    /** Replicas added at once at most, where doubling is not more: the default policy of {@code scaleUp}. */
    public static final int MOST_ADDED = 4;

    /** How long pods stay on a node that is gone, s: Kubernetes' default toleration. */
    public static final double EVICTION_SECONDS = 300;

    /** @throws IllegalArgumentException if the target is not above 0 */
    public Autoscaling {
        if (!(target > 0 && target < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("The autoscaler's target (" + target + ") must be above 0 and finite.");
        }
        models = Map.copyOf(models);
        domains = List.copyOf(domains);
    }

    /** What is measured. */
    public enum Metric {
        /** Calls inside a replica, running or waiting: a gauge, read at each look; those that wait for a replica count too. */
        REQUESTS,
        /** Part of the time since the last look in which a replica computed. */
        UTILISATION
    }

    /**
     * One model's replicas.
     *
     * @param minReplicas 1 or more
     * @param maxReplicas at least that
     * @param startSeconds from the decision until a new replica takes calls, 0 or more
     * @param gpu type of its cards
     * @param tensorParallel cards of one replica, all in one domain
     * @param gpuFraction part of each card, in (0, 1]
     * @param memoryGiBPerGpu of each card, GiB
     * @param replica makes one on these cards
     */
    public record Scaled(
            int minReplicas,
            int maxReplicas,
            double startSeconds,
            String gpu,
            int tensorParallel,
            double gpuFraction,
            double memoryGiBPerGpu,
            Function<List<String>, Simulation.Replica> replica) {

        /** @throws IllegalArgumentException naming the value outside its range */
        public Scaled {
            if (minReplicas < 1 || maxReplicas < minReplicas || !(startSeconds >= 0)) {
                throw new IllegalArgumentException("Replicas must lie between at least 1 (" + minReplicas
                        + ") and at least that (" + maxReplicas + "), and start within 0 or more seconds ("
                        + startSeconds + ").");
            }
        }
    }

    /** Cards of one node that one replica may span. */
    public record Domain(String node, String gpu, List<Card> cards) {
        public Domain {
            cards = List.copyOf(cards);
        }
    }

    /** A card, named as replicas name it, and what is free of it. */
    public record Card(String name, double compute, double memoryGiB) {}

    /** The models in name order. */
    Map<String, Scaled> inOrder() {
        return new TreeMap<>(models);
    }
}
