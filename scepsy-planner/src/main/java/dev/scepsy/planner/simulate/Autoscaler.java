package dev.scepsy.planner.simulate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** {@link Autoscaling} among the events of a simulation. Mutable, confined to its simulation. */
final class Autoscaler {

    /** How often a replica that is to go is asked whether it is empty. */
    private static final double DRAIN_POLL_SECONDS = 1;

    private static final int STARTING = -1;

    /** One replica from the decision to have it to its end. */
    private static final class Pod {
        final List<String> cards;
        final boolean planned;
        int number = STARTING; // Among its model's replicas, once it serves.
        int start; // Counts starts, so that one that was interrupted never ends.

        Pod(List<String> cards, boolean planned) {
            this.cards = cards;
            this.planned = planned;
        }
    }

    /** One model's. */
    private static final class Deployment {
        final String model;
        final Autoscaling.Scaled shape;
        final ModelService service;
        final HorizontalScaling rule;
        final List<Pod> pods = new ArrayList<>();
        double busyBefore;
        int wanted;
        int toldWanted;
        int toldServing;

        Deployment(String model, Autoscaling.Scaled shape, ModelService service, HorizontalScaling rule) {
            this.model = model;
            this.shape = shape;
            this.service = service;
            this.rule = rule;
        }

        int serving() {
            return (int) pods.stream()
                    .filter(pod -> pod.number != STARTING && service.isUp(pod.number))
                    .count();
        }
    }

    private final Autoscaling how;
    private final GpuRoom room;
    private final EventQueue events;
    private final Function<Simulation.Replica, Station> stations;
    private final SimulationWatch watch;
    private final Map<String, Deployment> deployments = new TreeMap<>();

    /** @param stations makes a replica that may serve at once */
    Autoscaler(
            Autoscaling how,
            Map<String, List<Simulation.Replica>> planned,
            Map<String, ModelService> services,
            Function<Simulation.Replica, Station> stations,
            EventQueue events,
            SimulationWatch watch) {
        this.how = how;
        this.room = new GpuRoom(how.domains());
        this.events = events;
        this.stations = stations;
        this.watch = watch;
        how.inOrder().forEach((model, shape) -> {
            ModelService service = services.get(model);
            if (service == null) {
                throw new IllegalArgumentException("There is no model (" + model + ") that could be scaled.");
            }
            Deployment deployment = new Deployment(
                    model,
                    shape,
                    service,
                    new HorizontalScaling(shape.minReplicas(), shape.maxReplicas(), how.target()));
            for (Simulation.Replica replica : planned.getOrDefault(model, List.of())) {
                List<String> cards = replica.gpus();
                if (cards.isEmpty()) {
                    cards = room.take(shape).orElse(List.of());
                } else {
                    room.given(shape, cards);
                }
                Pod pod = new Pod(cards, true);
                pod.number = deployment.pods.size();
                deployment.pods.add(pod);
            }
            deployment.wanted = deployment.pods.size();
            deployments.put(model, deployment);
        });
    }

    void begin(List<NodeOutage> outages) {
        deployments.values().forEach(this::tell);
        outages.forEach(outage -> {
            events.at(outage.atSeconds(), () -> lose(outage.node()));
            if (outage.lastsSeconds() > Autoscaling.EVICTION_SECONDS) {
                events.at(outage.atSeconds() + Autoscaling.EVICTION_SECONDS, () -> evict(outage.node()));
            }
            if (outage.lastsSeconds() < Double.POSITIVE_INFINITY) {
                events.at(outage.atSeconds() + outage.lastsSeconds(), () -> regain(outage.node()));
            }
        });
        events.at(events.nowSeconds() + Autoscaling.SYNC_SECONDS, this::look);
    }

    private void look() {
        for (Deployment deployment : deployments.values()) {
            double busy = deployment.service.busySeconds();
            double total = how.metric() == Autoscaling.Metric.REQUESTS
                    ? deployment.service.callsInside()
                    : (busy - deployment.busyBefore) / Autoscaling.SYNC_SECONDS;
            deployment.busyBefore = busy;
            int current = Math.max(1, deployment.wanted);
            deployment.wanted = deployment.rule.desired(events.nowSeconds(), current, total);
            reconcile(deployment);
        }
        events.at(events.nowSeconds() + Autoscaling.SYNC_SECONDS, this::look);
    }

    /** As many as are wanted: those that do not serve yet go first, then the youngest. */
    private void reconcile(Deployment deployment) {
        while (deployment.pods.size() > deployment.wanted) {
            Pod last = deployment.pods.stream()
                    .max(Comparator.comparing((Pod pod) -> pod.number == STARTING)
                            .thenComparing(pod -> deployment.pods.indexOf(pod)))
                    .orElseThrow();
            remove(deployment, last);
        }
        while (deployment.pods.size() < deployment.wanted) {
            Optional<List<String>> cards = room.take(deployment.shape);
            if (cards.isEmpty()) {
                break; // It stays pending: asked again at the next look.
            }
            Pod pod = new Pod(cards.get(), false);
            deployment.pods.add(pod);
            start(deployment, pod);
        }
        tell(deployment);
    }

    private void start(Deployment deployment, Pod pod) {
        int thisStart = ++pod.start;
        events.at(events.nowSeconds() + deployment.shape.startSeconds(), () -> {
            if (pod.start == thisStart && deployment.pods.contains(pod)) {
                pod.number = deployment.service.add(
                        stations.apply(deployment.shape.replica().apply(pod.cards)));
                tell(deployment);
            }
        });
    }

    /** It takes no more calls, and gives its cards back when it is empty. */
    private void remove(Deployment deployment, Pod pod) {
        deployment.pods.remove(pod);
        pod.start++;
        if (pod.number == STARTING) {
            room.giveBack(deployment.shape, pod.cards);
        } else {
            deployment.service.retire(pod.number);
            giveBackWhenEmpty(deployment, pod);
        }
    }

    private void giveBackWhenEmpty(Deployment deployment, Pod pod) {
        if (deployment.service.inside(pod.number) == 0) {
            room.giveBack(deployment.shape, pod.cards);
            reconcile(deployment);
        } else {
            events.at(events.nowSeconds() + DRAIN_POLL_SECONDS, () -> giveBackWhenEmpty(deployment, pod));
        }
    }

    private void lose(String node) {
        room.setGone(node, true);
        forEachOn(node, (deployment, pod) -> {
            if (pod.number == STARTING) {
                pod.start++;
            } else if (!pod.planned) {
                deployment.service.fail(pod.number);
            }
        });
        deployments.values().forEach(this::tell);
    }

    private void evict(String node) {
        if (room.isGone(node)) {
            forEachOn(node, this::remove);
            deployments.values().forEach(this::reconcile);
        }
    }

    private void regain(String node) {
        room.setGone(node, false);
        forEachOn(node, (deployment, pod) -> {
            if (pod.number == STARTING) {
                start(deployment, pod);
            } else if (!pod.planned) {
                deployment.service.restart(pod.number);
            }
        });
        deployments.values().forEach(this::reconcile);
    }

    private interface Change {
        void on(Deployment deployment, Pod pod);
    }

    private void forEachOn(String node, Change change) {
        for (Deployment deployment : deployments.values()) {
            for (Pod pod : List.copyOf(deployment.pods)) {
                if (room.anyOn(node, pod.cards)) {
                    change.on(deployment, pod);
                }
            }
        }
    }

    private void tell(Deployment deployment) {
        int serving = deployment.serving();
        if (deployment.wanted != deployment.toldWanted || serving != deployment.toldServing) {
            deployment.toldWanted = deployment.wanted;
            deployment.toldServing = serving;
            watch.scaled(deployment.model, events.nowSeconds(), deployment.wanted, serving);
        }
    }
}
