package dev.scepsy.planner.serve.loop;

import dev.scepsy.planner.allocation.Plan;
import dev.scepsy.planner.file.ClusterFile;
import dev.scepsy.planner.file.ModelsFile;
import dev.scepsy.planner.file.Reading;
import dev.scepsy.planner.profile.Catalogue;
import dev.scepsy.planner.topology.Cluster;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A cluster in memory with the record that the real one keeps; every step of a push may end otherwise. */
final class FakePort implements ClusterPort {

    static final String HARDWARE = """
            racks:
              - name: rack-1
                nodes:
                  - {name: node-1, gpu: L4-24GB, gpus: 8}
            """;

    private static final Reading<ClusterFile.Described> ONE_NODE =
            ClusterFile.parse("cluster.yaml", HARDWARE, Catalogue.builtIn());

    private static final Reading<ClusterFile.Described> OTHER_NODE =
            ClusterFile.parse("cluster.yaml", HARDWARE.replace("node-1", "node-2"), Catalogue.builtIn());

    private static final Reading<ClusterFile.Described> TWO_NODES = ClusterFile.parse(
            "cluster.yaml", HARDWARE + "      - {name: node-2, gpu: L4-24GB, gpus: 8}\n", Catalogue.builtIn());

    /** What happens at a step. */
    enum Fate {
        GOES_ON,
        FAILS,
        UNREACHABLE,
        NODE_DIES,
        KILLED
    }

    private final Map<String, Plan> plans = new HashMap<>();
    private final List<String> history = new ArrayList<>();
    private String state = "none";
    private Optional<String> current = Optional.empty();
    private Optional<String> previous = Optional.empty();
    private Optional<String> target = Optional.empty();
    private Optional<String> stop = Optional.empty();
    private boolean unreachable;
    private int nodes = 1;
    private boolean firstNodeGone;
    private Supplier<Fate> fate = () -> Fate.GOES_ON;
    private Runnable begins = () -> {};

    void fate(Supplier<Fate> ofEveryStep) {
        fate = ofEveryStep;
    }

    /** Told when a push of a new plan begins. */
    void begins(Runnable check) {
        begins = check;
    }

    void unreachable(boolean now) {
        unreachable = now;
    }

    void changeHardware() {
        nodes = 3 - nodes;
    }

    /** The node that plans stand on is gone, or back. */
    void firstNodeGone(boolean now) {
        firstNodeGone = now;
    }

    /** Somebody else applies {@code plan}. */
    void foreign(Plan plan) {
        plans.put(id(plan), plan);
        applied(id(plan));
    }

    /** Somebody else's push stops half way. */
    void foreignUnfinished(String id) {
        target = Optional.of(id);
        state = "stopped";
    }

    /** Nothing is unfinished. */
    boolean idle() {
        return target.isEmpty();
    }

    private static String id(Plan plan) {
        return "plan" + plan.allocations().get(0).replicas();
    }

    @Override
    public boolean applies() {
        return true;
    }

    private void requireReachable() throws UnreachableException {
        if (unreachable) {
            throw new UnreachableException("No answer.");
        }
    }

    @Override
    public Look look() throws UnreachableException {
        requireReachable();
        return new Look(
                firstNodeGone ? OTHER_NODE : nodes == 1 ? ONE_NODE : TWO_NODES,
                List.of(),
                current.map(plans::get).map(plan -> new Served(plan.allocations(), plan.placements())),
                List.of(),
                List.of(),
                List.of());
    }

    @Override
    public Pushed pushed() throws UnreachableException {
        requireReachable();
        return new Pushed(state, current, previous, target, history);
    }

    @Override
    public String planId(Plan plan, Reading.Legal<ModelsFile.Described> models, Cluster cluster) {
        return id(plan);
    }

    @Override
    public Rehearsal rehearse(Plan plan, Reading.Legal<ModelsFile.Described> models, Cluster cluster) {
        return new Rehearsal(List.of(), List.of());
    }

    @Override
    public PushEnd push(
            Plan plan, Reading.Legal<ModelsFile.Described> models, Cluster cluster, Consumer<String> steps) {
        stop = Optional.empty();
        if (unreachable) {
            return new PushEnd(End.UNREACHABLE, "No answer.");
        }
        begins.run();
        plans.put(id(plan), plan);
        target = Optional.of(id(plan));
        state = "applying";
        return walk(steps);
    }

    private PushEnd walk(Consumer<String> steps) {
        String wanted = target.orElseThrow();
        for (int step = 1; step <= 3; step++) {
            if (stop.isPresent()) {
                state = "stopped";
                return new PushEnd(End.STOPPED, stop.get());
            }
            steps.accept("step " + step + " towards " + wanted);
            Fate now = firstNodeGone ? Fate.NODE_DIES : fate.get();
            switch (now) {
                case NODE_DIES -> {
                    firstNodeGone = true;
                    state = "stopped";
                    return new PushEnd(End.STOPPED, "An engine cannot start on a node that is gone.");
                }
                case KILLED -> throw new Crash();
                case UNREACHABLE -> {
                    return new PushEnd(End.UNREACHABLE, "No answer in the middle.");
                }
                case FAILS -> {
                    if (state.equals("applying") && current.isPresent()) {
                        target = Optional.empty();
                        state = "rolled-back";
                        history.add(0, "now rolled back plan " + wanted + ": an engine did not start");
                        return new PushEnd(End.RESTORED, "An engine did not start.");
                    }
                    state = "stopped";
                    return new PushEnd(End.STOPPED, "An engine did not start.");
                }
                default -> {}
            }
        }
        applied(wanted);
        return new PushEnd(End.SERVES, "");
    }

    private void applied(String id) {
        if (!current.equals(Optional.of(id))) {
            previous = current;
            current = Optional.of(id);
        }
        target = Optional.empty();
        state = "applied";
        history.add(0, "now applied plan " + id);
    }

    @Override
    public PushEnd resume(Consumer<String> steps) {
        stop = Optional.empty();
        if (unreachable) {
            return new PushEnd(End.UNREACHABLE, "No answer.");
        }
        if (target.isEmpty()) {
            return new PushEnd(End.REFUSED, "Nothing is unfinished.");
        }
        state = "applying";
        return walk(steps);
    }

    @Override
    public PushEnd goBack(Consumer<String> steps) {
        stop = Optional.empty();
        if (unreachable) {
            return new PushEnd(End.UNREACHABLE, "No answer.");
        }
        if (target.isPresent()) {
            target = Optional.empty();
            state = "rolled-back";
            history.add(0, "now rolled back plan");
            return new PushEnd(End.SERVES, "");
        }
        if (previous.isEmpty()) {
            return new PushEnd(End.REFUSED, "There is no earlier plan to go back to.");
        }
        target = previous;
        state = "rolling-back";
        return walk(steps);
    }

    @Override
    public void stop(String reason) {
        stop = Optional.of(reason);
    }

    @Override
    public void close() {}

    /** {@code kill -9}. */
    static final class Crash extends Error {
        private static final long serialVersionUID = 1;
    }
}
